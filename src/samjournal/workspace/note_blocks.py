"""Phrases and blocks where a note that stands is written on: signed, added to or corrected. Rows 4.3, 7.6

    filled(request, desk, entry)                 the form with its phrases filled in, and which they were
    with_headings(written, template, code)       with the headings of its template that nothing was written under
    offered(desk, patient_id, template, written) the blocks of its template by section: kept, pulled anew, or dropped
    taken(desk, patient_id, note, written)       the text and its links as they were chosen

A block that stands in the text is kept as it was signed until somebody pulls it anew. What changed in the record since
the page showed it is shown again before anything is signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from msgspec import structs
from starlette.requests import Request

from samjournal.fhir.errors import NotFound
from samjournal.notes import LIVE, Section, Template, Written, template_of
from samjournal.notes.blocks import Found, blocks_in, line_of, live_of, moved, pull_keys, rewritten
from samjournal.notes.live import stamp, tongue
from samjournal.notes.templates import SYSTEM, in_tongue
from samjournal.notes.text import Links
from samjournal.ui.language import marked
from samjournal.workspace.desk import Desk
from samjournal.workspace.note_entry import NoteEntry
from samjournal.workspace.phrases import filled_in

MOVED: Final = marked(
    "Noe som hentes inn i notatet, er endret siden du så det. Ingenting er signert. Les over, og signer."
)


@dataclass(frozen=True, slots=True)
class Block:
    """One block under a heading: the line that stands in the text ('': none), what the record says now with its times,
    and what was chosen (`keep`, `drop`, `new`). `moved`: the record says something else than the page showed."""

    key: str
    name: str
    line: str
    lines: tuple[tuple[str, str], ...]
    seen: str
    take: str
    moved: bool


@dataclass(frozen=True, slots=True)
class Part:
    """What belongs under one heading of a note that stands, and what that is called in the language of the page."""

    name: str
    help: str
    blocks: tuple[Block, ...]


async def filled(request: Request, desk: Desk, entry: NoteEntry) -> tuple[NoteEntry, tuple[str, ...]]:
    """A draft that the page's script saves stays as it is typed; so does what is discarded or sent back."""
    is_quiet = entry.act == "draft" and "application/json" in request.headers.get("accept", "")
    if is_quiet or entry.act in ("discard", "back") or entry.written.template == "error":
        return entry, ()
    return await filled_in(desk, str(request.path_params["id"]), entry)


async def template_of_stored(desk: Desk, note: Mapping[str, Any]) -> Template | None:
    """The template that a stored note was written by; None: none, or it is not there."""
    codes = [one.get("code") for one in note.get("type", {}).get("coding", ()) if one.get("system") == SYSTEM]
    try:
        return await template_of(desk.door, desk.permit, str(codes[0])) if codes else None
    except NotFound:
        return None


def with_headings(written: Written, template: Template | None, code: str) -> Written:
    """What was left empty can be written too. It comes after what stands, which keeps its place."""
    if template is None:
        return written
    there = {one.heading for one in written.sections}
    empty = [in_tongue(one.name, tongue(code)) for one in template.heading if not there & set(one.name.values())]
    return structs.replace(written, sections=(*written.sections, *(Section(name) for name in empty)))


async def offered(desk: Desk, patient_id: str, template: Template | None, written: Written) -> list[Part]:
    """What belongs under each heading. Raises what `open_chart` raises."""
    if template is None:
        return []
    found = await _pulled(desk, patient_id, template, written)
    by_name = {name: one for one in template.heading for name in one.name.values()}
    code, parts = desk.language, []
    for place, section in enumerate(written.sections):
        one = by_name.get(section.heading)
        name, told = (in_tongue(one.name, code), in_tongue(one.help, code)) if one else (section.heading, "")
        parts.append(Part(name, told, _blocks(place, section, found, written, code)))
    return parts


async def taken(desk: Desk, patient_id: str, note: Mapping[str, Any], written: Written) -> tuple[Written, Links, bool]:
    """The text, what its sections refer to, and whether something has moved since it was shown: then nothing is to be
    signed. Raises what `open_chart` raises."""
    template = await template_of_stored(desk, note) if written.seen else None
    found = await _pulled(desk, patient_id, template, written) if template is not None else None
    if found is None:
        return written, {}, False
    if [key for key in moved(written, found) if key in written.seen]:
        return written, {}, True
    changed, links = await rewritten(desk.door, desk.permit, written, note, found)
    return changed, links, False


async def _pulled(desk: Desk, patient_id: str, template: Template, written: Written) -> Found | None:
    return await pull_keys(desk.door, desk.permit, patient_id, blocks_in(template, written.sections), desk.language)


def _blocks(place: int, section: Section, found: Found | None, written: Written, code: str) -> tuple[Block, ...]:
    keys = [key for key in (found.facts if found else ()) if key.partition("-")[0] == str(place)]
    return tuple(_block(key, section, found, written, code) for key in keys if found is not None)


def _block(key: str, section: Section, found: Found, written: Written, code: str) -> Block:
    sources, line = found.sources(key), line_of(key, section.text)
    take = "keep" if line else "drop"
    if key in written.seen:
        take = "keep" if key in written.kept else "drop" if key in written.dropped else "new"
    is_moved = take == "new" and set(written.seen.get(key, ())) != set(sources)
    lines = tuple((one.words, stamp(one.at) if one.at else "") for one in found.facts[key])
    return Block(key, LIVE[live_of(key)].name(code), line, lines, " ".join(sources), take, is_moved)
