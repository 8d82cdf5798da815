"""Writing versions: bytes stamped once, rows for search, a line in the feed. Always inside a transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache

import asyncpg

from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import name, number
from samjournal.store import copying
from samjournal.store.permitted import Condition
from samjournal.store.rows import Index
from samjournal.store.search import display
from samjournal.store.versions import NewVersion as NewVersion

_SQL = queries("samjournal.store")


async def lock(db: Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], asyncpg.Record]:
    """The newest versions of those that exist, held until the transaction ends."""
    if not wanted:
        return {}
    rows = await db.fetch(_SQL.lock, *_asked(wanted))
    if not all(row["is_whole"] for row in rows):  # Somebody changed one while it was waited for: now it is held.
        rows = await db.fetch(_SQL.lock, *_asked(wanted))
    return _by_name(rows)


async def standing(db: Pool | Connection, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], asyncpg.Record]:
    """The newest versions of those that exist, to compare with."""
    return _by_name(await db.fetch(_SQL.standing, *_asked(wanted))) if wanted else {}


async def seen_among(db: Connection, wanted: Sequence[tuple[str, str]], *, may: Condition) -> set[tuple[str, str]]:
    """Which of some stored resources a permit shows."""
    arguments = Arguments()
    types, ids = _asked(wanted)
    text = f"""SELECT c.type, c.id FROM unnest({arguments.add(types, "smallint[]")}, {arguments.add(ids, "text[]")})
        AS wanted(type, id) JOIN store.current c USING (type, id) WHERE {may("c", arguments)}"""
    return {(name(row["type"]), row["id"]) for row in await db.fetch(text, *arguments.values)}


def _asked(wanted: Sequence[tuple[str, str]]) -> tuple[list[int], list[str]]:
    return [number(type_) for type_, _ in wanted], [id_ for _, id_ in wanted]


def _by_name(rows: Sequence[asyncpg.Record]) -> dict[tuple[str, str], asyncpg.Record]:
    return {(name(row["type"]), row["id"]): row for row in rows}


Beside = tuple[str, Sequence[object]]
"""A statement without answer that goes with another, its places numbered from `BESIDE` on, and its values."""


async def put(db: Connection, versions: Sequence[NewVersion], *, at: datetime, beside: Beside | None = None) -> None:
    """Write versions and all that search needs. Raises asyncpg.UniqueViolationError when one is there already. Of a
    single one that is told when the statement is sent, at the latest at the end; with it goes what is `beside`."""
    asked = versions
    if len(versions) == 1:
        ((text, values), (one,)) = beside or ("SELECT", ()), versions
        await db.later(_with(text), *_row(one, at), *_searched(one.index), *values)
        await _put_texts(db, versions)
        await display.keep(db, one.index.displays if one.index else ())
        return
    assert beside is None
    new = [one for one in versions if one.version == 1]
    if len(new) >= MANY:
        await _copy(db, new, at=at)
        versions = [one for one in versions if one.version > 1]
    if versions:
        await _put(db, versions, at=at)
    # Last, since of two who store the same text one waits for the other: by then neither waits for anything else.
    await display.keep(db, (one for version in asked if version.index for one in version.index.displays))


BESIDE = 29
"""The first place after those of `put`."""


@cache
def _with(beside: str) -> str:
    """`put`, with another statement that goes with it."""
    text: str = _SQL.put
    return text.replace("WITH ", f"WITH beside AS ({beside}), ", 1)


MANY = 20
"""From so many new resources on a COPY costs less than statements. It never goes over what is there already."""


async def _put(db: Connection, versions: Sequence[NewVersion], *, at: datetime) -> None:
    await db.executemany(_SQL.put, [(*_row(one, at), *_searched(one.index)) for one in versions])
    await _put_texts(db, versions)


def _searched(index: Index | None) -> list[list[object]]:
    """The rows of strings, dates and numbers, column by column."""
    tables = ((index.strings, 4), (index.dates, 3), (index.numbers, 4)) if index else (((), 4), ((), 3), ((), 4))
    return [[row[column] for row in rows] for rows, columns in tables for column in range(columns)]


async def _copy(db: Connection, versions: Sequence[NewVersion], *, at: datetime) -> None:
    """The same for many that are new."""
    for table, rows in copying.rows(versions, at).items():
        columns, source = copying.COLUMNS[table], memoryview(rows)  # The driver takes bytes for a path.
        await db.copy_to_table(table, schema_name="store", columns=columns, source=source, format="binary")
    await _put_texts(db, versions)


async def _put_texts(db: Connection, versions: Sequence[NewVersion]) -> None:
    """The words of those that have free text, all in one statement: the database reads them from text."""
    rows = [
        (one.patient, number(one.type), one.id, *words)
        for one in versions
        if one.index and one.index.texts
        for words in one.index.texts
    ]
    if rows:
        await db.execute(_SQL.add_texts, *map(list, zip(*rows, strict=True)))


def _row(one: NewVersion, at: datetime) -> tuple[object, ...]:
    index = one.index
    return (
        one.patient,
        one.owner,
        number(one.type),
        one.id,
        one.version,
        at,
        one.method.encode(),
        one.author,
        one.body,
        index.others if index else [],
        index.tokens if index else [],
        index.lo if index else None,
        index.hi if index else None,
        index.protected if index else False,
        index.indexed if index else 0,
        index.part if index else 0,
        index.released if index else None,
    )


async def hold(db: Connection, keys: Collection[int]) -> None:
    """Make others who want one of these keys wait until the transaction ends; all in one order, so that none waits
    for one who waits for him."""
    await db.execute(_SQL.hold, sorted(keys))


async def plan_anew(db: Connection) -> None:
    """Plan what follows in this transaction for its values: a criterion may ask for anything."""
    await db.execute("SET LOCAL plan_cache_mode = auto")


async def claim(db: Pool | Connection, key: bytes) -> bool:
    """Claim a thing that may be done once, in the transaction that does it; False when it was done before."""
    return await db.fetchval(_SQL.claim, key) is not None


async def claim_new(db: Connection, keys: Sequence[bytes]) -> int:
    """Claim some things in the transaction that does them; how many of them were not done before."""
    return len(await db.fetch(_SQL.claim_new, list(keys)))


async def claim_all(db: Pool | Connection, keys: Sequence[bytes]) -> None:
    """Claim things that are done already; those that were claimed before stay so."""
    await db.execute(_SQL.claim_all, list(keys))


async def claimed_of(db: Pool | Connection, keys: Sequence[bytes]) -> set[bytes]:
    """Which of some claims were used."""
    return {bytes(row["key"]) for row in await db.fetch(_SQL.claimed_of, list(keys))}


async def stored_among(db: Pool | Connection, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of some resources are stored, deleted ones included."""
    return {(name(row["type"]), row["id"]) for row in await db.fetch(_SQL.stored_among, *_asked(wanted))}
