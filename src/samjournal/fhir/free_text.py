"""The free text of a resource: narrative, strings and markdown, notes, text attachments.

hl7.org/fhir/R4/search.html#content

    free(resource) -> list[Text]    nothing for most: what has only codes and amounts has no free text

Names, addresses, identifiers, numbers, units and extensions are no free text: they have search parameters, or are no
prose. Which elements of a type may hold text follows from the definitions, so that the others are not even looked at.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from functools import cache
from html import unescape
from typing import Any

from samjournal.fhir.definitions import load
from samjournal.fhir.narrative import to_text
from samjournal.fhir.words import Text

_TYPES = (
    "Address CodeableConcept Coding ContactDetail ContactPoint ElementDefinition Extension HumanName Identifier Meta "
    "Money Period Quantity Age Count Distance Duration Range Ratio Reference SampledData Signature Timing"
)
_ELEMENTS = (
    "Bundle.entry CapabilityStatement.rest CodeSystem.concept ConceptMap.group Parameters.parameter "
    "StructureDefinition.differential StructureDefinition.snapshot ValueSet.compose ValueSet.expansion"
)
_CALLED = (
    "alias identifier label lotNumber linkId modelNumber name partNumber preAuthRef publisher serialNumber version"
)
_NO_PROSE, _LISTS = (frozenset(words.split()) for words in (_TYPES, _ELEMENTS))
"""Definitions of thousands of codes and elements, which are found as such, and resources inside others."""

_NAMES = frozenset(_CALLED.split())
"""Strings that are names and numbers of things."""

_STRING, _NARRATIVE, _ATTACHMENT, _RESOURCE = "string", "Narrative", "Attachment", "Resource"
_LARGEST = 4_000_000
"""A larger attachment (in base64) is not read."""


def free(resource: Mapping[str, Any]) -> list[Text]:
    """The free text of a sound resource; narrative first."""
    found: list[Text] = []
    _collect(resource, _plan(resource["resourceType"]), found)
    found.sort(key=lambda one: not one.narrative)
    return found


def _collect(value: Mapping[str, Any], plan: Mapping[str, str], found: list[Text]) -> None:
    for key, inner in value.items():
        kind = plan.get(key)
        if kind is None or inner is None:
            continue
        for one in inner if type(inner) is list else (inner,):
            if one is None:
                continue
            if kind == _STRING:
                found.append(Text(one))
            elif kind == _NARRATIVE:
                found.append(Text(_said(one.get("div", "")), True))
            elif kind == _ATTACHMENT:
                found += map(Text, _attached(one))
            elif kind != _RESOURCE:
                _collect(one, _plan(kind), found)
            elif load().has(one.get("resourceType", "")):
                _collect(one, _plan(one["resourceType"]), found)


@cache
def _plan(type_: str) -> Mapping[str, str]:
    """The members of a type that may hold text, by their JSON name, and how each is read."""
    return {
        name: kind
        for element in load().shape(type_).elements
        for name, declared in element.json_names()
        if f"{type_}.{element.name}" not in _LISTS and element.name not in _NAMES and (kind := _kind(declared))
    }


def _kind(type_: str) -> str | None:
    if type_ in ("string", "markdown"):
        return _STRING
    if type_ in (_NARRATIVE, _ATTACHMENT, _RESOURCE):
        return type_
    return type_ if type_ not in _NO_PROSE and _holds(type_, frozenset()) else None


def _holds(type_: str, above: frozenset[str]) -> bool:
    """Whether a type has text in it, however deep."""
    if type_ in above or not load().has(type_) or load().shape(type_).kind == "primitive":
        return False
    return any(
        declared in ("string", "markdown", _NARRATIVE, _ATTACHMENT, _RESOURCE)
        or (declared not in _NO_PROSE and _holds(declared, above | {type_}))
        for element in load().shape(type_).elements
        for _, declared in element.json_names()
        if f"{type_}.{element.name}" not in _LISTS and element.name not in _NAMES and element.name != "id"
    )


_QUOTED = r"""(?:[^>"']|"[^"]*"|'[^']*')*"""
_INLINE = re.compile(
    rf"<!--.*?-->|</?(?:a|abbr|b|big|em|i|q|small|span|strong|sub|sup|tt|u)(?=[\s/>]){_QUOTED}>", re.DOTALL
)
_TAG = re.compile(rf"<{_QUOTED}>")


def _said(div: str) -> str:
    """The words of a sound narrative, without its markup; quicker than `to_text`, which keeps its lines."""
    return unescape(_TAG.sub(" ", _INLINE.sub("", div)))


def _attached(value: Mapping[str, Any]) -> Iterator[str]:
    """The title of an attachment, and its text where it is one."""
    if title := value.get("title"):
        yield title
    kind, data = str(value.get("contentType", "")).partition(";")[0].strip().lower(), value.get("data", "")
    if not kind.startswith("text/") or kind == "text/rtf" or len(data) > _LARGEST:
        return
    try:
        text = base64.b64decode(data).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return
    yield to_text(text) if kind in ("text/html", "text/xml") else text
