"""Search parameters: which a type has, and the values that a resource gives each. hl7.org/fhir/R4/search.html

    for_type(type) -> Mapping[str, Parameter]             by code, those of Resource and DomainResource too
    Parameter(code, type, targets, components, base)
        type: token string date reference uri number quantity composite special
    Parameter.extract(resource) -> list[Value]            values of this parameter alone
    extract(resource) -> dict[str, list[Value]]           values of all parameters that have any
    main_date(type) -> str | None                         the parameter that is "the" date of a type
    when(type, values) -> Date | None                     its value, or that of the next best

    Value = Token(system, code, text) | String(text) | Date(lo, hi) | Ref(type, id, version, url, identifier)
          | Uri(text) | Number(lo, hi) | Quantity(value, system, code, unit, lo, hi) | Composite(parts)

Date: aware UTC, `lo` included, `hi` excluded. Number and Quantity: the exact value, or the ends of a range
(None = open). Ref: type and id are set for "Type/id" and for absolute addresses ending so (`url` tells which:
None for our own); a canonical has url alone, its version apart. Token.system is None where
there is none; a code element has the system of its required value set.
Composite(parts): one tuple of values per component, all from the same element.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from samjournal.fhir import dates, paths, references
from samjournal.fhir.definitions import Definition, load
from samjournal.fhir.paths import Refers, Route, Step, Where


class Token(msgspec.Struct, frozen=True, gc=False):
    """A code, identifier or yes/no; `text` is its name. A concept's own text is a Token with text alone."""

    system: str | None
    code: str | None
    text: str | None = None


class String(msgspec.Struct, frozen=True, gc=False):
    """A text as written."""

    text: str


class Date(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time, UTC: `lo` included, `hi` excluded."""

    lo: datetime
    hi: datetime


class Ref(msgspec.Struct, frozen=True):
    """A reference to a resource: here (type, id), elsewhere (url too), or known by an identifier."""

    type: str | None
    id: str | None
    version: str | None = None
    url: str | None = None
    identifier: Token | None = None


class Uri(msgspec.Struct, frozen=True, gc=False):
    """An address."""

    text: str


class Number(msgspec.Struct, frozen=True, gc=False):
    """A number, or the ends of a range."""

    lo: float | None
    hi: float | None


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """An amount with its unit; `lo` and `hi` are its ends where it is a range or has a comparator."""

    value: float | None
    system: str | None
    code: str | None
    unit: str | None
    lo: float | None
    hi: float | None


class Composite(msgspec.Struct, frozen=True):
    """Values that belong together: one tuple for each component."""

    parts: tuple[tuple[Value, ...], ...]


Value = Token | String | Date | Ref | Uri | Number | Quantity | Composite
Convert = Callable[[Any], list[Value]]


class Parameter(NamedTuple):
    """A search parameter of a type."""

    code: str
    type: str
    targets: tuple[str, ...]
    components: tuple[str, ...]
    base: str

    def extract(self, resource: Mapping[str, Any]) -> list[Value]:
        """The values that a resource of this type gives the parameter."""
        return extract(resource).get(self.code, [])


@cache
def for_type(resource_type: str) -> Mapping[str, Parameter]:
    """The search parameters of a type by code; KeyError when R4 has no such type."""
    found = {
        one.code: Parameter(one.code, one.type, one.targets, tuple(part.code for part in one.components), resource_type)
        for one in _declared(resource_type)
    }
    return MappingProxyType(found)


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


@cache
def _tree(resource_type: str) -> _Node:
    root = _Node()
    for one in _declared(resource_type):
        if one.type == "special":
            continue
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
    return root


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


def _visit(node: _Node, value: Any, found: dict[str, list[Value]]) -> None:
    for convert, codes in node.gives.items():
        given = convert(value)
        if given:
            for code in codes:
                present = found.get(code)
                if present is None:
                    found[code] = given.copy()
                else:
                    present += given
    for test, child in node.tests.items():
        if test.keeps(value):
            _visit(child, value, found)
    for key, child in node.children.items():
        inner = value.get(key)
        if inner is None:
            continue
        if type(inner) is list:
            for item in inner:
                if item is not None:
                    _visit(child, item, found)
        else:
            _visit(child, inner, found)
    for key, child in node.firsts.items():
        inner = value.get(key)
        if inner:
            _visit(child, inner[0], found)


# How each FHIR type is read for each type of parameter.


def _coding(value: dict[str, Any]) -> list[Value]:
    code, system, display = value.get("code"), value.get("system"), value.get("display")
    return [Token(system, code, display)] if code or system or display else []


def _concept(value: dict[str, Any]) -> list[Value]:
    found: list[Value] = []
    for one in value.get("coding", ()):
        found += _coding(one)
    text = value.get("text")
    if text:
        found.append(Token(None, None, text))
    return found


def _identifier(value: dict[str, Any]) -> list[Value]:
    code, system = value.get("value"), value.get("system")
    return [Token(system, code, value.get("type", {}).get("text"))] if code or system else []


def _contact(value: dict[str, Any]) -> list[Value]:
    code = value.get("value")
    return [Token(None, code)] if code else []


def _boolean(value: bool) -> list[Value]:
    return [Token(None, "true" if value else "false")]


def _plain_token(value: Any) -> list[Value]:
    return [Token(None, str(value))]


def _deceased(resource: Mapping[str, Any]) -> list[Value]:
    yes = resource.get("deceasedBoolean") is True or "deceasedDateTime" in resource
    return [Token(None, "true" if yes else "false")]


def _text(value: str) -> list[Value]:
    return [String(value)]


def _parts(*keys: str) -> Convert:
    """Reads the texts under several names, single or listed."""

    def convert(value: dict[str, Any]) -> list[Value]:
        found: list[Value] = []
        for key in keys:
            part = value.get(key)
            if part is None:
                continue
            if type(part) is list:
                found += [String(one) for one in part if one is not None]
            else:
                found.append(String(part))
        return found

    return convert


def _moment(value: str) -> list[Value]:
    return [Date(*dates.span(value))]


def _period(value: dict[str, Any]) -> list[Value]:
    found = dates.period(value)
    return [Date(*found)] if found else []


def _timing(value: dict[str, Any]) -> list[Value]:
    found = dates.timing(value)
    return [Date(*found)] if found else []


def _number(value: float) -> list[Value]:
    return [Number(value, value)]


def _number_range(value: dict[str, Any]) -> list[Value]:
    low, high = value.get("low", {}).get("value"), value.get("high", {}).get("value")
    return [Number(low, high)] if low is not None or high is not None else []


def _quantity(value: dict[str, Any]) -> list[Value]:
    amount = value.get("value")
    if amount is None:
        return []
    comparator = value.get("comparator")
    lo = None if comparator in ("<", "<=") else amount
    hi = None if comparator in (">", ">=") else amount
    return [Quantity(amount, value.get("system"), value.get("code"), value.get("unit"), lo, hi)]


def _quantity_range(value: dict[str, Any]) -> list[Value]:
    low, high = value.get("low", {}), value.get("high", {})
    unit = low or high
    if "value" not in unit:
        return []
    return [Quantity(None, unit.get("system"), unit.get("code"), unit.get("unit"), low.get("value"), high.get("value"))]


def _money(value: dict[str, Any]) -> list[Value]:
    amount, currency = value.get("value"), value.get("currency")
    if amount is None:
        return []
    return [Quantity(amount, "urn:iso:std:iso:4217", currency, currency, amount, amount)]


def _reference(value: dict[str, Any]) -> list[Value]:
    text, identifier = value.get("reference"), value.get("identifier")
    token = Token(identifier.get("system"), identifier.get("value")) if identifier else None
    if text is None:
        return [Ref(value.get("type"), None, None, None, token)] if token else []
    read = references.read(text)
    if read.kind == "contained":
        return []
    url = None if read.kind == "literal" else text
    return [Ref(read.type or value.get("type"), read.id, read.version, url, token)]


def _canonical(value: str) -> list[Value]:
    url, _, version = value.partition("|")
    read = references.read(url)
    return [Ref(read.type, read.id, version or None, None if read.kind == "literal" else url)]


def _contained(value: dict[str, Any]) -> list[Value]:
    name, id_ = value.get("resourceType"), value.get("id")
    return [Ref(name, id_)] if name and id_ else []


def _uri(value: str) -> list[Value]:
    return [Uri(value)]


TEXTS = ("string", "markdown", "code", "id", "uri", "url", "canonical", "oid", "uuid")
NUMBERS = ("integer", "decimal", "positiveInt", "unsignedInt")
QUANTITIES = ("Quantity", "Age", "Count", "Distance", "Duration")
NAME = _parts("text", "family", "given", "prefix", "suffix")
ADDRESS = _parts("text", "line", "city", "district", "state", "postalCode", "country")
CONVERTERS: dict[tuple[str, str], Convert] = {
    ("token", "Coding"): _coding,
    ("token", "CodeableConcept"): _concept,
    ("token", "Identifier"): _identifier,
    ("token", "ContactPoint"): _contact,
    ("token", "boolean"): _boolean,
    **{("token", name): _plain_token for name in (*TEXTS, *NUMBERS, "date", "dateTime", "instant")},
    **{("string", name): _text for name in TEXTS},
    ("string", "HumanName"): NAME,
    ("string", "Address"): ADDRESS,
    ("string", "CodeableConcept"): _parts("text"),
    ("string", "Coding"): _parts("display"),
    ("string", "ContactPoint"): _parts("value"),
    ("string", "Annotation"): _parts("text"),
    **{("date", name): _moment for name in ("date", "dateTime", "instant")},
    ("date", "Period"): _period,
    ("date", "Timing"): _timing,
    **{("number", name): _number for name in NUMBERS},
    ("number", "Range"): _number_range,
    **{("quantity", name): _quantity for name in QUANTITIES},
    ("quantity", "Range"): _quantity_range,
    ("quantity", "Money"): _money,
    ("reference", "Reference"): _reference,
    ("reference", "canonical"): _canonical,
    ("reference", "uri"): _canonical,
    ("reference", "Resource"): _contained,
    **{("uri", name): _uri for name in TEXTS},
}


def _converter(kind: str, route: Route) -> Convert | None:
    """How a parameter of this kind reads what lies at the end of the route."""
    system = load().system(route.value_set) if kind == "token" and route.type == "code" else None
    return _code_of(system) if system else CONVERTERS.get((kind, route.type))


@cache
def _code_of(system: str) -> Convert:
    return lambda value: [Token(system, value)]


def _composite(definition: Definition, start: str, resource_type: str) -> Convert | None:
    """Reads the components inside one element; every component must have a value."""
    if any("%resource" in part.expression for part in definition.components):
        return None
    types = {one.code: one.type for one in _declared(resource_type)}
    return _together(start, tuple((types[part.code], part.expression) for part in definition.components))


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
    known = [one.code for one in for_type(resource_type).values() if one.type == "date"]
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
