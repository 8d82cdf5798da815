"""For each search parameter of R4 and each way through its expression: two resources that differ in its value alone,
and the search that must find the first and not the second.

Built from the expression's routes and from what the specification says of each datatype; nothing here is taken from the
code that turns a resource into rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from samjournal.fhir import paths
from samjournal.fhir.definitions import Definition, Element, load
from samjournal.fhir.parameters import Parameter, for_type
from samjournal.fhir.paths import Refers, Route, Step, Where

Resource = dict[str, Any]
UCUM = "http://unitsofmeasure.org"

NOT_SEARCHED = {("date", "string"), ("date", "Age"), ("date", "Range"), ("reference", "Attachment")}
"""Choices that a parameter's expression reaches although they hold nothing of its kind."""


@dataclass(frozen=True)
class Case:
    """One way through one parameter."""

    type: str
    code: str
    query: str
    found: Resource
    other: Resource

    def __str__(self) -> str:
        return f"{self.type}?{self.code}={self.query}"


def cases(type_: str) -> Iterator[Case]:
    """All parameters of a type, with all their routes."""
    for one in definitions(type_):
        if one.code == "_lastUpdated":
            continue  # The server's own moment, whatever stands in the resource.
        if one.components:
            yield from _composites(type_, one)
        elif one.code == "deceased":
            yield Case(type_, one.code, "true", _empty(type_, deceasedBoolean=True), _empty(type_))
        else:
            yield from _singles(type_, one)


def definitions(type_: str) -> Iterator[Definition]:
    """The parameters declared for a type, as the definitions have them."""
    for base in ("Resource", "DomainResource", type_):
        for one in load().parameters(base):
            if one.expression and one.code in for_type(type_):
                yield one


def _singles(type_: str, one: Definition) -> Iterator[Case]:
    for route in paths.routes(one.expression, type_):
        if (one.type, route.type) in NOT_SEARCHED:
            continue
        (first, query), (second, _) = (_value(one.type, route, variant) for variant in (0, 1))
        if first != second:
            yield Case(type_, one.code, query, _built(type_, route, first), _built(type_, route, second))


def _composites(type_: str, one: Definition) -> Iterator[Case]:
    """The values of the first resource lie in the same element; the second has them in two, where it can have two."""
    known = for_type(type_)
    for context in paths.routes(one.expression, type_):
        ways = [_way(known[part.code], part.expression, context.type, type_) for part in one.components]
        if any(way is None for way in ways):
            continue
        queries, right, wrong = [], dict[str, Any](), dict[str, Any]()
        inside: list[dict[str, Any]] = [{}, {}, {}, {}]
        for place, (part, way) in enumerate(zip(one.components, ways, strict=True)):
            assert way is not None
            (first, query), (second, _) = (_value(known[part.code].type, way, variant) for variant in (0, 1))
            queries.append(query)
            steps = list(way.steps)
            if "%resource" in part.expression:
                _place(type_, right, steps, first)
                _place(type_, wrong, steps, first)
                continue
            mixed = (second, first) if place == len(ways) - 1 else (first, second)
            for element, value in zip(inside, (first, second, *mixed), strict=True):
                _place(context.type, element, steps, value)
        single = not context.steps or context.steps == ("referenceSeq",)
        found = {**_at(context, inside[0]), **right} if single else {**_listed(context, inside[:2]), **right}
        other = {**_at(context, inside[2]), **wrong} if single else {**_listed(context, inside[2:]), **wrong}
        yield Case(type_, one.code, "$".join(queries), _empty(type_, **found), _empty(type_, **other))


def _way(parameter: Parameter, expression: str, start: str, type_: str) -> Route | None:
    """The first route of a component that its kind can be read from."""
    if expression.startswith("%resource."):
        return paths.routes(f"{type_}{expression.removeprefix('%resource')}", type_)[0]
    try:
        ways = paths.relative_routes(expression, start)
    except ValueError:
        return None
    return next((way for way in ways if way.type in _VALUES[parameter.type]), None)


def _empty(type_: str, **members: Any) -> Resource:
    return {"resourceType": type_, **members}


def _built(type_: str, route: Route, value: Any) -> Resource:
    resource = _empty(type_)
    _place(type_, resource, list(route.steps), value)
    return resource


def _at(context: Route, element: dict[str, Any]) -> dict[str, Any]:
    return {str(context.steps[0]): element} if context.steps else element


def _listed(context: Route, elements: list[dict[str, Any]]) -> dict[str, Any]:
    return {str(context.steps[0]): elements}


def _place(type_: str, target: dict[str, Any], steps: list[Step], value: Any) -> None:
    """Puts a value where the steps lead, with what their tests ask for."""
    name, *rest = steps
    assert isinstance(name, str)
    tests = list(takewhile(lambda step: not isinstance(step, str), rest))
    further = rest[len(tests) :]
    inner = value
    element, inner_type = _element(type_, name)
    if further:
        inner = {}
        _place(inner_type, inner, further, value)
    for test in tests:
        if isinstance(test, Where):
            inner = {**inner, test.key: test.value}
        elif isinstance(test, Refers):
            inner = {"reference": f"{test.type}/{inner['reference'].rpartition('/')[2]}"}
    target[name] = [inner] if element.many else inner


def _element(type_: str, name: str) -> tuple[Element, str]:
    """The element of a JSON name, and its type."""
    for element in load().shape(type_).elements:
        for key, inner in element.json_names():
            if key == name:
                return element, inner
    raise KeyError(name)


# What each datatype looks like, twice, and what a search for the first is written as.


def _value(kind: str, route: Route, variant: int) -> tuple[Any, str]:
    value, query = _VALUES[kind][route.type](variant, route)
    refers = next((step.type for step in route.steps if isinstance(step, Refers)), None)
    return value, query.replace("Device/", f"{refers}/") if refers and kind == "reference" else query


def _code(variant: int, route: Route) -> tuple[Any, str]:
    codes = sorted(load().codes(route.value_set) or {"one", "two"})
    code = codes[variant % len(codes)]
    return code, code


def _concept(variant: int, _route: Route) -> tuple[Any, str]:
    coding, query = _coding(variant, _route)
    return {"coding": [{"code": "other"}, coding]}, query


def _coding(variant: int, _route: Route) -> tuple[Any, str]:
    return {"system": "http://a.no/s", "code": f"c{variant}"}, f"http://a.no/s|c{variant}"


def _identifier(variant: int, _route: Route) -> tuple[Any, str]:
    return {"system": "urn:oid:1.2", "value": f"v{variant}"}, f"urn:oid:1.2|v{variant}"


def _contact(variant: int, _route: Route) -> tuple[Any, str]:
    return {"value": f"9999{variant}"}, f"9999{variant}"


def _boolean(variant: int, _route: Route) -> tuple[Any, str]:
    return variant == 0, "true" if variant == 0 else "false"


def _word(variant: int, _route: Route) -> tuple[Any, str]:
    return f"Word{variant}", f"word{variant}"


def _exactly(variant: int, _route: Route) -> tuple[Any, str]:
    return f"word{variant}", f"word{variant}"


def _day(variant: int, _route: Route) -> tuple[Any, str]:
    return f"2026-03-0{variant + 1}", f"2026-03-0{variant + 1}"


def _instant(variant: int, _route: Route) -> tuple[Any, str]:
    return f"2026-03-01T1{variant}:00:00Z", f"2026-03-01T1{variant}:00Z"


def _period(variant: int, _route: Route) -> tuple[Any, str]:
    return {"start": f"201{variant}-01-01", "end": f"201{variant}-02-01"}, f"201{variant}"


def _timing(variant: int, _route: Route) -> tuple[Any, str]:
    return {"event": [f"201{variant}-05-01", f"201{variant}-06-01"]}, f"201{variant}"


def _number(variant: int, _route: Route) -> tuple[Any, str]:
    return 5 + variant, "5"


def _number_range(variant: int, _route: Route) -> tuple[Any, str]:
    return {"low": {"value": 4 + variant}, "high": {"value": 4.3 + variant}}, "ap4.1"


def _quantity(variant: int, _route: Route) -> tuple[Any, str]:
    return {"value": 5 + variant, "system": UCUM, "code": "g", "unit": "gram"}, f"5000|{UCUM}|mg"


def _quantity_range(variant: int, _route: Route) -> tuple[Any, str]:
    low, high = ({"value": value + variant, "system": UCUM, "code": "a"} for value in (40, 40.3))
    return {"low": low, "high": high}, "lt40.9||a"


def _sampled(variant: int, _route: Route) -> tuple[Any, str]:
    origin = {"value": 10 * variant, "system": UCUM, "code": "mV"}
    return {"origin": origin, "factor": 0.1, "period": 10, "dimensions": 1, "data": "1 E 2 3"}, "lt0.2||mV"


def _money(variant: int, _route: Route) -> tuple[Any, str]:
    return {"value": 12.5 + variant, "currency": "NOK"}, "12.5||NOK"


def _reference(variant: int, _route: Route) -> tuple[Any, str]:
    return {"reference": f"Device/x{variant}"}, f"Device/x{variant}"


def _canonical(variant: int, _route: Route) -> tuple[Any, str]:
    return f"http://a.no/Library/x{variant}|1.0", f"http://a.no/Library/x{variant}"


def _contained(variant: int, _route: Route) -> tuple[Any, str]:
    return {"resourceType": "Device", "id": f"x{variant}"}, f"Device/x{variant}"


def _uri(variant: int, _route: Route) -> tuple[Any, str]:
    return f"http://a.no/x{variant}", f"http://a.no/x{variant}"


def _name(variant: int, _route: Route) -> tuple[Any, str]:
    return {"family": f"Ås{variant}", "given": ["Kari", None]}, f"ås{variant}"


def _address(variant: int, _route: Route) -> tuple[Any, str]:
    return {"line": [f"Vei {variant}"], "city": "Steinkjer"}, f"vei {variant}"


def _display(variant: int, _route: Route) -> tuple[Any, str]:
    return {"display": f"Word{variant}"}, f"word{variant}"


def _text(variant: int, _route: Route) -> tuple[Any, str]:
    return {"text": f"Word{variant}"}, f"word{variant}"


def _place_on_earth(variant: int, _route: Route) -> tuple[Any, str]:
    return {"latitude": 63.43 + variant, "longitude": 10.4}, "63.44|10.41|5|km"


_NUMBERS = dict.fromkeys(("integer", "decimal", "positiveInt", "unsignedInt"), _number)
_WORDS = ("string", "markdown", "id", "uri", "url", "canonical", "oid", "uuid")
_DATES = {"date": _day, "dateTime": _day, "instant": _instant}
_VALUES: dict[str, dict[str, Any]] = {
    "token": {
        **dict.fromkeys(_WORDS, _exactly),
        **_NUMBERS,
        **_DATES,
        "code": _code,
        "Coding": _coding,
        "CodeableConcept": _concept,
        "Identifier": _identifier,
        "ContactPoint": _contact,
        "boolean": _boolean,
    },
    "string": {
        **dict.fromkeys((*_WORDS, "code"), _word),
        "HumanName": _name,
        "Address": _address,
        "CodeableConcept": _text,
        "Coding": _display,
        "ContactPoint": _contact,
        "Annotation": _text,
    },
    "date": {**_DATES, "Period": _period, "Timing": _timing},
    "number": {**_NUMBERS, "Range": _number_range},
    "quantity": {
        **dict.fromkeys(("Quantity", "Age", "Count", "Distance", "Duration"), _quantity),
        "Range": _quantity_range,
        "SampledData": _sampled,
        "Money": _money,
    },
    "reference": {"Reference": _reference, "canonical": _canonical, "uri": _canonical, "Resource": _contained},
    "uri": dict.fromkeys((*_WORDS, "code"), _uri),
    "special": {"Location.position": _place_on_earth},
}
