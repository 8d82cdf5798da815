"""The messages of a unit as cards: who sent it, about whom, until when, and who has it; pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from samjournal.conversations import kind_of
from samjournal.fhir.keys import local
from samjournal.messages import Inbound, opened_at, state_of
from samjournal.tasks import Said
from samjournal.ui import formats
from samjournal.workspace.banner import name
from samjournal.workspace.facts import Reader, Resource, said
from samjournal.workspace.inbox_list import due, marks, whom

PREVIEW: Final = 170
_PROSE: Final = 25


@dataclass(frozen=True, slots=True)
class Card:
    """One message. `state`: "danger" past its deadline, else ""; `holder` who has it, `free` that nobody has, `mine`
    that the reader has; `read` when somebody of the unit opened it; `lines` all of it; `replies`: an answer sent from
    here reaches somebody; `held`: its patient is to be found first;
    `stopped`: it is for nobody known here, or has the id of another."""

    task: Said
    sender: str
    title: str
    patient: str
    patient_id: str
    words: str
    lines: tuple[str, ...]
    due: str
    state: str
    urgent: bool
    holder: str
    free: bool
    mine: bool
    read: str
    marks: tuple[str, ...]
    replies: bool
    held: bool
    stopped: bool = False
    is_open: bool = False
    talks: bool = False
    """Whether the patient wrote it, who is answered in the inbox, with the whole conversation beside it."""


@dataclass(frozen=True, slots=True)
class Handled:
    """One that was handled today: when, what about, by whom."""

    at: str
    title: str
    patient: str
    by: str


def cards(found: Inbound, me: str, team: str, reader: Reader, *, opened: str = "") -> list[Card]:
    """The cards, those over their deadline first, then the urgent, then what is due first. `me` and `team` are the
    references of the reader and his unit."""
    ranked = sorted(found.open, key=lambda task: _rank(task, reader))
    return [_card(one, found.about, me, team, reader, opened) for one in ranked]


def _rank(task: Said, reader: Reader) -> tuple[bool, bool, float, str]:
    at = task.due or task.since
    return not _is_late(task, reader), not task.urgent, at.timestamp() if at else 0.0, task.id


def _is_late(task: Said, reader: Reader) -> bool:
    return task.due is not None and task.due <= reader.now


def _card(task: Said, about: Mapping[str, dict[str, Any]], me: str, team: str, reader: Reader, opened: str) -> Card:
    _ = reader.language
    letter = about.get(task.focus) or {}
    patient = about.get(task.patient)
    lines = _lines(letter)
    free = task.owner in (team, "")
    late = _is_late(task, reader)
    return Card(
        task=task,
        sender=sender_of(letter, about, reader),
        title=said(letter.get("topic"), _) or task.words or _("Melding"),
        patient=whom(patient, reader) if patient else "",
        patient_id=task.patient.partition("/")[2],
        words=preview(lines),
        lines=lines,
        due=due(task, reader),
        state="danger" if late else "",
        urgent=task.urgent,
        holder=_("Ingen har tatt den") if free else _("Du") if task.owner == me else task.owner_name,
        free=free,
        mine=task.owner == me,
        read=_read(letter, reader),
        marks=marks(replace(task, taken=False, escalated=False), reader),  # Holder and deadline say both.
        replies=task.kind == "answer" and bool((letter.get("sender") or {}).get("reference")),
        held=state_of(letter) == "held",
        stopped=state_of(letter) in ("unplaced", "clash"),
        is_open=task.id == opened,
        talks=kind_of(letter) is not None,
    )


def _lines(letter: Resource) -> tuple[str, ...]:
    texts = (str(one["contentString"]) for one in letter.get("payload") or () if one.get("contentString"))
    return tuple(line.strip() for text in texts for line in text.split("\n") if line.strip())


def preview(lines: tuple[str, ...]) -> str:
    """The first words that a person wrote: headings, and who the patient is, stand elsewhere."""
    rest = [line for line in lines if not line.startswith("Pasient:")]
    prose = next((at for at, line in enumerate(rest) if len(line) >= _PROSE or line.endswith((".", "?", "!"))), 0)
    words = " ".join(rest[prose:])
    return words if len(words) <= PREVIEW else words[: PREVIEW - 1].rsplit(" ", 1)[0] + "…"


def sender_of(letter: Resource, about: Mapping[str, dict[str, Any]], reader: Reader) -> str:
    """Who sent it, as far as that is said."""
    party: Resource = letter.get("sender") or {}
    patient = about.get(local(str(party.get("reference") or "")) or "")
    named = " ".join(reversed(name(patient))) if patient else ""
    return str(party.get("display") or named or reader.language("Ukjent avsender"))


def _read(letter: Resource, reader: Reader) -> str:
    at = opened_at(dict(letter))
    return reader.language("lest {when}", when=reader.when(at.isoformat())) if at else reader.language("ikke lest")


def handled(found: Inbound, reader: Reader) -> list[Handled]:
    """Those that were handled today, the newest first."""
    shown = []
    for task in found.done:
        letter, patient = found.about.get(task.focus) or {}, found.about.get(task.patient)
        title = said(letter.get("topic"), reader.language) or task.words or reader.language("Melding")
        at = formats.clock(found.ended.get(task.id, ""), language=reader.language)
        shown.append(Handled(at, title, whom(patient, reader) if patient else "", task.owner_name))
    return shown


def figures(found: Inbound, reader: Reader) -> dict[str, Any]:
    """How long the oldest has waited, and the median of the week with how many it is of. Row 4.8"""
    _ = reader.language
    used = found.figures
    begun = reader.now - timedelta(seconds=used.median) if used.median is not None else None
    return {
        "oldest": formats.ago(used.oldest, now=reader.now, language=_) if used.oldest else "",
        "median": formats.ago(begun, now=reader.now, language=_) if begun else "",
        "number": used.done,
    }
