"""When things happen, told from now: the demo is always of today. hl7.org/fhir/R4/datatypes.html#dateTime"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
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
        while self.day(days).weekday() > 4 or self.at(days, hour, minute) == self.now:
            days += step
        found = self.at(days, hour, minute)
        return found if (found > self.now) == (step > 0) else self.weekday(days + step, hour, minute)

    def birthday(self, age: int, month: int, day: int) -> date:
        """The birth date with this month and day of somebody who is `age` years today."""
        passed = (month, day) <= (self.today.month, self.today.day)
        return date(self.today.year - age - (0 if passed else 1), month, day)


def clock(now: datetime) -> Clock:
    """A clock in Norwegian time; a time without zone is taken as Norwegian."""
    local = now.astimezone(OSLO) if now.tzinfo else now.replace(tzinfo=OSLO)
    return Clock(local.replace(microsecond=0))


def instant(when: datetime) -> str:
    """A FHIR dateTime with seconds and the offset of Norway that day."""
    return when.astimezone(OSLO).isoformat(timespec="seconds")
