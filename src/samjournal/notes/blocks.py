"""Blocks of a template: what the record says now, taken into a note with a link to where it stands. Row 7.6

    blocks_of(template)                              their keys, `2-med`: the place of the heading and the shortcut
    pull(door, permit, patient_id, template, code)   what each says now, of this patient, in one look
    moved(written, found)                            those that say something else than when they were shown
    with_blocks(written, found)                      the note with the blocks in words and links to the versions
    links(door, permit, note, code)                  where a stored note took it from, and what has changed since

Words come from the record each time and never from the page: the page says only which versions it has shown. A block
that was dropped leaves nothing. hl7.org/fhir/R4/composition-definitions.html#Composition.section.entry
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from samjournal.access import Permit
from samjournal.notes.live import LIVE, Fact, described, pulled, said, stamp, tongue
from samjournal.notes.templates import Template
from samjournal.notes.text import Written
from samjournal.record import Door, query_of, search


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


async def pull(door: Door, permit: Permit, patient_id: str, template: Template, code: str) -> Found | None:
    """None when the template has no blocks: nothing is looked up then. Raises what `open_chart` raises."""
    keys = blocks_of(template)
    if not keys:
        return None
    found = await pulled(door, permit, patient_id, [live_of(key) for key in keys], code)
    return Found({key: found.facts[live_of(key)] for key in keys}, found.at, tongue(code))


def moved(written: Written, found: Found) -> list[str]:
    """The keys of blocks that are taken along and were not shown as they stand now."""
    return [
        key
        for key in found.facts
        if key not in written.dropped and set(written.seen.get(key, ())) != set(found.sources(key))
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
