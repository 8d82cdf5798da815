"""Search parameters: which a type has, and the values that a resource gives each. hl7.org/fhir/R4/search.html

    for_type(type) -> Mapping[str, Parameter]             by code, those of Resource and DomainResource too
    Parameter(code, type, targets, components, base, parts, apart)
        type: token string date reference uri number quantity composite special
        parts: the parameters that it is found by instead of values of its own (combo-code: code, component-code)
        apart: components found by their own values, since they can only be of the same element
    Parameter.extract(resource) -> list[Value]            values of this parameter alone
    extract(resource) -> dict[str, list[Value]]           values of all parameters that have any
    main_date(type) -> str | None                         the parameter that is "the" date of a type
    when(type, values) -> Date | None                     its value, or that of the next best

    Value = Token(system, code, text) | String(text) | Date(lo, hi) | Ref(type, id, version, url, identifier)
          | Uri(text) | Number(lo, hi) | Quantity(value, system, code, unit, lo, hi, strict)
          | Position(latitude, longitude) | Composite(parts)

Date: aware UTC, `lo` included, `hi` excluded. Number and Quantity: the exact value, or the ends of a range
(None = open). Ref: type and id are set for "Type/id" and for absolute addresses ending so (`url` tells which:
None for our own); a canonical has url alone, its version apart. Token.system is None where
there is none; a code element has the system of its required value set.
Composite(parts): one tuple of values per component that is not apart, all from the same element.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from samjournal.fhir import paths
from samjournal.fhir.definitions import Component, Definition, load
from samjournal.fhir.paths import Refers, Route, Step, Where
from samjournal.fhir.values import (
    CONVERTERS,
    Composite,
    Convert,
    Date,
    Number,
    Position,
    Quantity,
    Ref,
    String,
    Token,
    Uri,
    Value,
    code_of,
)

__all__ = [
    "ADDED",
    "Added",
    "Composite",
    "Date",
    "Number",
    "Parameter",
    "Position",
    "Quantity",
    "Ref",
    "String",
    "Token",
    "Uri",
    "Value",
    "extract",
    "for_type",
    "main_date",
    "standard",
    "when",
]


class Parameter(NamedTuple):
    """A search parameter of a type."""

    code: str
    type: str
    targets: tuple[str, ...]
    components: tuple[str, ...]
    base: str
    parts: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def extract(self, resource: Mapping[str, Any]) -> list[Value]:
        """The values that a resource of this type gives the parameter."""
        codes = self.parts or (self.code,)
        found: dict[str, list[Value]] = {}
        _visit(_tree(resource["resourceType"], codes), resource, found)
        return [value for code in codes for value in found.get(code, ())]


class Added(NamedTuple):
    """What administrators added to a type: the number of the set, what resources are indexed by, and all parameters
    that are searched, R4's own too."""

    version: int
    indexed: tuple[Any, ...]
    known: Mapping[str, Parameter]


ADDED: dict[str, Added] = {}
"""By type; `fhir.custom` keeps it."""


def for_type(resource_type: str) -> Mapping[str, Parameter]:
    """The search parameters of a type by code; KeyError when R4 has no such type."""
    added = ADDED.get(resource_type)
    return standard(resource_type) if added is None else added.known


@cache
def standard(resource_type: str) -> Mapping[str, Parameter]:
    """Those of them that R4 itself has."""
    found = {
        one.code: Parameter(
            one.code,
            one.type,
            one.targets,
            tuple(part.code for part in one.components),
            resource_type,
            _parts(one.code),
            tuple(part.code for part in one.components if _is_apart(one, part, resource_type)),
        )
        for one in _declared(resource_type)
    }
    return MappingProxyType(found)


def _parts(code: str) -> tuple[str, ...]:
    """R4's combo parameters are what the resource itself and its components have, under names that tell."""
    alone = code.removeprefix("combo-")
    return () if alone == code else (alone, f"component-{alone}")


def _is_apart(composite: Definition, part: Component, resource_type: str) -> bool:
    """Whether a component lies in an element of which the resource has one alone."""
    return "%resource" in part.expression or (
        not _parts(composite.code) and _is_single(composite.expression, resource_type)
    )


def _is_single(expression: str, resource_type: str) -> bool:
    """Whether no element of a plain path repeats."""
    type_ = resource_type
    for name in expression.split(".")[1:]:
        element = next(one for one in load().shape(type_).elements if one.name == name)
        if element.many:
            return False
        type_ = element.types[0]
    return True


def extract(resource: Mapping[str, Any]) -> dict[str, list[Value]]:
    """The values of all search parameters of a resource, by code; the resource is taken to be sound."""
    found: dict[str, list[Value]] = {}
    _visit(_tree(resource["resourceType"]), resource, found)
    return found


def _declared(resource_type: str) -> Iterator[Definition]:
    definitions = load()
    if resource_type not in definitions.resources:
        raise KeyError(resource_type)
    bases = ["Resource", resource_type]
    if definitions.shape(resource_type).parent == "DomainResource":
        bases.insert(1, "DomainResource")
    for base in bases:
        for one in definitions.parameters(base):
            if one.expression:
                yield one


# The tree of a type: all routes of all its parameters, laid together so that each element is met once.


class _Node:
    __slots__ = ("children", "firsts", "gives", "tests")

    def __init__(self) -> None:
        self.children: dict[str, _Node] = {}
        self.firsts: dict[str, _Node] = {}
        self.tests: dict[Where | Refers, _Node] = {}
        self.gives: dict[Convert, tuple[str, ...]] = {}


class _Ready(NamedTuple):
    """A node as it is walked: what it gives, its tests, and its members by name."""

    gives: tuple[tuple[Convert, tuple[str, ...]], ...]
    tests: tuple[tuple[Where | Refers, _Ready], ...]
    children: dict[str, _Ready]
    firsts: dict[str, _Ready]


def _ready(node: _Node) -> _Ready:
    return _Ready(
        tuple(node.gives.items()),
        tuple((test, _ready(child)) for test, child in node.tests.items()),
        {key: _ready(child) for key, child in node.children.items()},
        {key: _ready(child) for key, child in node.firsts.items()},
    )


@cache
def _tree(resource_type: str, only: tuple[str, ...] | None = None) -> _Ready:
    """All parameters of a type, or some of them."""
    root = _Node()
    for one in _declared(resource_type):
        if _parts(one.code) or (only is not None and one.code not in only):
            continue  # Found by its parts; or not asked for.
        if one.code == "deceased":
            root.gives[_deceased] = (one.code,)
            continue
        for route in paths.routes(one.expression, resource_type):
            convert = _converter(one.type, route)
            if one.components:
                convert = _composite(one, route.type, resource_type)
            if convert:
                node = _reach(root, route.steps)
                node.gives[convert] = (*node.gives.get(convert, ()), one.code)
    return _ready(root)


def _reach(root: _Node, steps: Iterable[Step]) -> _Node:
    """The node at the end of the steps, made on the way."""
    node = root
    left = list(steps)
    while left:
        step = left.pop(0)
        if isinstance(step, str):
            only_first = bool(left) and left[0] == 0
            if only_first:
                left.pop(0)
            branch = node.firsts if only_first else node.children
            node = branch.setdefault(step, _Node())
        elif isinstance(step, Where | Refers):
            node = node.tests.setdefault(step, _Node())
    return node


def _visit(ready: _Ready, value: Any, found: dict[str, list[Value]]) -> None:
    gives, tests, children, firsts = ready
    for convert, codes in gives:
        given = convert(value)
        if given:
            for code in codes:
                present = found.get(code)
                if present is None:
                    found[code] = given.copy()
                else:
                    present += given
    for test, child in tests:
        if test.keeps(value):
            _visit(child, value, found)
    if not children and not firsts:
        return
    for key, inner in value.items():
        branch = children.get(key)
        if branch is not None and inner is not None:
            if type(inner) is list:
                for item in inner:
                    if item is not None:
                        _visit(branch, item, found)
            else:
                _visit(branch, inner, found)
    for key, branch in firsts.items():
        if several := value.get(key):
            _visit(branch, several[0], found)


def _deceased(resource: Mapping[str, Any]) -> list[Value]:
    """Patient.deceased says no when the element is absent, so every Patient has a value."""
    yes = resource.get("deceasedBoolean") is True or "deceasedDateTime" in resource
    return [Token(None, "true" if yes else "false")]


def _converter(kind: str, route: Route) -> Convert | None:
    """How a parameter of this kind reads what lies at the end of the route."""
    system = load().system(route.value_set) if kind == "token" and route.type == "code" else None
    return code_of(system) if system else CONVERTERS.get((kind, route.type))


def _composite(definition: Definition, start: str, resource_type: str) -> Convert | None:
    """Reads the components inside one element; every component must have a value."""
    inside = [part for part in definition.components if not _is_apart(definition, part, resource_type)]
    if not inside:
        return None
    types = {one.code: one.type for one in _declared(resource_type)}
    return _together(start, tuple((types[part.code], part.expression) for part in inside))


@cache
def _together(start: str, components: tuple[tuple[str, str], ...]) -> Convert:
    """One reader for all composites of the same components, since R4 has several names for some."""
    readers = []
    for kind, expression in components:
        ways = paths.relative_routes(expression, start)
        readers.append([(way, read) for way in ways if (read := _converter(kind, way))])

    def convert(value: Any) -> list[Value]:
        parts: list[tuple[Value, ...]] = []
        # The last component is the value, which is the one most often absent.
        for ways in reversed(readers):
            given: list[Value] = []
            for way, read in ways:
                for one in paths.values(way, value):
                    given += read(one)
            if not given:
                return []
            parts.append(tuple(given))
        return [Composite(tuple(reversed(parts)))]

    return convert


# The date of a type.

MAIN_DATES: dict[str, tuple[str, ...]] = {
    "MedicationRequest": ("authoredon", "date"),
    "Condition": ("onset-date", "recorded-date"),
    "AllergyIntolerance": ("date", "onset"),
    "Goal": ("start-date",),
    "Task": ("authored-on", "period"),
    "ServiceRequest": ("authored", "occurrence"),
    "Communication": ("sent", "received"),
    "CommunicationRequest": ("authored",),
    "Device": (),
    "Patient": (),
    "Person": (),
    "Practitioner": (),
    "RelatedPerson": (),
    "Medication": (),
    "Substance": (),
    "Subscription": (),
}
USUAL_DATES = (
    "date",
    "authoredon",
    "authored-on",
    "authored",
    "effective",
    "effective-time",
    "period",
    "started",
)


@cache
def _main_dates(resource_type: str) -> tuple[str, ...]:
    if resource_type in MAIN_DATES:
        return MAIN_DATES[resource_type]
    known = [one.code for one in standard(resource_type).values() if one.type == "date"]
    known = [code for code in known if code != "_lastUpdated"]
    usual = [code for code in USUAL_DATES if code in known]
    return tuple(usual or known)


def main_date(resource_type: str) -> str | None:
    """The search parameter that is "the" date of a type; None for types that have none (a Patient)."""
    return next(iter(_main_dates(resource_type)), None)


def when(resource_type: str, values: Mapping[str, list[Value]]) -> Date | None:
    """The date of a resource: its main date, else the next best that it has."""
    for code in _main_dates(resource_type):
        for value in values.get(code, ()):
            if isinstance(value, Date):
                return value
    return None
