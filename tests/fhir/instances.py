"""Random resources of every R4 type, made from the definitions and sound by construction; and faults put into them.

instance(type, rng, fullness=0.4) -> dict    any elements, choices, repeats, extensions, contained, narratives
body(resource) -> bytes                      its JSON; decimals with digits that a float would lose
faulty(resource, rng) -> Iterator[Fault]     one fault in each: what was done, where, and the code of the issue
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import msgspec

from fhir.samples import CODES, obey
from samjournal.fhir.definitions import Element, load
from samjournal.fhir.structure import is_bare

DEEPEST = 5
XHTML = 'xmlns="http://www.w3.org/1999/xhtml"'
SOME: dict[str, tuple[Any, ...]] = {
    "base64Binary": ("U2Ftam91cm5hbA==", "YQ==", "AAECAwQFBgcICQoLDA0ODw=="),
    "boolean": (True, False),
    "canonical": (
        "http://example.org/definition|1.0",
        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
        "http://a.no/#x",
    ),
    "code": ("en-kode", "to ord", "<&>", "Æ/ø.å"),
    "date": ("2026", "2024-02", "2024-02-29", "1903-01-01"),
    "dateTime": ("2026", "2024-02", "2024-02-29", "2026-03-29T02:30:00+02:00", "2026-12-31T23:59:60.123456Z"),
    "decimal": ("0", "1.00", "-0.10", "1e2", "1.50E-7", "12345678901234567890.1234567890", "36.6", "-7"),
    "id": ("en-id", "A.1-b", "x" * 64),
    "instant": ("2026-03-29T02:30:00.125+02:00", "2000-02-29T00:00:00Z"),
    "integer": (0, -7, 2147483647, -2147483648),
    "markdown": ("# Målt\n\n*sittende*", "a < b & c > d"),
    "oid": ("urn:oid:2.16.578.1", "urn:oid:0.0"),
    "positiveInt": (1, 2147483647),
    "string": (
        "Ærlig talt",
        'Ola "Lillegutt" <Å> & sønn',
        "to\nlinjer\tog\r\nen til",
        " mellomrom ",
        "😀 𝄞",
        "\\u0041",
    ),
    "time": ("07:30:00", "23:59:59.999"),
    "unsignedInt": (0, 2147483647),
    "uri": ("urn:oid:2.16.578.1.12", "http://example.org/?a=1&b=2", "#x", "Patient/1"),
    "url": ("https://example.org/%C3%A6", "mailto:a@b.no"),
    "uuid": ("urn:uuid:c757873d-ec9a-4326-a141-556f43239520",),
    "xhtml": (
        f"<div {XHTML}/>",
        f"<div {XHTML}>Bare ord &amp; &lt;tegn&gt; \u00a0&#229;</div>",
        f'<div {XHTML} lang="nb"><p style="a: b">Ett<br/>to</p><table><tr><td>1</td></tr></table></div>',
        f"<div {XHTML}>\n  <ul>\r\n<li class='x'>å</li><!-- merknad --></ul>\n</div>",
        f'<div\n {XHTML}\n><div>inni</div><a href="#a?b=1&amp;c=2">lenke</a></div>',
    ),
}


def instance(type_: str, rng: Random, fullness: float = 0.4) -> dict[str, Any]:
    """A sound resource; each element that may be left out is there with the chance given."""
    maker = _Maker(rng, fullness)
    contained: list[dict[str, Any]] = []
    if load().shape(type_).parent == "DomainResource" and rng.random() < fullness:
        contained = [{**maker.resource(rng.choice(CONTAINABLE), depth=2), "id": f"c{n}"} for n in range(2)]
        for one in contained:
            one.pop("meta", None)
            one.pop("_id", None)
        maker.local = [f"#{one['id']}" for one in contained]
    made = maker.resource(type_, depth=0)
    return {**made, "contained": contained} if contained else made


CONTAINABLE = ("Patient", "Organization", "Medication", "Observation", "Basic", "Practitioner", "Binary", "Parameters")


def body(resource: dict[str, Any]) -> bytes:
    """The JSON of a resource that `instance` made."""
    return msgspec.json.encode(resource)


class _Maker:
    def __init__(self, rng: Random, fullness: float) -> None:
        self.rng, self.fullness = rng, fullness
        self.local: list[str] = []

    def resource(self, type_: str, depth: int) -> dict[str, Any]:
        return {"resourceType": type_, **self.object(type_, depth)}

    def object(self, type_: str, depth: int) -> dict[str, Any]:
        if type_ == "Extension":
            return self.extension(depth)
        shape = load().shape(type_)
        found: dict[str, Any] = {}
        for element in shape.elements:
            if element.name != "contained" and (element.min or self._wanted(element, depth)):
                self.element(type_, element, found, depth)
        obey(type_, found)
        if shape.kind == "resource" or found.keys() - {"id"}:
            return found
        return {**found, "extension": [self.extension(depth)]}

    def _wanted(self, element: Element, depth: int) -> bool:
        if element.name in ("extension", "modifierExtension", "id", "implicitRules", "language"):
            return self.rng.random() < 0.05
        return depth < DEEPEST and self.rng.random() < self.fullness / (1 + depth / 2)

    def element(self, owner: str, element: Element, found: dict[str, Any], depth: int) -> None:
        key, type_ = self.rng.choice(element.json_names())
        count = self.rng.choice((1, 1, 2, 3)) if element.many else 1
        if load().shape(type_).kind != "primitive":
            values = [self.complex(type_, element, depth + 1) for _ in range(count)]
            found[key] = values if element.many else values[0]
            return
        values = [self.primitive(type_, element) for _ in range(count)]
        bare = is_bare(owner, element)
        beside: list[dict[str, Any] | None] = [None if bare else self.beside(depth) for _ in range(count)]
        if element.name != "id":
            # A value may be absent where an extension says why.
            values = [
                None if one and "extension" in one and self.rng.random() < 0.5 else value
                for value, one in zip(values, beside, strict=True)
            ]
        if any(value is not None for value in values):
            found[key] = values if element.many else values[0]
        if any(beside):
            found["_" + key] = beside if element.many else beside[0]

    def complex(self, type_: str, element: Element, depth: int) -> dict[str, Any]:
        if type_ == "Resource":
            return self.resource(self.rng.choice(("Basic", "Patient", "OperationOutcome")), depth)
        if type_ == "Reference":
            return self.reference(element, depth)
        if type_ == "CodeableConcept" and (concepts := load().concepts(element.value_set)):
            system, _, code = self.rng.choice(sorted(concepts)).partition("|")
            return {
                "coding": [{"system": system, "code": code}],
                **({"text": "ord"} if self.rng.random() < 0.3 else {}),
            }
        return self.object(type_, depth)

    def reference(self, element: Element, depth: int) -> dict[str, Any]:
        target = self.rng.choice(element.targets or ("Patient", "Observation"))
        made: dict[str, Any] = {
            "reference": self.rng.choice(
                (
                    f"{target}/en-id",
                    f"{target}/en-id/_history/2",
                    f"https://example.org/fhir/{target}/1",
                    "urn:uuid:c757873d-ec9a-4326-a141-556f43239520",
                    f"{target}?identifier=a|b",
                    *self.local,
                )
            )
        }
        if self.rng.random() < 0.2:
            made = {"type": target, "display": "Noen"}
        if self.rng.random() < 0.1 and depth < DEEPEST:
            made["extension"] = [self.extension(depth)]
        return made

    def extension(self, depth: int) -> dict[str, Any]:
        made: dict[str, Any] = {"url": "http://example.org/utvidelse"}
        if self.rng.random() < 0.1:
            made["id"] = "e1"
        if depth < DEEPEST and self.rng.random() < 0.2:
            return {**made, "extension": [self.extension(depth + 1)]}
        element = next(one for one in load().shape("Extension").elements if one.choice)
        self.element("Extension", element, made, max(depth, DEEPEST))
        return made

    def beside(self, depth: int) -> dict[str, Any] | None:
        if self.rng.random() > 0.04:
            return None
        made: dict[str, Any] = {"id": "p1"} if self.rng.random() < 0.5 else {}
        if not made or self.rng.random() < 0.5:
            made["extension"] = [self.extension(depth + 1)]
        return made

    def primitive(self, type_: str, element: Element) -> Any:
        codes = load().codes(element.value_set) if element.value_set else None
        if codes:
            return self.rng.choice(sorted(codes))
        value = CODES.get(element.value_set) or self.rng.choice(SOME[type_])
        return msgspec.Raw(value.encode()) if type_ == "decimal" else value


@dataclass(frozen=True)
class Fault:
    """A resource with one thing wrong in it."""

    name: str
    resource: dict[str, Any]
    path: str
    codes: str


def faulty(resource: dict[str, Any], rng: Random, most: int = 40) -> Iterator[Fault]:
    """Copies of a decoded resource with one fault each, at places chosen among all that it has."""
    places = list(_places(resource["resourceType"], resource, resource["resourceType"], ()))
    for place in rng.sample(places, min(most, len(places))):
        for name, codes, change in _FAULTS:
            copied = copy.deepcopy(resource)
            owner = copied
            for step in place.steps:
                owner = owner[step]
            path = change(place, owner, rng)
            if path is not None:
                yield Fault(name, copied, f"{place.path}{path}", codes)


@dataclass(frozen=True)
class _Place:
    """An object in a resource: how to come to it, its FHIRPath and its type."""

    steps: tuple[Any, ...]
    path: str
    type: str

    def elements(self, owner: dict[str, Any]) -> list[tuple[Element, str, str]]:
        """Those that the object has, with key and type, where nothing else depends on them."""
        return [
            (element, key, type_)
            for element in load().shape(self.type).elements
            for key, type_ in element.json_names()
            if key in owner and "_" + key not in owner
        ]


def _places(type_: str, value: dict[str, Any], path: str, steps: tuple[Any, ...]) -> Iterator[_Place]:
    yield _Place(steps, path, type_)
    for element in load().shape(type_).elements:
        for key, inner in element.json_names():
            if key not in value or load().shape(inner).kind == "primitive":
                continue
            many = enumerate(value[key]) if element.many else [(None, value[key])]
            for index, one in many:
                here = (*steps, key) if index is None else (*steps, key, index)
                where = f"{path}.{key}" if index is None else f"{path}.{key}[{index}]"
                yield from _places(one["resourceType"] if inner == "Resource" else inner, one, where, here)


def _drop(place: _Place, owner: dict[str, Any], rng: Random) -> str | None:
    needed = [(element, key) for element, key, _ in place.elements(owner) if element.min]
    if not needed:
        return None
    element, key = rng.choice(needed)
    del owner[key]
    return f".{element.name}[x]" if element.choice else f".{element.name}"


def _unknown(_place: _Place, owner: dict[str, Any], _rng: Random) -> str | None:
    owner["hakkebakke"] = "x"
    return ".hakkebakke"


def _set_one(types: tuple[str, ...] | None, wrong: Any) -> Any:
    """Sets one element of the types to something that it cannot be."""

    def change(place: _Place, owner: dict[str, Any], rng: Random) -> str | None:
        fit = [
            (element, key)
            for element, key, type_ in place.elements(owner)
            if (type_ in types if types else load().shape(type_).kind != "primitive") and type_ != "Resource"
        ]
        if not fit:
            return None
        element, key = rng.choice(fit)
        owner[key] = [wrong] if element.many else wrong
        return f".{key}[0]" if element.many else f".{key}"

    return change


def _not_listed(place: _Place, owner: dict[str, Any], rng: Random) -> str | None:
    fit = [(e, key) for e, key, type_ in place.elements(owner) if type_ == "code" and load().codes(e.value_set)]
    if not fit:
        return None
    element, key = rng.choice(fit)
    owner[key] = ["hakkebakke"] if element.many else "hakkebakke"
    return f".{key}[0]" if element.many else f".{key}"


def _two_choices(place: _Place, owner: dict[str, Any], rng: Random) -> str | None:
    fit = [
        (e, key) for e, key, _ in place.elements(owner) if e.choice and {"boolean", "string", "dateTime"} & set(e.types)
    ]
    if not fit:
        return None
    element, key = rng.choice(fit)
    values = {"boolean": True, "string": "x", "dateTime": "2026"}
    other = next((name for name, type_ in element.json_names() if type_ in values and name != key), None)
    if other is None:
        return None
    owner[other] = values[next(type_ for name, type_ in element.json_names() if name == other)]
    return f".{other}"


def _turned(place: _Place, owner: dict[str, Any], rng: Random) -> str | None:
    """A list where one value must be, or one value where a list must be."""
    fit = place.elements(owner)
    if not fit:
        return None
    element, key, _ = rng.choice(fit)
    owner[key] = owner[key][0] if element.many else [owner[key]]
    return f".{key}"


def _empty_list(place: _Place, owner: dict[str, Any], rng: Random) -> str | None:
    fit = [key for element, key, _ in place.elements(owner) if element.many]
    if not fit:
        return None
    key = rng.choice(fit)
    owner[key] = []
    return f".{key}"


_FAULTS = (
    ("required element dropped", "required", _drop),
    ("unknown element", "structure", _unknown),
    ("two of a choice", "structure", _two_choices),
    ("one for many", "structure value", _turned),
    ("empty list", "structure", _empty_list),
    ("empty object", "structure", _set_one(None, {})),
    ("a string for an object", "structure", _set_one(None, "x")),
    ("code that is not listed", "code-invalid", _not_listed),
    ("a day that is not", "value", _set_one(("date", "dateTime"), "2026-02-30")),
    ("a time without zone", "value", _set_one(("instant", "dateTime"), "2026-02-28T10:00:00")),
    ("a number as text", "value", _set_one(("integer", "decimal", "positiveInt", "unsignedInt"), "7")),
    ("text that is a number", "value", _set_one(("string", "markdown", "uri", "url", "canonical", "id", "time"), 7)),
    (
        "empty text",
        "value",
        _set_one(("string", "markdown", "uri", "url", "canonical", "id", "date", "base64Binary"), ""),
    ),
    ("true as text", "value", _set_one(("boolean",), "true")),
    ("white space in an address", "value", _set_one(("uri", "url", "canonical", "oid", "uuid"), "to ord")),
)
