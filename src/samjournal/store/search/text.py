"""Search in texts: `_text` in narratives, `_content` in all text of a resource. hl7.org/fhir/R4/search.html#content

A resource with free text has its words in `store.text`, what its codes are called included. One without has no row, and
neither has one with a short text alone, such as a dosage: it is found by what its codes are called and by that text,
through the tokens that `:text` uses as well (`store/search/display.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection
from samjournal.fhir import parameters, text_query
from samjournal.fhir.free_text import free
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Parameter
from samjournal.fhir.protection import open_rendition
from samjournal.fhir.text_query import Leaf, Node
from samjournal.fhir.words import Text, vector
from samjournal.store.search import display, sets, token

WHOLE, CLOSED, OPEN = 0, 1, 2
"""The words of a resource for all readers; of a protected one for those who may see all of it, and for the others."""


class Words(NamedTuple):
    """The words of a resource: for whom, a hash of them, and the tsvector as text."""

    kind: int
    digest: int
    vector: str


_SHORT, _FEW = 60, 2
"""So few texts of so few letters, such as a dosage, are said by many resources alike: they are kept as names are."""


def said(type_: str) -> str:
    """The name under which short texts of a type lie among what codes are called."""
    return f"{type_}.~"


def is_short(texts: Sequence[Text]) -> bool:
    """Whether the free text of a resource is kept as names of codes are."""
    return len(texts) <= _FEW and not any(narrative or len(text) > _SHORT for text, narrative in texts)


def rows(
    resource: dict[str, Any], texts: Sequence[Text], called: Iterable[display.Display], *, protected: bool
) -> list[Words]:
    """The words of a resource that has free text, and of what its codes are called; of a protected one apart for those
    who may not see all of it."""
    if not protected:
        return [_words(WHOLE, texts, called, closed=True)]
    shown = free(open_rendition(resource))
    return [_words(CLOSED, texts, called, closed=True), _words(OPEN, shown, called, closed=False)]


def _words(kind: int, texts: Sequence[Text], called: Iterable[display.Display], *, closed: bool) -> Words:
    kinds = display.kinds(display.CODES, closed=closed)
    found = vector([*texts, *(Text(one.folded) for one in called if one.kind in kinds)])
    return Words(kind, hash64(found), found)


@cache
def has_text(type_: str) -> int:
    """The token of resources that have words of their own."""
    return hash64(f"{type_}~text?")


@cache
def parameter(type_: str, code: str) -> Parameter:
    """`_text` or `_content` of a type, which R4 gives no element."""
    return Parameter(code, "text", (), (), type_)


@dataclass(frozen=True, slots=True)
class Asked:
    """One value, read, with the tokens of the names of codes that each of its words and phrases fits."""

    node: Node
    named: tuple[tuple[int, ...], ...]


async def read(db: Connection, one: Parameter, values: Sequence[str], *, closed: bool) -> tuple[Asked, ...]:
    """The values of a filter, ready for `condition`. Raises Invalid for what cannot be understood."""
    nodes = [text_query.parse(value) for value in values]
    if one.code == "_text":
        return tuple(Asked(node, ()) for node in nodes)
    codes = [known.code for known in parameters.for_type(one.base).values() if known.type == "token"]
    names = [name for code in codes for name in token.names(one.base, code, closed=closed)]
    leaves = [text_query.leaves(node) for node in nodes]
    asked = [text_query.words_query(leaf) for several in leaves for leaf in several]
    found = iter(await display.worded(db, [*names, said(one.base)], asked, closed=closed))
    return tuple(
        Asked(node, tuple(tuple(next(found)) for _ in several)) for node, several in zip(nodes, leaves, strict=True)
    )


def condition(one: Parameter, asked: Sequence[Asked], arguments: Arguments, *, closed: bool) -> str:
    """SQL against a row `c` of store.current: the words of one of the values are there."""
    # With OFFSET it is asked row by row. Without, the planner may gather the words of all patients for the rows of one.
    exists = f"""EXISTS (SELECT 1 FROM store.text t WHERE t.patient = c.patient AND t.type = c.type AND t.id = c.id
        AND {_fits(one, asked, arguments, closed=closed)} OFFSET 0)"""
    named = _named(one, asked, arguments)
    return f"({exists} OR {named})" if named else exists


def ids(one: Parameter, number: str, asked: Sequence[Asked], arguments: Arguments, *, closed: bool) -> str:
    """SQL for the ids that may fit, all that do among them; `number` is the type."""
    fits = _fits(one, asked, arguments, closed=closed)
    texts = f"SELECT t.id FROM store.text t WHERE t.type = {number} AND {fits}"
    needed = [hashed for tree in _trees(asked) for hashed in _needed(tree)]
    return f"{texts} UNION ALL {sets.ids(needed, arguments)}" if needed else texts


def _fits(one: Parameter, asked: Sequence[Asked], arguments: Arguments, *, closed: bool) -> str:
    weight = "A" if one.code == "_text" else ""
    query = " | ".join(text_query.words_query(value.node, weight) for value in asked)
    kinds = f"{WHOLE}, {CLOSED if closed else OPEN}"
    return f"t.kind IN ({kinds}) AND t.words @@ {arguments.add(query, 'text')}::tsquery"


def _named(one: Parameter, asked: Sequence[Asked], arguments: Arguments) -> str:
    """SQL: a resource without words of its own is called so; '' where nothing is."""
    found = [_sql(tree, arguments) for tree in _trees(asked)]
    if not found:
        return ""
    marked = arguments.add([has_text(one.base)], "bigint[]")
    return f"(({' OR '.join(found)}) AND NOT c.tokens && {marked})"


def _trees(asked: Sequence[Asked]) -> list[_Tree]:
    """What tokens must be there for each value that the names of codes can fit."""
    found = [_known(value.node, iter(value.named)) for value in asked if value.named]
    return [tree for tree in found if not isinstance(tree, bool)]


class _Hashes(NamedTuple):
    """One of these tokens is there."""

    hashes: tuple[int, ...]


class _Joined(NamedTuple):
    """Trees with AND or OR between, or one with NOT before it."""

    by: str
    trees: tuple[_Tree, ...]


_Tree = _Hashes | _Joined


def _known(node: Node, named: Iterator[tuple[int, ...]]) -> _Tree | bool:
    """What tokens must be there for a node; True or False where no name of a code can make a difference. `named` goes
    along the leaves of the node."""
    match node:
        case Leaf():
            hashes = next(named)
            return _Hashes(hashes) if hashes else False
        case text_query.Not():
            inner = _known(node.node, named)
            return not inner if isinstance(inner, bool) else _Joined("NOT", (inner,))
    every = isinstance(node, text_query.All)
    trees = [_known(inner, named) for inner in node.nodes]
    if (not every) in trees:
        return not every
    left = tuple(tree for tree in trees if not isinstance(tree, bool))
    return _Joined("AND" if every else "OR", left) if left else every


def _needed(tree: _Tree) -> tuple[int, ...]:
    """Tokens of which one at least is there wherever the tree fits."""
    if isinstance(tree, _Hashes):
        return tree.hashes
    needed = [found for inner in tree.trees if (found := _needed(inner))]
    if tree.by == "AND":
        return min(needed, key=len)
    return tuple(hashed for found in needed for hashed in found) if tree.by == "OR" else ()


def _sql(tree: _Tree, arguments: Arguments) -> str:
    if isinstance(tree, _Hashes):
        return sets.has(tree.hashes, "c", arguments)
    parts = [_sql(inner, arguments) for inner in tree.trees]
    return f"NOT ({parts[0]})" if tree.by == "NOT" else f"({f' {tree.by} '.join(parts)})"
