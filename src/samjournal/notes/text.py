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
    are lines as they are typed (`coding.coded_of`), `reason` is why a signed note is corrected; `values` what was typed
    in the coded fields of the template, by field, `at` when that was so (in Oslo), `tongue` the language of that;
    `seen` the versions that each block of the template was shown from, `dropped` the blocks that are left out, `kept`
    those of a note that stands which stay as they are; `coded`, of such a note, its diagnoses and tariffs as the form
    has them: each a line with what it stands for (reference and version, '' and 0 of new ones)."""

    title: str = ""
    kind: str = ORDINARY
    sections: tuple[Section, ...] = (Section(),)
    template: str = ""
    signer: str = ""
    countersigner: str = ""
    diagnoses: tuple[str, ...] = ()
    tariffs: tuple[str, ...] = ()
    reason: str = ""
    values: dict[str, str] = {}
    at: str = ""
    tongue: str = "nb"
    seen: dict[str, tuple[str, ...]] = {}
    dropped: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    coded: dict[str, tuple[tuple[str, str, int], ...]] = {}

    @property
    def is_empty(self) -> bool:
        return not any(one.text.strip() for one in self.sections) and not any(self.values.values())

    @property
    def words(self) -> str:
        """Headings and texts, one after the other. A heading with nothing under it says nothing."""
        said = (one for one in self.sections if one.text.strip())
        parts = (part for one in said for part in (one.heading, one.text))
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
        for one in editable(note)
    )
    return Written(title, kind_of(note), found or (Section(),))


SECTION = "urn:samjournal:note-section"
ADDITION, CORRECTION, ERROR = "addition", "correction", "error"


def section_code(code: str) -> dict[str, Any]:
    """Composition.section.code of what came after the signature."""
    return {"coding": [{"system": SECTION, "code": code}]}


def code_in(section: Mapping[str, Any]) -> str:
    """What a section is that came after the signature; '' of those of the note itself."""
    codings = (section.get("code") or {}).get("coding", ())
    return next((str(one.get("code")) for one in codings if one.get("system") == SECTION), "")


def editable(note: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The sections that have the words of the note; why it was corrected is nobody's to change."""
    return [one for one in note.get("section", ()) if code_in(one) not in (CORRECTION, ERROR)]


Links = Mapping[int, tuple[frozenset[str], tuple[str, ...]]]
"""By the place of a section, what it refers to no more, and what it refers to anew."""


def relinked(section: dict[str, Any], place: int, links: Links) -> dict[str, Any]:
    """A section that refers to what it should."""
    gone, new = links.get(place, (frozenset[str](), ()))
    entries = [one for one in section.get("entry", ()) if one.get("reference") not in gone]
    there = {one.get("reference") for one in entries}
    entries += [{"reference": one} for one in new if one not in there]
    return {
        **{name: value for name, value in section.items() if name != "entry"},
        **({"entry": entries} if entries else {}),
    }


def rebuilt(written: Written, note: Mapping[str, Any], links: Links | None = None) -> list[dict[str, Any]]:
    """The sections of a stored note with other words. Each keeps its author, its code and what it refers to, but for
    `links`; what says why it was corrected stays after them."""
    old = editable(note)
    title = written.title or str(note.get("title", ""))
    made: list[dict[str, Any]] = []
    for at, one in enumerate(written.sections):
        base = relinked(old[at] if at < len(old) else {}, at, links or {})
        base.pop("text", None)
        if one.text.strip():
            base["text"] = narrative(one.text.strip())
        if "text" in base or base.get("entry"):
            made.append({**base, "title": one.heading or title})
    return [*made, *(one for one in note.get("section", ()) if code_in(one) in (CORRECTION, ERROR))]


def kind_of(note: Mapping[str, Any]) -> str:
    """Which kind of note it is, by its code and labels."""
    labels = {one.get("code") for one in note.get("meta", {}).get("security", ())}
    codes = {one.get("code") for one in note.get("type", {}).get("coding", ())}
    fitting = [
        one for one in KINDS.values() if one.loinc[0] in codes and labels.issuperset(set(one.labels) - {"NOPAT"})
    ]
    return max(fitting, key=lambda one: len(one.labels)).code if fitting else ORDINARY
