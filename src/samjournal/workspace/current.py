"""Nå: why the patient is here, what was measured, what they take, and what was written last."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta
from html import unescape
from typing import Final

from samjournal.fhir.release import NEVER, released
from samjournal.fhir.reserved import PARTS, part_of
from samjournal.record import Snapshot
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.ages import AGES
from samjournal.workspace.desk import INDEX
from samjournal.workspace.facts import (
    Block,
    Reader,
    Resource,
    Row,
    author,
    block,
    joined,
    newest_first,
    said,
    standing,
    status,
    unit,
    when,
)
from samjournal.workspace.measured import Measure, Score, labs, newest, score, vitals
from samjournal.workspace.note_view import state_of

STAY: Final = timedelta(days=3)
YEAR: Final = timedelta(days=366)
LABS_SHOWN: Final = 6
NOTES_SHOWN: Final = 4
READ_HERE: Final = 8_000
"""Letters of the newest notes that the overview carries; a note that has no room is read on its own page."""
RECENT: Final = timedelta(days=7)
STOPPED: Final = frozenset({"stopped", "cancelled", "ended"})


@dataclass(frozen=True, slots=True)
class Note:
    """A note by its title and first sentence, with all of it folded below."""

    title: str
    first: str
    when: str
    by: str
    new: str
    paragraphs: tuple[str, ...]
    unit_id: str = ""  # where it was written
    id: str = ""
    patient_sees: str = ""  # when the patient reads it, where that is not at once
    held_back: bool = False  # by decision
    reserved: str = ""  # the part of the record it lies in
    unsigned: str = ""  # what it waits for, while it is not signed
    elsewhere: bool = False  # it is too long to be read here


@dataclass(frozen=True, slots=True)
class Now:
    """The middle column."""

    since: str
    reason: tuple[tuple[str, str], ...]  # what, how certain
    headline: str  # the newest note's first sentence
    headline_by: str
    headline_new: str
    span: str
    score: Score | None
    vitals: tuple[Measure, ...]
    vitals_by: str
    vitals_when: str
    labs: tuple[Measure, ...]
    more_labs: tuple[Measure, ...]
    labs_by: str
    medicines: Block
    ongoing: tuple[str, ...]
    notes: tuple[Note, ...]
    more_notes: tuple[Note, ...]


def now(snapshot: Snapshot, reader: Reader, *, adult: bool) -> Now:
    """The middle column from the snapshot."""
    _, lists = reader.language, snapshot.lists
    stay = current_stay(lists.get("encounters", ()))
    window, inside = STAY if stay else YEAR, " in a stay" if stay else ""
    notes = newest_first(lists.get("notes", ()), "date")
    shown = _read_here([_note(each, reader) for each in notes])
    tests = labs(
        lists.get("labs", ()), reader, window=timedelta(days=14) if stay else YEAR, stale=AGES[f"results{inside}"]
    )
    measured = [each for each in lists.get("vitals", ()) if each.get("component") or each.get("valueQuantity")]
    signs = vitals(measured, reader, adult=adult, window=window, stale=AGES[f"vital signs{inside}"])
    return Now(
        since=_since(stay, lists.get("encounters", ()), reader),
        reason=tuple(_reasons(stay, lists.get("problems", ()), reader)),
        headline=first_sentence(notes[0]) if notes else "",
        headline_by=joined(
            reader.when(when(notes[0], "date")),
            author(notes[0]),
            _("ikke signert") if status(notes[0]) == "preliminary" else "",
        )
        if notes
        else "",
        headline_new=reader.newness(notes[0]) if notes else "",
        span=_("3 døgn") if stay else _("siste år"),
        score=score(lists.get("scores", ()), reader, lists.get("vitals", ())),
        vitals=tuple(signs),
        vitals_by=newest(measured, reader),
        vitals_when=max(signs, key=lambda each: formats.order(each.at)).when,
        labs=tuple(tests[:LABS_SHOWN]),
        more_labs=tuple(tests[LABS_SHOWN:]),
        labs_by=newest(lists.get("labs", ()), reader),
        medicines=medicines(lists.get("medicines", ()), reader),
        ongoing=tuple(_ongoing(lists.get("plans", ()), reader)),
        notes=shown[:NOTES_SHOWN],
        more_notes=shown[NOTES_SHOWN:],
    )


def current_stay(encounters: Iterable[Resource]) -> Resource | None:
    """The stay in a ward that is going on."""
    return next(
        (
            each
            for each in newest_first(encounters, "period")
            if status(each) == "in-progress" and (each.get("class") or {}).get("code") in ("IMP", "ACUTE")
        ),
        None,
    )


def medicines(requests: Iterable[Resource], reader: Reader) -> Block:
    """What the patient takes, what is paused and why, and what was stopped in the last week."""
    _ = reader.language
    found = newest_first(requests, "authoredOn")
    active = [each for each in found if status(each) == "active"]
    paused = [each for each in found if status(each) == "on-hold"]
    stopped = [
        each
        for each in found
        if status(each) in STOPPED and reader.now - formats.order(when(each, "authoredOn")) < RECENT
    ]
    # Alphabetical within each group, so that a medicine keeps its place when another one changes.
    groups = (
        sorted(group, key=lambda each: medicine_name(each, reader).lower()) for group in (active, paused, stopped)
    )
    rows = [medicine_row(each, reader) for group in groups for each in group]
    last = found[:1]
    source = (
        _("sist endret {when}", when=joined(reader.when(when(last[0], "authoredOn")), author(last[0]))) if last else ""
    )
    return block(_("Legemidler"), rows, empty=_("Ingen legemidler er ført opp."), source=source, show=14)


def medicine_name(request: Resource, reader: Reader) -> str:
    """What the medicine is called."""
    return said(request.get("medicationCodeableConcept"), reader.language) or reader.language("Uten navn")


def medicine_row(request: Resource, reader: Reader) -> Row:
    """A medicine with dose, and why it is not given when it is not."""
    _ = reader.language
    state = status(request)
    dose = next((str(each["text"]) for each in request.get("dosageInstruction") or () if each.get("text")), "")
    why = re.sub(
        r"^(?:satt på pause|på pause|seponert|stoppet):?\s*",
        "",
        said(request.get("statusReason"), _),
        flags=re.I,
    )
    label = {"on-hold": marked("Pause"), "active": ""}.get(state, marked("Seponert"))
    return Row(
        strong=medicine_name(request, reader),
        rest=dose or _("dose ikke oppgitt"),
        right=": ".join(part for part in (_(label), why) if part) if label else "",
        new=reader.newness(request),
        quiet=state != "active",
    )


def _note(note: Resource, reader: Reader) -> Note:
    return Note(
        title=str(note.get("title") or said(note.get("type"), reader.language)),
        first=first_sentence(note),
        when=reader.when(when(note, "date")).replace(" kl.", ""),
        by=author(note),
        new=reader.newness(note),
        paragraphs=tuple(note_text(note)),
        unit_id=str((note.get("meta") or {}).get("source") or "").partition("Organization/")[2],
        id=str(note.get("id", "")),
        patient_sees=_patient_sees(note, reader),
        held_back=released(note) == NEVER,
        unsigned=state_of(note, reader.language)[0] if note.get("status") == "preliminary" else "",
        reserved=PARTS[part].names[INDEX.get(reader.language.code, 0)] if (part := part_of(note)) else "",
    )


def _read_here(notes: Iterable[Note]) -> tuple[Note, ...]:
    """The notes, each with all of its text or with none: a note of which only a part is seen would be misread."""
    room, found = READ_HERE, []
    for each in notes:
        length = sum(map(len, each.paragraphs))
        fits = length <= room
        room -= length if fits else 0
        found.append(each if fits else replace(each, paragraphs=(), elsewhere=True))
    return tuple(found)


def _patient_sees(note: Resource, reader: Reader) -> str:
    """When the patient reads a note, where that is not at once."""
    moment = released(note)
    if moment is None or moment <= reader.now:
        return ""
    _ = reader.language
    if moment == NEVER:
        return _("Pasienten ser ikke notatet")
    return _("Pasienten ser notatet fra {day}", day=formats.day(moment, now=reader.now, language=_))


def note_text(note: Resource) -> list[str]:
    """The paragraphs of a note as plain text."""
    paragraphs: list[str] = []
    for section in note.get("section") or ():
        div = str((section.get("text") or {}).get("div") or "")
        for part in re.split(r"</(?:p|li|div|h\d)>|<br\s*/?>", div):
            words = unescape(re.sub(r"<[^>]*>", " ", part))
            if words.strip():
                paragraphs.append(re.sub(r"\s+", " ", words).strip())
    return paragraphs


def first_sentence(note: Resource) -> str:
    """How a note begins, cut where it is long."""
    text = " ".join(note_text(note)[:2])
    cut = re.split(r"(?<=[.!?])\s+(?=[A-ZÆØÅ])", text, maxsplit=1)[0]
    return cut if len(cut) <= 140 else cut[:137].rsplit(" ", 1)[0] + " …"


def _since(stay: Resource | None, encounters: Iterable[Resource], reader: Reader) -> str:
    _ = reader.language
    if stay is not None:
        start = when(stay, "period")
        if not start:
            return _("innlagt")
        days = (
            reader.now.astimezone(formats.OSLO).date() - formats.order(start).astimezone(formats.OSLO).date()
        ).days + 1
        return _("innlagt {when}, døgn {n}", when=reader.when(start), n=days)
    last = next((each for each in newest_first(encounters, "period")), None)
    if last is None:
        return _("ikke innlagt")
    return _("ikke innlagt, sist sett {when}", when=joined(reader.day(when(last, "period")), unit(last)))


def _reasons(stay: Resource | None, conditions: Iterable[Resource], reader: Reader) -> list[tuple[str, str]]:
    """Why here, with how certain that is."""
    _ = reader.language
    if stay is None:
        return []
    texts = [said(concept, _) for concept in stay.get("reasonCode") or ()]
    certainty = {
        said(each.get("code"), _).lower(): _("sikker")
        if status(each, "verificationStatus") == "confirmed"
        else _("sannsynlig")
        for each in standing(conditions)
    }
    start = when(stay, "period")
    started = formats.order(start) - timedelta(hours=12) if start else reader.now
    fresh = [
        (said(each.get("code"), _), certainty[said(each.get("code"), _).lower()])
        for each in standing(conditions)
        if formats.order(when(each, "recordedDate", "onsetDateTime")) >= started
    ]
    named = [(text, certainty.get(text.lower(), "")) for text in texts if text]
    return named + [pair for pair in fresh if pair[0].lower() not in {text.lower() for text, _sure in named}][:2]


def _ongoing(plans: Iterable[Resource], reader: Reader) -> list[str]:
    """What is going on now by the plans: drips, catheters, oxygen, monitoring."""
    found = []
    for plan in standing(plans):
        for activity in plan.get("activity") or ():
            detail = activity.get("detail") or {}
            words = str(detail.get("description") or said(detail.get("code"), reader.language))
            if detail.get("status") == "in-progress" and words:
                found.append(words)
    return found[:8]
