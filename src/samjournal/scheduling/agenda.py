"""What a calendar of a unit shows: what is booked, as far as the reader may see it; what is taken; who is away.

agenda(door, permit, actors, since, until) -> list[Entry]
opening(door, permit, actors, since, until) -> {reference: [(from, until)]}     when each of them works
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Literal

from samjournal.access import Permit
from samjournal.record import Door, Stored, period_of, query_of, search, times_taken
from samjournal.record import actors as taking_part
from samjournal.scheduling.calendars import Calendar, named, services
from samjournal.scheduling.freeing import names_of
from samjournal.scheduling.hours import absences, hours
from samjournal.scheduling.intervals import Times, difference, intersection, union

Resource = dict[str, Any]
_DAY = timedelta(days=1)
_PAGE = 500
_MOST: Final = 20
"""So many pages of appointments at most."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in the calendar of one `actor` (reference): an appointment that the reader sees; a time that is `taken`
    by what he does not see; a time when he is `away`."""

    start: datetime
    end: datetime
    actor: str
    kind: Literal["appointment", "taken", "away"]
    stored: Stored | None = None
    appointment: Resource | None = None


async def agenda(
    door: Door, permit: Permit, actors: Sequence[str | Resource], since: datetime, until: datetime
) -> list[Entry]:
    """All of some calendars, by beginning. Cancelled appointments too, who did not come and who waits in turn: what
    each is stands in its status."""
    wanted = names_of(actors)
    found = await named(door, permit, wanted)
    also = {one.practitioner: name for name, one in found.items() if one.practitioner}
    shown = await _appointments(door, permit, [*wanted, *also], since, until)
    entries = []
    seen: dict[str, list[tuple[int, int]]] = {name: [] for name in wanted}
    for stored, one, (start, end) in shown:
        for name in dict.fromkeys(also.get(each, each) for each in taking_part(one)):
            if name in seen:
                entries.append(Entry(start, end, name, "appointment", stored, one))
                seen[name].append((int(start.timestamp()), int(end.timestamp())))
    taken = await times_taken(door, permit, wanted, since, until)
    window = [(int(since.timestamp()), int(until.timestamp()))]
    for name in wanted:
        hidden = difference(intersection(union(taken[name]), window), union(seen[name]))
        entries += _entries(name, "taken", hidden)
        if name in found:
            entries += _entries(name, "away", intersection(union(found[name].absent), window))
    return sorted(entries, key=lambda one: (one.start, one.end, one.actor))


def _entries(name: str, kind: Literal["taken", "away"], times: Times) -> Iterable[Entry]:
    for lo, hi in times:
        yield Entry(datetime.fromtimestamp(lo, UTC), datetime.fromtimestamp(hi, UTC), name, kind)


async def _appointments(
    door: Door, permit: Permit, names: Sequence[str], since: datetime, until: datetime
) -> list[tuple[Stored, Resource, tuple[datetime, datetime]]]:
    """What the permit shows of the appointments of some within a time."""
    found = []
    cursor: str | None = None
    for _ in range(_MOST):
        asked = [
            ("actor", ",".join(dict.fromkeys(names))),
            ("date", f"ge{(since - _DAY).astimezone(UTC).isoformat()}"),
            ("date", f"lt{until.astimezone(UTC).isoformat()}"),
            ("_count", str(_PAGE)),
            *([("_cursor", cursor)] if cursor else []),
        ]
        page = await search(door, permit, query_of("Appointment", asked))
        for stored in page.matches:
            one = stored.resource()
            period = period_of(one) or _moment(one)
            if period is not None and period[1] >= since and one.get("status") != "entered-in-error":
                found.append((stored, one, period))
        cursor = page.next_cursor
        if cursor is None:
            break
    return found


def _moment(one: Resource) -> tuple[datetime, datetime] | None:
    """Who waits in turn has come at a moment, and no time."""
    if "start" not in one:
        return None
    at = datetime.fromisoformat(one["start"])
    return at, at


async def opening(
    door: Door, permit: Permit, actors: Sequence[str | Resource], since: datetime, until: datetime
) -> dict[str, list[tuple[datetime, datetime]]]:
    """When each of some persons and rooms works: the own hours within those of the unit, less what is away. Of who says
    no hours, those of the unit; nothing where that says none either."""
    found = await named(door, permit, names_of(actors))
    units = await services(door, permit, sorted({one.unit for one in found.values()} - {""}))
    lo, hi = int(since.timestamp()), int(until.timestamp())
    return {name: _moments(_working(one, units.get(one.unit), lo, hi)) for name, one in found.items()}


def _working(one: Calendar, service: Resource | None, lo: int, hi: int) -> Times:
    told = [each for each in (one.hours, hours(service) if service else None) if each is not None]
    if not told:
        return []
    times: Times = [(lo, hi)]
    for each in told:
        times = intersection(times, each.within(lo, hi))
    return difference(times, union([*one.absent, *(absences(service) if service else ())]))


def _moments(times: Times) -> list[tuple[datetime, datetime]]:
    return [(datetime.fromtimestamp(lo, UTC), datetime.fromtimestamp(hi, UTC)) for lo, hi in times]
