"""Dates and times that know how precise they are. hl7.org/fhirpath/N1/#date-time"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from decimal import Decimal
from typing import Literal

_DAY = r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?"
_CLOCK = r"(\d\d)(?::(\d\d)(?::(\d\d)(\.\d+)?)?)?"
_ZONE = r"(Z|[+-]\d\d:\d\d)?"
_DATE = re.compile(_DAY, re.ASCII)
_MOMENT = re.compile(rf"{_DAY}(?:T(?:{_CLOCK}{_ZONE})?)?", re.ASCII)
_TIME = re.compile(rf"T?{_CLOCK}", re.ASCII)
_UNITS = ("year", "month", "day", "hour", "minute", "second")
Kind = Literal["Date", "DateTime", "Time"]
Fields = tuple[int | Decimal, ...]


@dataclass(frozen=True, slots=True)
class Temporal:
    """A date, a moment or a time of day: its fields from the largest on, as many as were written; seconds may have
    decimals. `zone` is minutes east of Greenwich."""

    kind: Kind
    fields: Fields
    zone: int | None = None
    digits: int = -1
    """How many decimals the seconds have, as written."""

    def __str__(self) -> str:
        if self.kind == "Time":
            return _clock(self.fields, self.digits)
        day = "-".join(f"{field:0{4 if place == 0 else 2}}" for place, field in enumerate(self.fields[:3]))
        if self.kind == "Date":
            return day
        clock = _clock(self.fields[3:], self.digits)
        return f"{day}T{clock}{_zone(self.zone) if clock else ''}"

    @property
    def key(self) -> tuple[object, ...]:
        """Alike for what is equal."""
        if self.zone is None or len(self.fields) < 5:
            return (self.kind, self.fields, self.zone is not None)
        return (self.kind, _in_utc(self).fields, True)


def _clock(fields: tuple[int | Decimal, ...], digits: int) -> str:
    told = [f"{int(field):02}" for field in fields[:2]]
    if len(fields) > 2:
        told.append(f"{fields[2]:0{3 + digits}.{digits}f}" if digits > 0 else f"{int(fields[2]):02}")
    return ":".join(told)


def _zone(zone: int | None) -> str:
    if zone is None:
        return ""
    return "Z" if zone == 0 else f"{'-' if zone < 0 else '+'}{abs(zone) // 60:02}:{abs(zone) % 60:02}"


def read_date(text: str) -> Temporal | None:
    """A date such as 2014-01; None when it is none."""
    match = _DATE.fullmatch(text)
    return _sound(Temporal("Date", _ints(match.groups()))) if match else None


def read_moment(text: str) -> Temporal | None:
    """A moment such as 2014-01-25T14:30:14+01:00, or the beginning of one."""
    match = _MOMENT.fullmatch(text)
    if not match:
        return None
    *day, hour, minute, second, decimals, zone = match.groups()
    if hour is not None and day[2] is None:
        return None
    fields: Fields = (*_ints((*day, hour, minute)), *_seconds(second, decimals))
    return _sound(Temporal("DateTime", fields, _minutes(zone), len(decimals) - 1 if decimals else -1))


def read_time(text: str) -> Temporal | None:
    """A time of day such as 14:30."""
    match = _TIME.fullmatch(text)
    if not match:
        return None
    hour, minute, second, decimals = match.groups()
    fields: Fields = (*_ints((hour, minute)), *_seconds(second, decimals))
    return _sound(Temporal("Time", fields, None, len(decimals) - 1 if decimals else -1))


def _ints(parts: tuple[str | None, ...]) -> tuple[int, ...]:
    return tuple(int(part) for part in parts if part is not None)


def _seconds(second: str | None, decimals: str | None) -> tuple[Decimal, ...]:
    return () if second is None else (Decimal(second + (decimals or "")),)


def _minutes(zone: str | None) -> int | None:
    if zone is None:
        return None
    if zone == "Z":
        return 0
    minutes = int(zone[1:3]) * 60 + int(zone[4:])
    return -minutes if zone[0] == "-" else minutes


def _sound(made: Temporal) -> Temporal | None:
    """The value, if it is in the calendar and on the clock."""
    fields = made.fields if made.kind == "Time" else made.fields[3:]
    if any(field >= limit for field, limit in zip(fields, (24, 60, 61), strict=False)):
        return None
    if made.kind != "Time":
        try:
            date(*(int(field) for field in (*made.fields[:3], 1, 1)[:3]))
        except ValueError:
            return None
    return made


def _in_utc(value: Temporal) -> Temporal:
    moved = _moved(value, minutes=-(value.zone or 0))
    return Temporal(value.kind, (moved or value).fields, 0, value.digits)


def compare(one: Temporal, other: Temporal) -> int | None:
    """-1, 0 or 1; None when their precision, or a zone that only one has, leaves it open."""
    if (one.kind == "Time") != (other.kind == "Time"):
        raise ValueError("A time of day cannot be compared with a date")
    if one.zone is not None and other.zone is not None:
        one, other = _in_utc(one), _in_utc(other)
    elif (one.zone is None) != (other.zone is None) and len(one.fields) > 3 and len(other.fields) > 3:
        return _between_zones(one, other)
    for mine, theirs in zip(one.fields, other.fields, strict=False):
        if mine != theirs:
            return -1 if mine < theirs else 1
    return 0 if len(one.fields) == len(other.fields) else None


def _between_zones(one: Temporal, other: Temporal) -> int | None:
    """Only one of them has a zone: what no zone could turn round is certain."""
    apart = _plain(one) - _plain(other)
    if abs(apart) <= timedelta(hours=26):
        return None
    return -1 if apart < timedelta(0) else 1


def _plain(value: Temporal) -> datetime:
    year, month, day, hour, minute, second = (
        *(int(field) for field in value.fields),
        *(1, 1, 1, 0, 0, 0)[len(value.fields) :],
    )
    return datetime(year, month, day, hour, minute, min(second, 59))


def now(moment: datetime) -> Temporal:
    """A moment of the clock."""
    zone = moment.utcoffset()
    second = Decimal(moment.second) + Decimal(moment.microsecond // 1000) / 1000
    fields = (moment.year, moment.month, moment.day, moment.hour, moment.minute, second)
    return Temporal("DateTime", fields, int(zone.total_seconds() // 60) if zone is not None else None, 3)


def add(value: Temporal, amount: Decimal, unit: str) -> Temporal | None:
    """The value so much later; `unit` is a word of the calendar without an s. None beyond the calendar."""
    whole = int(amount)
    if unit == "week":
        unit, whole = "day", whole * 7
    if unit in ("year", "month"):
        return None if value.kind == "Time" else _months_later(value, whole * 12 if unit == "year" else whole)
    if unit == "millisecond":
        return _seconds_later(value, Decimal(whole) / 1000)
    if unit == "second":
        return _seconds_later(value, Decimal(whole))
    if unit == "day" and value.kind == "Time":
        return value
    return _moved(value, **{f"{unit}s": whole})


def _months_later(value: Temporal, months: int) -> Temporal | None:
    if len(value.fields) == 1:
        year = int(value.fields[0]) + int(months / 12)
        return Temporal(value.kind, (year,), value.zone, value.digits) if MINYEAR <= year <= MAXYEAR else None
    count = int(value.fields[0]) * 12 + int(value.fields[1]) - 1 + months
    year, month = count // 12, count % 12 + 1
    if not MINYEAR <= year <= MAXYEAR:
        return None
    rest = value.fields[2:]
    if rest:
        rest = (min(int(rest[0]), _days(year, month)), *rest[1:])
    return Temporal(value.kind, (year, month, *rest), value.zone, value.digits)


def _days(year: int, month: int) -> int:
    return 31 if month == 12 else (date(year, month + 1, 1) - date(year, month, 1)).days


def _seconds_later(value: Temporal, seconds: Decimal) -> Temporal | None:
    """So many seconds later, to the precision that the value has."""
    return _moved(value, milliseconds=int(seconds * 1000))


def _moved(value: Temporal, **apart: int) -> Temporal | None:
    """The value so much later, with as many fields as before; what is finer than it has counts as nothing."""
    count = len(value.fields)
    is_time = value.kind == "Time"
    fields = (1970, 1, 1, *value.fields) if is_time else value.fields
    second = fields[5] if len(fields) > 5 else Decimal(0)
    year, month, day, hour, minute = (int(field) for field in (*fields[:5], *(1, 1, 1, 0, 0)[len(fields[:5]) :]))
    try:
        moment = datetime(year, month, day, hour, minute) + timedelta(**apart)
        moment += timedelta(microseconds=int(Decimal(second) * 1_000_000))
    except OverflowError:
        return None
    seconds = Decimal(moment.second) + Decimal(moment.microsecond) / 1_000_000
    moved = (moment.year, moment.month, moment.day, moment.hour, moment.minute, seconds)
    digits = value.digits
    if moment.microsecond and digits < 3 and "milliseconds" in apart and count >= (3 if is_time else 6):
        digits = 3
    return Temporal(value.kind, moved[3 : 3 + count] if is_time else moved[:count], value.zone, digits)


# Precision and boundaries. hl7.org/fhirpath/#lowboundary

_WIDTHS = {"Date": (4, 6, 8), "DateTime": (4, 6, 8, 10, 12, 14), "Time": (2, 4, 6)}
MOST = {"Date": 8, "DateTime": 17, "Time": 9}


def precision(value: Temporal) -> int:
    """How many digits were written."""
    return _WIDTHS[value.kind][len(value.fields) - 1] + max(value.digits, 0)


def boundary(value: Temporal, wanted: int, *, high: bool) -> Temporal | None:
    """The first or the last that the value may mean, with so many digits; None for a number of digits that none has."""
    widths = _WIDTHS[value.kind]
    most = MOST[value.kind]
    if wanted != most and wanted not in widths:
        return None
    count = len(widths) if wanted == most else widths.index(wanted) + 1
    fields = list(value.fields[:count])
    places = range(3, 6) if value.kind == "Time" else range(6)
    for place in list(places)[len(fields) : count]:
        fields.append(_outermost(place, fields, high=high))
    digits = -1
    if wanted == most and value.kind != "Date":
        digits = 3
        if high and (value.digits < 1):
            fields[-1] = Decimal(fields[-1]) + Decimal("0.999")
    zone = value.zone
    if value.kind == "DateTime" and zone is None and count > 3:
        zone = -12 * 60 if high else 14 * 60
    kind: Kind = "Date" if value.kind == "DateTime" and count <= 3 else value.kind
    return Temporal(kind, tuple(fields), zone if kind == "DateTime" else None, digits)


def _outermost(place: int, fields: list[int | Decimal], *, high: bool) -> int | Decimal:
    if not high:
        return 1 if place in (1, 2) else 0
    if place == 2:
        return _days(int(fields[0]), int(fields[1]))
    return {1: 12, 3: 23, 4: 59, 5: 59}[place]
