"""Free times, computed each time that they are asked for: hours, less what is taken, for all who are needed.

    free(door, permit, visit, since=, until=, actors=(), patient="", way="", limit=50) -> list[Free]
    first_free(door, permit, visits, since=, weeks=8, actors=(), patient="") -> Free | None
    possible(visit, calendars, window, actors, ...) -> Possible     pure: when, and with whom

Free times tell nobody by whom or for what the other times are taken.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any

from samjournal.access import Permit
from samjournal.record import Door, times_taken
from samjournal.scheduling.calendars import Calendar, Calendars, calendars, needs_of, unit_of
from samjournal.scheduling.hours import absences, hours
from samjournal.scheduling.intervals import Times, difference, holds, intersection, on_grid, starts, union
from samjournal.scheduling.sessions import sessions
from samjournal.scheduling.visits import VisitType

Resource = dict[str, Any]
MARGIN = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Free:
    """A time that is free, with whom and what it would take (references with display), and in which way it is held;
    `visit` is the id of the visit type. Of a group it is a session (`Appointment/id`) with so many places left."""

    start: datetime
    end: datetime
    actors: tuple[Resource, ...]
    way: str
    visit: str = ""
    session: str = ""
    places: int = 1


@dataclass(frozen=True, slots=True)
class Possible:
    """When a visit may begin, in seconds: all of it, and those on the grid are offered; and who is free then."""

    visit: VisitType
    begin: Times
    anchors: Times
    pools: tuple[tuple[tuple[Calendar, Times], ...], ...]

    def offered(self) -> Iterator[int]:
        """The beginnings that are offered, in order."""
        for second in on_grid(self.begin, self.anchors, self.visit.every * 60):
            if self.choose(second) is not None:
                yield second

    def choose(self, second: int) -> tuple[Calendar, ...] | None:
        """One of each pool who is free then, nobody twice; None where that cannot be."""
        if not holds(self.begin, second):
            return None
        fit = [[one for one, begin in pool if holds(begin, second)] for pool in self.pools]
        chosen: dict[int, Calendar] = {}
        if not _assign(sorted(range(len(fit)), key=lambda at: len(fit[at])), fit, chosen):
            return None
        return tuple(chosen[at] for at in range(len(fit)))


def _assign(order: Sequence[int], fit: Sequence[Sequence[Calendar]], chosen: dict[int, Calendar]) -> bool:
    """Give each need somebody of its own, those with the fewest to choose among first."""
    if not order:
        return True
    at = order[0]
    for one in fit[at]:
        if all(one.reference != other.reference for other in chosen.values()):
            chosen[at] = one
            if _assign(order[1:], fit, chosen):
                return True
            del chosen[at]
    return False


async def free(
    door: Door,
    permit: Permit,
    visit: VisitType,
    *,
    since: datetime,
    until: datetime,
    actors: Sequence[str | Resource] = (),
    patient: str = "",
    way: str = "",
    limit: int = 50,
    besides: Collection[str] = (),
    now: datetime | None = None,
) -> list[Free]:
    """The free times of a visit type, in order: with the `actors` (references) who are asked for, and not while the
    patient (id) is elsewhere. For citizens from when until when they may book it. Raises ReasonNeeded."""
    since, until = bounds(permit, visit, since, until, now or datetime.now(UTC))
    wanted = names_of(actors)
    if since >= until or (way and way not in visit.ways):
        return []
    if visit.places > 1:
        return (await _places(door, permit, visit, since, until, wanted, patient, besides))[:limit]
    found = await calendars(
        door, permit, [visit], since - MARGIN, until + MARGIN, actors=wanted, patient=patient, besides=besides
    )
    return offers(visit, found, since, until, wanted, way=way, limit=limit)


async def _places(
    door: Door,
    permit: Permit,
    visit: VisitType,
    since: datetime,
    until: datetime,
    wanted: Sequence[str],
    patient: str,
    besides: Collection[str],
) -> list[Free]:
    """The sessions of a group that have a place left, and at which the patient is nowhere else."""
    whom = [f"Patient/{patient}"] if patient else []
    busy = await times_taken(door, permit, whom, since, until + MARGIN, besides=besides)
    return [
        Free(one.start, one.end, one.actors, one.way, visit.id, one.reference, len(one.left))
        for one in await sessions(door, permit, visit, since, until, wanted)
        if one.left
        and not any(intersection([(_seconds(one.start), _seconds(one.end))], some) for some in busy.values())
    ]


async def first_free(
    door: Door,
    permit: Permit,
    visits: Sequence[VisitType],
    *,
    since: datetime,
    weeks: int = 8,
    actors: Sequence[str | Resource] = (),
    patient: str = "",
    now: datetime | None = None,
) -> Free | None:
    """The first free time of any of some visit types, of any units, with the `actors` where they are asked for."""
    now, wanted = now or datetime.now(UTC), names_of(actors)
    windows = {one.id: bounds(permit, one, since, since + timedelta(weeks=weeks), now) for one in visits}
    asked = [one for one in visits if windows[one.id][0] < windows[one.id][1]]
    groups = [one for one in asked if one.places > 1]
    asked = [one for one in asked if one.places == 1]
    first = [
        offer
        for one in groups
        for offer in (await _places(door, permit, one, *windows[one.id], wanted, patient, ()))[:1]
    ]
    if not asked:
        return min(first, key=lambda one: one.start, default=None)
    lo, hi = min(windows[one.id][0] for one in asked), max(windows[one.id][1] for one in asked)
    found = await calendars(door, permit, asked, lo - MARGIN, hi + MARGIN, actors=wanted, patient=patient)
    first += [offer for one in asked for offer in offers(one, found, *windows[one.id], wanted, limit=1)]
    return min(first, key=lambda one: one.start, default=None)


def bounds(
    permit: Permit, visit: VisitType, since: datetime, until: datetime, now: datetime
) -> tuple[datetime, datetime]:
    """What of a time somebody may book: nothing that is over, and citizens not at too short notice or too far ahead."""
    lo, hi = max(since, now), until
    if permit.kind == "citizen":
        lo, hi = max(lo, now + timedelta(hours=visit.notice)), min(hi, now + timedelta(days=visit.horizon))
        if not (visit.for_citizens or visit.by_referral):
            return lo, lo
    return (lo, hi) if visit.active and not visit.drop_in else (lo, lo)


def names_of(actors: Sequence[str | Resource]) -> list[str]:
    """References as texts."""
    return [one if isinstance(one, str) else str(one["reference"]) for one in actors]


def offers(
    visit: VisitType,
    found: Calendars,
    since: datetime,
    until: datetime,
    actors: Sequence[str] = (),
    *,
    way: str = "",
    limit: int,
) -> list[Free]:
    """The first free times within what was read."""
    window = _seconds(since), _seconds(until)
    possible_ = possible(visit, found, window, actors)
    made: list[Free] = []
    for second in possible_.offered():
        if len(made) == limit:
            break
        chosen = possible_.choose(second)
        assert chosen is not None
        made.append(offer(visit, second, chosen, way))
    return made


def offer(visit: VisitType, second: int, chosen: Sequence[Calendar], way: str = "") -> Free:
    start = datetime.fromtimestamp(second, UTC)
    actors = tuple(one.actor for one in chosen)
    return Free(start, start + timedelta(minutes=visit.minutes), actors, way or visit.ways[0], visit.id)


def possible(
    visit: VisitType, found: Calendars, window: tuple[int, int], actors: Sequence[str] = (), *, any_hours: bool = False
) -> Possible:
    """When a visit may begin within a window: for all who are needed at once, and for the patient. With `any_hours` it
    may outside of the hours too, of those who are not taken."""
    whole = (window[0] - 86_400, window[1] + 86_400)
    common = [whole] if any_hours else _common(visit, found, whole)
    pools = []
    for pool in pools_of(visit, found, actors):
        of_each = []
        for one in pool:
            open_ = [whole] if any_hours else _hours(one, common, whole)
            begin = starts(open_ or [], one.taken, visit.minutes * 60, visit.before * 60, visit.after * 60)
            of_each.append((one, begin, open_ or []))
        pools.append(of_each)
    all_at_once: Times = [window]
    for of_each in pools:
        all_at_once = intersection(all_at_once, union(stretch for _, some, _ in of_each for stretch in some))
    all_at_once = intersection(all_at_once, starts([whole], found.patient, visit.minutes * 60))
    anchors = (
        common if common is not None else union(stretch for pool in pools for _, _, open_ in pool for stretch in open_)
    )
    return Possible(visit, all_at_once, anchors, tuple(tuple((one, some) for one, some, _ in pool) for pool in pools))


def _common(visit: VisitType, found: Calendars, whole: tuple[int, int]) -> Times | None:
    """When the unit and the visit type are open; None when neither says when. What is closed is taken out later."""
    service = found.services.get(unit_of(visit))
    told = [one for one in (visit.hours, hours(service) if service else None) if one is not None]
    if not told:
        return None
    common: Times = [whole]
    for one in told:
        common = intersection(common, one.within(*whole))
    return difference(common, union([*visit.closed, *(absences(service) if service else ())]))


def _hours(one: Calendar, common: Times | None, whole: tuple[int, int]) -> Times | None:
    """When somebody works on such visits: his hours within those of the unit; who says none works when it is open."""
    if one.hours is None:
        return difference(common, one.absent) if common is not None else None
    mine = one.hours.within(*whole)
    return mine if common is None else intersection(mine, common)


def pools_of(visit: VisitType, found: Calendars, actors: Sequence[str]) -> list[list[Calendar]]:
    """Of whom one each is needed. Who is asked for takes the place of a pool that he is in, or comes beside."""
    pools = [found.pool(visit, need) for need in needs_of(visit)]
    fixed: set[int] = set()
    for name in actors:
        one = found.all.get(name)
        if one is None:
            pools.append([])  # He is not there, or works no longer: nothing is free with him.
            continue
        inside = [at for at, pool in enumerate(pools) if at not in fixed and name in (p.reference for p in pool)]
        if inside:
            at = min(inside, key=lambda at: len(pools[at]))
            pools[at] = [one]
            fixed.add(at)
        else:
            fixed.add(len(pools))
            pools.append([one])
    return pools


def _seconds(moment: datetime) -> int:
    """The first whole second that is not before a moment."""
    return ceil(moment.timestamp())
