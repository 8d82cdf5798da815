"""Operators and functions on numbers, and the ends of what a value may mean. hl7.org/fhirpath/N1/#math"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal, DecimalException
from typing import Any

from samjournal.fhir.fhirpath import amounts, temporal
from samjournal.fhir.fhirpath.amounts import ARITHMETIC, Amount
from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.nodes import Collection, plain, system
from samjournal.fhir.fhirpath.running import BOOLEAN, INTEGER, Closure, Context, Function, integer, one, value
from samjournal.fhir.fhirpath.temporal import Temporal

Arguments = tuple[Closure, ...]
LARGEST = 2**31 - 1
_MOST_DIGITS = 28


def is_number(found: Any) -> bool:
    return isinstance(found, int | Decimal) and not isinstance(found, bool)


def made(found: Any) -> Collection:
    """A result; nothing when there is none, or when a whole number grew beyond what FHIR has."""
    if found is None or (isinstance(found, int) and not isinstance(found, bool) and abs(found) > LARGEST + 1):
        return []
    if isinstance(found, Decimal) and not found.is_finite():
        return []
    return [system(found)]


def operate(sign: str, left: Any, right: Any) -> Any:
    """`left + right` and the like on plain values; None when there is no result."""
    if is_number(left) and is_number(right):
        try:
            return _NUMBERS[sign](left, right)
        except DecimalException:
            return None
    if isinstance(left, str) and isinstance(right, str) and sign == "+":
        return left + right
    if isinstance(left, Temporal) and isinstance(right, Amount) and sign in "+-":
        return _later(left, right if sign == "+" else Amount(-right.value, right.unit, right.word))
    if isinstance(left, Amount) and is_number(right):
        right = Amount(Decimal(right), "1")
    if is_number(left) and isinstance(right, Amount):
        left = Amount(Decimal(left), "1")
    if isinstance(left, Amount) and isinstance(right, Amount):
        return _amounts(sign, left, right)
    raise PathError(f"These two do not go together with “{sign}”")


def _amounts(sign: str, left: Amount, right: Amount) -> Amount | None:
    if sign == "*":
        return amounts.times(left, right)
    if sign == "/":
        return amounts.divided(left, right)
    if sign not in "+-":
        raise PathError(f"Quantities do not go together with “{sign}”")
    unit = amounts.comparable(Amount(Decimal(1), left.unit, left.word), right)
    if unit is None or not unit[0]:
        return None
    other = ARITHMETIC.divide(unit[1], unit[0])
    total = ARITHMETIC.add(left.value, other if sign == "+" else -other)
    return Amount(total, left.unit, left.word)


def _later(when: Temporal, amount: Amount) -> Temporal | None:
    word = amount.unit if amount.word else amounts.EXACT.get(amount.unit) or amounts.calendar(amount.unit)
    if word is None:
        raise PathError(f"'{amount.unit}' is not added to a date: write a word such as year, month or day")
    return temporal.add(when, amount.value, word)


def _divide(left: Any, right: Any) -> Decimal | None:
    return ARITHMETIC.divide(Decimal(left), Decimal(right)) if right else None


def _whole(left: Any, right: Any) -> int | None:
    return int(ARITHMETIC.divide_int(Decimal(left), Decimal(right))) if right else None


def _rest(left: Any, right: Any) -> Any:
    if not right:
        return None
    found = ARITHMETIC.remainder(Decimal(left), Decimal(right))
    return int(found) if isinstance(left, int) and isinstance(right, int) else found


def _both(work: Callable[[Any, Any], Any], exact: Callable[[Decimal, Decimal], Decimal]) -> Callable[[Any, Any], Any]:
    def call(left: Any, right: Any) -> Any:
        if isinstance(left, int) and isinstance(right, int):
            return work(left, right)
        return exact(Decimal(left), Decimal(right))

    return call


_NUMBERS: dict[str, Callable[[Any, Any], Any]] = {
    "+": _both(lambda left, right: left + right, ARITHMETIC.add),
    "-": _both(lambda left, right: left - right, ARITHMETIC.subtract),
    "*": _both(lambda left, right: left * right, ARITHMETIC.multiply),
    "/": _divide,
    "div": _whole,
    "mod": _rest,
}


def _number(items: Collection) -> Any:
    found = value(items)
    if found is not None and not is_number(found):
        raise PathError("Here a number is needed")
    return found


def _of_number(work: Callable[..., Any], least: int = 0, most: int = 0) -> Function:
    def call(context: Context, items: Collection, arguments: Arguments) -> Collection:
        values = [_number(items), *(_number(argument(context)) for argument in arguments)]
        if any(found is None for found in values):
            return []
        try:
            return made(work(*values))
        except (DecimalException, OverflowError):
            return []

    return Function(call, least, most)


def _abs(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    found = value(items)
    if isinstance(found, Amount):
        return [system(Amount(abs(found.value), found.unit, found.word))]
    return made(abs(_number(items))) if items else []


def _power(base: Any, power: Any) -> Any:
    if base < 0 and power != int(power):
        return None
    found = ARITHMETIC.power(Decimal(base), Decimal(power))
    if isinstance(base, int) and isinstance(power, int) and power >= 0:
        return int(found) if abs(found) <= LARGEST else None
    return found.normalize() if found == found.to_integral_value() and abs(found) < 10**20 else found


def _sqrt(found: Any) -> Any:
    return ARITHMETIC.sqrt(Decimal(found)) if found >= 0 else None


def _log(found: Any, base: Any) -> Any:
    if found <= 0 or base <= 0 or base == 1:
        return None
    result = ARITHMETIC.divide(ARITHMETIC.ln(Decimal(found)), ARITHMETIC.ln(Decimal(base)))
    return result.quantize(Decimal(1).scaleb(-20)).normalize()


def _round(found: Any, digits: int = 0) -> Decimal | int:
    if not 0 <= digits <= _MOST_DIGITS:
        raise PathError(f"Numbers are rounded to 0 to {_MOST_DIGITS} digits")
    rounded = Decimal(found).quantize(Decimal(1).scaleb(-int(digits)), ROUND_HALF_UP)
    return rounded if digits or isinstance(found, Decimal) else int(rounded)


def _integral(rounding: str) -> Function:
    return _of_number(lambda found: int(Decimal(found).to_integral_value(rounding)))._replace(types=INTEGER)


# Boundaries and precision


def _boundary(*, high: bool) -> Function:
    def call(context: Context, items: Collection, arguments: Arguments) -> Collection:
        found = value(items)
        digits = integer(arguments[0](context)) if arguments else None
        if found is None or (arguments and digits is None):
            return []
        if isinstance(found, Temporal):
            wanted = temporal.MOST[found.kind] if digits is None else digits
            return made(temporal.boundary(found, wanted, high=high))
        if isinstance(found, Amount):
            end = _end(found.value, 8 if digits is None else digits, high=high)
            return [] if end is None else [system(Amount(end, found.unit, found.word))]
        if not is_number(found):
            raise PathError("Only numbers, quantities, dates and times have boundaries")
        return made(_end(Decimal(found), 8 if digits is None else digits, high=high))

    return Function(call, 0, 1)


def _end(found: Decimal, digits: int, *, high: bool) -> Decimal | None:
    """The least or the greatest that a number with these digits may mean."""
    exponent = found.as_tuple().exponent
    if not 0 <= digits <= _MOST_DIGITS or not isinstance(exponent, int):
        return None
    half = Decimal(5).scaleb(min(exponent, 0) - 1)
    end = found + half if high else found - half
    return end.quantize(Decimal(1).scaleb(-digits), ROUND_CEILING if high else ROUND_FLOOR)


def _precision(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
    found = value(items)
    if found is None:
        return []
    if isinstance(found, Temporal):
        return [system(temporal.precision(found))]
    if not is_number(found):
        raise PathError("Only numbers, dates and times have a precision")
    exponent = Decimal(found).as_tuple().exponent
    return [system(max(0, -exponent) if isinstance(exponent, int) else 0)]


def _comparable(context: Context, items: Collection, arguments: Arguments) -> Collection:
    found, other = one(items), one(arguments[0](context))
    if found is None or other is None:
        return []
    mine, theirs = plain(found), plain(other)
    if not isinstance(mine, Amount) or not isinstance(theirs, Amount):
        raise PathError("Quantities are compared with quantities")
    return [system(amounts.comparable(mine, theirs) is not None)]


FUNCTIONS: dict[str, Function] = {
    "abs": Function(_abs, types="same"),
    "ceiling": _integral(ROUND_CEILING),
    "floor": _integral(ROUND_FLOOR),
    "truncate": _of_number(int)._replace(types=INTEGER),
    "round": _of_number(_round, 0, 1),
    "exp": _of_number(lambda found: ARITHMETIC.exp(Decimal(found))),
    "ln": _of_number(lambda found: ARITHMETIC.ln(Decimal(found)) if found > 0 else None),
    "log": _of_number(_log, 1, 1),
    "power": _of_number(_power, 1, 1),
    "sqrt": _of_number(_sqrt),
    "lowBoundary": _boundary(high=False),
    "highBoundary": _boundary(high=True),
    "precision": Function(_precision, types=INTEGER),
    "comparable": Function(_comparable, 1, 1, types=BOOLEAN),
}
