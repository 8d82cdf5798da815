"""The log, followed by jobs: each look once, in the order of transactions, when all of these have ended.

    follow(db, name, actions, until, count) -> Followed     what comes after the job's place
    keep(db, name, followed)                                that is the job's place now
    alone(db, name) -> bool                                 nobody else is at it until the transaction ends

The place is kept in the transaction that does something with the looks, so that a crash repeats nothing. A job that is
new begins with what is logged from now on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import msgspec

from samjournal.db.pool import Connection
from samjournal.db.queries import queries

_SQL = queries("samjournal.audit")
_FIRST = UUID(int=0)


class Passed(msgspec.Struct, frozen=True, gc=False):
    """Of a look what the jobs ask about; `patient` and `patients` are keys."""

    id: UUID
    at: datetime
    actor: str
    role: str
    organization_id: str
    agent: str
    patient: int | None
    patients: Sequence[int] | None
    why: str


@dataclass(frozen=True, slots=True)
class Followed:
    """Looks of people at work, and the place after them."""

    rows: tuple[Passed, ...]
    xact: int
    look: UUID
    more: bool


_COLUMNS = len(Passed.__struct_fields__)


async def follow(
    db: Connection, name: str, *, actions: Collection[str], count: int, until: datetime | None = None
) -> Followed | None:
    """So many of the looks that come after the place, by staff and of these actions, refreshes of a page left out;
    `until` leaves out what came later. None when another process is at it."""
    await db.execute(_SQL.begin_following, name)
    place = await db.fetchrow(_SQL.place, name)
    if place is None:
        return None
    end = await db.fetchval(_SQL.ended, until)
    rows = await db.fetch(_SQL.follow, place["xact"], place["look"], end, sorted(actions), count)
    looks = tuple(Passed(*row[:_COLUMNS]) for row in rows)
    if len(rows) == count:
        return Followed(looks, rows[-1]["xact"], rows[-1]["id"], more=True)
    return Followed(looks, max(end, place["xact"]), place["look"] if end <= place["xact"] else _FIRST, more=False)


async def keep(db: Connection, name: str, followed: Followed) -> None:
    """Go on after these the next time."""
    await db.execute(_SQL.keep_place, name, followed.xact, followed.look)


async def alone(db: Connection, name: str) -> bool:
    """Whether no other process is at a job, until the transaction ends."""
    await db.execute(_SQL.begin_following, name)
    return await db.fetchrow(_SQL.place, name) is not None


async def paces(db: Connection, actions: Collection[str], begin: datetime, end: datetime) -> list[asyncpg.Record]:
    """How many different patients each person at work opened in a time, with the last look, its role and unit."""
    return list(await db.fetch(_SQL.paces, sorted(actions), begin, end))
