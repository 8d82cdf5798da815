"""With whom a time can be had, and what else is free when it cannot.

around(door, permit, visit, start, wanted, patient) -> Calendars    what is read to book at a time
chosen_at(permit, visit, calendars, start, wanted, now) -> persons, rooms and devices, or None
alternatives(door, permit, visit, start, wanted, patient) -> list[Free]     three other times
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Invalid, TimeTaken
from samjournal.record import Door
from samjournal.scheduling.calendars import Calendar, Calendars, calendars, needs_of, unit_of
from samjournal.scheduling.freeing import MARGIN, Free, bounds, free, offers, pools_of, possible
from samjournal.scheduling.visits import VisitType

Resource = dict[str, Any]
_ALTERNATIVES: Final = 3
ATTEMPTS: Final = 5
"""So often somebody else is tried when others are faster."""


class Taken(TimeTaken):
    """The time is another's, or was never free: `alternatives` are three that are."""

    def __init__(self, alternatives: Sequence[Free]) -> None:
        super().__init__("The time is taken. Choose another.")
        self.alternatives = list(alternatives)


async def around(
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


def chosen_at(
    permit: Permit,
    visit: VisitType,
    found: Calendars,
    start: datetime,
    wanted: Sequence[str],
    now: datetime,
    *,
    any_hours: bool = False,
    called_in: Collection[str] = (),
) -> tuple[Calendar, ...] | None:
    """With whom the time can be had; None when it is not free. Citizens choose among what is offered to them, when and
    with whom, beside those whom staff `called_in`; staff begin when they wish, with whom they wish."""
    second, minute = int(start.timestamp()), timedelta(minutes=1)
    lo, hi = bounds(permit, visit, start, start + minute, now)
    if permit.kind == "citizen" and not (lo <= start < hi and set(outside(visit, found, wanted)) <= set(called_in)):
        return None
    if start + timedelta(minutes=visit.minutes) <= now:
        raise Invalid("The time is over.")
    can = possible(visit, found, (second, second + 60), wanted, any_hours=any_hours)
    if permit.kind == "citizen" and next(can.offered(), None) != second:
        return None
    return can.choose(second)


def outside(visit: VisitType, found: Calendars, names: Sequence[str]) -> list[str]:
    """Those of some persons, rooms and devices whom such a visit does not take by itself."""
    needed = {one.reference for need in needs_of(visit) for one in found.pool(visit, need)}
    return [name for name in names if name not in needed]


def in_spite(found: Calendars, visit: VisitType, wanted: Sequence[str]) -> tuple[Calendar, ...]:
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
    lo, hi = bounds(permit, visit, now, max(start, now) + timedelta(weeks=8), now)
    if lo >= hi:
        return []
    if visit.places > 1:
        sessions = await free(
            door, permit, visit, since=lo, until=hi, actors=wanted, patient=patient, besides=besides, now=now
        )
        made = {one.start: one for one in sessions if one.start != start}
        return sorted(made.values(), key=lambda one: abs(one.start - start))[:_ALTERNATIVES]
    # What is read is read once: many may lose the same race.
    found = await calendars(
        door, permit, [visit], lo - MARGIN, hi + MARGIN, actors=wanted, patient=patient, besides=besides
    )
    for who, since in ((wanted, max(start, lo)), ((), max(start, lo)), ((), lo)):
        if len(made) < _ALTERNATIVES and since < hi:
            for one in offers(visit, found, since, hi, who, limit=_ALTERNATIVES + 1):
                if len(made) < _ALTERNATIVES and one.start != start:
                    made.setdefault(one.start, one)
    return sorted(made.values(), key=lambda one: one.start)


def service_of(visit: VisitType, found: Calendars) -> Resource:
    """What stands for the unit in an Appointment: what it offers as a whole, else the visit type."""
    service = found.services.get(unit_of(visit))
    display = visit.unit.get("display") or (service or {}).get("name") or visit.names["nb"]
    return {"reference": f"HealthcareService/{service['id'] if service else visit.id}", "display": display}
