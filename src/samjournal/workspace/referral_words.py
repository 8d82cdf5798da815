"""A referral in the reader's words: pure functions. Requirement 6.5

line(referral, reader, ...) -> Line         one in a list
way(referral, reader) -> list[Stop]         the state line: sent, received, opened, assessed, appointment, done
duty(referral, reader) -> dict              owner, person, deadline, and what happens when it passes
events(referral, notes, reader)             all that happened, the newest first
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from samjournal.referrals import Referral, State, Step
from samjournal.ui import formats
from samjournal.ui.language import marked
from samjournal.workspace.facts import Reader, joined, said, short_name

STATES: Final[dict[State, str]] = {
    "signed": marked("Signert, på vei"),
    "sent": marked("Sendt, venter på kvittering"),
    "received": marked("Ikke åpnet ennå"),
    "opened": marked("Venter på vurdering"),
    "assessed": marked("Vurdert, venter på time"),
    "booked": marked("Har time"),
    "done": marked("Ferdig"),
    "rejected": marked("Avvist"),
    "forwarded": marked("Sendt videre"),
    "withdrawn": marked("Trukket tilbake"),
}
STUCK: Final[dict[str, str]] = {
    "rejected": marked("Ikke tatt imot av mottakeren"),
    "timed-out": marked("Ingen kvittering i tide"),
    "no-route": marked("Kunne ikke sendes"),
}
"""Where a referral stands whose message goes no further."""
STEPS: Final[dict[State, str]] = {
    "signed": marked("Signert"),
    "sent": marked("Sendt"),
    "received": marked("Mottatt"),
    "opened": marked("Åpnet"),
    "assessed": marked("Vurdert"),
    "booked": marked("Time"),
    "done": marked("Ferdig"),
    "rejected": marked("Avvist"),
    "forwarded": marked("Sendt videre"),
    "withdrawn": marked("Trukket tilbake"),
}
UNTIL: Final[dict[State, str]] = {
    "sent": marked("Sendes innen {when}"),
    "received": marked("Kvittering innen {when}"),
    "opened": marked("Åpnes innen {when}"),
    "assessed": marked("Vurderes innen {when}"),
    "booked": marked("Time innen {when}"),
    "done": marked("Avsluttes innen {when}"),
}
ALONG: Final[tuple[State, ...]] = ("sent", "received", "opened", "assessed", "booked", "done")
"""The points of the state line."""
PRIORITIES: Final = {
    "routine": marked("Vanlig"),
    "urgent": marked("Haster"),
    "asap": marked("Haster, samme dag"),
    "stat": marked("Øyeblikkelig hjelp"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A referral in a list. `state` is in words, `tone` "", "ok", "warn", "danger"; `age` since it was sent."""

    id: str
    link: str
    about: str
    code: str
    patient: str
    other: str
    owner: str
    state: str
    tone: str
    due: str
    late: bool
    age: str
    urgent: bool
    sent: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Stop:
    """A point of the state line. `is_here`: it waits for this; `tone` as of a Line."""

    name: str
    number: int
    is_done: bool
    is_here: bool
    lines: tuple[str, ...]
    tone: str = ""


def line(one: Referral, reader: Reader, *, patient: str = "", other: str = "") -> Line:
    """A referral in a list; `patient` and `other` (who sent it, or who has it) are names."""
    _ = reader.language
    late = is_late(one, reader.now)
    sent = sent_at(one)
    return Line(
        id=one.id,
        link=f"/workspace/{one.patient.replace('Patient', 'patients')}/referrals/{one.id}",
        about=about(one, reader),
        code=next((str(each.get("code")) for each in one.about.get("coding") or () if each.get("code")), ""),
        patient=patient,
        other=short(other or one.receiver_name),
        owner=owner(one),
        state=stands(one, reader),
        tone="danger"
        if one.state == "rejected" or one.stuck
        else "warn"
        if late
        else "ok"
        if one.state == "done"
        else "",
        due=until(one, reader) if one.is_open else "",
        late=late,
        age=formats.ago(sent, now=reader.now, language=_),
        urgent=one.priority != "routine",
        sent=sent,
        until=one.due if one.is_open else None,
    )


def stands(one: Referral, reader: Reader) -> str:
    """Where it stands, in words."""
    return reader.language(STUCK[one.stuck] if one.stuck in STUCK and one.is_open else STATES[one.state])


def about(one: Referral, reader: Reader) -> str:
    """What it is about."""
    return said(one.about, reader.language) or reader.language("uten angitt grunn")


def sent_at(one: Referral) -> datetime:
    return one.steps[0].at if one.steps else reader_zero


reader_zero: Final = formats.order(None)


def is_late(one: Referral, now: datetime) -> bool:
    return one.is_open and one.due is not None and one.due <= now


def owner(one: Referral) -> str:
    """Who has it now, by name."""
    return short(one.holder if one.is_on_its_way else one.owner_name or one.receiver_name)


def short(unit: str) -> str:
    """A unit by its own name, without the house that it belongs to."""
    return unit.partition(",")[0]


def until(one: Referral, reader: Reader) -> str:
    """What is to be done until when."""
    step = one.waits_for
    if step is None or one.due is None:
        return ""
    return reader.language(UNTIL[step], when=_when(one.due, reader))


def _when(at: datetime, reader: Reader) -> str:
    return reader.when(at.isoformat())


def way(one: Referral, reader: Reader) -> list[Stop]:
    """The state line. What was rejected or taken back ends where it was."""
    _ = reader.language
    reached = max((ALONG.index(step.state) for step in one.steps if step.state in ALONG), default=-1)
    if one.is_open and one.waits_for in ALONG:
        reached = min(reached, ALONG.index(one.waits_for) - 1)
    stops = []
    for place, state in enumerate(ALONG):
        is_done, is_here = place <= reached, one.is_open and one.waits_for == state
        if one.state in ("rejected", "withdrawn") and not is_done:
            break
        taken = one.last(state) if is_done else None
        lines = _said(one, taken, reader) if taken else _waiting(one, reader) if is_here else ()
        late = is_here and is_late(one, reader.now)
        stops.append(Stop(_(STEPS[state]), place + 1, is_done, is_here, tuple(lines), "warn" if late else ""))
    if one.state in ("rejected", "withdrawn"):
        last = one.steps[-1]
        said_ = (joined(reader.when(last.at.isoformat()), short_name(last.by)), last.words)
        stops.append(
            Stop(_(STEPS[one.state]), len(stops) + 1, True, False, tuple(each for each in said_ if each), "danger")
        )
    return stops


def _said(one: Referral, taken: Step, reader: Reader) -> list[str]:
    """When, by whom, and what came of it."""
    _ = reader.language
    found = [reader.when(taken.at.isoformat())]
    if taken.state == "sent" and (signed := one.last("signed")):
        found.append(_("signert av {name}", name=short_name(signed.by)))
    elif taken.state == "received":
        found.append(short(one.receiver_name))
    elif taken.state == "assessed":
        right = _("rett til helsehjelp innen {day}", day=reader.day(taken.until)) if taken.right else ""
        found.append(right or _("ikke rett til helsehjelp"))
    elif taken.state == "booked":
        found.append(_("time {day}", day=reader.day(taken.until)))
    if taken.by and taken.state != "sent":
        found.append(short_name(taken.by))
    return [each for each in found if each]


def _waiting(one: Referral, reader: Reader) -> list[str]:
    _ = reader.language
    if one.due is None:
        return [_("venter")]
    when = _when(one.due, reader)
    if is_late(one, reader.now):
        return [_("fristen gikk ut {when}", when=when), _("begge parter har fått en oppgave") if one.late else ""]
    return [_("venter, frist {when}", when=when)]


def duty(one: Referral, reader: Reader) -> dict[str, str]:
    """Who has it, who of them, until when, and what happens when that passes: in one row."""
    _ = reader.language
    if not one.is_open:
        return {}
    person = one.owner_name if one.owner.startswith("Practitioner") else _last_there(one)
    sender, receiver = short(one.sender_name), short(one.receiver_name)
    told = _("Oppgave til {sender} og {receiver}", sender=sender, receiver=receiver)
    if one.way == "message" or not sender:
        told = _("Oppgave til {sender}", sender=sender or receiver)
    return {
        "owner": short(one.holder),
        "person": short_name(one.requester_name) if one.is_on_its_way else person or _("ingen har tatt den ennå"),
        "due": until(one, reader),
        "then": told if not one.late else _("Oppgaver er laget"),
    }


def _last_there(one: Referral) -> str:
    """Who did something with it last, of those who have it."""
    return next(
        (step.by for step in reversed(one.steps) if step.state in ("opened", "assessed", "booked") and step.by), ""
    )


def events(one: Referral, notes: Iterable[Mapping[str, Any]], reader: Reader) -> list[tuple[str, str]]:
    """When and what, the newest first."""
    _ = reader.language
    found = [(step.at, _event(step, reader)) for step in one.steps]
    for note in notes:
        by = short_name(str((note.get("authorReference") or {}).get("display") or ""))
        found.append((formats.order(str(note.get("time") or "")), _("{name}: {words}", name=by, words=note["text"])))
    found.sort(key=lambda each: each[0], reverse=True)
    return [(reader.when(at.isoformat()), words) for at, words in found]


def _event(step: Step, reader: Reader) -> str:
    _ = reader.language
    named = _(STEPS[step.state])
    by = _("{what} av {name}", what=named, name=short_name(step.by)) if step.by else named
    more = ""
    if step.state == "assessed" and step.right is not None:
        more = (
            _("rett til helsehjelp innen {day}", day=reader.day(step.until))
            if step.right
            else _("ikke rett til helsehjelp")
        )
    if step.state == "booked" and step.until:
        more = reader.day(step.until)
    return ": ".join(each for each in (joined(by, more), step.words) if each)
