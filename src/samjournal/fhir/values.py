"""The values that search finds, and how each FHIR type is read for each type of parameter. hl7.org/fhir/R4/search.html

Token, String, Date, Ref, Uri, Number, Quantity, Position, Composite     the variants of Value
CONVERTERS[parameter type, FHIR type](value) -> list[Value]     Convert; no entry: nothing to find there
code_of(system) -> Convert                                      a code element, whose system is implied
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from functools import cache
from typing import Any

import msgspec

from samjournal.fhir import dates, references


class Token(msgspec.Struct, frozen=True, gc=False):
    """A code, identifier or yes/no; `text` is its name. A concept's own text is a Token with text alone. `types` are
    the codes of an identifier's type, as `system|code`."""

    system: str | None
    code: str | None
    text: str | None = None
    types: tuple[str, ...] = ()


class String(msgspec.Struct, frozen=True, gc=False):
    """A text as written."""

    text: str


class Date(msgspec.Struct, frozen=True, gc=False):
    """A stretch of time, UTC: `lo` included, `hi` excluded."""

    lo: datetime
    hi: datetime


class Ref(msgspec.Struct, frozen=True):
    """A reference to a resource: here (type, id), elsewhere (url too), known by an identifier, or called something;
    `fragment` is a part of it that a canonical reference names. What is contained has none of these."""

    type: str | None
    id: str | None
    version: str | None = None
    url: str | None = None
    identifier: Token | None = None
    display: str | None = None
    fragment: str | None = None


class Uri(msgspec.Struct, frozen=True, gc=False):
    """An address."""

    text: str


class Number(msgspec.Struct, frozen=True, gc=False):
    """A number, or the ends of a range."""

    lo: float | None
    hi: float | None


class Quantity(msgspec.Struct, frozen=True, gc=False):
    """An amount with its unit; `lo` and `hi` are its ends where it is a range or has a comparator. `strict` says that
    it is less or more than the end that its comparator left, never that much."""

    value: float | None
    system: str | None
    code: str | None
    unit: str | None
    lo: float | None
    hi: float | None
    strict: bool = False


class Position(msgspec.Struct, frozen=True, gc=False):
    """A place on the earth, in degrees (WGS84)."""

    latitude: float
    longitude: float


class Composite(msgspec.Struct, frozen=True):
    """Values that belong together: one tuple for each component."""

    parts: tuple[tuple[Value, ...], ...]


Value = Token | String | Date | Ref | Uri | Number | Quantity | Position | Composite
Convert = Callable[[Any], list[Value]]


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
    if not (code or system):
        return []
    type_ = value.get("type")
    return [Token(system, code, type_.get("text"), _types(type_))] if type_ else [Token(system, code)]


def _types(concept: dict[str, Any]) -> tuple[str, ...]:
    return tuple(f"{one.get('system', '')}|{one['code']}" for one in concept.get("coding", ()) if one.get("code"))


def _contact(value: dict[str, Any]) -> list[Value]:
    """An address of mail means the same whatever its case: as it is written, and in small letters for who asks."""
    code = value.get("value")
    return [Token(None, one) for one in dict.fromkeys((code, code.lower()))] if code else []


def _boolean(value: bool) -> list[Value]:
    return [Token(None, "true" if value else "false")]


def _plain_token(value: Any) -> list[Value]:
    return [Token(None, str(value))]


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
    strict = comparator in ("<", ">")
    return [Quantity(amount, value.get("system"), value.get("code"), value.get("unit"), lo, hi, strict)]


def _quantity_range(value: dict[str, Any]) -> list[Value]:
    low, high = value.get("low", {}), value.get("high", {})
    unit = low or high
    if "value" not in unit:
        return []
    return [Quantity(None, unit.get("system"), unit.get("code"), unit.get("unit"), low.get("value"), high.get("value"))]


_SAMPLE = re.compile(r"(?<!\S)-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,2})?(?!\S)")


def _sampled(value: dict[str, Any]) -> list[Value]:
    """From the least to the greatest of the samples, in the unit of their origin; "E", "L" and "U" are no amounts."""
    origin = value.get("origin", {})
    samples = [float(one) for one in _SAMPLE.findall(value.get("data", ""))]
    if not samples:
        return []
    factor, zero = value.get("factor", 1), origin.get("value", 0)
    ends = sorted((zero + min(samples) * factor, zero + max(samples) * factor))
    return [Quantity(None, origin.get("system"), origin.get("code"), origin.get("unit"), ends[0], ends[1])]


def _position(value: dict[str, Any]) -> list[Value]:
    latitude, longitude = value.get("latitude"), value.get("longitude")
    return [] if latitude is None or longitude is None else [Position(latitude, longitude)]


def _money(value: dict[str, Any]) -> list[Value]:
    amount, currency = value.get("value"), value.get("currency")
    if amount is None:
        return []
    return [Quantity(amount, "urn:iso:std:iso:4217", currency, currency, amount, amount)]


def _reference(value: dict[str, Any]) -> list[Value]:
    text, identifier, display = value.get("reference"), value.get("identifier"), value.get("display")
    token = Token(identifier.get("system"), identifier.get("value")) if identifier else None
    if text is None:
        return [Ref(value.get("type"), None, None, None, token, display)] if token or display else []
    read = references.read(text)
    if read.kind == "contained":
        return [Ref(None, None, None, None, token, display)]
    url = None if read.kind == "literal" else text
    return [Ref(read.type or value.get("type"), read.id, read.version, url, token, display)]


def _canonical(value: str) -> list[Value]:
    url, version, fragment = canonical_parts(value)
    read = references.read(url)
    elsewhere = None if read.kind == "literal" else url
    return [Ref(read.type, read.id, version or None, elsewhere, fragment=fragment or None)]


def canonical_parts(value: str) -> tuple[str, str, str]:
    """The `url|version#fragment` of a canonical reference; what is not there is empty. A fragment alone is a url."""
    whole, _, fragment = value.partition("#")
    url, _, version = whole.partition("|")
    return (url, version, fragment) if url else (value, "", "")


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
    ("quantity", "SampledData"): _sampled,
    ("special", "Location.position"): _position,
    ("reference", "Reference"): _reference,
    ("reference", "canonical"): _canonical,
    ("reference", "uri"): _canonical,
    ("reference", "Resource"): _contained,
    **{("uri", name): _uri for name in TEXTS},
}


@cache
def code_of(system: str) -> Convert:
    """Reads a code element with the system that its value set implies."""
    return lambda value: [Token(system, value)]
