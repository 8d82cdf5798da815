"""A note as it is read: pure functions from a Composition, its Tasks and its versions to what the page shows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from samjournal.fhir.narrative import to_text
from samjournal.fhir.release import NEVER, NOPAT, has_label, released, rule_of
from samjournal.fhir.reserved import PARTS, part_of
from samjournal.notes import COUNTERSIGN, SIGN, code_of, written_of
from samjournal.record import Stored
from samjournal.ui import formats
from samjournal.ui.language import Language, marked
from samjournal.workspace.comparing import Piece, differences
from samjournal.workspace.desk import INDEX
from samjournal.workspace.facts import name_of

MODES: Final = {
    "professional": marked("Signert av forfatteren"),
    "legal": marked("Medsignert"),
    "official": marked("Godkjent for virksomheten"),
    "personal": marked("Bekreftet"),
}
LATER: Final = marked("Signerte tillegg eller rettelse")
CAME: Final = {
    "requested": marked("Bedt om å medsignere"),
    "in-progress": marked("Bedt om å medsignere"),
    "on-hold": marked("Valgt; blir spurt når forfatteren har signert"),
    "completed": marked("Medsignerte"),
    "cancelled": marked("Tatt bort som medsignerer"),
    "rejected": marked("Sendte tilbake"),
}


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signed, as what, and when."""

    what: str
    name: str
    when: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the history of countersigners: who was asked, what came of it, by whom, when, and the word."""

    name: str
    what: str
    asked: str
    asked_by: str
    ended: str
    ended_by: str
    words: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Past:
    """One version of a note: when it was stored, its state, and what was changed since the one before."""

    version: int
    when: str
    state: str
    by: str
    pieces: tuple[Piece, ...]


def state_of(note: Mapping[str, Any], _: Language) -> tuple[str, str]:
    """The state of a note in words, and its colour: "" signed, "warn" not signed yet, "danger" an error."""
    status, signed = note["status"], any(one.get("mode") == "professional" for one in note.get("attester", ()))
    if status == "entered-in-error":
        return _("Feilført. Skal ikke brukes."), "danger"
    if status == "preliminary":
        told = _("Signert av forfatteren, venter på medsignering") if signed else _("Ikke signert")
        return told, "warn"
    if status == "amended":
        return _("Signert, med tillegg eller rettelse"), ""
    return _("Signert"), ""


def patient_sees(note: Mapping[str, Any], now: datetime, _: Language) -> str:
    """When the patient reads it, in words."""
    moment, rule = released(note), rule_of(note)
    if note["status"] == "entered-in-error":
        return _("Pasienten ser at det er feilført")
    if has_label(note, NOPAT):
        return _("Pasienten ser ikke notatet")
    if rule is not None and moment == NEVER:
        return rule.names[INDEX.get(_.code, 0)]
    if moment is None or moment <= now:
        return _("Pasienten ser notatet")
    return _("Pasienten ser notatet fra {day}", day=formats.day(moment, now=now, language=_))


def reserved(note: Mapping[str, Any], _: Language) -> str:
    part = part_of(note)
    return PARTS[part].names[INDEX.get(_.code, 0)] if part else ""


def sections(note: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Headings and paragraphs; a heading that is the title is not repeated."""
    found = []
    for one in note.get("section", ()):
        text = to_text(str((one.get("text") or {}).get("div", "")))
        heading = "" if one.get("title") == note.get("title") else str(one.get("title", ""))
        author = ", ".join(name_of(each) for each in one.get("author", ()))
        if text:
            found.append((" · ".join(part for part in (heading, author) if part), text.split("\n\n")))
    return found


def signatures(note: Mapping[str, Any], now: datetime, _: Language) -> list[Signature]:
    """The signatures in the order in which they were given."""
    authors = {one.get("reference") for one in note.get("author", ())}
    found = []
    for one in note.get("attester", ()):
        party, mode = (one.get("party") or {}).get("reference"), str(one.get("mode"))
        what = MODES.get(mode, MODES["personal"])
        if mode == "professional" and party not in authors:
            what = LATER
        authors -= {party} if mode == "professional" else set()  # What he signs after that is a change.
        found.append(Signature(_(what), name_of(one.get("party")), formats.when(one.get("time"), now=now, language=_)))
    return found


def countersigners(tasks: Iterable[Mapping[str, Any]], now: datetime, _: Language) -> list[Asked]:
    """Who was asked to countersign, was taken away, sent it back or signed: each asking one line."""
    return [_asked(one, now, _) for one in tasks if code_of(one) == COUNTERSIGN]


def _asked(task: Mapping[str, Any], now: datetime, _: Language) -> Asked:
    status = str(task["status"])
    notes = task.get("note", ())
    last: Mapping[str, Any] = notes[-1] if notes else {}
    over = status in ("completed", "cancelled", "rejected")
    return Asked(
        name=name_of(task.get("owner")),
        what=_(CAME.get(status, status)),
        asked=formats.when(task.get("authoredOn"), now=now, language=_),
        asked_by=name_of(task.get("requester")),
        ended=formats.when(task.get("lastModified"), now=now, language=_) if over else "",
        ended_by=name_of(last.get("authorReference")) if over else "",
        words=str(last.get("text", "")) if status == "rejected" else "",
        is_open=not over,
    )


def sent_back(tasks: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """The words with which a note came back, and whose they are, while it waits for its author, or for who corrects."""
    return [
        (str(word.get("text", "")), name_of(word.get("authorReference")) or name_of(task.get("requester")))
        for task in tasks
        if code_of(task) == SIGN and task.get("status") in ("requested", "in-progress", "on-hold")
        for word in task.get("note", ())
    ]


def versions(stored: Sequence[Stored], now: datetime, _: Language) -> list[Past]:
    """The versions of a note, newest first, each with what was changed since the one before it."""
    found: list[Past] = []
    readable = [one for one in stored if one.body is not None]
    for at, one in enumerate(readable):
        note = one.resource()
        older = readable[at + 1].resource() if at + 1 < len(readable) else None
        pieces = differences(_words(older), _words(note)) if older else []
        changed = any(piece.kind != "same" for piece in pieces)
        found.append(
            Past(
                one.version,
                formats.when(one.at, now=now, language=_),
                state_of(note, _)[0],
                _signed_by(note, older),
                tuple(pieces) if changed else (),
            )
        )
    return found


def _words(note: Mapping[str, Any]) -> str:
    written = written_of(note)
    return f"{written.title}\n\n{written.words}"


def _signed_by(note: Mapping[str, Any], older: Mapping[str, Any] | None) -> str:
    """Who signed what is new in a version."""
    before = (older or {}).get("attester", [])
    return ", ".join(name_of(one.get("party")) for one in note.get("attester", ()) if one not in before)
