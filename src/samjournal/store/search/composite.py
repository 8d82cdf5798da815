"""Composites: values that belong to the same element. hl7.org/fhir/R4/search.html#composite

Where a resource has the element once, the composite is the AND of its components and has no rows. Elsewhere each
element has its own: `name=code$code` among the tokens; numbers under `name=code`, so that code and amount are found by
one index entry; and where several numbers belong together, one row each, tied together by their unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Composite, Number, Parameter, Quantity, Ref, Token, Value
from samjournal.store.search import number, quantity, reference, token
from samjournal.store.search.escapes import plain, split
from samjournal.store.search.number import Row
from samjournal.store.search.quantity import Amount

Piece = tuple[Parameter, str]
"""A component and what is wanted of it, still escaped."""


def rows(name: str, value: Composite) -> tuple[Iterable[int], Iterable[Row]]:
    """The tokens and the numbers that the values of one element are found by; `name` is "Type.code"."""
    known: list[list[str]] = []
    amounts: list[list[Amount]] = []
    for part in value.parts:
        if isinstance(part[0], Number | Quantity):
            amounts.append([found for one in part for found in _amounts(one)])
        else:
            known.append([form for one in part for form in _forms(one)])
    names = [_name(name, forms) for forms in product(*known)]
    if not amounts:
        return [number.key(one) for one in names], ()
    if len(amounts) == 1:
        (only,) = amounts
        return (), [(number.key(inside + suffix), unit, lo, hi) for inside in names for suffix, unit, lo, hi in only]
    return (), [row for inside in names for row in _tied(inside, amounts)]


def read(composed: Parameter, text: str) -> list[tuple[str, str]]:
    """The code of each component and what is wanted of it, still escaped. Invalid when some are left out."""
    pieces = split(text, "$")
    if len(pieces) != len(composed.components) or not all(pieces):
        raise Invalid(
            f"“{composed.code}={text[:80]}” needs {len(composed.components)} values with $ between: "
            f"{'$'.join(f'[{code}]' for code in composed.components)}."
        )
    return list(zip(composed.components, pieces, strict=True))


def number_rows(name: str, pieces: Sequence[Piece], arguments: Arguments) -> list[str]:
    """SQL against a row `n` of store.number, for components of which one is a number; nothing for others."""
    amounts = [piece for piece in pieces if piece[0].type in _COUNTED]
    if len(amounts) != 1:
        return []
    (parameter, text) = amounts[0]
    return [found for one in _names(name, pieces) for found in _amount(parameter, text, one, "n", arguments)]


def condition(name: str, pieces: Sequence[Piece], arguments: Arguments) -> str:
    """SQL for components that lie in the same element, against a row `c` of store.current."""
    if found := number_rows(name, pieces, arguments):
        return number.there(found)
    amounts = [piece for piece in pieces if piece[0].type in _COUNTED]
    names = _names(name, pieces)
    if not amounts:
        return f"c.tokens && {arguments.add([hash64(one) for one in names], 'bigint[]')}"
    return f"({' OR '.join(_all_tied(one, amounts, arguments) for one in names)})"


def _names(name: str, pieces: Sequence[Piece]) -> list[str]:
    """The names under which what is wanted may lie."""
    known = [_wanted(parameter, text) for parameter, text in pieces if parameter.type not in _COUNTED]
    return [_name(name, forms) for forms in product(*known)]


_COUNTED = ("number", "quantity")


def _name(name: str, forms: Sequence[str]) -> str:
    return f"{name}={'$'.join(forms)}"


def _forms(value: Value) -> tuple[str, ...]:
    match value:
        case Token():
            return token.forms(value)
        case Ref():
            return reference.forms(value)
    return ()


def _amounts(value: Value) -> Iterable[Amount]:
    match value:
        case Quantity():
            return quantity.amounts(value)
        case Number():
            return [("", unit, lo, hi) for _, unit, lo, hi in number.rows("", value)]
    return ()


def _tied(name: str, amounts: Sequence[Sequence[Amount]]) -> Iterator[Row]:
    """Rows whose unit is the key of the element's amounts, so that those of one element are told from the next."""
    tie = hash64(repr(amounts))
    for place, values in enumerate(amounts):
        for suffix, _, lo, hi in values:
            yield number.key(f"{name}${place}{suffix}"), tie, lo, hi


def _wanted(parameter: Parameter, text: str) -> list[str]:
    """The forms that a search value may stand for."""
    meant = plain(text)
    if parameter.type == "reference":
        return reference.wanted_forms(meant, targets=parameter.targets)
    if meant.endswith("|"):
        raise Invalid(f"“{meant[:80]}” names a system alone. In a composite the code belongs to it: system|code.")
    return [meant]


def _amount(parameter: Parameter, text: str, name: str, row: str, arguments: Arguments) -> list[str]:
    if parameter.type == "quantity":
        return quantity.conditions(parameter.code, text, name, row, arguments)
    return number.conditions(parameter.code, text, name, row, arguments)


def _all_tied(name: str, amounts: Sequence[Piece], arguments: Arguments) -> str:
    """SQL: for each amount a row, all of the same tie."""
    rows_ = [f"n{place}" for place in range(len(amounts))]
    same = [f"{row}.type = c.type AND {row}.id = c.id AND {row}.unit = n0.unit" for row in rows_]
    wanted = []
    for place, (parameter, text) in enumerate(amounts):
        asked = number.read(parameter.code, text)
        any_of = number.within(asked, number.key(f"{name}${place}"), None, f"n{place}", arguments)
        wanted.append(f"({' OR '.join(any_of)})")
    tables = ", ".join(f"store.number {row}" for row in rows_)
    return f"EXISTS (SELECT 1 FROM {tables} WHERE {' AND '.join([*same, *wanted])})"
