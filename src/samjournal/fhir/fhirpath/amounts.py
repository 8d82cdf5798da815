"""Quantities: a number with a unit of UCUM or of the calendar. hl7.org/fhirpath/N1/#quantity"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Overflow

from samjournal.fhir import ucum

ARITHMETIC = Context(prec=34, traps=[Overflow])

CALENDAR = {
    "year": "a",
    "month": "mo",
    "week": "wk",
    "day": "d",
    "hour": "h",
    "minute": "min",
    "second": "s",
    "millisecond": "ms",
}
"""The words of the calendar, and the units of UCUM that are nearest. A year is not as long as an `a`."""
EXACT = {code: word for word, code in CALENDAR.items() if word not in ("year", "month")}
"""Units of UCUM that are as long as what the calendar calls so."""


@dataclass(frozen=True, slots=True)
class Amount:
    """So much of a unit: a code of UCUM, or (`word`) a word of the calendar in the singular."""

    value: Decimal
    unit: str
    word: bool = False

    def __str__(self) -> str:
        if self.word:
            return f"{self.value} {self.unit}{'' if abs(self.value) == 1 else 's'}"
        return f"{self.value} '{self.unit}'"

    @property
    def code(self) -> str:
        return CALENDAR[self.unit] if self.word else self.unit

    @property
    def key(self) -> tuple[object, ...]:
        """Alike for what is equal."""
        if (self.word and self.unit in ("year", "month")) or not (unit := ucum.canonical(self.code)):
            return ("amount", self.value, self.unit, self.word)
        return ("amount", unit.amount(self.value).normalize(), unit.dimension)


def calendar(word: str) -> str | None:
    """The word in the singular, if the calendar has it."""
    single = word.removesuffix("s")
    return single if single in CALENDAR else None


def comparable(one: Amount, other: Amount, *, loosely: bool = False) -> tuple[Decimal, Decimal] | None:
    """Both values in one unit; None when they cannot be. Loosely, a year is an `a`."""
    if one.unit == other.unit and one.word == other.word:
        return one.value, other.value
    if not loosely and _length_varies(one) != _length_varies(other):
        return None
    first, second = ucum.canonical(one.code), ucum.canonical(other.code)
    if first is None or second is None or first.dimension != second.dimension:
        return None
    return first.amount(one.value), second.amount(other.value)


def _length_varies(amount: Amount) -> bool:
    return amount.word and amount.unit in ("year", "month")


def times(one: Amount, other: Amount) -> Amount:
    return Amount(ARITHMETIC.multiply(one.value, other.value), _joined(one.code, other.code, "."))


def divided(one: Amount, other: Amount) -> Amount | None:
    if not other.value:
        return None
    return Amount(ARITHMETIC.divide(one.value, other.value), _joined(one.code, other.code, "/"))


def _joined(one: str, other: str, sign: str) -> str:
    """One unit with another; what has no dimension left is a plain number."""
    if other == "1":
        return one
    if one == "1" and sign == ".":
        return other
    if one == other and sign == "/":
        return "1"
    plain = one.isalnum() and other.isalnum()
    return f"{one}{sign}{other}" if plain else f"({one}){sign}({other})"
