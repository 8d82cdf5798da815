"""The JSON of a resource made into XML, elements in R4's order. hl7.org/fhir/R4/json.html#xml"""

from __future__ import annotations

import json
import re
from functools import cache, partial
from typing import Any

import msgspec

from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Fault
from samjournal.fhir.xml_types import COMPLEX, FHIR, HOLDER, PRIMITIVE, Member, members

# Numbers stay as written: those with a fraction or an exponent come as text, whole ones lose nothing but a minus at 0.
_decode = msgspec.json.Decoder(float_hook=str).decode
_decode_zeros = partial(json.loads, parse_float=str, parse_int=str)
_MINUS_ZERO = re.compile(rb"[:\[,]-0[,}\]]")

_BEFORE_DIV = re.compile(r"\s*(?:<\?xml.*?\?>)?\s*", re.DOTALL)
_UNFIT = [chr(code) for code in range(0x20) if chr(code) not in "\t\n\r"] + ["\ufffe", "\uffff"]
"""XML cannot hold these, however they are written. Nobody can store them; an error may quote what somebody sent."""
_SPECIAL = re.compile(f'[&<>"\t\n\r{"".join(_UNFIT)}]')
_ESCAPES = str.maketrans(
    {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        # A reader of XML takes these for a space, unless they are written so.
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
        **dict.fromkeys(_UNFIT, "\ufffd"),
    }
)


def document(compact: bytes) -> str:
    """The whole document of a resource."""
    decode = _decode_zeros if _MINUS_ZERO.search(compact) else _decode
    out = ['<?xml version="1.0" encoding="UTF-8"?>']
    _resource(decode(compact), out, f' xmlns="{FHIR}"')
    return "".join(out)


def _resource(resource: dict[str, Any], out: list[str], namespace: str = "") -> None:
    name = resource["resourceType"]
    out.append(f"<{name}{namespace}>")
    _elements(name, resource, out)
    out.append(f"</{name}>")


def _elements(type_: str, value: dict[str, Any], out: list[str]) -> None:
    """The elements of one object. A "_key" is written with its key, or for it where there is no value."""
    known = _by_key(type_)
    try:
        found = [(member, key) for key in value if (member := known[key]) is not None]
    except KeyError as unknown:
        raise Fault(f"A {type_} has {unknown}, which R4 does not know: it has no place in XML.") from None
    last = 0
    for member, _ in found:
        if member.order < last:
            found.sort(key=lambda one: one[0].order)
            break
        last = member.order
    for member, key in found:
        one = value[key]
        if member.kind == PRIMITIVE:
            if key[0] != "_":
                _primitives(member, one, value.get(member.shadow), out)
            elif member.key not in value:
                _primitives(member, None, one, out)
        elif member.many:
            for item in one:
                _element(member, item, out)
        else:
            _element(member, one, out)


def _element(member: Member, value: Any, out: list[str]) -> None:
    key = member.key
    if member.kind == COMPLEX:
        out.append(f"<{key}{_attributes(member.type, value)}>")
        _elements(member.type, value, out)
        out.append(f"</{key}>")
    elif member.kind == HOLDER:
        out.append(f"<{key}>")
        _resource(value, out)
        out.append(f"</{key}>")
    else:
        out.append(_BEFORE_DIV.sub("", value, count=1).rstrip())


def _primitives(member: Member, value: Any, shadow: Any, out: list[str]) -> None:
    """One primitive or a list of them; the id and extensions of each lie beside it in JSON."""
    if not member.many:
        _primitive(member.key, value, shadow, out)
    elif not shadow:
        for one in value:
            _primitive(member.key, one, None, out)
    else:
        for one, beside in zip(value or [None] * len(shadow), shadow, strict=True):
            _primitive(member.key, one, beside, out)


def _primitive(key: str, value: Any, shadow: dict[str, Any] | None, out: list[str]) -> None:
    text = "" if value is None else f' value="{_text(value)}"'
    if shadow is None:
        out.append(f"<{key}{text}/>")
        return
    out.append(f"<{key}{_attributes('Element', shadow)}{text}>")
    _elements("Element", shadow, out)
    out.append(f"</{key}>")


def _attributes(type_: str, value: dict[str, Any]) -> str:
    text = f' id="{_text(value["id"])}"' if "id" in value else ""
    return f'{text} url="{_text(value["url"])}"' if type_ == "Extension" and "url" in value else text


def _text(value: Any) -> str:
    if type(value) is str:
        return value.translate(_ESCAPES) if _SPECIAL.search(value) else value
    if value is True:
        return "true"
    return "false" if value is False else str(value)


@cache
def _by_key(type_: str) -> dict[str, Member | None]:
    """The members of a type by JSON name; None for what stands elsewhere, as an attribute or the element's name."""
    found: dict[str, Member | None] = {}
    for member in members(type_).values():
        found[member.key] = member
        if member.kind == PRIMITIVE:
            found[member.shadow] = member
    if load().shape(type_).kind == "resource":
        return found | {"resourceType": None}
    return found | {"id": None} | ({"url": None} if type_ == "Extension" else {})
