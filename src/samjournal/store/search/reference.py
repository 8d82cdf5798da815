"""References: `Type/id` as hashes in the same array as tokens. hl7.org/fhir/R4/search.html#reference"""

from __future__ import annotations

from functools import lru_cache

from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Ref
from samjournal.fhir.references import parse
from samjournal.store.search import token

_LONGEST = 8
"""Parts of a version that are told apart."""


@lru_cache(maxsize=16_384)
def reference_tokens(name: str, value: Ref) -> tuple[int, ...]:
    """What a reference is found by: its `Type/id`, or its url when it points elsewhere."""
    found = tuple(hash64(f"{name}={form}") for form in forms(value))
    if value.url and value.version:
        found += tuple(hash64(f"{name}<{value.url}|{one}") for one in _shorter(value.version))
    return found + token.token_hashes(by_identifier(name), value.identifier) if value.identifier else found


def by_identifier(name: str) -> str:
    """The name that identifiers of references lie under: what `:identifier` asks for."""
    return f"{name}:identifier"


def forms(value: Ref) -> tuple[str, ...]:
    """How a reference is written in a search: its `Type/id`, or its url when it points elsewhere. A canonical url is
    found with its version too, and where it has none as one that means every version (`fhir.canonicals`); one that
    names a part of the resource without it and with it."""
    if value.type and value.id and value.url is None:
        return (f"{value.type}/{value.id}",)
    if not value.url:
        return ()
    found = (value.url, f"{value.url}|{value.version or ''}")
    if not value.fragment:
        return found
    return *found, *(f"{form.removesuffix('|')}#{value.fragment}" for form in found[not value.version :])


def wanted_versions(name: str, text: str, modifier: str) -> list[int]:
    """The hashes of `url|1.2:below` (1.2 and its parts, 1.2.7) and `:above` (1.2, 1, and references to any version)."""
    url, _, version = text.partition("|")
    if modifier == "below":
        return [hash64(f"{name}<{text}")]
    return [hash64(f"{name}={url}|{one}") for one in ("", *_shorter(version))]


def _shorter(version: str) -> list[str]:
    """A version and those that say less of it: 1.2.7, 1.2, 1."""
    parts = version.split(".")[:_LONGEST]
    return [version, *(".".join(parts[:length]) for length in range(len(parts) - 1, 0, -1))]


def wanted(name: str, text: str, *, targets: tuple[str, ...], type_: str = "", base: str = "") -> list[int]:
    """The hashes that a search value stands for."""
    return [hash64(f"{name}={form}") for form in wanted_forms(text, targets=targets, type_=type_, base=base)]


def wanted_forms(text: str, *, targets: tuple[str, ...], type_: str = "", base: str = "") -> list[str]:
    """What a search value may mean: `Type/id`, a bare id of any target type, or a url."""
    reference = parse(text, base=base or None)
    if reference.kind == "literal":
        return [f"{reference.type}/{reference.id}"]
    if "/" not in text and ":" not in text:
        return [f"{one}/{text}" for one in ((type_,) if type_ else targets)]
    return [text]
