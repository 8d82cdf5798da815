"""From one kind of value to another. hl7.org/fhirpath/N1/#conversion"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from samjournal.fhir.fhirpath import temporal
from samjournal.fhir.fhirpath.amounts import Amount, calendar, comparable
from samjournal.fhir.fhirpath.nodes import Collection, plain, system
from samjournal.fhir.fhirpath.numbers import LARGEST, is_number
from samjournal.fhir.fhirpath.running import BOOLEAN, Closure, Context, Function, one, text
from samjournal.fhir.fhirpath.temporal import Temporal

Arguments = tuple[Closure, ...]
_INTEGER = re.compile(r"[+-]?\d{1,10}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,100}(?:\.\d{1,100})?", re.ASCII)
_QUANTITY = re.compile(r"([+-]?\d{1,100}(?:\.\d{1,100})?)\s*(?:'([^']+)'|([a-z]+))?", re.ASCII)
_YES = frozenset({"true", "t", "yes", "y", "1", "1.0"})
_NO = frozenset({"false", "f", "no", "n", "0", "0.0"})


def to_text(value: Any) -> str | None:
    """As text: the way it is written."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    return None if value is None else str(value)


def to_boolean(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    if is_number(value):
        return True if value == 1 else False if value == 0 else None
    if isinstance(value, str):
        return True if value.lower() in _YES else False if value.lower() in _NO else None
    return None


def to_integer(value: Any) -> int | None:
    if isinstance(value, bool | int):
        return int(value)
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        number = int(value)
        return number if abs(number) <= LARGEST else None
    return None


def to_decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool | int):
        return Decimal(int(value))
    if isinstance(value, Decimal):
        return value
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def to_date(value: Any) -> Temporal | None:
    if isinstance(value, str):
        value = temporal.read_moment(value)
    if not isinstance(value, Temporal) or value.kind == "Time":
        return None
    return Temporal("Date", value.fields[:3])


def to_moment(value: Any) -> Temporal | None:
    if isinstance(value, str):
        value = temporal.read_moment(value)
    if not isinstance(value, Temporal) or value.kind == "Time":
        return None
    return Temporal("DateTime", value.fields, value.zone, value.digits)


def to_time(value: Any) -> Temporal | None:
    if isinstance(value, str):
        return temporal.read_time(value)
    return value if isinstance(value, Temporal) and value.kind == "Time" else None


def to_quantity(value: Any) -> Amount | None:
    if isinstance(value, Amount):
        return value
    if isinstance(value, bool) or is_number(value):
        return Amount(Decimal(value), "1")
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    number, unit, word = match.groups()
    if word is not None:
        single = calendar(word)
        return Amount(Decimal(number), single, word=True) if single else None
    return Amount(Decimal(number), unit or "1")


def _to(work: Callable[[Any], Any], type_: str) -> tuple[Function, Function]:
    """`toX` and `convertsToX`."""

    def convert(context: Context, items: Collection, arguments: Arguments) -> Collection:
        item = one(items)
        found = None if item is None else work(plain(item))
        if arguments and isinstance(found, Amount):
            found = _in_unit(found, text(arguments[0](context)))
        return [] if found is None else [system(found)]

    def converts(_context: Context, items: Collection, _arguments: Arguments) -> Collection:
        item = one(items)
        return [] if item is None else [system(work(plain(item)) is not None)]

    most = 1 if type_ == "Quantity" else 0
    return Function(convert, 0, most, types=frozenset({f"System.{type_}"})), Function(converts, 0, most, types=BOOLEAN)


def _in_unit(amount: Amount, unit: str | None) -> Amount | None:
    if unit is None:
        return None
    word = calendar(unit)
    target = Amount(Decimal(1), word or unit, word=word is not None)
    both = comparable(amount, target)
    return Amount(both[0] / both[1], target.unit, target.word) if both and both[1] else None


FUNCTIONS: dict[str, Function] = {}
for _name, _work in (
    ("Boolean", to_boolean),
    ("Integer", to_integer),
    ("Decimal", to_decimal),
    ("String", to_text),
    ("Date", to_date),
    ("DateTime", to_moment),
    ("Time", to_time),
    ("Quantity", to_quantity),
):
    FUNCTIONS[f"to{_name}"], FUNCTIONS[f"convertsTo{_name}"] = _to(_work, _name)
