"""Chance that can be repeated: the same parts always give the same random numbers and the same id."""

from __future__ import annotations

from hashlib import blake2b
from random import Random


def chance(*parts: object) -> Random:
    """Random numbers of their own for each thing, so that more inhabitants never change the first ones."""
    return Random("/".join(map(str, parts)))  # noqa: S311 - people are made up here, nothing is kept secret


def identity(*parts: object) -> str:
    """A short id that the same parts always give."""
    return blake2b("/".join(map(str, parts)).encode(), digest_size=8).hexdigest()
