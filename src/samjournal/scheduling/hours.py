"""When somebody works, or something is open: weekly hours less absences, as the clock in Oslo shows them.

    hours(resource) -> Hours | None         of a HealthcareService, PractitionerRole or Location; None: it states none
    Hours.within(since, until) -> Times     in seconds since 1970

Hours are written by the clock: 08:00 is 08:00 in summer and in winter, the night when the clock goes back is an hour
longer, and what would begin in the hour that is left out begins when the clock has moved. An end that is not after its
beginning is on the next day. hl7.org/fhir/R4/healthcareservice-definitions.html#HealthcareService.availableTime
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from samjournal.fhir.dates import OSLO, period, span
from samjournal.scheduling.intervals import Times, difference, intersection, union

Resource = dict[str, Any]
_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = timedelta(days=1)
_HOUR = 3600
_DATE = len("2027-01-01")


@dataclass(frozen=True, slots=True)
class Open:
    """On some days of the week (0 is Monday) from one time of day until another."""

    days: frozenset[int]
    opens: time
    closes: time


@dataclass(frozen=True, slots=True)
class Hours:
    """Weekly hours, and what of them falls away: absences, in seconds since 1970."""

    weekly: tuple[Open, ...]
    absent: tuple[tuple[int, int], ...]

    def within(self, since: int, until: int) -> Times:
        """The hours of a time, holidays and absences taken out."""
        first = datetime.fromtimestamp(since, OSLO).date() - _DAY
        last = datetime.fromtimestamp(until, OSLO).date()
        open_ = union(_stretches(self.weekly, first, last))
        return intersection(difference(open_, union(self.absent)), [(since, until)])


def hours(resource: Resource) -> Hours | None:
    """What a service, post or place states; None when it states no weekly hours and no absence."""
    if resource["resourceType"] == "Location":
        weekly = [_open(one, "openingTime", "closingTime") for one in resource.get("hoursOfOperation", ())]
    else:
        told = resource.get("availableTime", ())
        weekly = [_open(one, "availableStartTime", "availableEndTime") for one in told]
    absent = tuple(_absences(resource))
    return Hours(tuple(weekly), absent) if weekly else None


def absences(resource: Resource) -> Times:
    """When somebody is away, or something is closed, in spite of all hours."""
    return union(_absences(resource))


def _absences(resource: Resource) -> Iterator[tuple[int, int]]:
    for one in resource.get("notAvailable", ()):
        during = one.get("during", {})
        if (away := period(during)) is not None:
            # A day is meant whole; an hour at which somebody is back is not away.
            ends = span(during["end"]).lo if len(during.get("end", "")) > _DATE else away.hi
            yield int(away.lo.timestamp()), int(ends.timestamp())


def _open(one: Resource, opens: str, closes: str) -> Open:
    days = frozenset(_DAYS.index(day) for day in one.get("daysOfWeek", _DAYS))
    if one.get("allDay"):
        return Open(days, time(0), time(0))
    return Open(days, _time(one.get(opens, "00:00:00")), _time(one.get(closes, "00:00:00")))


def _time(text: str) -> time:
    """A time of day; a leap second, and midnight as 24:00, are midnight."""
    return time(0) if text.startswith("24") else time.fromisoformat(text.replace(":60", ":59")[:8])


def _stretches(weekly: Iterable[Open], first: date, last: date) -> Iterator[tuple[int, int]]:
    day = first
    while day <= last:
        for one in weekly:
            if day.weekday() in one.days:
                end = day if one.closes > one.opens else day + _DAY
                yield _second(day, one.opens, fold=0), _second(end, one.closes, fold=1)
        day += _DAY


def _second(day: date, at: time, *, fold: int) -> int:
    """The moment that the clock shows; of two in the night when it goes back the one that makes the hours longest, and
    in the hour that is left out the moment when the clock moves."""
    wall = datetime.combine(day, at)
    found = int(wall.replace(tzinfo=OSLO, fold=fold).timestamp())
    if datetime.fromtimestamp(found, OSLO).replace(tzinfo=None) == wall:
        return found
    after = int(wall.replace(tzinfo=OSLO, fold=0).timestamp())
    return after - after % _HOUR
