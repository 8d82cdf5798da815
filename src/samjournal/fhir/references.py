"""References between resources: reading one, and finding all of them. hl7.org/fhir/R4/references.html

parse(text, *, base=None) -> Reference     `base` is our own address ("https://…/fhir"); it is stripped
Reference(kind, type, id, version, url)    kind: "literal" | "absolute" | "urn" | "contained" | "conditional"
find(resource) -> list[Found]              Found(path, text): every Reference.reference, contained ones too
texts(compact) -> list[str]                the same texts alone, from the bytes without white space
distinct(compact) -> set[str]              the same of many resources, each once
type_of(value) -> str | None               the type that a Reference element points to, as far as it shows
query_of(reference) -> str                 the part after "?" of a conditional reference
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple

import msgspec

from samjournal.fhir.definitions import load

Kind = Literal["literal", "absolute", "urn", "contained", "conditional"]
LITERAL = re.compile(r"([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/([A-Za-z0-9\-.]{1,64}))?")
CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(.+)", re.DOTALL)
ENDING = re.compile(r".*/" + LITERAL.pattern, re.DOTALL)


class Reference(msgspec.Struct, frozen=True):
    """What a reference says. `url` is the text as written; type and id are set where the text shows them."""

    kind: Kind
    url: str
    type: str | None = None
    id: str | None = None
    version: str | None = None


class Found(NamedTuple):
    """A reference in a resource and where it stands."""

    path: str
    text: str


def parse(text: str, *, base: str | None = None) -> Reference:
    """Reads a reference; one to our own base is literal. Types that R4 does not have make it absolute."""
    if text.startswith("#"):
        return Reference("contained", text, id=text[1:])
    if text.startswith("urn:"):
        return Reference("urn", text)
    local = text
    if base and text.startswith(base.rstrip("/") + "/"):
        local = text[len(base.rstrip("/")) + 1 :]
    match = LITERAL.fullmatch(local)
    if match and match[1] in load().resources:
        return Reference("literal", text, match[1], match[2], match[3])
    match = CONDITIONAL.fullmatch(local)
    if match and match[1] in load().resources:
        return Reference("conditional", text, match[1])
    match = ENDING.fullmatch(local)
    if match and match[1] in load().resources:
        return Reference("absolute", text, match[1], match[2], match[3])
    return Reference("absolute", text)


@lru_cache(maxsize=16384)
def read(text: str) -> Reference:
    """A reference read without a base of our own; remembered, since the same ones come again and again."""
    return parse(text)


def type_of(value: dict[str, Any]) -> str | None:
    """The type that a Reference element points to, as far as its text or `type` shows it."""
    text = value.get("reference")
    shown = read(text).type if isinstance(text, str) else None
    named = value.get("type")
    return shown or (named if isinstance(named, str) else None)


def query_of(reference: Reference) -> str:
    """The search that a conditional reference makes."""
    return reference.url.partition("?")[2]


def find(resource: dict[str, Any]) -> list[Found]:
    """Every Reference.reference in the resource, in its order; contained resources are looked through too."""
    return list(_walk(resource, ""))


_REFERENCE = re.compile(rb'"reference":"([^"\\]*(?:\\.[^"\\]*)*)"')


def texts(compact: bytes) -> list[str]:
    """Every Reference.reference in the bytes of a resource, in its order. A quote inside a string is escaped there, so
    no string can look like one."""
    return [
        msgspec.json.decode(b'"%b"' % text) if b"\\" in text else text.decode() for text in _REFERENCE.findall(compact)
    ]


def distinct(compact: bytes) -> set[str]:
    """The texts of many resources at once, each once. To part the bytes takes a third of what the pattern takes."""
    _, *following = compact.split(b'"reference":"')
    found = {text[: text.index(b'"')] for text in following}
    if any(b"\\" in text for text in found):
        return set(texts(compact))
    return {text.decode() for text in found}


def _walk(value: dict[str, Any], path: str) -> Iterator[Found]:
    for key, child in value.items():
        if key == "reference" and isinstance(child, str):
            yield Found(path, child)
        elif isinstance(child, dict):
            yield from _walk(child, f"{path}.{key}" if path else key)
        elif isinstance(child, list):
            for index, item in enumerate(child):
                if isinstance(item, dict):
                    yield from _walk(item, f"{path}.{key}[{index}]" if path else f"{key}[{index}]")
