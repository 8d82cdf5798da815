"""Looks that were handed over to an archive leave the database; their seals stay, and say that they were.

    sealed_between(db, begin, end, after) -> Stretch | None    the seals that were made in a time
    seals(db, first, last)                                     some seals as they stand
    retire(pool, key, handed, before)                          let the looks go

What is not handed over is never removed: no record goes by its age (pasientjournalloven § 25).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from samjournal.audit.seals import Handed
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.audit")
_AT_ONCE = 5000
_MONTH = re.compile(r"audit\.look_(\d{4})_(\d{2})")


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seals in a row, and how many looks they cover."""

    first: int
    last: int
    looks: int


async def sealed_between(db: Pool | Connection, begin: datetime, end: datetime, *, after: int = 0) -> Stretch | None:
    """The seals that were made from a moment until another, with numbers above `after`; None when there are none."""
    row = await db.fetchrow(_SQL.seals_between, begin, end, after)
    return Stretch(row["first"], row["last"], row["looks"]) if row and row["seals"] else None


async def seals(db: Pool | Connection, first: int, last: int, *, most: int) -> list[Mapping[str, Any]]:
    """Some seals as they stand, at most so many."""
    return [dict(row) for row in await db.fetch(_SQL.seals, first, last, most)]


async def retire(pool: Pool, key: Ed25519PrivateKey, handed: Handed, *, before: datetime) -> None:
    """Say, signed, that the looks of some seals were handed over, and let them go: whole months at once, the rest some
    at a time. What was said already is not said again, so that one who was cut off goes on by asking anew."""
    last = await pool.fetchrow(_SQL.upto, handed.last)
    assert last is not None
    if handed.last not in {row["last"] for row in await pool.fetch(_SQL.handed)}:
        values = (handed.looks, list(handed.manifests), handed.at, handed.actor)
        await pool.execute(_SQL.retire_note, handed.first, handed.last, *values, key.sign(handed.said(last["hash"])))
    for row in await pool.fetch(_SQL.months):
        match = _MONTH.fullmatch(row["name"])
        if match and (int(match[1]), int(match[2])) < (before.year, before.month):
            await _drop(pool, row["name"], last["upto"])
    while await pool.execute(_SQL.retire_looks, last["upto"], _AT_ONCE) != "DELETE 0":
        pass
    place: tuple[object, ...] = (-(2**63), datetime.min.replace(tzinfo=UTC), UUID(int=0))
    while row := await pool.fetchrow(_SQL.retire_seen, *place, _AT_ONCE, before):
        place = tuple(row)


async def _drop(pool: Pool, month: str, upto: int) -> None:
    """Drop a month, if all but few of its looks go. Those few are of a seal that reaches into the next month, and stay
    in the default partition. `month` is a name that PostgreSQL gave; nobody waits but for the copy of those few."""
    some = f"SELECT count(*) FROM (SELECT 1 FROM {month} WHERE xact >= $1 LIMIT {_AT_ONCE + 1}) staying"
    if await pool.fetchval(some, upto) > _AT_ONCE:
        return
    async with pool.transaction() as db:
        await db.execute(f"ALTER TABLE audit.look DETACH PARTITION {month}")
        await db.execute(f"INSERT INTO audit.look SELECT * FROM {month} WHERE xact >= $1", upto)
        await db.execute(f"DROP TABLE {month}")
