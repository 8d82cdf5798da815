"""Blocks of a template: what the record says now, taken into a note with a link to where it stands. Row 7.6

    blocks_of(template)                              their keys, `2-med`: the place of the heading and the shortcut
    pull(door, permit, patient_id, template, code)   what each says now, of this patient, in one look
    moved(written, found)                            those that say something else than when they were shown
    with_blocks(written, found)                      the note with the blocks in words and links to the versions
    rewritten(door, permit, written, note, found)    a note that stands, with blocks taken anew or dropped
    links(door, permit, note, code)                  where a stored note took it from, and what has changed since

Words come from the record each time and never from the page: the page says only which versions it has shown. A block
that was dropped leaves nothing. hl7.org/fhir/R4/composition-definitions.html#Composition.section.entry
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import msgspec

from samjournal.access import Permit
from samjournal.fhir.errors import Gone, NotFound
from samjournal.notes.live import LIVE, Fact, described, pulled, said, stamp, tongue, worded
from samjournal.notes.templates import Template
from samjournal.notes.text import Links, Section, Written, editable
from samjournal.record import Door, query_of, search, vread

_PULLED: Final = (
    r"(?: per \d\d\.\d\d\.\d{4}: .*|: .*| .+ \((?:sist målt )?(?:\d\d\.\d\d\.\d{4}[^()]*|tid ikkj?e oppgitt)\))"
)
"""What stands after the name in a line that was pulled (`Found.words`)."""


@dataclass(frozen=True, slots=True)
class Found:
    """What the blocks of a template say, by key, at a moment, in a language."""

    facts: Mapping[str, list[Fact]]
    at: datetime
    code: str

    def sources(self, key: str) -> tuple[str, ...]:
        return tuple(one.source for one in self.facts.get(key, ()))

    def words(self, key: str) -> str:
        """The block as the note says it. Results have a time each."""
        live, facts = LIVE[live_of(key)], self.facts.get(key, [])
        if live.is_list or len(facts) < 2:
            return said(live, facts, self.code, self.at)
        each = "; ".join(f"{one.words} ({stamp(one.at)})" for one in facts)
        return f"{live.name(self.code)}: {each}"


def live_of(key: str) -> str:
    return key.partition("-")[2]


def blocks_of(template: Template) -> list[str]:
    return [f"{place}-{code}" for place, one in enumerate(template.heading) for code in one.blocks]


def blocks_in(template: Template, sections: Sequence[Section]) -> list[str]:
    """The same by the sections of a note that stands, which has those headings that something was written under. In
    one without headings, such as an addition, every block of the template may be."""
    by_name = {name: one.blocks for one in template.heading for name in one.name.values()}
    if len(sections) == 1 and not sections[0].heading:
        every = dict.fromkeys(code for one in template.heading for code in one.blocks)
        return [f"0-{code}" for code in every]
    return [f"{place}-{code}" for place, one in enumerate(sections) for code in by_name.get(one.heading, ())]


async def pull(door: Door, permit: Permit, patient_id: str, template: Template, code: str) -> Found | None:
    """None when the template has no blocks: nothing is looked up then. Raises what `open_chart` raises."""
    return await pull_keys(door, permit, patient_id, blocks_of(template), code)


async def pull_keys(door: Door, permit: Permit, patient_id: str, keys: Sequence[str], code: str) -> Found | None:
    """The same of blocks by their keys."""
    if not keys:
        return None
    found = await pulled(door, permit, patient_id, [live_of(key) for key in keys], code)
    return Found({key: found.facts[live_of(key)] for key in keys}, found.at, tongue(code))


def moved(written: Written, found: Found) -> list[str]:
    """The keys of blocks that are taken along and were not shown as they stand now."""
    return [
        key
        for key in found.facts
        if key not in (*written.dropped, *written.kept) and set(written.seen.get(key, ())) != set(found.sources(key))
    ]


def with_blocks(written: Written, found: Found) -> Written:
    """Each block under its heading, after what was written there; what the record has nothing of is said so."""
    sections = list(written.sections)
    for key in found.facts:
        place = int(key.partition("-")[0])
        if key in written.dropped or key not in written.seen or place >= len(sections):
            continue
        one = sections[place]
        text = "\n".join(part for part in (one.text.strip(), found.words(key)) if part)
        sections[place] = msgspec.structs.replace(one, text=text, entries=(*one.entries, *found.sources(key)))
    return msgspec.structs.replace(written, sections=tuple(sections))


def line_of(key: str, text: str) -> str:
    """The line of a block in the text of its section, as it was pulled in either language; '' when there is none."""
    live = LIVE[live_of(key)]
    names = "|".join(re.escape(name) for name in dict.fromkeys(live.names[:2]))
    found = re.search(rf"^(?:{names}){_PULLED}$", text, re.MULTILINE)
    return found[0] if found else ""


async def rewritten(
    door: Door, permit: Permit, written: Written, note: Mapping[str, Any], found: Found
) -> tuple[Written, Links]:
    """A note that stands with its blocks as they were chosen: those that are neither kept nor dropped in the words of
    the record now, in the place of their old line or after what was written; dropped ones without their line. And what
    each section refers to then. Raises Busy."""
    sections, there = list(written.sections), editable(note)
    links: dict[int, tuple[frozenset[str], tuple[str, ...]]] = {}
    for key in found.facts:
        place = int(key.partition("-")[0])
        if key in written.kept or key not in written.seen or place >= len(sections):
            continue
        is_taken, text = key not in written.dropped, sections[place].text
        line, words = line_of(key, text), found.words(key)
        if not line and not is_taken:
            continue
        gone, new = links.get(place, (frozenset[str](), ()))
        if line:
            entries = there[place].get("entry", ()) if place < len(there) else ()
            gone |= await _sources_of(
                door, permit, line, [str(one.get("reference", "")) for one in entries], found.code
            )
            lines = [words if one == line and is_taken else one for one in text.split("\n") if one != line or is_taken]
            text = "\n".join(lines)
        else:
            text = "\n".join(part for part in (text.strip(), words) if part)
        links[place] = gone, (*new, *(found.sources(key) if is_taken else ()))
        sections[place] = msgspec.structs.replace(sections[place], text=text)
    return msgspec.structs.replace(written, sections=tuple(sections)), links


async def _sources_of(door: Door, permit: Permit, line: str, references: Sequence[str], code: str) -> frozenset[str]:
    """Which versions a line was made of. What the reader may not see stays referred to. Each look is logged."""
    found = set()
    for reference in references:
        bare, _slash, version = reference.partition("/_history/")
        type_, _slash, id_ = bare.partition("/")
        if not version.isdigit() or not permit.may("r", type_):
            continue
        try:
            resource = (await vread(door, permit, type_, id_, int(version))).resource()
        except (NotFound, Gone):
            continue
        if any(words in line for words in worded(resource, code)):
            found.add(reference)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Link:
    """One source of a note: what stands there now (None: it stands no more, or is not for this reader), and whether
    that is another version than the note was made of."""

    reference: str
    fact: Fact | None
    is_changed: bool


def versions_of(note: Mapping[str, Any]) -> list[str]:
    """The versions that the sections of a note refer to: those are what was pulled, each once."""
    entries = (entry.get("reference", "") for one in note.get("section", ()) for entry in one.get("entry", ()))
    return list(dict.fromkeys(one for one in entries if "/_history/" in one))


async def links(door: Door, permit: Permit, note: Mapping[str, Any], code: str) -> list[Link]:
    """The sources of a stored note, in its order. What the reader may not see is changed to him, without words. Logged
    as searches, one for each type. Raises Busy."""
    asked = versions_of(note)
    now: dict[str, tuple[str, dict[str, Any]]] = {}
    for type_ in dict.fromkeys(one.partition("/")[0] for one in asked):
        ids = [one.split("/")[1] for one in asked if one.startswith(f"{type_}/")]
        if permit.may("s", type_):
            now |= await _standing(door, permit, type_, ids)
    return [_link(one, now, code) for one in asked]


async def _standing(
    door: Door, permit: Permit, type_: str, ids: Sequence[str]
) -> dict[str, tuple[str, dict[str, Any]]]:
    page = await search(door, permit, query_of(type_, [("_id", ",".join(ids)), ("_count", str(len(ids)))]))
    return {one.reference: (str(one.version), one.resource()) for one in page.matches}


def _link(reference: str, now: Mapping[str, tuple[str, dict[str, Any]]], code: str) -> Link:
    bare, _slash, version = reference.partition("/_history/")
    if bare not in now:
        return Link(bare, None, is_changed=True)
    there, resource = now[bare]
    return Link(bare, described(resource, code), is_changed=there != version)
