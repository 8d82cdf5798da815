"""What somebody writes as a note: title, kind and sections, before it is a Composition and after.

Written(title, kind, sections, …)       what a draft keeps and what is signed
packed(written), unpacked(body)         as the bytes of a draft
sections_of(written)                    Composition.section
written_of(note)                        what a stored Composition says
Written.words                           all of it as plain text, for comparing
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from samjournal.fhir.errors import Invalid
from samjournal.fhir.narrative import narrative, to_text
from samjournal.notes.kinds import KINDS, ORDINARY

UNTITLED = "Notat"
"""What stands in the record is the same whatever language the page was in."""


class Section(msgspec.Struct, frozen=True):
    """One section: a heading ('' when the note has one section only), its text, and references to what it is about:
    Conditions, ChargeItems, Observations that the text was made of (Composition.section.entry)."""

    heading: str = ""
    text: str = ""
    entries: tuple[str, ...] = ()


class Written(msgspec.Struct, frozen=True):
    """A note as it is written. `signer` is the PractitionerRole id of whom it is prepared for, `countersigner` of whom
    it is to be countersigned by, `template` the code of the template that it was begun from; `diagnoses` and `tariffs`
    are lines as they are typed (`coding.coded_of`)."""

    title: str = ""
    kind: str = ORDINARY
    sections: tuple[Section, ...] = (Section(),)
    template: str = ""
    signer: str = ""
    countersigner: str = ""
    diagnoses: tuple[str, ...] = ()
    tariffs: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not any(one.text.strip() for one in self.sections)

    @property
    def words(self) -> str:
        """Headings and texts, one after the other."""
        parts = (part for one in self.sections for part in (one.heading, one.text))
        return "\n\n".join(part.strip() for part in parts if part.strip())

    @property
    def is_reserved(self) -> bool:
        """Whether its kind is not for everybody who has the patient, or not for the patient."""
        return self.kind in KINDS and bool(KINDS[self.kind].labels)


def packed(written: Written) -> bytes:
    return msgspec.json.encode(written)


def unpacked(body: bytes) -> Written:
    """Raises Invalid when it is no draft of a note."""
    try:
        return msgspec.json.decode(body, type=Written)
    except msgspec.MsgspecError:
        raise Invalid("This draft is not of a note.") from None


def sections_of(written: Written) -> list[dict[str, Any]]:
    """Sections with words or references; of a single one without a heading the title stands over it."""
    said = [one for one in written.sections if one.text.strip() or one.entries]
    return [_section(one, one.heading or (written.title or UNTITLED)) for one in said]


def _section(section: Section, title: str) -> dict[str, Any]:
    made: dict[str, Any] = {"title": title}
    if section.text.strip():
        made["text"] = narrative(section.text.strip())
    if section.entries:
        made["entry"] = [{"reference": one} for one in section.entries]
    return made


def written_of(note: Mapping[str, Any]) -> Written:
    """What a stored note says. A heading that is the title of the note is not repeated."""
    title = str(note.get("title", ""))
    found = tuple(
        Section(
            "" if one.get("title") in (None, title) else str(one["title"]),
            to_text(str((one.get("text") or {}).get("div", ""))),
            tuple(entry["reference"] for entry in one.get("entry", ()) if entry.get("reference")),
        )
        for one in note.get("section", ())
    )
    return Written(title, kind_of(note), found or (Section(),))


def kind_of(note: Mapping[str, Any]) -> str:
    """Which kind of note it is, by its code and labels."""
    labels = {one.get("code") for one in note.get("meta", {}).get("security", ())}
    codes = {one.get("code") for one in note.get("type", {}).get("coding", ())}
    fitting = [
        one for one in KINDS.values() if one.loinc[0] in codes and labels.issuperset(set(one.labels) - {"NOPAT"})
    ]
    return max(fitting, key=lambda one: len(one.labels)).code if fitting else ORDINARY
