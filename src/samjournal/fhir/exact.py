"""JSON as a tree that can be changed and written again: numbers keep their digits, members their order.

decode(text) -> Any          objects as dicts, numbers as `Written`; ValueError, RecursionError
encode(tree) -> bytes        without white space
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from math import isfinite
from typing import Any

import msgspec

_string = msgspec.json.Encoder().encode


class Written(Decimal):
    """A number with the signs that it was written in: 1.00 is not 1.0, and 1e2 is not 100."""

    text: str

    def __new__(cls, text: str) -> Written:
        if not isfinite(float(text)):
            raise ValueError("a number is too large")
        made = super().__new__(cls, text)
        made.text = text
        return made

    def __copy__(self) -> Written:
        return self

    def __deepcopy__(self, _memo: Any) -> Written:
        return self


def decode(text: bytes) -> Any:
    """The tree of JSON text. Raises ValueError for what is none, or has a member twice."""
    return json.loads(text, parse_float=Written, parse_int=_whole, parse_constant=_refuse, object_pairs_hook=_members)


def _whole(text: str) -> int | Written:
    return int(text) if len(text) < 20 and text != "-0" else Written(text)


def _refuse(text: str) -> Any:
    raise ValueError(f"{text} is no number in JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a member stands twice in one object")
    return found


def encode(tree: Any) -> bytes:
    """The JSON text of a tree."""
    return b"".join(_pieces(tree))


def _pieces(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict):
        yield b"{"
        for place, (name, inner) in enumerate(value.items()):
            yield b",%b:" % _string(name) if place else b"%b:" % _string(name)
            yield from _pieces(inner)
        yield b"}"
    elif isinstance(value, list):
        yield b"["
        for place, inner in enumerate(value):
            if place:
                yield b","
            yield from _pieces(inner)
        yield b"]"
    elif isinstance(value, Written):
        yield value.text.encode()
    else:
        yield _string(value)


def alike(one: Any, other: Any) -> bool:
    """Whether two trees are the same, as JSON Patch has it: numbers by what they are. RFC 6902 section 4.6"""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(alike(value, other[name]) for name, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(alike, one, other))
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, int | Decimal) and isinstance(other, int | Decimal):
        return one == other
    return type(one) is type(other) and bool(one == other)
