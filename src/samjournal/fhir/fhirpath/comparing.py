"""Equal, equivalent, less, greater. hl7.org/fhirpath/N1/#equality"""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from samjournal.fhir.fhirpath import amounts, temporal
from samjournal.fhir.fhirpath.amounts import Amount
from samjournal.fhir.fhirpath.nodes import Collection, Node, key, plain
from samjournal.fhir.fhirpath.temporal import Temporal


def equal(one: Collection, other: Collection) -> bool | None:
    """Whether two collections are the same, in the same order; None when it is not known."""
    if not one or not other:
        return None
    if len(one) != len(other):
        return False
    unsure = False
    for mine, theirs in zip(one, other, strict=True):
        found = same(mine, theirs)
        if found is False:
            return False
        unsure |= found is None
    return None if unsure else True


def same(one: Node, other: Node) -> bool | None:
    """Whether two values are equal."""
    mine, theirs = plain(one), plain(other)
    if isinstance(mine, Temporal) and isinstance(theirs, Temporal):
        if (mine.kind == "Time") != (theirs.kind == "Time"):
            return False
        order = temporal.compare(mine, theirs)
        return None if order is None else order == 0
    if isinstance(mine, Amount) and isinstance(theirs, Amount):
        both = amounts.comparable(mine, theirs)
        if both is not None:
            return _rounded(both[0]) == _rounded(both[1])
        loosely = amounts.comparable(mine, theirs, loosely=True)
        return None if loosely is not None else False
    return bool(key(one) == key(other))


def _rounded(value: Decimal) -> Decimal:
    """Without what arithmetic left in the last digits."""
    return Decimal(f"{value:.28e}")


def equivalent(one: Collection, other: Collection) -> bool:
    """Whether two collections mean the same, in whatever order."""
    if len(one) != len(other):
        return False
    left = list(other)
    for mine in one:
        place = next((at for at, theirs in enumerate(left) if alike(mine, theirs)), None)
        if place is None:
            return False
        del left[place]
    return True


def alike(one: Node, other: Node) -> bool:
    """Whether two values mean the same: texts whatever their case and spaces, numbers as far as both are precise."""
    mine, theirs = plain(one), plain(other)
    match mine, theirs:
        case str(), str():
            return _loose(mine) == _loose(theirs)
        case bool(), bool():
            return mine == theirs
        case ((int() | Decimal()), (int() | Decimal())) if not isinstance(mine, bool) and not isinstance(theirs, bool):
            return _nearly(Decimal(mine), Decimal(theirs))
        case Temporal(), Temporal():
            return same(one, other) is True
        case Amount(), Amount():
            both = amounts.comparable(mine, theirs, loosely=True)
            return both is not None and _amounts_alike(mine, theirs)
        case None, None:
            return _deep_alike(one.value, other.value)
    return False


def _amounts_alike(one: Amount, other: Amount) -> bool:
    """In the unit of the one that is less precise there, rounded to its digits."""
    return any(_in_unit_of(mine, theirs) for mine, theirs in ((one, other), (other, one)))


def _in_unit_of(mine: Amount, theirs: Amount) -> bool:
    """Whether the other, in this one's unit, comes to the same when rounded as this one is."""
    both = amounts.comparable(Amount(Decimal(1), mine.unit, mine.word), theirs, loosely=True)
    if both is None or not both[0]:
        return False
    converted = amounts.ARITHMETIC.divide(both[1], both[0]).normalize()
    return _nearly(mine.value, converted)


def _nearly(one: Decimal, other: Decimal) -> bool:
    digits = min(_decimals(one), _decimals(other))
    step = Decimal(1).scaleb(-digits)
    try:
        return one.quantize(step, ROUND_HALF_UP) == other.quantize(step, ROUND_HALF_UP)
    except ArithmeticError:
        return one == other


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _loose(text: str) -> str:
    return " ".join(text.lower().split())


def _deep_alike(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        names = (one.keys() | other.keys()) - {"id"}
        return all(_deep_alike(one.get(name), other.get(name)) for name in names)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(any(_deep_alike(mine, theirs) for theirs in other) for mine in one)
    if isinstance(one, str) and isinstance(other, str):
        return _loose(one) == _loose(other)
    return bool(one == other)


def order(one: Any, other: Any) -> int | None:
    """-1, 0 or 1 of two plain values; None when it is not known. ValueError for what cannot be compared."""
    if isinstance(one, Temporal) and isinstance(other, Temporal):
        return temporal.compare(one, other)
    if isinstance(one, Amount) and isinstance(other, Amount):
        both = amounts.comparable(one, other)
        if both is None:
            return None
        one, other = _rounded(both[0]), _rounded(both[1])
    is_number = all(isinstance(value, int | Decimal) and not isinstance(value, bool) for value in (one, other))
    if not is_number and not (isinstance(one, str) and isinstance(other, str)):
        raise ValueError("These two cannot be compared: they are of different kinds")
    return -1 if one < other else 1 if one > other else 0
