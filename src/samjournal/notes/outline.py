"""A template as lines of text, as somebody writes it: a heading a line, what is asked for and pulled under it.

    Funn*: Det du så og målte.       a heading; * marks what a note is not whole without; help after the colon
    + puls temp                      coded fields (fields.py)
    = med cave                       blocks of what the record says now (live.py)

read_outline(text) -> tuple[Heading, …]       raises Invalid
outline(template) -> str                      the same back
"""

from __future__ import annotations

from dataclasses import dataclass, field

from samjournal.fhir.errors import Invalid
from samjournal.notes.templates import Heading, Template, in_tongue

LONGEST = 400


@dataclass
class _Begun:
    name: str
    help: str
    must: bool
    fields: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


def read_outline(text: str) -> tuple[Heading, ...]:
    found: list[_Begun] = []
    for line in (each.strip() for each in text.splitlines()):
        if not line:
            continue
        if line[0] in "+=":
            if not found:
                raise Invalid("Coded fields and blocks stand under a heading: begin with a heading.")
            (found[-1].fields if line[0] == "+" else found[-1].blocks).extend(line[1:].lower().split())
            continue
        name, _colon, told = line.partition(":")
        found.append(
            _Begun(name.strip().removesuffix("*").strip()[:120], told.strip()[:LONGEST], name.strip()[-1:] == "*")
        )
    if any(not one.name for one in found):
        raise Invalid("A heading has a name.")
    return tuple(
        Heading({"nb": one.name}, {"nb": one.help} if one.help else {}, one.must, tuple(one.fields), tuple(one.blocks))
        for one in found
    )


def outline(template: Template) -> str:
    lines = []
    for one in template.heading:
        told = in_tongue(one.help, "nb")
        lines.append(f"{in_tongue(one.name, 'nb')}{'*' if one.must else ''}{': ' + told if told else ''}")
        if one.fields:
            lines.append("+ " + " ".join(one.fields))
        if one.blocks:
            lines.append("= " + " ".join(one.blocks))
    return "\n".join(lines)
