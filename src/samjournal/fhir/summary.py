"""A part of a resource instead of the whole: `_summary` and `_elements`. hl7.org/fhir/R4/search.html#summary

subset(body, part) -> bytes             what is left of stored bytes, marked SUBSETTED; values stay as written
Part("true" | "text" | "data" | "elements", names)
read_elements(type, text) -> frozenset  the names of an `_elements`; Invalid for one that the type has not
"""

from __future__ import annotations

import difflib
from collections.abc import Callable
from functools import cache
from typing import Literal, NamedTuple

import msgspec

from samjournal.fhir.definitions import Element, load
from samjournal.fhir.errors import Invalid

TAG_SYSTEM = "http://terminology.hl7.org/CodeSystem/v3-ObservationValue"
TAG_CODE = "SUBSETTED"
_TAG = msgspec.Raw(b'{"system":"%b","code":"%b"}' % (TAG_SYSTEM.encode(), TAG_CODE.encode()))
_ALWAYS = frozenset({"resourceType", "id", "meta", "implicitRules", "modifierExtension"})
"""What every part has: what it is, and what could change the meaning of the rest."""
_WHOLE = frozenset({"Extension", "Narrative", "Resource"})
"""Types that are given whole or not at all."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_array = msgspec.json.Decoder(list[msgspec.Raw])
_encode = msgspec.json.Encoder().encode
_BRACKET = ord("[")
Keeps = Callable[[str], bool]


class Part(NamedTuple):
    """What somebody wants of each resource; `names` are the elements of an `_elements`."""

    kind: Literal["true", "text", "data", "elements"]
    names: frozenset[str] = frozenset()


def subset(body: bytes, part: Part) -> bytes:
    """The part of a stored resource that was asked for, with the tag that says that it is not the whole."""
    members = _object.decode(body)
    type_ = msgspec.json.decode(members["resourceType"])
    keeps = _keeps(type_, part)
    kept = {name: value for name, value in members.items() if name in _ALWAYS or keeps(name.removeprefix("_"))}
    if part.kind == "true":
        kept = _with_something(type_, {name: _pruned(value, _type_of(type_, name)) for name, value in kept.items()})
    kept["meta"] = _tagged(members.get("meta"))
    return _encode(kept)


def read_elements(type_: str, text: str) -> frozenset[str]:
    """The elements that an `_elements` names, such as `identifier,name`. Raises Invalid."""
    known = {element.name for element in load().shape(type_).elements}
    names = frozenset(name.strip().removeprefix(f"{type_}.").removesuffix("[x]") for name in text.split(","))
    for name in sorted(names - known - _ALWAYS):
        near = difflib.get_close_matches(name[:60], known, n=1, cutoff=0.5)
        hint = f" Did you mean “{near[0]}”?" if near else ""
        raise Invalid(f"{type_} has no element “{name[:60]}” for _elements to name.{hint}")
    return names


def is_subset(resource: dict[str, object]) -> bool:
    """Whether a resource says of itself that it is a part only: stored over the whole, it would lose the rest."""
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return isinstance(tags, list) and any(
        isinstance(tag, dict) and tag.get("code") == TAG_CODE and tag.get("system") == TAG_SYSTEM for tag in tags
    )


def _keeps(type_: str, part: Part) -> Keeps:
    elements = _elements(type_)
    match part.kind:
        case "data":
            return lambda name: name != "text"
        case "text":
            return lambda name: name == "text" or name not in elements or elements[name].min > 0
        case "elements":
            return lambda name: name not in elements or elements[name].min > 0 or elements[name].name in part.names
    return lambda name: name not in elements or elements[name].min > 0 or elements[name].summary


@cache
def _elements(type_: str) -> dict[str, Element]:
    """The elements of a type by every JSON name that they can have."""
    return {name: element for element in load().shape(type_).elements for name, _ in element.json_names()}


@cache
def _types(type_: str) -> dict[str, str]:
    return {name: kind for element in load().shape(type_).elements for name, kind in element.json_names()}


def _type_of(type_: str, name: str) -> str:
    return _types(type_).get(name, "")


@cache
def _has_more(type_: str, above: frozenset[str] = frozenset()) -> bool:
    """Whether a type has anything, at any depth, that a summary leaves out."""
    if type_ in _WHOLE or type_ in above or not load().has(type_):
        return False
    elements = load().shape(type_).elements
    return any(
        _left_out(type_, element) or any(_has_more(kind, above | {type_}) for kind in element.types)
        for element in elements
    )


def _left_out(type_: str, element: Element) -> bool:
    """Whether a summary leaves an element of a datatype or backbone out. Extensions of a datatype say how to read it,
    such as why a value is absent; those of a backbone say more."""
    if element.summary or element.min > 0 or element.name == "id":
        return False
    return element.name != "extension" or load().shape(type_).kind == "backbone"


def _pruned(value: msgspec.Raw, type_: str) -> msgspec.Raw:
    """A value of a type without what a summary leaves out."""
    if not _has_more(type_):
        return value
    if memoryview(value)[0] == _BRACKET:
        parts = [_pruned(one, type_) for one in _array.decode(value)]
        return msgspec.Raw(_encode([one for one in parts if not _is_empty(one)] or parts))
    elements = _elements(type_)
    kept = {
        name: _pruned(inner, _type_of(type_, name))
        for name, inner in _object.decode(value).items()
        if (element := elements.get(name.removeprefix("_"))) is None or not _left_out(type_, element)
    }
    return msgspec.Raw(_encode(_with_something(type_, kept)))


def _with_something(type_: str, members: dict[str, msgspec.Raw]) -> dict[str, msgspec.Raw]:
    """The members of which a summary leaves something, and those that must be there: FHIR has no empty objects.
    hl7.org/fhir/R4/json.html"""
    elements = _elements(type_)
    return {
        name: value
        for name, value in members.items()
        if not _is_empty(value) or (element := elements.get(name)) is None or element.min > 0
    }


def _is_empty(value: msgspec.Raw) -> bool:
    """An object, or a list of objects, of which nothing is left; where something is, none of the others is kept."""
    return bytes(memoryview(value)[:3]) in (b"{}", b"[{}")


def _tagged(meta: msgspec.Raw | None) -> msgspec.Raw:
    members = _object.decode(meta) if meta is not None else {}
    tags = _array.decode(members["tag"]) if "tag" in members else []
    members["tag"] = msgspec.Raw(_encode([*tags, _TAG]))
    return msgspec.Raw(_encode(members))
