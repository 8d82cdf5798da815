"""Searches of several types at once: of the whole record, and of a compartment. hl7.org/fhir/R4/http.html#search

Without an order the types come one after the other, each by id, so that a page asks only of the types that are on it.
With one, a page is laid together from the first of each type.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import asyncpg

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.compartments import COMPARTMENTS, members
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Forbidden, Invalid, NotFound
from samjournal.fhir.numbers import name
from samjournal.record.cost import in_time
from samjournal.record.door import Door, Stored, all_stored
from samjournal.record.includes import brought
from samjournal.record.links import resolved
from samjournal.record.search import MOST_NAMED, look_at_many, matching, named_of, only_patient, total_of
from samjournal.store.search import asking
from samjournal.store.search.asking import Several
from samjournal.store.search.query import Query, encode
from samjournal.store.search.suggesting import nearest

LAST_ID = "\U0010ffff"
"""What comes after every id."""
EVERY = "*"


@dataclass(frozen=True, slots=True)
class Pages:
    """A page of several types."""

    search: Several
    matches: list[Stored]
    included: list[Stored]
    total: int | None
    next_cursor: str | None


def several_of(
    permit: Permit,
    pairs: Iterable[tuple[str, str]],
    *,
    own: Sequence[str] = (),
    lenient: bool = False,
    within: tuple[str, str] | None = None,
) -> Several:
    """The search that pairs ask for, of the types that `_type` names, or of all that the reader may search: those of
    the compartment where it is `within` one. Raises Forbidden for a type named that he may not, Invalid."""
    pairs = list(pairs)
    known = sorted(members(within[0]) if within else load().resources)
    named = [type_ for key, value in pairs if key == "_type" for type_ in value.split(",")]
    for type_ in named:
        if type_ not in load().resources:
            raise Invalid(f"_type={type_[:60]} is not a resource type.{nearest(type_, known)}")
        permit.demand("s", type_)
    types = sorted(set(named)) or [type_ for type_ in known if permit.may("s", type_)]
    if not types:
        raise Forbidden(f"The role {permit.role} may not search.")
    rest = [pair for pair in pairs if pair[0] != "_type"]
    try:
        found = asking.several(types, rest, own=own, lenient=lenient, within=within)
    except Invalid as problem:
        if named or len(types) == 1:
            raise
        raise type(problem)(f"{problem.text} Name the types that are meant: _type=Patient,Observation.") from None
    return replace(found, asked=tuple(pair for pair in pairs if pair[0] != "_cursor" and pair[0] not in found.ignored))


def compartment_of(type_: str, id_: str) -> tuple[str, str]:
    """The compartment at an address. Raises NotFound where a type has none."""
    if type_ not in COMPARTMENTS:
        raise NotFound(f"{type_} has no compartment; {', '.join(COMPARTMENTS)} have.")
    return type_, id_


@in_time
async def search_types(door: Door, permit: Permit, search: Several) -> Pages:
    """Run a search of several types, log who was shown. Raises Forbidden, Invalid, Busy."""
    async with door.pool.acquire() as db:
        queries = [await resolved(door, permit, one, db) for one in search.queries]
        rows, next_cursor = await _page(door, permit, replace(search, queries=tuple(queries)), db)
        matches = all_stored(rows, permit)
        included = await brought(door, permit, search.includes, matches, db, mostly=only_patient(rows))
        total = await _total(door, permit, queries, search, len(rows), next_cursor, db)
        look = await look_at_many(permit, "search", [*rows, *included.rows], db, named=_named(door, queries))
    if look is not None:
        await door.looks.write(look)
    return Pages(search, matches, included.stored, total, next_cursor)


@in_time
async def count_types(door: Door, permit: Permit, search: Several) -> int:
    """How many match: `_summary=count`."""
    async with door.pool.acquire() as db:
        queries = [await resolved(door, permit, one, db) for one in search.queries]
        total = sum([await total_of(door, permit, one, db) for one in queries])
        look = await look_at_many(permit, "search", [], db, named=_named(door, queries))
    if look is not None:
        await door.looks.write(look)
    return total


def _named(door: Door, queries: Sequence[Query]) -> set[int]:
    named = set().union(*(named_of(door, one) for one in queries))
    if len(named) > MOST_NAMED:
        raise Invalid(f"A search names at most {MOST_NAMED} patients.")
    return named


async def _total(
    door: Door,
    permit: Permit,
    queries: Sequence[Query],
    search: Several,
    found: int,
    next_cursor: str | None,
    db: Connection,
) -> int | None:
    asked, count = queries[0].total, queries[0].count
    if asked == "none":
        return None
    if search.cursor is None and next_cursor is None and count > 0:
        return found
    if asked is None and count > 0:
        return None
    return sum([await total_of(door, permit, one, db, estimate=asked == "estimate") for one in queries])


async def _page(door: Door, permit: Permit, search: Several, db: Connection) -> tuple[list[asyncpg.Record], str | None]:
    count = search.queries[0].count
    if count == 0:
        return [], None
    if search.cursor is not None and len(search.cursor) != len(search.sort) + 2:
        raise Invalid("This page link belongs to another search. Follow the links of the Bundle as they are.")
    found: list[asyncpg.Record] = []
    for one in search.queries:
        after = _after(search, one.type)
        if after is _PAST:
            continue
        rows, _ = await matching(door, permit, replace(one, cursor=after, count=count + 1), db)
        found += rows
        if not search.sort and len(found) > count:
            break
    for place in reversed(range(len(search.sort))):
        found.sort(key=lambda row: row[f"k{place}"], reverse=search.sort[place].descending)
    if len(found) <= count:
        return found, None
    found = found[:count]
    last = found[-1]
    keys = [_plain(last[f"k{place}"]) for place in range(len(search.sort))]
    return found, encode([*keys, name(last["type"]), last["id"]])


_PAST: tuple[Any, ...] = ()


def _after(search: Several, type_: str) -> tuple[Any, ...] | None:
    """Where the page begins within a type: after what comes before it in the order of keys, type and id."""
    if search.cursor is None:
        return None
    *keys, at, id_ = search.cursor
    if not isinstance(at, str):
        raise Invalid("This page link is broken. Follow the links of the Bundle as they are, or search anew.")
    if not search.sort:
        return _PAST if type_ < at else (id_,) if type_ == at else None
    return (*keys, id_ if type_ == at else LAST_ID if type_ < at else "")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
