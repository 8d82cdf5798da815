"""What has been written about the citizen, newest first. hl7.org/fhir/R4/composition.html"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from samjournal.fhir import narrative
from samjournal.portal import facts
from samjournal.portal.facts import Resource
from samjournal.portal.words import capital
from samjournal.ui.language import Language


@dataclass(frozen=True, slots=True)
class Section:
    title: str | None
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """One note. `kind` is left out when it only repeats the title."""

    id: str
    title: str
    kind: str | None
    by: str | None
    written: str | None
    corrected: bool
    sections: tuple[Section, ...]
    new: bool = False


def view(compositions: Iterable[Resource], _: Language) -> list[Note]:
    """Signed notes, newest first; what is still being written is not a note yet."""
    return [
        read(composition, _)
        for composition in facts.newest_first(compositions, "date")
        if composition.get("status") in ("final", "amended")
    ]


def read(composition: Resource, _: Language) -> Note:
    """One Composition as a citizen reads it."""
    kind = facts.words(composition.get("type"))
    title = capital(str(composition.get("title") or kind or _("Notat")))
    return Note(
        id=str(composition.get("id", "")),
        title=title,
        kind=kind if kind and kind.casefold() != title.casefold() else None,
        by=facts.first_named(composition.get("author") or ()),
        written=facts.when(composition, "date"),
        corrected=composition.get("status") == "amended",
        sections=tuple(_sections(composition.get("section") or (), title)),
    )


def _sections(found: Iterable[Resource], note_title: str) -> Iterable[Section]:
    for section in found:
        title = section.get("title")
        yield Section(
            title=str(title) if title and str(title).casefold() != note_title.casefold() else None,
            paragraphs=_paragraphs(str((section.get("text") or {}).get("div", ""))),
        )
        yield from _sections(section.get("section") or (), note_title)


def _paragraphs(div: str) -> tuple[str, ...]:
    """The words of a narrative without its markup, line by line."""
    return tuple(line for line in narrative.to_text(div).splitlines() if line.strip())
