"""Dates: ranges against ranges, with prefixes. hl7.org/fhir/R4/search.html#date

The resource's range is [lo, hi), the search value's [from, to): a day is all of that day in Europe/Oslo.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from samjournal.db.binding import Arguments
from samjournal.fhir.dates import FAR_FUTURE, FAR_PAST, Span, span
from samjournal.fhir.errors import Invalid

_PREFIXED = re.compile(r"^(eq|ne|gt|lt|ge|le|sa|eb|ap|po)?(\d{4}.*)$")
_ZEROS = re.compile(r"(\.\d{3})0+(?=Z|[+\-]|$)")
"""Noughts after the milliseconds: some clients write seven digits of every moment, and mean no more by it."""
OVERLAPS = "po"
"""A prefix of `_filter` alone."""
_CONDITIONS = {
    "eq": "({lo} >= {start} AND {lo} < {end} AND {hi} <= {end})",
    "ne": "NOT ({lo} >= {start} AND {hi} <= {end})",
    "gt": "{hi} > {end}",
    "lt": "{lo} < {start}",
    "ge": "{hi} > {start}",
    "le": "{lo} < {end}",
    "sa": "{lo} >= {end}",
    "eb": "{hi} <= {start}",
    "ap": "({lo} < {end} AND {hi} > {start})",
    "po": "({lo} < {end} AND {hi} > {start})",
}

_AT = {
    "eq": "({at} >= {start} AND {at} < {end})",
    "ne": "NOT ({at} >= {start} AND {at} < {end})",
    "gt": "{at} >= {end}",
    "lt": "{at} < {start}",
    "ge": "{at} >= {start}",
    "le": "{at} < {end}",
    "sa": "{at} >= {end}",
    "eb": "{at} < {start}",
    "ap": "({at} >= {start} AND {at} < {end})",
}
"""The same for a moment that is kept to the millisecond, and lasts as long."""


def read(code: str, text: str) -> tuple[str, Span]:
    """Prefix and range of a search value; Invalid when it is no date."""
    match = _PREFIXED.match(text)
    try:
        if match:
            return match[1] or "eq", span(_ZEROS.sub(r"\1", match[2].replace(" ", "+")))
    except (ValueError, OverflowError):
        pass
    raise unreadable(code, text)


def unreadable(code: str, text: str) -> Invalid:
    """That a search value is no date."""
    return Invalid(
        f"“{code}={text[:60]}” is not a date: write 2026, 2026-11, 2026-11-22 or 2026-11-22T08:15:00+01:00, "
        "with eq, ne, gt, lt, ge, le, sa, eb or ap in front if needed."
    )


def is_narrow(code: str, text: str) -> bool:
    """Whether a search value asks for what lies within some days."""
    prefix, (start, end) = read(code, text)
    return prefix == "eq" and end - start <= _NARROW


_NARROW = timedelta(days=3)


def condition(code: str, text: str, columns: tuple[str, str], arguments: Arguments) -> str:
    """SQL for one value against the columns of a range."""
    prefix, meant = read(code, text)
    start, end = _around(meant) if prefix == "ap" else meant
    return _bound(_CONDITIONS[prefix], start, end, arguments, lo=columns[0], hi=columns[1])


def _around(meant: Span) -> Span:
    """What is about then: a tenth of the time between it and now earlier or later, as R4 recommends."""
    now = datetime.now(UTC)
    slack = max(meant.lo - now, now - meant.hi, timedelta()) / 10
    return Span(
        meant.lo - slack if meant.lo - FAR_PAST > slack else FAR_PAST,
        meant.hi + slack if FAR_FUTURE - meant.hi > slack else FAR_FUTURE,
    )


def at_condition(code: str, text: str, column: str, arguments: Arguments) -> str:
    """SQL for one value against a moment that is kept to the millisecond."""
    prefix, (start, end) = read(code, text)
    start = start.replace(microsecond=start.microsecond // 1000 * 1000)
    return _bound(_AT[prefix], start, end, arguments, at=column)


def _bound(shape: str, start: datetime, end: datetime, arguments: Arguments, **columns: str) -> str:
    # Only what the condition uses is bound: PostgreSQL refuses a value that stands nowhere.
    bound = {
        name: arguments.add(moment, "timestamptz")
        for name, moment in (("start", start), ("end", end))
        if f"{{{name}}}" in shape
    }
    return shape.format(**columns, **bound)
