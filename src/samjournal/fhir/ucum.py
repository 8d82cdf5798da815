"""UCUM: what a unit is in base units, so that 5 g and 5000 mg are the same amount. ucum.org/ucum

canonical(code) -> Unit | None     None when the text is no UCUM unit
Unit(factor, offset, dimension)    an amount x of it is `factor * x + offset` of the base units in `dimension`

Case counts, as in FHIR. Moles are counted apart, as in SI, so that 5 mmol/L is never compared with a number of cells;
so are arbitrary units such as [IU], each its own, and units on a scale of their own such as [pH] and decibels.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction
from functools import cache, lru_cache

from samjournal.fhir.definitions import load

EXACT = Context(prec=60)
"""Arithmetic with so many digits that amounts of the same size come out the same, whatever unit they are given in."""

_LONGEST = 200
_DEEPEST = 20
_HIGHEST_POWER = 99
_AFFINE = {
    "Cel": (Fraction(1), Fraction("273.15")),
    "[degF]": (Fraction(5, 9), Fraction("459.67") * Fraction(5, 9)),
    "[degRe]": (Fraction(5, 4), Fraction("273.15")),
}
"""Temperatures that do not begin at absolute zero: factor and offset to kelvin."""

# What stands in brackets belongs to the unit's name; digits elsewhere are its power, but "10*" and "10^" are units.
_NAME = re.compile(r"10[*^]|(?:\[[^\[\]{}\s]*\]|[^\[\]{}\s./()0-9+\-])+")
_NUMBER = re.compile(r"(?!10[*^])[0-9]+")
_POWER = re.compile(r"[+-]?[0-9]+")
_ANNOTATION = re.compile(r"\{[!-z|~]*\}")


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in base units: `dimension` is such as "g1.m-3", empty for plain numbers."""

    factor: Decimal
    offset: Decimal
    dimension: str
    is_base: bool = field(init=False)
    """Whether amounts stay as they are."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "is_base", self.factor == 1 and not self.offset)

    def amount(self, value: Decimal) -> Decimal:
        """So much of this unit, in base units."""
        found = EXACT.multiply(value, self.factor)
        return EXACT.add(found, self.offset) if self.offset else found


@lru_cache(maxsize=4096)
def canonical(code: str) -> Unit | None:
    """The unit of a UCUM expression, None when it is none."""
    if not code or len(code) > _LONGEST:
        return None
    try:
        factor, powers, offset = _of_temperature(code) or (*_Term(code).read(), Fraction(0))
    except (_NoUnitError, OverflowError):
        return None
    dimension = ".".join(f"{base}{power}" for base, power in sorted(powers.items()) if power)
    return Unit(_decimal(factor), _decimal(offset), dimension)


class _NoUnitError(ValueError):
    """The text is no UCUM expression."""


_Powers = dict[str, int]


def _of_temperature(code: str) -> tuple[Fraction, _Powers, Fraction] | None:
    """Degrees alone, perhaps with a prefix, have an offset; degrees within a term are differences."""
    for name, (factor, offset) in _AFFINE.items():
        if code == name:
            return factor, {"K": 1}, offset
        if name == "Cel" and code.endswith(name) and (prefix := load().prefixes.get(code.removesuffix(name))):
            return factor * Fraction(prefix), {"K": 1}, offset
    return None


class _Term:
    """Reads an expression from left to right: units by `.` and `/`, powers, parentheses, annotations."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.depth = 0

    def read(self) -> tuple[Fraction, _Powers]:
        found = self.term()
        if self.at < len(self.text):
            raise _NoUnitError(self.text)
        return found

    def term(self) -> tuple[Fraction, _Powers]:
        factor, powers = Fraction(1), dict[str, int]()
        sign = -1 if self.symbol("/") else 1
        while True:
            more, inner = self.component()
            factor *= more**sign
            for base, power in inner.items():
                powers[base] = powers.get(base, 0) + sign * power
            if self.symbol("."):
                sign = 1
            elif self.symbol("/"):
                sign = -1
            else:
                return factor, powers

    def component(self) -> tuple[Fraction, _Powers]:
        if self.symbol("("):
            self.depth += 1
            if self.depth > _DEEPEST:
                raise _NoUnitError(self.text)
            found = self.term()
            if not self.symbol(")"):
                raise _NoUnitError(self.text)
            self.depth -= 1
            return found
        if self.annotation():
            return Fraction(1), {}
        found = self.number() or self.unit()
        self.annotation()
        return found

    def number(self) -> tuple[Fraction, _Powers] | None:
        match = _NUMBER.match(self.text, self.at)
        if match is None:
            return None
        self.at = match.end()
        if not int(match[0]):
            raise _NoUnitError(self.text)
        return Fraction(int(match[0])), {}

    def unit(self) -> tuple[Fraction, _Powers]:
        name = _NAME.match(self.text, self.at)
        if name is None:
            raise _NoUnitError(self.text)
        self.at = name.end()
        factor, powers = _atom(name[0])
        match = _POWER.match(self.text, self.at)
        if match is None:
            return factor, dict(powers)
        self.at = match.end()
        power = int(match[0])
        if abs(power) > _HIGHEST_POWER:
            raise _NoUnitError(self.text)
        return factor**power, {base: inner * power for base, inner in powers.items()}

    def annotation(self) -> bool:
        match = _ANNOTATION.match(self.text, self.at)
        if match is None:
            return False
        self.at = match.end()
        return True

    def symbol(self, sign: str) -> bool:
        if self.text.startswith(sign, self.at):
            self.at += 1
            return True
        return False


@cache
def _atom(name: str) -> tuple[Fraction, _Powers]:
    """A unit of the table, or one with a prefix where the table says that it takes one."""
    units, prefixes = load().units, load().prefixes
    if name in units:
        return _defined(name)
    for length in (1, 2):
        prefix, rest = name[:length], name[length:]
        if prefix in prefixes and rest in units and units[rest][2]:
            factor, powers = _defined(rest)
            return Fraction(prefixes[prefix]) * factor, powers
    raise _NoUnitError(name)


@cache
def _defined(name: str) -> tuple[Fraction, _Powers]:
    """A unit without prefix, by what the table gives it in."""
    value, unit, _ = load().units[name]
    if name in _AFFINE:
        return _AFFINE[name][0], {"K": 1}
    if not value:
        return Fraction(1), {name: 1}
    factor, powers = _Term(unit).read()
    return Fraction(value) * factor, powers


def _decimal(value: Fraction) -> Decimal:
    return EXACT.divide(Decimal(value.numerator), Decimal(value.denominator))
