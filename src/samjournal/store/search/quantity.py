"""Quantities: amounts with a unit, as it is written and in base units. hl7.org/fhir/R4/search.html#quantity

A quantity has a row for its unit as written (code and text, where they differ), and one more by which it is found from
its system: in base units when that is UCUM, so that 5 g is found as 5000 mg, else as it stands.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Quantity
from samjournal.fhir.ucum import Unit, canonical
from samjournal.store.search import number
from samjournal.store.search.escapes import plain, split
from samjournal.store.search.number import Row, floating, key

UCUM = "http://unitsofmeasure.org"


class Place(NamedTuple):
    """Where amounts lie under a parameter: how its key goes on, the unit's key, and what turns them into base units, if
    they are so."""

    suffix: str
    unit: int
    measure: Unit | None = None


Amount = tuple[str, int, float, float]
"""(suffix, unit, lo, hi)"""


def rows(name: str, value: Quantity) -> Iterable[Row]:
    """What a quantity of the parameter `name` ("Type.code") is found by."""
    return [(key(name + suffix), unit, lo, hi) for suffix, unit, lo, hi in amounts(value)]


def amounts(value: Quantity) -> list[Amount]:
    """The same, whatever the parameter is called."""
    places = _places(value.system, value.code, value.unit)
    return [(suffix, unit, *_ends(value, measure)) for suffix, unit, measure in places]


def conditions(code: str, text: str, name: str, row: str, arguments: Arguments) -> list[str]:
    """SQL for one `number`, `number|system|code` or `number||code` against a row of store.number, as alternatives."""
    first, *unit = [plain(part) for part in split(text, "|")]
    wanted = number.read(code, first)
    match unit:
        case [] | ["", ""]:
            return number.within(wanted, key(name), None, row, arguments)
        case ["", written]:
            place = _as_written(written)
        case [system, known] if known:
            place = _of_system(system, known)
        case _:
            raise Invalid(
                f"“{code}={text[:80]}” is not a quantity: write 5.4, 5.4||mmol/L for the unit as it is written, "
                f"or 5.4|{UCUM}|mmol/L for that amount in any unit."
            )
    return number.within(wanted, key(name + place.suffix), place.unit, row, arguments, measure=place.measure)


def base_units(name: str) -> int:
    """The key of a parameter's amounts in base units."""
    return key(name + _UCUM)


_UCUM, _SYSTEM = "/ucum", "/system"


@lru_cache(maxsize=16_384)
def _places(system: str | None, code: str | None, unit: str | None) -> tuple[Place, ...]:
    texts = dict.fromkeys(text for text in (code, unit) if text) or ("",)
    written = [_as_written(text) for text in texts]
    return (*written, _of_system(system, code)) if system and code else tuple(written)


def _as_written(text: str) -> Place:
    return Place("", hash64(f"|{text}"))


def _of_system(system: str, code: str) -> Place:
    """Amounts that can be compared lie together; what is no unit of UCUM is found as it stands."""
    measure = canonical(code) if system == UCUM else None
    if measure is None:
        return Place(_SYSTEM, hash64(f"{system}|{code}"))
    return Place(_UCUM, hash64(measure.dimension), measure)


def _ends(value: Quantity, measure: Unit | None) -> tuple[float, float]:
    if value.lo is not None and value.lo == value.hi:
        point = _amount(value.lo, measure)
        return point, point
    lo = -math.inf if value.lo is None else _amount(value.lo, measure)
    hi = math.inf if value.hi is None else _amount(value.hi, measure)
    if not value.strict:
        return lo, hi
    return (lo, math.nextafter(hi, -math.inf)) if value.lo is None else (math.nextafter(lo, math.inf), hi)


def _amount(value: float, measure: Unit | None) -> float:
    return floating(value if measure is None or measure.is_base else measure.amount(Decimal(repr(value))))
