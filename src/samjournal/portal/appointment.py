"""One appointment as a citizen reads it, and what may be done with it now.

detail(resource, visit, _, may_book=, now=) -> Detail

All pure: what is said about the fee, until when it is free to cancel, from when one checks in, and which of the acts
are offered. The acts themselves are those of `scheduling`, which decides once more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.portal import appointments, facts
from samjournal.portal.slots import WAYS
from samjournal.scheduling import FEE, VisitType, held_until, interpreting
from samjournal.scheduling.states import EARLIEST
from samjournal.scheduling.video import link_of
from samjournal.ui.formats import clock, long_day, moment, number
from samjournal.ui.language import Language, marked

Resource = Mapping[str, Any]
WAY, INTERPRETER = "urn:samjournal:way", "urn:samjournal:interpreter"
HERE: Final = ("arrived", "checked-in")
STATES: Final = {
    "cancelled": marked("Denne timen er avlyst"),
    "noshow": marked("Du møtte ikke til denne timen"),
    "fulfilled": marked("Denne timen er holdt"),
    "waitlist": marked("Du står på venteliste"),
    "proposed": marked("Timen er ikke bekreftet ennå"),
    "pending": marked("Timen er ikke bekreftet ennå"),
    "arrived": marked("Du har meldt at du er kommet"),
    "checked-in": marked("Du har meldt at du er kommet"),
}

OFFERED: Final = marked("Du er tilbudt denne tiden")


@dataclass(frozen=True, slots=True)
class Detail:
    """One appointment. `way` is the code, `how` its words; `link` the video link, '' where there is none; `held` until
    when an offered time is. `fee` is the rule in words, '' where nothing is said; `late` that it is due by now; `owes`
    what is owed for one that was not held, in words; `closed` that it is over or not to be. `may` are the acts offered:
    move, cancel, arrive, answer (an offered time), leave (the waiting list)."""

    id: str
    version: int
    start: datetime | None
    end: datetime | None
    minutes: int | None
    about: str
    with_whom: str | None
    where: tuple[str, ...]
    way: str
    how: str
    link: str
    interpreter: str
    advice: str | None
    words: str
    state: str
    held: datetime | None
    fee: str
    late: bool
    owes: str
    may: frozenset[str]
    closed: bool
    visit: str


def detail(resource: Resource, visit: VisitType | None, _: Language, *, may_book: bool, now: datetime) -> Detail:
    """What the page of one appointment shows; `visit` is None where it is of no kind that a unit keeps."""
    read = appointments.read(resource, _)
    start, end = read.start, moment(resource.get("end"))
    end = end if isinstance(end, datetime) else start
    way = str(_extension(resource, WAY).get("valueCode") or "in-person")
    status = str(resource.get("status", ""))
    held = held_until(dict(resource)) if status == "pending" else None
    fee, late = fee_of(visit, start, _, now=now)
    return Detail(
        id=str(resource["id"]),
        version=int((resource.get("meta") or {}).get("versionId", 0)),
        start=start,
        end=end,
        minutes=read.minutes,
        about=visit.name(_.code) if visit else read.about,
        with_whom=read.with_whom,
        where=read.where,
        way=way,
        how=_(WAYS.get(way, WAYS["in-person"])),
        link=link_of(resource),
        interpreter=_interpreter(resource, _),
        advice=resource.get("patientInstruction") or (visit.instruction if visit else "") or None,
        words=facts.words(next(iter(resource.get("reasonCode") or ()), None)) or "",
        state=_(OFFERED if held else STATES[status]) if status in STATES else "",
        held=held,
        fee=fee,
        late=late,
        owes=_owed(resource, status, _),
        may=_may(status, held, start, end, way, visit, now) if may_book else frozenset(),
        closed=status in appointments.OVER or (end is not None and end + timedelta(hours=1) < now),
        visit=visit.id if visit else "",
    )


def _may(
    status: str,
    held: datetime | None,
    start: datetime | None,
    end: datetime | None,
    way: str,
    visit: VisitType | None,
    now: datetime,
) -> frozenset[str]:
    if status == "waitlist":
        return frozenset({"leave"})
    if held is not None:
        return frozenset({"answer"}) if held > now else frozenset()
    if start is None or end is None or status != "booked" or visit is None:
        return frozenset()
    found: set[str] = set()
    if start > now:
        found |= {"cancel"} if now > free_until(visit, start) else {"move", "cancel"}
    if way == "in-person" and start.astimezone(UTC) - EARLIEST <= now < end:
        found.add("arrive")
    return frozenset(found)


def free_until(visit: VisitType, start: datetime) -> datetime:
    """Until when it is cancelled for nothing, and moved. Hours are hours, also in the night when the clock changes."""
    return start.astimezone(UTC) - timedelta(hours=visit.cancel_until)


def fee_of(visit: VisitType | None, start: datetime | None, _: Language, *, now: datetime) -> tuple[str, bool]:
    """The rule in words, and whether the fee is due when one cancels now."""
    if visit is None or start is None:
        return "", False
    fee = visit.fee.get("value", 0) if visit.fee else 0
    if not fee:
        return _("Det koster ingenting å avbestille."), False
    until = free_until(visit, start)
    said = {
        "day": long_day(until, language=_),
        "clock": clock(until, language=_),
        "fee": number(fee, language=_),
    }
    if now > until:
        told = _(
            "Fristen for å avbestille gratis var {day} kl. {clock}. Avbestiller du etter den, koster det {fee} kroner.",
            **said,
        )
        return told, True
    return _("Gratis å avbestille til {day} kl. {clock}. Etter det koster det {fee} kroner.", **said), False


def _owed(resource: Resource, status: str, _: Language) -> str:
    """What is owed for an appointment that was cancelled too late, or to which nobody came; '' where nothing is."""
    owed = (_extension(resource, FEE).get("valueMoney") or {}).get("value")
    if not owed:
        return ""
    if status == "noshow":
        return _("Du skal betale {fee} kroner, for du møtte ikke.", fee=number(owed, language=_))
    return _("Du skal betale {fee} kroner, for timen ble avbestilt etter fristen.", fee=number(owed, language=_))


def _interpreter(resource: Resource, _: Language) -> str:
    asked = _extension(resource, INTERPRETER).get("valueCodeableConcept")
    codes = [str(coding.get("code") or "") for coding in (asked or {}).get("coding") or ()]
    known = next((interpreting.called(code, _.code) for code in codes if interpreting.is_language(code)), "")
    return known or facts.words(asked) or next((code for code in codes if code), "")


def _extension(resource: Resource, url: str) -> Resource:
    return next((one for one in resource.get("extension") or () if one.get("url") == url), {})
