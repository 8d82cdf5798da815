"""Booking, moving and calling off: each is one transaction, and nobody gets a time that another has.

    book(door, permit, patient, visit, start, actors=(), ...) -> Stored
    move(door, permit, id, version, start, actors=()) -> Stored     the same appointment, at another time
    cancel(door, permit, id, version, reason, words="") -> Stored   free for others at once; all who take part are
    fee_due(visit, appointment, now) -> Money | None                what it costs to cancel it now

Whoever comes second to a time gets `Taken`, with three others that are free. The database decides who was first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Invalid, TimeTaken
from samjournal.messages.making import bare
from samjournal.record import LANE, Change, Door, Stored, change, free_lane, period_of
from samjournal.record.change import Claimed
from samjournal.scheduling.calendars import Calendar, Calendars, calendars, unit_of
from samjournal.scheduling.freeing import Free, bounds, names_of, offers, pools_of, possible
from samjournal.scheduling.making import (
    FEE,
    REASONS,
    appointment,
    beside,
    moved,
    staff_of,
    visit_id,
    with_extension,
    written,
)
from samjournal.scheduling.rights import Had, booking, had
from samjournal.scheduling.sending import form_key, named, sent
from samjournal.scheduling.visits import VisitType, visit_type

Resource = dict[str, Any]
_ATTEMPTS: Final = 5
_ALTERNATIVES: Final = 3
_LONGEST: Final = 1000
OPEN: Final = frozenset({"proposed", "pending", "booked", "waitlist", "arrived", "checked-in"})
"""The statuses of what is still to come, or going on."""


class Taken(TimeTaken):
    """The time is another's, or was never free: `alternatives` are three that are."""

    def __init__(self, alternatives: Sequence[Free]) -> None:
        super().__init__("The time is taken. Choose another.")
        self.alternatives = list(alternatives)


async def book(
    door: Door,
    permit: Permit,
    patient: str,
    visit: VisitType,
    start: datetime,
    actors: Sequence[str | Resource] = (),
    *,
    way: str = "",
    words: str = "",
    interpreter: str = "",
    based_on: str = "",
    overbook: str = "",
    once: str = "",
    now: datetime | None = None,
) -> Stored:
    """An appointment of a patient (id) from `start` on, with the `actors` (references) who are asked for, or with whom
    is free. Staff may book beside others, or outside of the hours, with a reason: `overbook`. `once` is the key of a
    form, which books once: sent again it gives what it made. Raises Taken, Forbidden, ReasonNeeded, Invalid,
    Unprocessable (the patient is dead)."""
    now, patient = now or datetime.now(UTC), patient.removeprefix("Patient/")
    rights = booking(permit, patient, visit)
    if once and (before := await sent(door, permit, patient, once)) is not None:
        return before
    way, words = _way(visit, way), _words(words)
    overbook = "" if permit.kind == "citizen" else _words(overbook)
    wanted = names_of(actors)
    end = start + timedelta(minutes=visit.minutes)
    for _ in range(_ATTEMPTS):
        found = await _around(door, permit, visit, start, wanted, patient)
        chosen = _chosen(permit, visit, found, start, wanted, now, any_hours=bool(overbook))
        if chosen is None and not overbook:
            break
        lane = 0
        if chosen is None:
            chosen = _in_spite(found, visit, wanted)
            lane = max(1, await free_lane(door, [one.reference for one in chosen], start, end))
        who = {"reference": f"Patient/{patient}"}
        made = appointment(
            visit, who, [one.actor for one in chosen], service_of(visit, found), start, end,
            way=way, words=words, interpreter=interpreter, based_on=based_on,
        )  # fmt: skip
        if lane:
            made = with_extension(made, LANE, beside(lane, overbook))
        made = {**made, "identifier": [named(patient, once)]} if once else made
        try:
            claims = [form_key(patient, once)] if once else []
            return (await change(door, rights, [written(made)], action="book", claims=claims))[0]
        except (TimeTaken, Claimed):
            # Somebody was faster; maybe the same form, sent a moment before. With whom else?
            if once and (before := await sent(door, permit, patient, once)) is not None:
                return before
    raise Taken(await alternatives(door, permit, visit, start, wanted, patient, now=now))


async def _around(
    door: Door,
    permit: Permit,
    visit: VisitType,
    start: datetime,
    wanted: Sequence[str],
    patient: str,
    besides: Sequence[str] = (),
) -> Calendars:
    day = timedelta(days=1)
    return await calendars(
        door, permit, [visit], start - day, start + day * 2, actors=wanted, patient=patient, besides=besides
    )


def _chosen(
    permit: Permit,
    visit: VisitType,
    found: Calendars,
    start: datetime,
    wanted: Sequence[str],
    now: datetime,
    *,
    any_hours: bool = False,
) -> tuple[Calendar, ...] | None:
    """With whom the time can be had; None when it is not free. Citizens choose among what is offered to them; staff
    begin when they wish."""
    second, minute = int(start.timestamp()), timedelta(minutes=1)
    lo, hi = bounds(permit, visit, start, start + minute, now)
    if permit.kind == "citizen" and not lo <= start < hi:
        return None
    if start + timedelta(minutes=visit.minutes) <= now:
        raise Invalid("The time is over.")
    can = possible(visit, found, (second, second + 60), wanted, any_hours=any_hours)
    if permit.kind == "citizen" and next(can.offered(), None) != second:
        return None
    return can.choose(second)


def _in_spite(found: Calendars, visit: VisitType, wanted: Sequence[str]) -> tuple[Calendar, ...]:
    """With whom it is, though they have somebody already: those who are asked for, else the first of each need."""
    return tuple(pool[0] for pool in pools_of(visit, found, wanted) if pool)


async def alternatives(
    door: Door,
    permit: Permit,
    visit: VisitType,
    start: datetime,
    wanted: Sequence[str],
    patient: str,
    *,
    now: datetime,
    besides: Sequence[str] = (),
) -> list[Free]:
    """Three free times: the next ones with those who were asked for, then with anybody, then sooner ones."""
    made: dict[datetime, Free] = {}
    weeks = timedelta(weeks=8)
    for who, since in ((wanted, start), ((), start), ((), now)):
        lo, hi = bounds(permit, visit, since, max(since, now) + weeks, now)
        if lo >= hi or len(made) == _ALTERNATIVES:
            continue
        found = await calendars(door, permit, [visit], lo, hi, actors=who, patient=patient, besides=besides)
        for one in offers(visit, found, lo, hi, who, limit=_ALTERNATIVES):
            if len(made) < _ALTERNATIVES:
                made.setdefault(one.start, one)
    return sorted(made.values(), key=lambda one: one.start)


def service_of(visit: VisitType, found: Calendars) -> Resource:
    """What stands for the unit in an Appointment: what it offers as a whole, else the visit type."""
    service = found.services.get(unit_of(visit))
    display = visit.unit.get("display") or (service or {}).get("name") or visit.names["nb"]
    return {"reference": f"HealthcareService/{service['id'] if service else visit.id}", "display": display}


async def move(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    start: datetime,
    actors: Sequence[str | Resource] = (),
    *,
    overbook: str = "",
    now: datetime | None = None,
) -> Stored:
    """The same appointment at another time: the old one is free in the same moment. With the same persons, or the
    `actors`; where the same are not free, with others. Citizens move it until it costs something to cancel it. Raises
    Taken, VersionMoved, Conflict, Forbidden."""
    now = now or datetime.now(UTC)
    one = await had(door, permit, id_, version)
    _demand_open(one)
    visit = await visit_type(door, permit, visit_id(one.resource))
    if permit.kind == "citizen" and is_late(visit, one.resource, now):
        raise Conflict("It is too late to move it here: call the unit.")
    end = start + timedelta(minutes=visit.minutes)
    same = names_of(staff_of(one.resource))
    for wanted in [names_of(actors)] if actors else [same, []]:
        for _ in range(_ATTEMPTS):
            found = await _around(door, permit, visit, start, wanted, one.patient, [id_])
            chosen = _chosen(permit, visit, found, start, wanted, now, any_hours=bool(overbook))
            if chosen is None:
                break
            made = moved(bare(one.resource), [own.actor for own in chosen], start, end)
            made = {**made, "status": "booked"}
            try:
                return (await change(door, one.rights, [_put(one, made)], action="rebook"))[0]
            except TimeTaken:
                continue
    wanted = names_of(actors) or same
    raise Taken(await alternatives(door, permit, visit, start, wanted, one.patient, now=now, besides=[id_]))


async def cancel(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    reason: str,
    words: str = "",
    *,
    now: datetime | None = None,
) -> Stored:
    """Call an appointment off: the time is free at once, for all who take part. `reason` is a code of the visit type's
    reasons, or of FHIR's (pat, prov, …). A citizen who is late owes the fee, which stands in the appointment."""
    now = now or datetime.now(UTC)
    one = await had(door, permit, id_, version)
    _demand_open(one)
    visit = await _visit(door, permit, one)
    made: Resource = {
        **bare(one.resource),
        "status": "cancelled",
        "cancelationReason": _reason(visit, reason, _words(words)),
    }
    fee = fee_due(visit, one.resource, now) if visit and permit.kind == "citizen" else None
    if fee is not None:
        made = with_extension(made, FEE, {"url": FEE, "valueMoney": fee})
    return (await change(door, one.rights, [_put(one, made)], action="cancel"))[0]


def fee_due(visit: VisitType, one: Resource, now: datetime) -> Resource | None:
    """What it costs to cancel an appointment now (Money); None: nothing."""
    return visit.fee if visit.fee is not None and is_late(visit, one, now) else None


def is_late(visit: VisitType, one: Resource, now: datetime) -> bool:
    """Whether it is past the hour until which an appointment is cancelled for nothing."""
    period = period_of(one)
    return period is not None and now > period[0] - timedelta(hours=visit.cancel_until)


async def _visit(door: Door, permit: Permit, one: Had) -> VisitType | None:
    id_ = visit_id(one.resource)
    return await visit_type(door, permit, id_) if id_ else None


def _reason(visit: VisitType | None, code: str, words: str) -> Resource:
    for one in visit.reasons if visit else ():
        if any(coding.get("code") == code for coding in one.get("coding", ())):
            return {**one, **({"text": words} if words else {})}
    system = _STANDARD if code.partition("-")[0] in ("pat", "prov", "maint", "meds", "oth") else REASONS
    return {"coding": [{"system": system, "code": code}], **({"text": words} if words else {})}


_STANDARD = "http://terminology.hl7.org/CodeSystem/appointment-cancellation-reason"


def _demand_open(one: Had) -> None:
    if one.resource.get("status") not in OPEN:
        raise Conflict("The appointment is over, or was called off already.")


def _put(one: Had, resource: Resource) -> Change:
    return Change.update(resource, if_match=one.stored.version)


def _way(visit: VisitType, way: str) -> str:
    if way and way not in visit.ways:
        raise Invalid(f"This appointment is held {' or '.join(visit.ways)}. Choose one of these.")
    return way or visit.ways[0]


def _words(words: str) -> str:
    return " ".join(words.split())[:_LONGEST]
