"""The tokens of contained resources, as the row of what contains them has them: apart from its own."""

from __future__ import annotations

from collections.abc import Iterable

from samjournal.fhir.keys import hash64

_MARK = hash64("#")


def contains(type_: str) -> int:
    """The token of every resource that contains one of a type."""
    return hash64(f"#{type_}")


def marked(tokens: Iterable[int]) -> list[int]:
    """The tokens of a contained resource as another has them."""
    return [token ^ _MARK for token in tokens]
