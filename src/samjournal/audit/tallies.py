"""How many records each unit opened on each day, by kind of relation. No patient is named, nor who looked.

    tally_day(db, actions) -> bool                              write the next day that is over
    tallies(db, begin, end, actions, organizations) -> list     days that are written, and those that are not yet

A day is written once, so that what was said of it stays said; today is counted when it is asked for.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

import asyncpg
import msgspec

from samjournal.audit.following import alone
from samjournal.db.pool import Connection
from samjournal.db.queries import queries

_SQL = queries("samjournal.audit")
_DAY = timedelta(days=1)


class Tally(msgspec.Struct, frozen=True):
    """What one unit opened on a day: looks and different people, by one kind of relation ('': by all)."""

    day: date
    organization: str
    unit: str
    why: str
    looks: int
    people: int


async def tally_day(db: Connection, actions: Collection[str]) -> bool:
    """Write the next day that is over, in a transaction that the caller holds; whether there was one."""
    if not await alone(db, "tally"):
        return False
    day = await db.fetchval(_SQL.next_day)
    if day is None:
        return False
    found = await _counted(db, day, day + _DAY, actions, None)
    rows = [(one.day, one.organization, one.unit, one.why, one.looks, one.people) for one in found]
    await db.execute(_SQL.add_tally, *map(list, zip(*rows, (day, "", "", "", 0, 0), strict=True)))
    return True


async def tallies(
    db: Connection, begin: date, end: date, actions: Collection[str], organizations: Collection[str] | None = None
) -> list[Tally]:
    """What units opened from a day until another, which is left out; None: every unit."""
    some = None if organizations is None else list(organizations)
    written = _read(await db.fetch(_SQL.tallied, begin, end, some))
    last = await db.fetchval(_SQL.last_tally)
    since = begin if last is None else max(begin, last + _DAY)
    return [*written, *(await _counted(db, since, end, actions, some) if since < end else ())]


async def _counted(
    db: Connection, begin: date, end: date, actions: Collection[str], organizations: list[str] | None
) -> list[Tally]:
    return _read(await db.fetch(_SQL.tally, begin, end, organizations, sorted(actions)))


def _read(rows: list[asyncpg.Record]) -> list[Tally]:
    return [Tally(**dict(row)) for row in rows]
