"""Operators as functions on collections. hl7.org/fhirpath/N1/#operations"""

from __future__ import annotations

from collections.abc import Callable

from samjournal.fhir.fhirpath.comparing import equal, equivalent, order
from samjournal.fhir.fhirpath.converting import to_text
from samjournal.fhir.fhirpath.errors import PathError
from samjournal.fhir.fhirpath.filtering import distinct
from samjournal.fhir.fhirpath.nodes import Collection, key, plain, system
from samjournal.fhir.fhirpath.numbers import made, operate
from samjournal.fhir.fhirpath.running import LONGEST_TEXT, Closure, Context, one, truth, value

Binary = Callable[[Closure, Closure], Closure]
LOGICAL = frozenset({"=", "!=", "~", "!~", "<", "<=", ">", ">=", "in", "contains", "and", "or", "xor", "implies"})


def _maybe(found: bool | None) -> Collection:
    return [] if found is None else [system(found)]


def _equality(*, negate: bool) -> Binary:
    def operator(left: Closure, right: Closure) -> Closure:
        def run(context: Context) -> Collection:
            found = equal(left(context), right(context))
            return _maybe(found if found is None or not negate else not found)

        return run

    return operator


def _equivalence(*, negate: bool) -> Binary:
    def operator(left: Closure, right: Closure) -> Closure:
        return lambda context: [system(equivalent(left(context), right(context)) != negate)]

    return operator


def _comparison(holds: Callable[[int], bool]) -> Binary:
    def operator(left: Closure, right: Closure) -> Closure:
        def run(context: Context) -> Collection:
            mine, theirs = value(left(context)), value(right(context))
            if mine is None or theirs is None:
                return []
            try:
                found = order(mine, theirs)
            except ValueError as error:
                raise PathError(str(error)) from None
            return _maybe(None if found is None else holds(found))

        return run

    return operator


def _arithmetic(sign: str) -> Binary:
    def operator(left: Closure, right: Closure) -> Closure:
        def run(context: Context) -> Collection:
            mine, theirs = value(left(context)), value(right(context))
            if mine is None or theirs is None:
                return []
            found = operate(sign, mine, theirs)
            if isinstance(found, str) and len(found) > LONGEST_TEXT:
                raise PathError(f"The text grows longer than {LONGEST_TEXT} characters")
            return made(found)

        return run

    return operator


def _concatenation(left: Closure, right: Closure) -> Closure:
    def run(context: Context) -> Collection:
        found = "".join(to_text(value(side(context))) or "" for side in (left, right))
        if len(found) > LONGEST_TEXT:
            raise PathError(f"The text grows longer than {LONGEST_TEXT} characters")
        return [system(found)]

    return run


def _union(left: Closure, right: Closure) -> Closure:
    return lambda context: distinct([*left(context), *right(context)])


def _membership(item: Closure, items: Closure) -> Closure:
    def run(context: Context) -> Collection:
        wanted = one(item(context))
        if wanted is None:
            return []
        return [system(key(wanted) in {key(found) for found in items(context)})]

    return run


def _and(left: Closure, right: Closure) -> Closure:
    def run(context: Context) -> Collection:
        mine = truth(left(context))
        if mine is False:
            return [system(False)]
        theirs = truth(right(context))
        return _maybe(False if theirs is False else True if mine and theirs else None)

    return run


def _or(left: Closure, right: Closure) -> Closure:
    def run(context: Context) -> Collection:
        mine = truth(left(context))
        if mine:
            return [system(True)]
        theirs = truth(right(context))
        return _maybe(True if theirs else False if mine is False and theirs is False else None)

    return run


def _xor(left: Closure, right: Closure) -> Closure:
    def run(context: Context) -> Collection:
        mine, theirs = truth(left(context)), truth(right(context))
        return _maybe(None if mine is None or theirs is None else mine != theirs)

    return run


def _implies(left: Closure, right: Closure) -> Closure:
    def run(context: Context) -> Collection:
        mine = truth(left(context))
        if mine is False:
            return [system(True)]
        theirs = truth(right(context))
        return _maybe(True if theirs else False if mine and theirs is False else None)

    return run


def negated(of: Closure) -> Closure:
    """Unary minus."""

    def run(context: Context) -> Collection:
        found = value(of(context))
        return [] if found is None else made(operate("*", found, -1))

    return run


def affirmed(of: Closure) -> Closure:
    """Unary plus."""

    def run(context: Context) -> Collection:
        found = of(context)
        if found and (isinstance(plain(found[0]), bool | str) or value(found) is None):
            raise PathError("A sign stands before numbers and quantities only")
        return found

    return run


OPERATORS: dict[str, Binary] = {
    "=": _equality(negate=False),
    "!=": _equality(negate=True),
    "~": _equivalence(negate=False),
    "!~": _equivalence(negate=True),
    "<": _comparison(lambda found: found < 0),
    "<=": _comparison(lambda found: found <= 0),
    ">": _comparison(lambda found: found > 0),
    ">=": _comparison(lambda found: found >= 0),
    **{sign: _arithmetic(sign) for sign in ("+", "-", "*", "/", "div", "mod")},
    "&": _concatenation,
    "|": _union,
    "in": _membership,
    "contains": lambda items, item: _membership(item, items),
    "and": _and,
    "or": _or,
    "xor": _xor,
    "implies": _implies,
}
