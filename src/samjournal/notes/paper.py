"""A note on paper: the text that was signed, with what was added and corrected, by whom and when.

    note_paper(note, whose=…, language=…, made=…, files=…, sent=…) -> data for `letters.pdf`
    note_blocks(note, language) -> blocks           the same within a larger document

What is not signed, or is an error, says so before its first word.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from samjournal.fhir.narrative import to_text
from samjournal.letters.document import Block, heading, line, lines, paper, part, quiet, warning, words
from samjournal.notes.text import UNTITLED
from samjournal.ui import formats
from samjournal.ui.language import Language, language

Names = tuple[str, str, str]  # bokmål, nynorsk, English
_BY: Final[Names] = ("Skrevet av {who}, {when}", "Skrive av {who}, {when}", "Written by {who}, {when}")
_NAMELESS: Final[Names] = ("ukjent forfatter", "ukjend forfattar", "unknown author")
_SIGNATURES: Final[Names] = ("Signaturer", "Signaturar", "Signatures")
_SIGNED: Final[Mapping[str, Names]] = {
    "professional": ("Signert av {who}, {when}", "Signert av {who}, {when}", "Signed by {who}, {when}"),
    "legal": ("Medsignert av {who}, {when}", "Medsignert av {who}, {when}", "Countersigned by {who}, {when}"),
}
_FILES: Final[Names] = ("Filer som følger med", "Filer som følgjer med", "Files that came with it")
_SENT: Final[Names] = ("Sendt til", "Send til", "Sent to")
_STATES: Final[Mapping[str, Names]] = {
    "preliminary": ("Ikke ferdig signert.", "Ikkje ferdig signert.", "Not signed yet."),
    "entered-in-error": (
        "Dette notatet er merket som feil, og skal ikke brukes.",
        "Dette notatet er merkt som feil, og skal ikkje brukast.",
        "This note is marked as an error, and is not to be used.",
    ),
}
_AMENDED: Final[Names] = (
    "Notatet har tillegg eller rettelser. Hva som er rettet og hvorfor, står til slutt i teksten.",
    "Notatet har tillegg eller rettingar. Kva som er retta og kvifor, står til slutt i teksten.",
    "The note has additions or corrections. What was corrected and why stands at the end of the text.",
)
_NO_TEXT: Final[Names] = ("Notatet har ingen tekst.", "Notatet har ingen tekst.", "The note has no text.")
_NAME: Final[Names] = ("Pasient", "Pasient", "Patient")
_BORN: Final[Names] = ("Født", "Fødd", "Born")
_KIND: Final[Names] = ("Type", "Type", "Kind")
_MADE: Final[Names] = ("Skrevet ut {when}", "Skrive ut {when}", "Printed {when}")


def note_paper(
    note: Mapping[str, Any],
    *,
    whose: tuple[str, str],
    language_: str,
    made: datetime,
    files: Sequence[str] = (),
    sent: Sequence[str] = (),
) -> dict[str, Any]:
    """A note as a document of its own. `whose` is the name of the patient and the date of birth as they are shown,
    `files` the names of files that came with it, `sent` where it went, in words."""
    _ = language(language_)
    title = str(note.get("title") or UNTITLED)
    stamp = _said(_MADE, _).format(when=moment(made, _))
    kind = _text(note.get("type") or {})
    blocks = note_blocks(note, language_)
    for names, found in ((_FILES, files), (_SENT, sent)):
        if found:
            blocks += [heading(_said(names, _)), lines(line(one) for one in found)]
    return paper(
        title=title,
        language=language_,
        date=stamp,
        facts=[
            (_said(_NAME, _), whose[0]),
            (_said(_BORN, _), whose[1]),
            (_said(_KIND, _), kind if kind.casefold() != title.casefold() else ""),
        ],
        parts=[part("", blocks)],
        foot=" · ".join(filter(None, (whose[0], title, stamp))),
    )


def note_blocks(note: Mapping[str, Any], language_: str) -> list[Block]:
    """What it says: state, who wrote it when, its sections in order, signatures."""
    _ = language(language_)
    blocks = [warning(_said(_STATES[status], _))] if (status := str(note.get("status"))) in _STATES else []
    who = ", ".join(filter(None, (_named(one) for one in note.get("author") or ()))) or _said(_NAMELESS, _)
    blocks.append(quiet(_said(_BY, _).format(who=who, when=moment(note.get("date"), _))))
    if status == "amended":
        blocks.append(quiet(_said(_AMENDED, _)))
    said = list(_sections(note.get("section") or (), str(note.get("title") or "")))
    blocks += said or [words(_said(_NO_TEXT, _))]
    signed = [
        line(_said(_SIGNED.get(str(one.get("mode")), _SIGNED["professional"]), _).format(
            who=_named(one.get("party")) or _said(_NAMELESS, _), when=moment(one.get("time"), _)))
        for one in note.get("attester") or ()
    ]  # fmt: skip
    return [*blocks, heading(_said(_SIGNATURES, _)), lines(signed)] if signed else blocks


def moment(value: str | datetime | None, _: Language) -> str:
    """A day with its year, and the clock where it has one: paper is read when «today» is long ago."""
    clock = formats.clock(value, language=_)
    return _("{day} kl. {clock}", day=formats.full_date(value), clock=clock) if clock else formats.full_date(value)


def _sections(found: Iterable[Mapping[str, Any]], title: str) -> Iterator[Block]:
    for one in found:
        text = to_text(str((one.get("text") or {}).get("div", "")))
        named = "" if str(one.get("title", "")).casefold() == title.casefold() else str(one.get("title", ""))
        by = ", ".join(filter(None, (_named(each) for each in one.get("author") or ())))
        if text and (over := " · ".join(filter(None, (named, by)))):
            yield heading(over)
        if text:
            yield words(text)
        yield from _sections(one.get("section") or (), title)


def _named(reference: Mapping[str, Any] | None) -> str:
    return str((reference or {}).get("display") or "")


def _text(concept: Mapping[str, Any]) -> str:
    return str(
        concept.get("text") or next((one["display"] for one in concept.get("coding") or () if one.get("display")), "")
    )


def _said(names: Names, _: Language) -> str:
    return names[{"nb": 0, "nn": 1, "en": 2}[_.code]]
