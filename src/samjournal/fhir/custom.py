"""Search parameters that an administrator added to R4's own. hl7.org/fhir/R4/searchparameter.html

    of(resource) -> list[Custom]                 a SearchParameter, judged; Unprocessable says why it cannot be searched
    Custom.values(resource) -> list[Value]       what a resource is found by
    extract(resource, added)                     the same for all of a type: (code, values, closed)
    set_active(active, ready, versions, waiting) what is searched from now on in this program

They are kept in `parameters.ADDED`, so that whoever asks for the parameters of a type gets these too. There is none for
most types, and then they cost one look into an empty dict.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache, lru_cache
from math import inf
from types import MappingProxyType
from typing import Any, NamedTuple

from samjournal.fhir import parameters
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, Invalid, Unprocessable
from samjournal.fhir.fhirpath import Expression, Node, PathError, compiled
from samjournal.fhir.fhirpath.amounts import Amount
from samjournal.fhir.parameters import ADDED, Added, Parameter, Value
from samjournal.fhir.protection import is_protected, open_rendition
from samjournal.fhir.values import CONVERTERS, Convert, code_of

_log = logging.getLogger(__name__)
KINDS = ("token", "string", "date", "reference", "number", "quantity", "uri")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9\-_]{0,63}")
_SHUT = ("token", "string", "reference", "uri")
"""Kinds of which protected values are indexed apart; those of other kinds are left out where they are protected."""
_UNFIT = re.compile("[\x00\ud800-\udfff]")
"""What an expression may make, and neither JSON nor the database can hold."""
_OF_PATIENTS = ("patient", "subject")
_LONGEST = 2000
_UNSTEADY = re.compile(r"\b(?:now|today|timeOfDay)\s*\(\s*\)")
_ELSEWHERE = re.compile(r"\bresolve\s*\(\s*\)\s*\.\s*(?!(?:is|ofType|exists|as)\b)")
_STEPS = 50_000
"""The same on every machine at every hour: what is found must not depend on how busy it is."""
_UCUM = "http://unitsofmeasure.org"


class Custom(NamedTuple):
    """One added parameter of one type."""

    id: str
    code: str
    kind: str
    type: str
    expression: str
    targets: tuple[str, ...] = ()

    def values(self, resource: Mapping[str, Any]) -> list[Value]:
        """What a resource is found by. Whatever an expression meets, it must not keep a resource from being stored:
        what cannot be carried through or read finds nothing, and the first time it is logged."""
        found: list[Value] = []
        try:
            nodes = _compiled(self.expression, self.type).nodes(dict(resource), steps=_STEPS, seconds=inf)
        except Exception as error:
            self._note(error)
            return []
        for node in nodes:
            try:
                found += _read(self.kind, node)
            except Exception as error:
                self._note(error)
        return list(dict.fromkeys(found))

    def _note(self, error: Exception) -> None:
        if self not in _failed:
            _failed.add(self)
            told = {"parameter": f"{self.type}.{self.code}", "reason": type(error).__name__}
            _log.warning("a search parameter cannot be read from some resources", extra=told)

    @property
    def parameter(self) -> Parameter:
        return _Searched(self.code, self.kind, self.targets, (), self.type)


_failed: set[Custom] = set()


class _Searched(Parameter):
    """A parameter whose values are found by its expression."""

    __slots__ = ()

    def extract(self, resource: Mapping[str, Any]) -> list[Value]:
        added = ADDED.get(self.base)
        mine = [one for one in added.indexed if one.code == self.code] if added else []
        return [value for one in mine for value in one.values(resource)]


def _compiled(expression: str, type_: str) -> Expression:
    # R4's own expressions say `as` of elements that repeat, and those of profiles follow them.
    return compiled(expression, type_, lenient=True)


# Reading values


def _read(kind: str, node: Node) -> list[Value]:
    value, type_ = _plain(node)
    if isinstance(value, str) and _UNFIT.search(value):
        return []
    convert = _converter(kind, type_, _value_set(node))
    return [] if convert is None or value is None else convert(value)


def _plain(node: Node) -> tuple[Any, str]:
    """The value as a resource would have it, and its FHIR type."""
    if not node.type.startswith("System."):
        return node.value, node.type
    value = node.value
    name = node.type.removeprefix("System.")
    if isinstance(value, Amount):
        unit = {"unit": value.unit} if value.word else {"unit": value.unit, "code": value.unit, "system": _UCUM}
        return {"value": float(value.value), **unit}, "Quantity"
    if isinstance(value, Decimal):
        return float(value), "decimal"
    if name in ("Date", "DateTime", "Time"):
        return str(value), _OF_SYSTEM[name]
    return value, _OF_SYSTEM.get(name, "")


_OF_SYSTEM = {
    "Boolean": "boolean",
    "Integer": "integer",
    "Decimal": "decimal",
    "String": "string",
    "Date": "date",
    "DateTime": "dateTime",
    "Time": "time",
    "Quantity": "Quantity",
}


@lru_cache(maxsize=1024)
def _converter(kind: str, type_: str, value_set: str = "") -> Convert | None:
    system = load().system(value_set) if kind == "token" and type_ == "code" and value_set else None
    if system:
        return code_of(system)
    while type_:
        if (kind, type_) in CONVERTERS:
            return CONVERTERS[kind, type_]
        type_ = load().shape(type_).parent if load().has(type_) else ""
    return None


def _value_set(node: Node) -> str:
    return _bound(node.parent.type, node.key) if node.parent is not None and node.type == "code" else ""


@cache
def _bound(type_: str, key: str) -> str:
    """The value set of an element, by its JSON name."""
    elements = load().shape(type_).elements if load().has(type_) else ()
    return next((one.value_set for one in elements if any(key == name for name, _ in one.json_names())), "")


def extract(resource: dict[str, Any], added: Added) -> Iterator[tuple[str, list[Value], bool]]:
    """The values of all added parameters of a resource. What only the protected fields give is closed."""
    shown = open_rendition(resource) if is_protected(resource) else None
    for one in added.indexed:
        values = one.values(resource)
        if shown is None:
            if values:
                yield one.code, values, False
            continue
        for_all = set(one.values(shown))
        opened = [value for value in values if value in for_all]
        closed = [value for value in values if value not in for_all]
        if opened:
            yield one.code, opened, False
        if closed and one.kind in _SHUT:
            yield one.code, closed, True


# What is active


_epoch = 0
_waiting: dict[tuple[str, str], tuple[str, bool]] = {}


def set_active(
    active: Sequence[Custom],
    ready: frozenset[tuple[str, str]],
    versions: Mapping[str, int],
    waiting: Mapping[tuple[str, str], tuple[str, bool]],
) -> None:
    """What this program indexes by and searches from now on: `ready` (type, code) are searched, `versions` are the
    numbers of each type's set, and `waiting` says of others why not yet, and whether it is worth asking again."""
    by_type: dict[str, list[Custom]] = {type_: [] for type_ in versions}
    for one in active:
        by_type.setdefault(one.type, []).append(one)
    made = {}
    for type_, some in by_type.items():
        searched = {one.code: one.parameter for one in some if (type_, one.code) in ready}
        known = MappingProxyType({**parameters.standard(type_), **searched})
        made[type_] = Added(versions.get(type_, 0), tuple(some), known)
    for type_ in ADDED.keys() - made.keys():
        del ADDED[type_]
    ADDED.update(made)
    global _epoch
    _epoch += 1
    _waiting.clear()
    _waiting.update(waiting)


def epoch() -> int:
    """A number that is another each time that something changed."""
    return _epoch


def is_added(type_: str, code: str) -> bool:
    """Whether a parameter of a type is an added one."""
    added = ADDED.get(type_)
    return added is not None and any(one.code == code for one in added.indexed)


def refuse_waiting(type_: str, code: str) -> None:
    """Say why a parameter that is stored is not searched. Raises Invalid, Busy; nothing when none is stored."""
    told = _waiting.get((type_, code))
    if told is None:
        return
    text, passing = told
    raise Busy(text) if passing else Invalid(text)


# Judging


def of(resource: Mapping[str, Any]) -> list[Custom]:
    """A SearchParameter for each of its types. Raises Unprocessable that says what cannot be searched, and why."""
    code, kind, expression = resource.get("code", ""), resource.get("type", ""), resource.get("expression", "")
    if resource.get("status") == "retired":
        raise _refused("It is retired.", "status")
    bases = list(dict.fromkeys(resource.get("base", ())))
    # First, for what guides write down once more, such as _id and patient, works as it is.
    if there := next((base for base in bases if base in load().resources and code in parameters.standard(base)), ""):
        told = f"R4 has a parameter “{code}” of {there} already, and a search by it needs no activating"
        raise _refused(f"{told}. Another parameter needs another code.", "code")
    if not _CODE.fullmatch(code):
        raise _refused("The code is a letter, then letters, digits, - and _, at most 64.", "code")
    if code in _OF_PATIENTS:
        raise _refused(f"“{code}” tells under which patient a resource lives: give it another code.", "code")
    if kind not in KINDS:
        raise _refused(f"Parameters of the type {kind or '(none)'} are not added here; {', '.join(KINDS)} are.", "type")
    if resource.get("component"):
        raise _refused("It has components, which composites have alone.", "component")
    if resource.get("xpathUsage", "normal") != "normal":
        raise _refused(f"xpathUsage {resource['xpathUsage']} is not searched here; normal is.", "xpathUsage")
    if not expression:
        raise _refused("It has no expression, so nothing tells what resources are found by.", "expression")
    if len(expression) > _LONGEST:
        raise _refused(f"The expression is longer than {_LONGEST} characters.", "expression")
    if found := _UNSTEADY.search(expression):
        raise _refused(f"{found[0].strip()} is another tomorrow, and what is indexed stays.", "expression")
    if _ELSEWHERE.search(expression):
        raise _refused("The expression looks into what is referred to; resolve() only asks for a type.", "expression")
    for base in bases:
        _judge(kind, expression, base)
    targets = tuple(one for one in resource.get("target", ()) if one in load().resources)
    return [Custom(resource["id"], code, kind, base, expression, targets) for base in bases]


def _judge(kind: str, expression: str, base: str) -> None:
    if base not in load().resources:
        raise _refused(f"The base {base} is no type that is stored: name the types one by one.", "base")
    try:
        types = _compiled(expression, base).types
    except PathError as error:
        raise _refused(f"The expression cannot be used on {base}: {error}.", "expression") from None
    if types is None:
        return
    if not types:
        raise _refused(f"The expression finds nothing in {base}: it speaks of other types.", "expression")
    names = {_OF_SYSTEM.get(name.removeprefix("System."), "") if name.startswith("System.") else name for name in types}
    if not any(_converter(kind, name) for name in names):
        told = ", ".join(sorted(names)[:5])
        raise _refused(f"On {base} the expression gives {told}, which is not searched as {kind}.", "type")


def _refused(text: str, element: str) -> Unprocessable:
    return Unprocessable(f"This SearchParameter cannot be activated. {text}", path=f"SearchParameter.{element}")
