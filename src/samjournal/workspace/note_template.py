"""The template of a note on the page where it is written: what belongs under each heading, its coded fields, and which
templates there are to begin from. Rows 1.4, 7.16
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from samjournal.fhir.errors import NotFound
from samjournal.notes import FIELDS, LIVE, Heading, Template, Written, problems, template_of
from samjournal.notes.blocks import Found, live_of
from samjournal.notes.fields import Field
from samjournal.notes.live import stamp
from samjournal.notes.templates import in_tongue
from samjournal.ui.language import Language
from samjournal.workspace.desk import INDEX, Desk


@dataclass(frozen=True, slots=True)
class Asked:
    """One coded field as the form has it."""

    code: str
    name: str
    unit: str
    mode: str
    value: str
    choices: tuple[tuple[str, str], ...]
    error: str


@dataclass(frozen=True, slots=True)
class Block:
    """What the record says now, to be taken along or left out: its lines with their times, and the versions shown."""

    key: str
    name: str
    lines: tuple[tuple[str, str], ...]
    seen: str
    taken: bool
    moved: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs under one heading, and what that is called in the language of the page."""

    name: str
    help: str
    must: bool
    fields: tuple[Asked, ...]
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """The template that a note is written by."""

    name: str
    is_retired: bool
    procedure: str
    procedure_name: str
    parts: tuple[Part, ...]
    measures: bool


async def template_of_note(desk: Desk, written: Written) -> Template | None:
    """The template that a note was begun from, whether or not it is still in use; None: none, or it is not there."""
    if not written.template:
        return None
    try:
        return await template_of(desk.door, desk.permit, written.template)
    except NotFound:
        return None


def template_view(
    template: Template | None, found: Found | None, written: Written, errors: Mapping[str, str], code: str
) -> Used | None:
    """The template as the page shows it."""
    if template is None:
        return None
    address, called = template.procedure
    return Used(
        template.called(code),
        template.is_retired,
        address,
        called or address,
        tuple(_part(place, one, found, written, errors, code) for place, one in enumerate(template.heading)),
        bool(template.fields),
    )


def _part(
    place: int, heading: Heading, found: Found | None, written: Written, errors: Mapping[str, str], code: str
) -> Part:
    fields = tuple(_asked(FIELDS[name], written, errors, code) for name in heading.fields)
    keys = [f"{place}-{name}" for name in heading.blocks]
    blocks = tuple(_block(key, found, written, code) for key in keys if found and key in found.facts)
    return Part(in_tongue(heading.name, code), in_tongue(heading.help, code), heading.must, fields, blocks)


def _block(key: str, found: Found, written: Written, code: str) -> Block:
    live = LIVE[live_of(key)]
    lines = tuple((one.words, stamp(one.at) if one.at else "") for one in found.facts[key])
    sources = found.sources(key)
    is_moved = key in written.seen and set(written.seen[key]) != set(sources)
    return Block(key, live.name(code), lines, " ".join(sources), key not in written.dropped, is_moved)


def _asked(field: Field, written: Written, errors: Mapping[str, str], code: str) -> Asked:
    return Asked(
        field.code,
        field.name(code),
        field.unit[0],
        "text" if field.kind == "pressure" else "decimal",
        written.values.get(field.code, ""),
        tuple((one.code, one.names[INDEX.get(code, 0)]) for one in field.choices),
        errors.get(f"f-{field.code}", ""),
    )


def field_errors(written: Written, template: Template, _: Language) -> dict[str, str]:
    """What is wrong with the coded fields, in words, by the name of the field in the form."""
    found = {}
    for code, what in problems(written, template).items():
        if code == "at":
            found["at"] = {
                "form": _("Skriv dag og klokkeslett for det som er målt."),
                "future": _("Tiden ligger fram i tid. Skriv når det ble målt."),
                "old": _("Det er mer enn en uke siden. Registrer det som måling med sin egen tid."),
            }[what]
        elif what == "range":
            found[f"f-{code}"] = _("Det er utenfor det et menneske kan ha. Se på tallet en gang til.")
        elif code == "bt":
            found[f"f-{code}"] = _("Skriv begge tallene, slik: 142/86.")
        else:
            found[f"f-{code}"] = _("Skriv et tall, slik: 38,2. La feltet stå tomt om det ikke er målt.")
    return found


def choices(found: Iterable[Template], code: str) -> list[dict[str, str]]:
    """Templates to begin from, the unit's own first, then by name."""
    rows = [{"code": one.code, "name": one.called(code), "unit": one.unit} for one in found]
    return sorted(rows, key=lambda row: (not row["unit"], row["name"].lower()))
