"""Booking, moving and calling off: each is one transaction, and nobody gets a time that another has.

    book(door, permit, patient, visit, start, actors=(), ...) -> Stored
    to_book(door, permit, patient, visit, start, actors=()) -> Appointment      for what is stored with more
    move(door, permit, id, version, start, actors=()) -> Stored     the same appointment, at another time
    cancel(door, permit, id, version, reason, words="") -> Stored   free for others at once; all who take part are
    fee_due(visit, appointment, now) -> Money | None                what it costs to cancel it now

Whoever comes second to a time gets `Taken`, with three others that are free. The database decides who was first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Conflict, Invalid, TimeTaken
from samjournal.messages.making import bare
from samjournal.record import LANE, Change, Claimed, Door, Stored, change, free_lane, period_of, places_of
from samjournal.scheduling.choosing import (
    ATTEMPTS,
    Taken,
    alternatives,
    around,
    chosen_at,
    in_spite,
    outside,
    service_of,
)
from samjournal.scheduling.freeing import names_of
from samjournal.scheduling.groups import members, take_place
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
from samjournal.scheduling.rights import Had, booking, had, referred
from samjournal.scheduling.sending import demand_room, form_key, named, sent
from samjournal.scheduling.visits import VisitType, visit_type

Resource = dict[str, Any]
_LONGEST: Final = 1000
OPEN: Final = frozenset({"proposed", "pending", "booked", "waitlist", "arrived", "checked-in"})
"""The statuses of what is still to come, or going on."""


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
    form, which books once: sent again it gives what it made. Raises Taken, Enough, Forbidden, ReasonNeeded, Invalid,
    Unprocessable (the patient is dead)."""
    now, patient = now or datetime.now(UTC), patient.removeprefix("Patient/")
    is_referred = await referred(door, permit, patient, visit, based_on)
    rights = booking(permit, patient, visit, is_referred=is_referred)
    if once and (before := await sent(door, permit, patient, once)) is not None:
        return before
    await demand_room(door, permit, patient, visit, now)
    way, words = _way(visit, way), _words(words)
    wanted, who = names_of(actors), {"reference": f"Patient/{patient}"}

    def make(chosen: Sequence[Resource], service: Resource, end: datetime) -> Resource:
        made = appointment(
            visit, who, chosen, service, start, end,
            way=way, words=words, interpreter=interpreter, based_on=based_on,
        )  # fmt: skip
        return {**made, "identifier": [named(patient, once)]} if once else made

    claims = [form_key(patient, once)] if once else []
    if visit.places > 1:
        service = service_of(visit, await around(door, permit, visit, start, (), ""))
        try:
            return await take_place(
                door, permit, rights, visit, start, wanted, patient,
                lambda one: make(one.actors, service, one.end), claims=claims, now=now,
            )  # fmt: skip
        except Claimed:
            if (before := await sent(door, permit, patient, once)) is not None:
                return before
            raise
    overbook = "" if permit.kind == "citizen" else _words(overbook)
    end = start + timedelta(minutes=visit.minutes)
    for _ in range(ATTEMPTS):
        found = await around(door, permit, visit, start, wanted, patient)
        chosen = chosen_at(permit, visit, found, start, wanted, now, any_hours=bool(overbook))
        if chosen is None and not overbook:
            break
        beside_whom = in_spite(found, visit, wanted) if chosen is None else ()
        made = make([one.actor for one in chosen or beside_whom], service_of(visit, found), end)
        if beside_whom:
            lane = await free_lane(door, [one.reference for one in beside_whom], start, end)
            made = with_extension(made, LANE, beside(max(1, lane), overbook))
        try:
            return (await change(door, rights, [written(made)], action="book", claims=claims))[0]
        except (TimeTaken, Claimed):
            # Somebody was faster; maybe the same form, sent a moment before. With whom else?
            if once and (before := await sent(door, permit, patient, once)) is not None:
                return before
    raise Taken(await alternatives(door, permit, visit, start, wanted, patient, now=now))


async def to_book(
    door: Door,
    permit: Permit,
    patient: str,
    visit: VisitType,
    start: datetime,
    actors: Sequence[str | Resource] = (),
    *,
    based_on: str = "",
    besides: Sequence[str] = (),
    now: datetime | None = None,
) -> Resource:
    """The appointment that a booking makes, for an action that stores more with it in one transaction; the times
    of `besides` (ids) are given up in the same. Who is faster yet is told by TimeTaken when it is stored. Raises
    Taken."""
    now, patient, wanted = now or datetime.now(UTC), patient.removeprefix("Patient/"), names_of(actors)
    found = await around(door, permit, visit, start, wanted, patient, besides)
    chosen = chosen_at(permit, visit, found, start, wanted, now)
    if chosen is None:
        raise Taken(await alternatives(door, permit, visit, start, wanted, patient, now=now, besides=besides))
    end, who = start + timedelta(minutes=visit.minutes), {"reference": f"Patient/{patient}"}
    taking = [one.actor for one in chosen]
    return appointment(visit, who, taking, service_of(visit, found), start, end, based_on=based_on)


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
    if places_of(one.resource):
        raise Conflict("A session with places is called off, and another one set up.")
    visit = await visit_type(door, permit, visit_id(one.resource))
    if permit.kind == "citizen" and is_late(visit, one.resource, now):
        raise Conflict("It is too late to move it here: call the unit.")
    end = start + timedelta(minutes=visit.minutes)
    if visit.places > 1:
        return await take_place(
            door, permit, one.rights, visit, start, names_of(actors), one.patient,
            lambda into: moved(bare(one.resource), into.actors, into.start, into.end), version=version, now=now,
        )  # fmt: skip
    same = names_of(staff_of(one.resource))
    for wanted in [names_of(actors)] if actors else [same, []]:
        for _ in range(ATTEMPTS):
            found = await around(door, permit, visit, start, [*wanted, *same], one.patient, [id_])
            # Whom staff called in beside comes along when the patient moves it: nobody would know that he does not.
            called_in = outside(visit, found, same) if permit.kind == "citizen" else []
            asked = [*(name for name in wanted if name not in called_in), *called_in]
            chosen = chosen_at(permit, visit, found, start, asked, now, any_hours=bool(overbook), called_in=called_in)
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
    made = cancelled(bare(one.resource), reason, words, visit)
    if places_of(one.resource):
        return await _call_off(door, permit, one, made)
    fee = fee_due(visit, one.resource, now) if visit and permit.kind == "citizen" else None
    if fee is not None:
        made = with_extension(made, FEE, {"url": FEE, "valueMoney": fee})
    return (await change(door, one.rights, [_put(one, made)], action="cancel"))[0]


async def _call_off(door: Door, permit: Permit, one: Had, made: Resource) -> Stored:
    """A session, with the appointments of all who have a place of it."""
    changes = [_put(one, made)]
    for member in await members(door, permit, one.stored.reference):
        body = member.resource()
        if body.get("status") in OPEN:
            told = {**bare(body), "status": "cancelled", "cancelationReason": made["cancelationReason"]}
            changes.append(Change.update(told, if_match=member.version))
    rights = permit if permit.kind == "system" else keeping(permit, "Appointment", sees_protected=True)
    return (await change(door, rights, changes, action="cancel"))[0]


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


def cancelled(one: Resource, reason: str, words: str = "", visit: VisitType | None = None) -> Resource:
    """An appointment as it is called off, with why: a code of the visit type's reasons, or of FHIR's. Pure."""
    return {**one, "status": "cancelled", "cancelationReason": _reason(visit, reason, _words(words))}


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
