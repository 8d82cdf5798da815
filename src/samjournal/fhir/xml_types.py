"""What each R4 type looks like in XML, and which JSON it becomes. hl7.org/fhir/R4/json.html#xml

    members(type) -> dict[str, Member]     by qualified XML name ("http://hl7.org/fhir status")
    resources() -> dict[str, Member]       the same of an element that holds a whole resource

Both ways of `xml` walk these; they are compiled from the definitions when a type is first met.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from samjournal.fhir.definitions import load
from samjournal.fhir.structure import is_bare

FHIR = "http://hl7.org/fhir"
WHITE = " \t\r\n"
INTEGER = re.compile(r"0|[-+]?[1-9][0-9]*|-0")
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")

# What an element holds: a primitive value, other elements, a resource, is a resource, or XHTML.
PRIMITIVE, COMPLEX, HOLDER, RESOURCE, NARRATIVE = range(5)


class Member:
    """One element that a type may have: its JSON names, whether it repeats, and how its value is read."""

    __slots__ = ("convert", "key", "kind", "many", "order", "shadow", "type")

    def __init__(self, key: str, type_: str, *, kind: int, many: bool, order: int) -> None:
        self.key, self.shadow = key, "_" + key
        self.type, self.kind, self.many, self.order = type_, kind, many, order
        self.convert = CONVERT.get(type_) if kind == PRIMITIVE else None


def _trimmed(text: str) -> str:
    return text.strip(WHITE)


def _boolean(text: str) -> bool:
    text = text.strip(WHITE)
    if text == "true":
        return True
    if text == "false":
        return False
    raise ValueError("it must be true or false")


def _integer(text: str) -> msgspec.Raw:
    text = text.strip(WHITE)
    if not INTEGER.fullmatch(text):
        raise ValueError("it must be a whole number")
    return msgspec.Raw(text.removeprefix("+").encode())


def _decimal(text: str) -> msgspec.Raw:
    """The digits as written: 1.00 stays 1.00."""
    text = text.strip(WHITE)
    if not DECIMAL.fullmatch(text) or not math.isfinite(float(text)):
        raise ValueError("it must be a decimal number, with a full stop")
    return msgspec.Raw(text.encode())


CONVERT: dict[str, Callable[[str], Any]] = {
    "boolean": _boolean,
    "decimal": _decimal,
    "integer": _integer,
    "positiveInt": _integer,
    "unsignedInt": _integer,
    # In XML, white space around these is no part of the value; around strings and codes it is.
    **dict.fromkeys(("base64Binary", "canonical", "date", "dateTime", "id", "instant", "oid", "time"), _trimmed),
    **dict.fromkeys(("uri", "url", "uuid"), _trimmed),
}


@cache
def members(type_: str) -> dict[str, Member]:
    """The elements of a type by qualified name, in the order of the definition; attributes are not among them."""
    return {
        f"{FHIR} {key}": Member(key, one, kind=_kind(one), many=element.many, order=order)
        for order, element in enumerate(load().shape(type_).elements)
        if not is_bare(type_, element)
        for key, one in element.json_names()
    } | _narrative(type_)


def _narrative(type_: str) -> dict[str, Member]:
    """The div of a narrative has a namespace of its own."""
    if type_ != "Narrative":
        return {}
    return {"http://www.w3.org/1999/xhtml div": Member("div", "xhtml", kind=NARRATIVE, many=False, order=99)}


def _kind(type_: str) -> int:
    if type_ == "Resource":
        return HOLDER
    return PRIMITIVE if load().shape(type_).kind == "primitive" else COMPLEX


@cache
def resources() -> dict[str, Member]:
    """What an element may hold that holds a whole resource."""
    return {
        f"{FHIR} {name}": Member(name, name, kind=RESOURCE, many=False, order=0) for name in sorted(load().resources)
    }
