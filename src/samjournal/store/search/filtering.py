"""`_filter`: conditions in one expression. hl7.org/fhir/R4/search_filter.html

name co "hans" and (birthdate lt 1950 or not (gender eq male))
patient.organization re Organization/7 and value-quantity gt 5.4||mmol/L

`and` and `or` are taken from left to right, none before the other, as R4 has it; parentheses decide. What the index
does not hold, such as how a code is written inside, is refused in words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import msgspec

from samjournal.fhir import parameters
from samjournal.fhir.errors import Invalid, UnknownParameter
from samjournal.store.search import links, string
from samjournal.store.search.date import OVERLAPS
from samjournal.store.search.joining import AllOf, AnyOf, Not
from samjournal.store.search.query import Filter, filter_of
from samjournal.store.search.suggesting import nearest

MAX_DEPTH = 20
OPERATORS = {
    "token": ("eq", "ne", "pr"),
    "reference": ("re", "eq", "ne", "pr"),
    "date": ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "po", "pr"),
    "string": ("eq", "ne", "co", "sw", "ew", "pr"),
    "uri": ("eq", "ne", "sb", "pr"),
    "number": ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "pr"),
    "quantity": ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap", "pr"),
    "composite": ("eq", "ne", "pr"),
    "special": ("eq", "pr"),
}
"""What each type of parameter can be compared by."""
_EVERY = (*dict.fromkeys(operator for some in OPERATORS.values() for operator in some), "ss", "in", "ni")
"""What R4 has, those that are not for any type here at the end."""
_PREFIXED = ("date", "number", "quantity")
_STRINGS = {"eq": string.WHOLE, "ne": string.WHOLE, "co": "contains", "sw": "", "ew": string.ENDS}
_SIGN = re.compile(r'\s*(?:([()\[\]])|("(?:[^"\\]|\\.)*")|([^\s()"\[\]]+))')


def read(type_: str, text: str, *, own: Sequence[str] = ()) -> object:
    """The condition that an expression asks for. Raises Invalid, with where it went wrong."""
    reader = _Reader(type_, text, own)
    found = reader.expression(0)
    if reader.left:
        raise reader.wrong(f"“{reader.left[0][:40]}” is left over: write “and” or “or” between two conditions.")
    return found


class _Reader:
    """The words of an expression that are left, and what they are about."""

    def __init__(self, type_: str, text: str, own: Sequence[str]) -> None:
        self._type = type_
        self._text = text
        self._own = own
        self.left = self._words(text)

    def _words(self, text: str) -> list[str]:
        words, place = [], 0
        while place < len(text.rstrip()):
            match = _SIGN.match(text, place)
            if match is None:
                raise self.wrong(f"a text that begins at “{text[place : place + 20].strip()}” has no end.")
            words.append(match[match.lastindex or 0])
            place = match.end()
        return words

    def wrong(self, told: str) -> Invalid:
        return Invalid(f"_filter={self._text[:120]}: {told}")

    def _next(self, expected: str) -> str:
        if not self.left:
            raise self.wrong(f"it ends where {expected} should stand.")
        return self.left.pop(0)

    def expression(self, depth: int) -> object:
        """Conditions with `and` and `or` between them."""
        if depth > MAX_DEPTH:
            raise self.wrong(f"it has more than {MAX_DEPTH} parentheses in one another.")
        found = self._condition(depth)
        while self.left and self.left[0].lower() in ("and", "or"):
            word = self._next("a condition").lower()
            then = self._condition(depth)
            found = AllOf((found, then)) if word == "and" else AnyOf((found, then))
        return found

    def _condition(self, depth: int) -> object:
        word = self._next("a condition")
        if word.lower() == "not" and self.left and self.left[0] == "(":
            return Not(self._condition(depth))
        if word == "(":
            found = self.expression(depth + 1)
            if self._next("“)”") != ")":
                raise self.wrong("a “)” is missing, or “and” or “or” between two conditions.")
            return found
        if word in (")", "[", "]") or word.startswith('"'):
            raise self.wrong(f"“{word[:40]}” stands where a parameter should stand.")
        if self.left and self.left[0] == "[":
            raise self.wrong("conditions in “[…]” are not read here: write them as _has, or as a chain.")
        operator = self._next(f"an operator after “{word[:40]}”").lower()
        value = self._next(f"a value after “{operator[:40]}”")
        if value in ("(", ")", "[", "]"):
            raise self.wrong(f"“{value}” stands where a value should stand.")
        return self._compared(word, operator, value)

    def _compared(self, path: str, operator: str, value: str) -> object:
        if operator not in _EVERY:
            raise self.wrong(f"“{operator[:40]}” is no operator.{nearest(operator, _EVERY)}")
        meant = _meant(value)
        if links.is_linked(path):
            return links.read(
                self._type, path, meant, leaf=lambda type_, name, text: self._leaf(type_, name, operator, text)
            )
        return self._leaf(self._type, path, operator, meant)

    def _leaf(self, type_: str, name: str, operator: str, value: str) -> object:
        code = name.partition(":")[0]
        known = parameters.for_type(type_)
        if code not in known:
            raise UnknownParameter(f"{type_} has no search parameter “{code[:40]}”.{nearest(code, known)}")
        if ":" in name:
            raise self.wrong(f"“{name[:60]}” has a modifier: in a filter the operator says what is meant.")
        kind = known[code].type
        if operator not in OPERATORS[kind]:
            raise self.wrong(
                f"“{code}” is a {kind}, which is not compared by “{operator}” here: {', '.join(OPERATORS[kind])} are."
            )
        if operator == "pr":
            if value not in ("true", "false"):
                raise self.wrong(f"“{code} pr” is true or false, not “{value[:40]}”.")
            return filter_of(type_, f"{code}:missing", "false" if value == "true" else "true", own=self._own)
        prefix = {OVERLAPS: "eq"}.get(operator, operator) if kind in _PREFIXED else ""
        below = ":below" if operator == "sb" else ""
        found: Filter = filter_of(type_, f"{code}{below}", prefix + _escaped(value), own=self._own)
        if kind == "string":
            found = replace(found, modifier=_STRINGS[operator])
        if operator == OVERLAPS:
            found = replace(found, values=tuple(OVERLAPS + one.removeprefix("eq") for one in found.values))
        return Not(found) if operator == "ne" and kind not in _PREFIXED else found


def _meant(word: str) -> str:
    """The value that a word means: a text in quotation marks, or as it stands."""
    if not word.startswith('"'):
        return word
    try:
        return msgspec.json.decode(word, type=str)
    except msgspec.DecodeError:
        raise Invalid(f"_filter: {word[:60]} is no text as JSON writes it.") from None


def _escaped(value: str) -> str:
    r"""A value whose commas are meant as such. Those of systems and codes keep their `|`."""
    return value.replace("\\", "\\\\").replace(",", "\\,")
