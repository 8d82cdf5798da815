"""Tokens: system and code as hashes in one array. hl7.org/fhir/R4/search.html#token"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from samjournal.fhir import custom
from samjournal.fhir.keys import token_key
from samjournal.fhir.parameters import Token
from samjournal.fhir.protection import closable

_WHATEVER_CASE = (".email", ".telecom", ".phone")
"""Where people write the same in capitals and in small letters."""


@lru_cache(maxsize=65_536)
def _hashes(name: str, system: str | None, code: str | None) -> tuple[int, ...]:
    found = []
    if code is not None:
        found += [token_key(name, code), token_key(name, f"{system or ''}|{code}")]
    if system is not None:
        found.append(token_key(name, f"{system}|"))
    return tuple(found)


def token_hashes(name: str, value: Token) -> tuple[int, ...]:
    """What a value is found by: code, system|code, system|; an identifier by its type too."""
    found = _hashes(name, value.system, value.code)
    return found + of_types(name, value) if value.types else found


def of_types(name: str, value: Token) -> tuple[int, ...]:
    """What `:of-type` asks for: the type of an identifier, and its value. hl7.org/fhir/R4/search.html#token"""
    return tuple(wanted(by_type(name), f"{type_}|{value.code}") for type_ in value.types if value.code is not None)


def by_type(name: str) -> str:
    """The name that identifiers lie under by their type."""
    return f"{name}:of-type"


@lru_cache(maxsize=16_384)
def forms(value: Token) -> tuple[str, ...]:
    """How a value is written as part of a composite: code, system|code."""
    return () if value.code is None else (value.code, f"{value.system or ''}|{value.code}")


def wanted(name: str, text: str) -> int:
    """The hash that a search value stands for: `code`, `system|code`, `|code` (no system) or `system|`."""
    return token_key(name, text.lower() if name.partition("|")[0].endswith(_WHATEVER_CASE) else text)


def names(type_: str, code: str, *, closed: bool) -> Iterator[str]:
    """The names under which a parameter was indexed: protected values only for those who may see them."""
    yield f"{type_}.{code}"
    if closed and (code in closable(type_) or custom.is_added(type_, code)):
        yield f"{type_}.{code}|closed"
