"""A FHIR search as a value: what was asked, checked against what R4 knows. hl7.org/fhir/R4/search.html

Nothing is ignored: a parameter, modifier or value that is not understood is refused, with the nearest that is.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

import msgspec

from samjournal.fhir import custom, parameters, references
from samjournal.fhir.canonicals import is_canonical
from samjournal.fhir.coded import is_coded, is_contact, is_identifier
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid, UnknownParameter
from samjournal.fhir.parameters import Parameter
from samjournal.store.search import date, including, ordering, text
from samjournal.store.search.escapes import plain, split
from samjournal.store.search.including import Include
from samjournal.store.search.suggesting import nearest as _nearest

MAX_COUNT = 1000
DEFAULT_COUNT = 50
MAX_VALUES = 500
MAX_KEYS = 10
"""So many keys a search is sorted by."""
SEARCHED = frozenset(
    {"token", "reference", "date", "string", "uri", "number", "quantity", "composite", "special"},
)
_MODIFIERS = {
    "token": {"not", "missing", "text", "in", "not-in", "below", "above", "of-type"},
    "reference": {"identifier", "missing", "text"},
    "date": {"missing"},
    "string": {"exact", "contains", "missing"},
    "uri": {"below", "above", "missing"},
    "number": {"missing"},
    "quantity": {"missing"},
    "composite": {"missing"},
    "special": {"missing"},
    "text": set(),
}
_HAS_VERSION = re.compile(r"[^|]+\|[^|#]+")
_SORTED = ("date", "string", "number", "quantity")
_IN_PARTS = ("quantity", "composite", "special")
"""What is read piece by piece, so that its values stay escaped until then."""
_LATER = {
    "_contained": "It is for searches of one type: /fhir/Medication?_contained=true&….",
    "_containedType": "It is for searches of one type: /fhir/Medication?_contained=true&….",
    "_query": "This server has no named queries.",
    "_type": "It is for searches of several types: /fhir?_type=….",
}
_CONTROL = frozenset(
    {"_sort", "_count", "_total", "_include", "_revinclude", "_summary", "_cursor", "_format", "_pretty"}
)
OTHERS = (*_CONTROL, "_has", "_list", "_filter")
"""What a search takes beside the parameters of its type."""
CONTAINED = ("_contained", "_containedType")
"""What a search of one type takes as well (`containing`)."""
_ONCE = frozenset({"_sort", "_count", "_total", "_summary", "_cursor"})


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter with its modifier; the values are alternatives. Those of quantities, composites and places are
    still escaped, for they have parts of their own."""

    parameter: Parameter
    modifier: str
    values: tuple[str, ...]
    found: tuple[Any, ...] | None = None
    """What had to be looked up first (`resolving`)."""

    @classmethod
    def of(cls, parameter: Parameter, text: str, modifier: str = "") -> Filter:
        """The filter of one value as it was sent."""
        return cls(parameter, modifier, tuple(_meant(parameter, part) for part in split(text, ",")))


@dataclass(frozen=True, slots=True)
class SortKey:
    """What to sort by: a parameter's code, `_id` or `_lastUpdated`."""

    code: str
    descending: bool


@dataclass(frozen=True, slots=True)
class Query:
    """A search of one type. `beyond` are conditions that are more than one parameter of the type; `cursor` holds the
    sort values and the id of the last row of the page before; `ignored` was left out, as the sender allowed; `named`
    are the keys of patients whom links named."""

    type: str
    filters: tuple[Filter, ...] = ()
    beyond: tuple[object, ...] = ()
    sort: tuple[SortKey, ...] = ()
    count: int = DEFAULT_COUNT
    total: Literal["none", "estimate", "accurate"] | None = None
    includes: tuple[Include, ...] = ()
    summary: Literal["count", "false"] = "false"
    cursor: tuple[Any, ...] | None = None
    asked: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    ignored: tuple[str, ...] = field(default=(), compare=False)
    named: tuple[int, ...] = field(default=(), compare=False)

    def with_filter(self, code: str, value: str) -> Query:
        """The same search, narrowed by one more parameter."""
        return replace(self, filters=(*self.filters, filter_of(self.type, code, value)))


def parse(type_: str, pairs: Iterable[tuple[str, str]], *, own: Sequence[str] = ()) -> Query:
    """The search that name-value pairs (decoded) ask for; references to `own`, our addresses, are local ones.
    Raises Invalid for anything that is not understood."""
    asked = tuple(pairs)
    control: dict[str, Any] = {}
    filters: list[Filter] = []
    includes: list[Include] = []
    once: set[str] = set()
    for name, value in asked:
        if "\x00" in value or "\x00" in name:
            raise Invalid("A search value cannot hold a NUL character.")
        plain = name.partition(":")[0]
        if plain in _ONCE and plain in once:
            raise Invalid(f"{plain} stands twice in the search. Send it once.")
        once.add(plain)
        if plain not in _CONTROL:
            filters.append(filter_of(type_, name, value, own=own))
        elif plain in ("_include", "_revinclude"):
            includes.append(including.read((type_,), name, value))
        else:
            control |= _control(type_, name, value)
    if len(includes) > including.MAX_INCLUDES:
        raise Invalid(f"A search has at most {including.MAX_INCLUDES} includes; Type:* stands for all of a type.")
    told = tuple(pair for pair in asked if pair[0] != "_cursor")
    return Query(type_, tuple(filters), includes=tuple(includes), asked=told, **control)


def _control(type_: str, name: str, value: str) -> dict[str, Any]:
    """What a control parameter sets of a Query."""
    match name:
        case "_sort":
            keys = value.split(",")
            if len(keys) > MAX_KEYS:
                raise Invalid(f"_sort has {len(keys)} keys; at most {MAX_KEYS} are sorted by.")
            return {"sort": tuple(_sort_key(type_, key) for key in keys)}
        case "_count":
            return {"count": _count(value)}
        case "_total" if value in ("none", "estimate", "accurate"):
            return {"total": value}
        case "_summary" if value in ("count", "false"):
            return {"summary": value}
        case "_cursor":
            return {"cursor": decode(value)}
        case "_format" | "_pretty":
            return {}
    raise Invalid(f"{name}={value} is not understood here. See the CapabilityStatement at /fhir/metadata.")


def _count(value: str) -> int:
    if not value.isascii() or not value.isdigit() or len(value) > 20:
        raise Invalid(f"_count={value[:40]} is not a number from 0 to {MAX_COUNT}.")
    return min(int(value), MAX_COUNT)


def filter_of(type_: str, name: str, value: str, *, own: Sequence[str] = ()) -> Filter:
    """The filter that one parameter asks for. Raises Invalid for what is not understood."""
    parameter, modifier = _named(type_, name, custom.epoch())
    code = parameter.code
    values = Filter.of(parameter, value).values
    refers = parameter.type == "reference" and modifier not in ("identifier", "text", "below", "above")
    for base in own if refers else ():
        ours = tuple(part.removeprefix(f"{base}/") for part in values)
        # A canonical url is kept as it was sent, though it begins like an address of ours.
        values = tuple(dict.fromkeys((*values, *ours))) if is_canonical(type_, code) else ours
    if len(values) > MAX_VALUES:
        raise Invalid(f"“{code}” has {len(values)} values; at most {MAX_VALUES} are searched at once.")
    if any(not part.strip() for part in values):
        raise Invalid(f"“{name}” has an empty value. Leave the parameter out, or use {code}:missing=true.")
    if parameter.type == "date" and any(part.startswith(date.OVERLAPS) for part in values):
        raise date.unreadable(code, value)
    if refers and any(part.endswith("/") for part in values):
        raise Invalid(f"“{name}={value[:60]}” names no resource: write Type/id, or the id alone.")
    if refers and modifier and any(_is_of_another(part, modifier) for part in values):
        raise Invalid(f"“{name}={value[:60]}” names two types: write {code}=Type/id, or {name} with the id alone.")
    if parameter.type == "token" and any(part.find("|") > 0 for part in values) and is_contact(parameter):
        raise Invalid(f"“{name}={value[:60]}”: a telephone number or an address of mail has no system; leave out “…|”.")
    if modifier == "missing" and value not in ("true", "false"):
        raise Invalid(f"“{name}” is true or false, not “{value[:40]}”.")
    if modifier == "of-type" and not all(_is_of_type(part) for part in values):
        raise Invalid(f"“{name}” takes three parts, system|code|value: system and code of the type, and the value.")
    if (
        parameter.type == "reference"
        and modifier in ("below", "above")
        and not all(map(_HAS_VERSION.fullmatch, values))
    ):
        raise Invalid(
            f"“{name}” goes by versions of what a canonical url names: write url|1.2, or leave “:{modifier}”."
        )
    if parameter.type == "uri" and code == "url" and any("|" in part for part in values):
        raise Invalid(
            f"“{name}={value[:60]}” names a version: write {name}=… for the url, and version=… for the version."
        )
    if parameter.type == "uri" and modifier in ("below", "above") and any(":/" not in part for part in values):
        raise Invalid(
            f"“{name}” goes by the parts of a URL: write one that begins with http://, or leave “:{modifier}”."
        )
    return Filter(parameter, modifier, values)


def _is_of_another(text: str, type_: str) -> bool:
    """Whether a value names a resource of another type than the modifier, which nothing can be."""
    reference = references.parse(text)
    return type_ in load().resources and reference.kind == "literal" and reference.type != type_


@lru_cache(maxsize=4096)
def _named(type_: str, name: str, _epoch: int) -> tuple[Parameter, str]:
    """The parameter and the modifier that a name stands for. Raises Invalid."""
    code, _, modifier = name.partition(":")
    known = parameters.for_type(type_)
    if code in _LATER:
        raise UnknownParameter(f"“{code}” is not searched here. {_LATER[code]}")
    parameter = _of_text(type_, name) if code in ("_text", "_content") else known.get(code)
    if parameter is None:
        custom.refuse_waiting(type_, code)
        raise UnknownParameter(
            f"{type_} has no search parameter “{code}”.{_nearest(code, [*known, *OTHERS, *CONTAINED])}"
        )
    if parameter.type == "uri" and modifier == "below" and code.startswith("_"):
        raise Invalid(f"“{code}” is found by its whole address: write {code}=… without “:below”.")
    allowed = modifiers(parameter) | ({*parameter.targets} if parameter.type == "reference" else set())
    if modifier and modifier not in allowed:
        raise Invalid(f"“{code}” does not take the modifier “:{modifier}”.{_nearest(modifier, allowed)}")
    return parameter, modifier


def searched_in_texts(type_: str) -> tuple[str, ...]:
    """The parameters that search in the texts of a type: in its narrative where it may have one, and in all of it."""
    return ("_text", "_content") if load().shape(type_).parent == "DomainResource" else ("_content",)


def _of_text(type_: str, name: str) -> Parameter:
    """`_text` and `_content`, which R4 gives no element and no modifier."""
    code, _, modifier = name.partition(":")
    if modifier:
        raise Invalid(f'“{code}” takes no modifier: write {code}=word, {code}="two words" or {code}=this -notthis.')
    if code not in searched_in_texts(type_):
        raise Invalid(f"{type_} has no narrative. Search its whole text with _content.")
    return text.parameter(type_, code)


def modifiers(parameter: Parameter) -> set[str]:
    """The modifiers that a parameter takes, but for the types that a reference may be said to be of: codes are in value
    sets and under one another, identifiers of a type."""
    allowed = _MODIFIERS[parameter.type]
    if parameter.type == "uri":
        return allowed - ({"below"} if parameter.code.startswith("_") else set())
    if parameter.type == "reference" and is_canonical(parameter.base, parameter.code):
        return allowed | {"below", "above"}
    if parameter.type == "token":
        allowed = allowed - (set() if is_coded(parameter) else {"in", "not-in", "below", "above"})
        return allowed if is_identifier(parameter) else allowed - {"of-type"}
    return allowed


def _is_of_type(written: str) -> bool:
    system, _, rest = written.partition("|")
    code, _, value = rest.partition("|")
    return bool(system and code and value)


def _meant(parameter: Parameter, text: str) -> str:
    return text if parameter.type in _IN_PARTS else plain(text)


def _sort_key(type_: str, text: str) -> SortKey:
    code = text.removeprefix("-")
    parameter = parameters.for_type(type_).get(code)
    sortable = code in ("_id", "_lastUpdated") or (parameter is not None and parameter.type in _SORTED)
    if not sortable and not ordering.written(type_, code):
        if parameter is not None:
            raise Invalid(f"{type_} cannot be sorted by “{code}”: a {parameter.type} of this kind has no order.")
        known = [
            p.code for p in parameters.for_type(type_).values() if p.type in _SORTED or ordering.written(type_, p.code)
        ]
        raise Invalid(f"{type_} cannot be sorted by “{code[:60]}”.{_nearest(code, [*known, '_id', '_lastUpdated'])}")
    return SortKey(code, text.startswith("-"))


def encode(values: Sequence[Any]) -> str:
    """A cursor as one opaque word for a link."""
    return base64.urlsafe_b64encode(msgspec.json.encode(list(values))).decode().rstrip("=")


def decode(text: str) -> tuple[Any, ...]:
    try:
        values = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, msgspec.DecodeError):
        values = None
    if not isinstance(values, list) or not values or not isinstance(values[-1], str):
        raise Invalid("This page link is broken. Follow the links of the Bundle as they are, or search anew.")
    return tuple(values)
