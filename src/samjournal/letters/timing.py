"""When a notice leaves: at once, after a moment in which more may come, in the morning, or once a day. Hours of Oslo.

due(level, now, quiet) -> datetime
waking(at, quiet) -> datetime           the same moment, or the end of the night
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from samjournal.fhir.dates import OSLO
from samjournal.letters.kinds import Level

MOMENT: Final = timedelta(minutes=2)
"""So long it is waited whether more comes, which is told with it."""
APART: Final = timedelta(minutes=30)
"""So long after the last message the next one that is not urgent leaves."""
DAILY: Final = 16
"""The hour at which information is told."""
SOON: Final = timedelta(hours=24)
"""What happens to an appointment within this time is urgent."""
POST: Final = timedelta(days=6)
"""So long a letter takes: what is sooner is seen to by a person."""


def due(level: Level, now: datetime, quiet: tuple[int, int]) -> datetime:
    """When something that is new now is told."""
    if level == "urgent":
        return now
    if level == "ordinary":
        return waking(now + MOMENT, quiet)
    local = now.astimezone(OSLO)
    day = local.date() if local.hour < DAILY else local.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, DAILY, tzinfo=OSLO).astimezone(now.tzinfo)


def waking(at: datetime, quiet: tuple[int, int]) -> datetime:
    """The moment, or when the night that it falls in is over."""
    begin, end = quiet
    local = at.astimezone(OSLO)
    if begin == end or not (local.hour >= begin or local.hour < end if begin > end else begin <= local.hour < end):
        return at
    day = local.date() + timedelta(days=1) if begin > end and local.hour >= begin else local.date()
    return datetime(day.year, day.month, day.day, end, tzinfo=OSLO).astimezone(at.tzinfo)
