"""Searching what is contained: the resources that hold it, or it alone. hl7.org/fhir/R4/search.html#contained

    search_contained(door, permit, query, wanted) -> Page

What contains it must be open to the reader, and of a type that he may read. Contained resources are judged as they are
shown to him, so that nothing is found by what he may not see.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import msgspec
from msgspec import structs

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.record.cost import in_time
from samjournal.record.door import Door, Stored, stored_of
from samjournal.record.links import resolved
from samjournal.record.search import Page, look_at_many, matching, patients_named, total_of
from samjournal.store import containing, rows
from samjournal.store.search.query import Query, encode
from samjournal.store.search.sql import Statement

MOST = 1000
"""So many resources are looked into at once."""
MOST_INSIDE = 2000
"""So many contained resources are compared at once."""
_HERE = "#"
"""What the cursor of a page among contained resources begins with."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What stands for itself too (`both`); the contained resource `alone`, or what contains it."""

    both: bool = False
    alone: bool = False


@dataclass(frozen=True, slots=True)
class _Found:
    """A contained resource that fits, and the row of what contains it."""

    row: asyncpg.Record
    inner: Stored

    @property
    def place(self) -> tuple[int, str]:
        return self.row["type"], self.inner.id


class _Container(msgspec.Struct):
    contained: list[msgspec.Raw] = []


_container = msgspec.json.Decoder(_Container)


@in_time
async def search_contained(door: Door, permit: Permit, query: Query, wanted: Wanted) -> Page:
    """Run a search of contained resources, log who was shown. Those come first where others are wanted too. A contained
    resource has the id of its container and its own, as `7#m1`. Raises Forbidden, Invalid, Busy."""
    permit.demand("s", query.type)
    containing.refuse(query)
    async with door.pool.lane(same_plans=False) as db:
        query = await resolved(door, permit, query, db)
        found = await _found(door, permit, query, db)
        if not wanted.alone:
            found = _once(found)
        shown, others, next_cursor = await _page(door, permit, query, found, wanted, db)
        total = None
        if query.total != "none":
            total = len(found) + (await total_of(door, permit, query, db) if wanted.both else 0)
        about = [one.row for one in shown]
        named = patients_named(door, query)
        look = await look_at_many(permit, "search", [*about, *others], db, named=named)
    if look is not None:
        await door.looks.write(look)
    matches = [one.inner if wanted.alone else stored_of(one.row, permit) for one in shown]
    return Page(query, [*matches, *(stored_of(row, permit) for row in others)], [], total, next_cursor)


async def _page(
    door: Door, permit: Permit, query: Query, found: Sequence[_Found], wanted: Wanted, db: Connection
) -> tuple[list[_Found], list[asyncpg.Record], str | None]:
    """The contained ones of a page, the others that it has room for, and the cursor of the next."""
    left = query.count
    shown: list[_Found] = []
    after = query.cursor
    if after is None or after[0] == _HERE:
        begun = _place(after) if after else None
        there = [one for one in found if begun is None or one.place > begun]
        shown, after = there[:left], None
        left -= len(shown)
        if len(shown) < len(there) or (shown and wanted.both and not left):
            return shown, [], encode([_HERE, *shown[-1].place]) if shown else None
    if not wanted.both or not left:
        return shown, [], None
    others, cursor = await matching(door, permit, replace(query, count=left, cursor=after), db)
    return shown, others, cursor


def _once(found: Sequence[_Found]) -> list[_Found]:
    """One for each container."""
    return list({(one.row["type"], one.row["id"]): one for one in reversed(found)}.values())[::-1]


def _place(cursor: Sequence[Any]) -> tuple[int, str]:
    match cursor:
        case (_, int(type_), str(id_)):
            return type_, id_
    raise Invalid("This page link is broken. Follow the links of the Bundle as they are, or search anew.")


async def _found(door: Door, permit: Permit, query: Query, db: Connection) -> list[_Found]:
    """All contained resources that fit, in the order of their containers."""

    def made() -> Statement:
        return containing.statement(
            query, same_person=door.persons.ids, sees_protected=permit.shows_protected(query.type)
        )

    types = [type_ for type_ in sorted(load().resources) if permit.may("r", type_)]
    text, values = containing.containers(made(), types, permit.condition, limit=MOST + 1)
    held = await db.fetch(text, *values)
    if len(held) > MOST:
        raise Invalid(
            f"More than {MOST} resources contain a {query.type} that may fit. Narrow the search by a code, an"
            " identifier or a reference."
        )
    inside = {one.inner.reference: one for row in held for one in _inside(row, permit, query.type)}
    if len(inside) > MOST_INSIDE:
        raise Invalid(
            f"They contain more than {MOST_INSIDE} resources of the type {query.type}. Narrow the search by a code, an"
            " identifier or a reference."
        )
    text, values = containing.among(made(), [(id_, _index(one.inner)) for id_, one in inside.items()])
    fits = {row["id"] for row in await db.fetch(text, *values)}
    return sorted((one for id_, one in inside.items() if id_ in fits), key=lambda one: one.place)


def _inside(row: asyncpg.Record, permit: Permit, type_: str) -> list[_Found]:
    """What a resource contains of a type, of what the reader is shown of it."""
    container = stored_of(row, permit)
    assert container.body is not None
    found = []
    for raw in _container.decode(container.body).contained:
        resource: dict[str, Any] = msgspec.json.decode(raw)
        if resource["resourceType"] == type_:
            id_ = f"{container.id}#{resource.get('id', '')}"
            found.append(_Found(row, structs.replace(container, id=id_, body=bytes(raw))))
    return found


def _index(inner: Stored) -> rows.Index:
    assert inner.body is not None
    return rows.index(msgspec.json.decode(inner.body), references.texts(inner.body))
