"""When things happen, told from now: the demo is always of today. hl7.org/fhir/R4/datatypes.html#dateTime"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


@dataclass(frozen=True, slots=True)
class Clock:
    """Now in Norway, and times counted from it. `days` and `months` below zero are in the past."""

    now: datetime

    @property
    def today(self) -> date:
        return self.now.date()

    def day(self, days: int = 0) -> date:
        """The date so many days from today."""
        return self.today + timedelta(days=days)

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A time of day, so many days from today."""
        return datetime.combine(self.day(days), time(hour, minute), OSLO)

    def next(self, hour: int, minute: int = 0, *, days: int = 0) -> datetime:
        """The first such time that is still ahead, not before so many days from today."""
        found = self.at(days, hour, minute)
        return found if found > self.now else self.at(days + 1, hour, minute)

    def weekday(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A time of day on the first working day at least so many days ahead (or back, when below zero)."""
        step = 1 if days >= 0 else -1
        while _is_closed(self.day(days)) or self.at(days, hour, minute) == self.now:
            days += step
        found = self.at(days, hour, minute)
        return found if (found > self.now) == (step > 0) else self.weekday(days + step, hour, minute)

    def working(self, count: int) -> int:
        """How many days it is to the working day that comes as number `count` after today."""
        days = 0
        while count:
            days += 1
            count -= not _is_closed(self.day(days))
        return days

    def years_ago(self, years: int, month: int, day: int) -> date:
        """A day in the calendar year so many years ago."""
        return date(self.today.year - years, month, day)

    def birthday(self, age: int, month: int, day: int) -> date:
        """The birth date with this month and day of somebody who is `age` years today."""
        passed = (month, day) <= (self.today.month, self.today.day)
        return date(self.today.year - age - (0 if passed else 1), month, day)


# Days that are off every year; the movable ones are left out.
_OFF = {(1, 1), (5, 1), (5, 17), (12, 24), (12, 25), (12, 26), (12, 31)}


def _is_closed(day: date) -> bool:
    return day.weekday() > 4 or (day.month, day.day) in _OFF


def clock(now: datetime) -> Clock:
    """A clock in Norwegian time; a time without zone is taken as Norwegian."""
    local = (now if now.tzinfo else now.replace(tzinfo=OSLO)).astimezone(OSLO).replace(microsecond=0)
    # With a fixed offset, times are compared as moments and not by the clock on the wall, also at summer time.
    return Clock(local.replace(tzinfo=timezone(local.utcoffset() or timedelta())))


def instant(when: datetime) -> str:
    """A FHIR dateTime with seconds and the offset of Norway that day."""
    return when.astimezone(OSLO).isoformat(timespec="seconds")
