"""What codes and references are called, for `:text`: each distinct text is stored once, and its hash is a token.

hl7.org/fhir/R4/search.html#modifiers. A search finds the texts that fit among the distinct ones, some thousands in a
region, and then the resources by their tokens. A connection remembers which texts are stored, so that a resource whose
texts are known costs no statement.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.errors import Invalid
from samjournal.fhir.folding import fold
from samjournal.fhir.keys import hash64
from samjournal.fhir.words import Text, vector, words

_SQL = queries("samjournal.store")
_LONGEST = 1000
MAX_FOUND = 20_000
"""More different texts than this are not gone through for one search."""


class Display(NamedTuple):
    """One text of one parameter: the key of the parameter, the token of the text, and the text as it is folded."""

    param: int
    hash: int
    folded: str


@lru_cache(maxsize=65_536)
def display(name: str, text: str) -> Display:
    """The text of a value of the parameter `name` ("Type.code", with `|closed` for a protected one)."""
    folded = fold(text[:_LONGEST])
    return Display(key(name), hash64(f"{name}~{folded}"), folded)


@lru_cache(maxsize=16_384)
def key(name: str) -> int:
    """The key that texts of a parameter lie under."""
    return hash64(f"{name}~")


async def keep(db: Connection, displays: Iterable[Display]) -> None:
    """Store the texts that are not stored yet, in the transaction of the resources that have them.

    One that this transaction is the first to store is remembered only when it is met again: then it is known that the
    transaction was not rolled back. All are stored in one order, so that of two who store the same none waits for one
    who waits for him.
    """
    known = db.known
    new = sorted({one.hash: one for one in displays if one.hash not in known}.values())
    if not new:
        return
    columns = zip(*((*one, " ".join(_begins(one.folded)), vector([Text(one.folded)])) for one in new), strict=True)
    stored = await db.fetch(_SQL.keep_displays, *map(list, columns))
    if len(known) > _REMEMBERED:
        known.clear()
    known.update({one.hash for one in new} - {row["hash"] for row in stored})


_REMEMBERED = 50_000


def _begins(folded: str) -> list[str]:
    return [f"'{word}'" for word in dict.fromkeys(word[:100] for word in words(folded))]


async def begun(db: Connection, names: Sequence[str], values: Sequence[str]) -> list[int]:
    """The tokens of all texts that fit one of the values: each word of the value begins a word of the text.

    Raises Invalid for a value without a word, and for one that fits too many.
    """
    asked = [" & ".join(f"'{word[:100]}':*" for word in words(value)) for value in values]
    for value, query in zip(values, asked, strict=True):
        if not query:
            raise Invalid(f"“{value[:40]}” has no letter or digit to search by.")
    found = await db.fetch(_SQL.displays_begun, [key(name) for name in names], asked, MAX_FOUND + 1)
    if len(found) > MAX_FOUND:
        raise Invalid(f"More than {MAX_FOUND} different texts begin with “{','.join(values)[:80]}”. Write more of it.")
    return [row["hash"] for row in found]


async def worded(db: Connection, names: Sequence[str], queries_: Sequence[str]) -> list[list[int]]:
    """For each full-text query the tokens of the texts that fit it."""
    found: list[list[int]] = [[] for _ in queries_]
    rows = await db.fetch(_SQL.displays_worded, [key(name) for name in names], list(queries_), MAX_FOUND + 1)
    if len(rows) > MAX_FOUND:
        raise Invalid(f"The words are in more than {MAX_FOUND} different names of codes. Search for rarer ones.")
    for row in rows:
        found[row["place"] - 1].append(row["hash"])
    return found
