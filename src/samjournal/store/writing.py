"""Writing versions: bytes stamped once, rows for search, a line in the feed. Always inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import number
from samjournal.store.rows import Index

_SQL = queries("samjournal.store")


@dataclass(frozen=True, slots=True)
class NewVersion:
    """One version to be written. `body` and `index` are None when it deletes."""

    type: str
    id: str
    version: int
    method: str  # C, U, D
    patient: int
    owner: int
    author: str
    body: bytes | None
    index: Index | None


async def lock(db: Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], asyncpg.Record]:
    """The newest versions of those that exist, held until the transaction ends."""
    if not wanted:
        return {}
    types = [number(type_) for type_, _ in wanted]
    rows = await db.fetch(_SQL.lock, types, [id_ for _, id_ in wanted])
    by_number = {number(type_): type_ for type_, _ in wanted}
    return {(by_number[row["type"]], row["id"]): row for row in rows}


async def put(db: Connection, versions: Sequence[NewVersion], *, at: datetime) -> None:
    """Write versions and all that search needs. Raises asyncpg.UniqueViolationError when one is there already."""
    await db.executemany(_SQL.put, [_row(one, at) for one in versions])
    changed = [(number(one.type), one.id) for one in versions if one.version > 1]
    if changed:
        await db.executemany(_SQL.forget_strings, changed)
        await db.executemany(_SQL.forget_dates, changed)
    strings = [
        (one.patient, param, number(one.type), one.id, folded, written, closed)
        for one in versions
        if one.index
        for param, folded, written, closed in one.index.strings
    ]
    dates = [
        (one.patient, param, number(one.type), one.id, lo, hi)
        for one in versions
        if one.index
        for param, lo, hi in one.index.dates
    ]
    if strings:
        await db.executemany(_SQL.add_string, strings)
    if dates:
        await db.executemany(_SQL.add_date, dates)


def _row(one: NewVersion, at: datetime) -> tuple[object, ...]:
    index = one.index
    return (
        one.patient,
        one.owner,
        number(one.type),
        one.id,
        one.version,
        at,
        one.method,
        one.author,
        one.body,
        index.others if index else [],
        index.tokens if index else [],
        index.lo if index else None,
        index.hi if index else None,
        index.protected if index else False,
    )


async def claim(db: Connection, key: bytes) -> bool:
    """Claim a thing that may be done once, in the transaction that does it; False when it was done before."""
    return await db.fetchval(_SQL.claim, key) is not None


async def claimed(db: Pool | Connection, key: bytes) -> bool:
    """Whether a claim was used."""
    return await db.fetchval(_SQL.claimed, key) is not None


async def stored_ids(db: Pool | Connection, type_: str, ids: Sequence[str]) -> set[str]:
    """Which of some ids of a type are stored, deleted ones included."""
    return {row["id"] for row in await db.fetch(_SQL.stored_ids, number(type_), list(ids))}
