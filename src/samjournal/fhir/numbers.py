"""The number of each resource type: its place in the alphabet of R4's types, which will not grow."""

from __future__ import annotations

from functools import cache

from samjournal.fhir.definitions import load


@cache
def _names() -> tuple[str, ...]:
    return tuple(sorted(load().resources))


@cache
def number(type_: str) -> int:
    """The number of a type."""
    return _names().index(type_) + 1


@cache
def name(type_number: int) -> str:
    """The type of a number."""
    return _names()[type_number - 1]
