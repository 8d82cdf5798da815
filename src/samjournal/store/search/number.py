"""Numbers: ranges against ranges, with prefixes and the precision that digits imply. hl7.org/fhir/R4/search.html#number

A row is a range [lo, hi], both included; open ends are infinite. A search value is a number and all that its digits may
mean: 100 is [99.5, 100.5), the end not included.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Number
from samjournal.fhir.ucum import EXACT, Unit

PLAIN = 0
"""The unit of a number that is no quantity."""

Row = tuple[int, int, float, float]
"""(param, unit, lo, hi)"""

_PREFIXED = re.compile(
    r"(eq|ne|gt|lt|ge|le|sa|eb|ap)?(-?[0-9]{1,30}(\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,3})?)", re.ASCII
)
_CONDITIONS: dict[str, tuple[str, ...]] = {
    "eq": ("{lo} >= {start} AND {lo} < {end} AND {hi} < {end}",),
    "ne": ("{lo} < {start}", "{lo} >= {end}", "{lo} < {hi} AND {lo} BETWEEN {start} AND {end} AND {hi} >= {end}"),
    "gt": ("{lo} > {value}", "{lo} < {hi} AND {lo} <= {value} AND {hi} > {value}"),
    "lt": ("{lo} < {value}",),
    "ge": ("{lo} >= {value}", "{lo} < {hi} AND {lo} < {value} AND {hi} >= {value}"),
    "le": ("{lo} <= {value}",),
    "sa": ("{lo} > {value}",),
    "eb": ("{lo} < {value} AND {hi} < {value}",),
    "ap": ("{lo} BETWEEN {start} AND {end}", "{lo} < {hi} AND {lo} < {start} AND {hi} >= {start}"),
}
"""Alternatives, each found by an index: most rows are points; ranges that reach further have an index of their own."""


class Wanted(NamedTuple):
    """What a search asks for: a number, and the range that is meant by it."""

    prefix: str
    value: Decimal
    start: Decimal
    end: Decimal


@lru_cache(maxsize=65_536)
def key(name: str) -> int:
    """The key of a parameter, or of what is found under it."""
    return hash64(name)


def rows(name: str, value: Number) -> Iterable[Row]:
    """What a number of the parameter `name` ("Type.code") is found by."""
    lo = -math.inf if value.lo is None else floating(value.lo)
    hi = math.inf if value.hi is None else floating(value.hi)
    return ((key(name), PLAIN, lo, hi),)


def read(code: str, text: str) -> Wanted:
    """Prefix, number and precision of a search value; Invalid when it is no number."""
    match = _PREFIXED.fullmatch(text)
    if match is None:
        raise Invalid(
            f"“{code}={text[:60]}” is not a number: write 5.4, -1 or 1e2, "
            "with eq, ne, gt, lt, ge, le, sa, eb or ap in front if needed."
        )
    value = Decimal(match[2])
    last = int(value.as_tuple().exponent)
    if match[3] is None and "e" in match[2].lower():
        # R4 gives 1e2 as [95, 105): before an exponent, a number without a point is one that ends in ".0".
        last -= 1
    half = Decimal((0, (5,), last - 1))
    if match[1] == "ap":
        half = max(half, EXACT.divide(abs(value), Decimal(10)))
    return Wanted(match[1] or "eq", value, EXACT.subtract(value, half), EXACT.add(value, half))


def conditions(code: str, text: str, name: str, row: str, arguments: Arguments) -> list[str]:
    """SQL for one value against a row of store.number, as alternatives."""
    return within(read(code, text), key(name), PLAIN, row, arguments)


def there(conditions: Sequence[str]) -> str:
    """SQL: the row `c` of store.current has a row `n` of store.number that one of the conditions holds for."""
    any_of = " OR ".join(conditions)
    return f"EXISTS (SELECT 1 FROM store.number n WHERE n.type = c.type AND n.id = c.id AND ({any_of}))"


def first(conditions: Sequence[str], most: int) -> str:
    """SQL for the ids of rows `n` that one of the conditions holds for, at most so many. Each is asked for in the order
    of its index, which is what makes PostgreSQL take the index instead of all rows."""
    each = [
        f"""(SELECT n.id FROM store.number n WHERE {one}
            ORDER BY n.unit, {"n.hi" if "n.lo < n.hi" in one else "n.lo"} LIMIT {most})"""
        for one in conditions
    ]
    return f"SELECT found.id FROM ({' UNION ALL '.join(each)}) found LIMIT {most}"


def within(
    wanted: Wanted, param: int, unit: int | None, row: str, arguments: Arguments, *, measure: Unit | None = None
) -> list[str]:
    """SQL for a number against the rows of a parameter and unit (None is any); `measure` turns it into base units."""
    shapes = _CONDITIONS[wanted.prefix]
    # Only what the condition uses is bound: PostgreSQL refuses a value that stands nowhere.
    value, start, end = (
        floating(measure.amount(exact) if measure else exact) for exact in (wanted.value, wanted.start, wanted.end)
    )
    # With more digits than a float has, a range would have no room for the number itself.
    end = max(end, math.nextafter(value, math.inf))
    bound = {
        name: arguments.add(at, "float8")
        for name, at in (("value", value), ("start", start), ("end", end))
        if any(f"{{{name}}}" in shape for shape in shapes)
    }
    keys = f"{row}.param = {arguments.add(param, 'bigint')}"
    if unit is not None:
        keys += f" AND {row}.unit = {arguments.add(unit, 'bigint')}"
    return [f"({keys} AND {shape.format(lo=f'{row}.lo', hi=f'{row}.hi', **bound)})" for shape in shapes]


def floating(value: float | Decimal) -> float:
    """The value as a float; what lies beyond all floats is as far as they reach, for only open ends are infinite."""
    try:
        found = float(value)
    except OverflowError:
        found = math.copysign(math.inf, value)
    return found if math.isfinite(found) else math.copysign(sys.float_info.max, found)
