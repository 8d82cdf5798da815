"""Dates as stretches of time: a partial date is all that it may mean. hl7.org/fhir/R4/datatypes.html#dateTime

    span(text) -> Span            date, dateTime or instant; ValueError when it is no real date
    period(value) -> Span | None  a Period; open ends reach to FAR_PAST and FAR_FUTURE
    timing(value) -> Span | None  a Timing: from its first to its last moment

`Span(lo, hi)`: aware datetimes in UTC, `lo` included, `hi` excluded. A date without zone means Europe/Oslo.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")
FAR_PAST = datetime(1, 1, 1, tzinfo=UTC)
FAR_FUTURE = datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MOMENT = re.compile(
    r"\d{4}-\d\d-\d\dT(\d\d:\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-](?:0\d|1[0-3]):[0-5]\d|[+-]14:00)?", re.ASCII
)
DAY = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", re.ASCII)


class Span(NamedTuple):
    """A stretch of time, in UTC: from `lo` up to, not including, `hi`."""

    lo: datetime
    hi: datetime


def span(text: str) -> Span:
    """All the time that a date, dateTime or instant may mean; searches may leave out the seconds."""
    if len(text) <= 10:
        return _of_day(text)
    return _of_moment(text)


def period(value: Mapping[str, Any]) -> Span | None:
    """From the start of its start to the end of its end, never backwards; None when it has neither."""
    start, end = value.get("start"), value.get("end")
    if start is None and end is None:
        return None
    lo, hi = span(start).lo if start else FAR_PAST, span(end).hi if end else FAR_FUTURE
    return Span(lo, max(lo, hi))


def timing(value: Mapping[str, Any]) -> Span | None:
    """From the first to the last moment that its events and bounds name; None when they name none."""
    spans = [span(event) for event in value.get("event", ()) if event]
    bounds = period(value.get("repeat", {}).get("boundsPeriod", {}))
    if bounds:
        spans.append(bounds)
    if not spans:
        return None
    return Span(min(one.lo for one in spans), max(one.hi for one in spans))


@lru_cache(maxsize=4096)
def _of_day(text: str) -> Span:
    match = DAY.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a date: write YYYY, YYYY-MM or YYYY-MM-DD")
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    first = datetime(year, month or 1, day or 1)
    try:
        if day:
            after = first + timedelta(days=1)
        elif month:
            after = datetime(year + month // 12, month % 12 + 1, 1)
        else:
            after = datetime(year + 1, 1, 1)
    except (OverflowError, ValueError):
        return Span(_utc(first), FAR_FUTURE)
    return Span(_utc(first), _utc(after))


@lru_cache(maxsize=4096)
def _of_moment(text: str) -> Span:
    match = MOMENT.fullmatch(text)
    if not match:
        raise ValueError(f"{text!r} is not a time: write YYYY-MM-DDThh:mm:ss+zz:zz")
    _, seconds, fraction, _ = match.groups()
    leap = seconds == "60"
    moment = datetime.fromisoformat(text[:17] + "59" + text[19:] if leap else text)
    lo = _utc(moment)
    if leap:
        lo = lo + SECOND if lo < FAR_FUTURE - SECOND else FAR_FUTURE
    if fraction:
        width = timedelta(microseconds=10 ** max(0, 7 - len(fraction)))
    else:
        width = SECOND if seconds else timedelta(minutes=1)
    return Span(lo, lo + width if lo < FAR_FUTURE - width else FAR_FUTURE)


def _utc(moment: datetime) -> datetime:
    """The moment in UTC; Oslo when it has no zone; the ends of the calendar where UTC would leave it."""
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=OSLO)).astimezone(UTC)
    except OverflowError:
        return FAR_PAST if moment.year == 1 else FAR_FUTURE
