"""Indexing resources anew by the newest set of their type's parameters, some at a time. Always inside a transaction."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg
import msgspec

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import name, number
from samjournal.store import reindexing, writing
from samjournal.store.rows import Index

_SQL = queries("samjournal.store")
_LOCK = 72_657
_COUNTED = 200_000


class Due(NamedTuple):
    """A type to go on with."""

    type: str
    wanted: int
    asked: datetime
    walked: str | None
    done: int
    total: int | None
    looked: datetime


async def due(db: Pool | Connection) -> Due | None:
    """The type that waits the longest for its newest set."""
    row = await db.fetchrow(_SQL.next_renewal)
    return Due(name(row[0]), *tuple(row)[1:]) if row else None


async def own(db: Connection, type_: str) -> bool:
    """Whether we go on with a type; False when another process does at this moment."""
    return bool(await db.fetchval(_SQL.own_renewal, _LOCK, number(type_)))


async def count(db: Pool, one: Due) -> None:
    """Note how many resources are to be looked at; where they are very many, as many as the planner thinks."""
    total = await db.fetchval(_SQL.outdated_total, number(one.type), one.wanted, _COUNTED)
    if total == _COUNTED:
        (plan,) = msgspec.json.decode(await db.fetchval(_SQL.outdated_plan, number(one.type)))
        total = max(total, int(plan["Plan"]["Plan Rows"]))
    await db.execute(_SQL.set_total, number(one.type), one.wanted, total)


async def outdated(db: Connection, one: Due, *, limit: int) -> list[str]:
    """The next ids of the walk, as many as are little enough together."""
    return _little(await db.fetch(_SQL.outdated, number(one.type), one.walked or "", one.wanted, limit))


async def outdated_lately(db: Connection, type_: str, wanted: int, since: datetime, *, limit: int) -> list[str]:
    """Ids of what was stored since a moment by an older set, as many as are little enough together."""
    return _little(await db.fetch(_SQL.outdated_lately, number(type_), since, wanted, limit))


_MOST = 4 * 1024 * 1024
"""So many bytes on the disk at once: one resource may be large, a hundred large ones are too much."""


def _little(rows: Sequence[asyncpg.Record]) -> list[str]:
    ids: list[str] = []
    size = 0
    for row in rows:
        size += row["size"]
        if ids and size > _MOST:
            break
        ids.append(row["id"])
    return ids


async def renew(db: Connection, type_: str, ids: Sequence[str], index: Callable[[bytes], Index]) -> None:
    """Index some resources anew. They are locked first, so that of a write at the same moment either we see what it
    stored, or it waits for us and has the last word."""
    locked = await writing.lock(db, [(type_, id_) for id_ in ids])
    newest = {row["id"]: row for row in locked.values() if not row["deleted"]}
    alike: dict[int, list[str]] = defaultdict(list)
    others: list[tuple[asyncpg.Record, Index]] = []
    for one in await reindexing.of(db, type_, list(newest)):
        was = newest[one.id]
        right = index(was["body"])
        if reindexing.alike(one.rows, right):
            alike[right.indexed].append(one.id)
        else:
            others.append((was, right))
        await asyncio.sleep(0)  # The others get their turn between two resources.
    if others:
        await reindexing.write(db, type_, others)
    for version, same in alike.items():
        await db.execute(_SQL.mark_indexed, number(type_), same, version)


async def walk_on(db: Connection, one: Due, walked: str | None, done: int) -> None:
    await db.execute(_SQL.walk_on, number(one.type), one.wanted, walked, done)


async def is_quiet(db: Connection, since: datetime) -> bool:
    """Whether nobody writes any more who may have known the older set."""
    return bool(await db.fetchval(_SQL.is_quiet, since))


async def set_ready(db: Connection, one: Due) -> None:
    await db.execute(_SQL.set_ready, number(one.type), one.wanted)


async def looked_after(db: Connection, type_: str) -> None:
    await db.execute(_SQL.looked_after, number(type_))
