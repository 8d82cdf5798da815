"""What codes and references are called, for `:text`: each distinct text is stored once, and resources have the hash of
parameter and text as a token. hl7.org/fhir/R4/search.html#modifiers

A search finds the texts that fit among the distinct ones, and then the resources by their tokens. A connection
remembers which texts are stored, so that a resource whose texts are known costs no statement.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.fhir.folding import fold
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Parameter
from samjournal.fhir.words import Text, vector, words
from samjournal.store.search import token

_SQL = queries("samjournal.store")
_LONGEST = 1000
MAX_FOUND = 20_000
"""More different texts than this are not gone through for one search."""

CODES, REFERENCES, CLOSED = 0, 1, 2
"""Whose texts they are; with `CLOSED` added those of protected fields."""


class Display(NamedTuple):
    """One text: its key, whose it is, and how it is folded."""

    hash: int
    kind: int
    folded: str


@lru_cache(maxsize=65_536)
def display(name: str, text: str, kind: int) -> tuple[Display, int]:
    """The text of a value of the parameter `name` ("Type.code", with `|closed` for a protected one), and its token."""
    folded = fold(text[:_LONGEST])
    kind += CLOSED if "|closed" in name else 0
    return Display(hash64(f"{kind}~{folded}"), kind, folded), token_of(name, folded)


def token_of(name: str, folded: str) -> int:
    """What a resource is found by that has this text under this name."""
    return hash64(f"{name}~{folded}")


async def keep(db: Connection, displays: Iterable[Display]) -> None:
    """Store the texts that are not stored yet, in the transaction of the resources that have them.

    One that this transaction is the first to store is remembered only when it is met again: then it is known that the
    transaction was not rolled back. All are stored in one order, so that of two who store the same none waits for one
    who waits for him.
    """
    known = db.known
    if _forgotten not in known:
        known.clear()
        known.add(_forgotten)
    new = sorted({one.hash: one for one in displays if one.hash not in known}.values())
    if not new:
        return
    columns = zip(*((*one, vector([Text(one.folded)], as_written=True)) for one in new), strict=True)
    stored = await db.fetch(_SQL.keep_displays, *map(list, columns))
    if len(known) > _REMEMBERED:
        known.clear()
    known.update({one.hash for one in new} - {row["hash"] for row in stored})


_REMEMBERED = 50_000
_forgotten = 2**64
"""A key that no text has: it stands for how often texts were forgotten."""


def forget() -> None:
    """Texts were erased: no connection of this process takes for stored any more what it remembers."""
    global _forgotten
    _forgotten += 1


# Where two parameters read the same element, as `subject` and `patient` do, its text is one token.


@cache
def shared(type_: str, code: str) -> str | None:
    """The parameter whose tokens serve this one too: what it says of patients."""
    if code != "patient":
        return None
    expressions = {one.code: one.expression for one in load().parameters(type_)}
    expression = expressions.get("patient", "")
    return next(
        (
            other
            for other in ("subject", "individual", "beneficiary", "for")
            if other in expressions
            and re.fullmatch(rf"{re.escape(expressions[other])}\.where\(.*Patient\)", expression)
        ),
        None,
    )


@lru_cache(maxsize=4096)
def naming(name: str, target: str | None) -> str | None:
    """The name under which the text of a reference to some type lies; None where it lies under another parameter's."""
    type_, _, code = name.removesuffix("|closed").partition(".")
    if shared(type_, code):
        return None
    return _of_patient(name) if target == "Patient" and shared(type_, "patient") == code else name


def _of_patient(name: str) -> str:
    return f"{name}:Patient"


def _names(type_: str, code: str, *, closed: bool) -> list[str]:
    """The names under which the texts of a parameter lie."""
    serving = shared(type_, code)
    if serving is not None:
        return [_of_patient(name) for name in token.names(type_, serving, closed=closed)]
    listed = list(token.names(type_, code, closed=closed))
    return [*listed, *map(_of_patient, listed)] if shared(type_, "patient") == code else listed


async def begun(db: Connection, one: Parameter, values: Sequence[str], *, closed: bool) -> list[int]:
    """The tokens of all texts of a parameter that fit one of the values: each word of the value begins a word of the
    text. Raises Invalid for a value without a word, and for one that fits too many."""
    asked = [words(value) for value in values]
    for value, several in zip(values, asked, strict=True):
        if not several:
            raise Invalid(f"“{value[:40]}” has no letter or digit to search by.")
    beginnings = [" & ".join(f"'{word[:100]}':*" for word in several) for several in asked]
    kind = REFERENCES if one.type == "reference" else CODES
    found = await db.fetch(_SQL.displays, kinds(kind, closed=closed), beginnings, MAX_FOUND + 1)
    if len(found) > MAX_FOUND:
        raise Invalid(f"More than {MAX_FOUND} different texts begin with “{','.join(values)[:80]}”. Write more of it.")
    texts = {row["folded"] for row in found if _begins(row["folded"], asked[row["place"] - 1])}
    listed = one.parts or (one.code,)
    names = [name for code in listed for name in _names(one.base, code, closed=closed)]
    return [token_of(name, text) for text in texts for name in names]


def kinds(kind: int, *, closed: bool) -> list[int]:
    """Whose texts may be looked at, protected ones only by those who may see them."""
    return [kind, kind + CLOSED] if closed else [kind]


def _begins(folded: str, asked: Sequence[str]) -> bool:
    """The database finds parts of compounds as well, which begin no word."""
    spoken = words(folded)
    return all(any(word.startswith(one) for word in spoken) for one in asked)


async def worded(db: Connection, names: Sequence[str], queries_: Sequence[str], *, closed: bool) -> list[list[int]]:
    """For each full-text query the tokens that the texts which fit it have under some names."""
    found: list[list[int]] = [[] for _ in queries_]
    rows = await db.fetch(_SQL.displays, kinds(CODES, closed=closed), list(queries_), MAX_FOUND + 1)
    if len(rows) > MAX_FOUND:
        raise Invalid(f"The words are in more than {MAX_FOUND} different names of codes. Search for rarer ones.")
    for row in rows:
        found[row["place"] - 1] += [token_of(name, row["folded"]) for name in names]
    return found
