"""Working days in Norway: Monday to Friday without public holidays. Lov om 1. og 17. mai og om helligdager

is_working(day) -> bool
after(moment, days) -> datetime     so many working days later, at the same time of day in Oslo
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

from samjournal.fhir.dates import OSLO

_FIXED: Final = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
_FROM_EASTER: Final = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, both days of Easter, Ascension Day, both days of Whitsun."""
_FRIDAY: Final = 4


def is_working(day: date) -> bool:
    """Whether most people are at work on a day."""
    return day.weekday() <= _FRIDAY and day not in _holidays(day.year)


def after(moment: datetime, days: int) -> datetime:
    """So many working days after a moment: the first that counts is the day after it."""
    at = moment.astimezone(OSLO)
    day, left = at.date(), days
    while left:
        day += timedelta(days=1)
        left -= is_working(day)
    return datetime.combine(day, at.time(), OSLO)


def end_of(day: date) -> datetime:
    """The last minute of a day."""
    return datetime.combine(day, time(23, 59), OSLO)


@lru_cache(maxsize=16)
def _holidays(year: int) -> frozenset[date]:
    easter = _easter(year)
    fixed = {date(year, month, day) for month, day in _FIXED}
    return frozenset(fixed | {easter + timedelta(days=days) for days in _FROM_EASTER})


def _easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar: the Sunday after the full moon of the church's tables."""
    century, in_century = divmod(year, 100)
    leaps, rest = divmod(century, 4)
    moon = (19 * (year % 19) + century - leaps - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * rest + 2 * (in_century // 4) - moon - in_century % 4) % 7
    late = (year % 19 + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)
