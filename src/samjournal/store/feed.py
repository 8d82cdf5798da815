"""The change feed: readers keep a cursor and poll; nothing is passed over, order holds per patient. House rule 4."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import name, number

_SQL = queries("samjournal.store")


class Cursor(NamedTuple):
    """How far a reader has come: the transaction, and the place within it."""

    xid: str
    seq: int


class Changed(NamedTuple):
    """One change: when, which patient (key, 0 for none), what, and how (C, U, D; X: erased)."""

    at: datetime
    patient: int
    type: str
    id: str
    version: int
    method: str


async def end(db: Pool | Connection) -> Cursor:
    """The cursor of a reader that wants what comes from now on."""
    row = await db.fetchrow(_SQL.feed_end)
    assert row is not None
    return Cursor(row["xid"], row["seq"])


async def since(db: Pool | Connection, cursor: Cursor, *, limit: int = 1000) -> tuple[list[Changed], Cursor]:
    """What changed after a cursor, and the cursor after it. Rows of transactions that still run come later."""
    rows = await db.fetch(_SQL.feed, cursor.xid, cursor.seq, limit)
    changes = [
        Changed(row["at"], row["patient"], name(row["type"]), row["id"], row["version"], row["method"]) for row in rows
    ]
    return changes, Cursor(rows[-1]["xid"], rows[-1]["seq"]) if rows else cursor


async def place(db: Pool | Connection, name_: str) -> Cursor | None:
    """How far a reader has come that passes nothing over; None for one that has not begun."""
    row = await db.fetchrow(_SQL.follower, name_)
    return Cursor(row["xid"], row["seq"]) if row else None


async def keep(db: Pool | Connection, name_: str, cursor: Cursor) -> None:
    """It has come so far: what lies before was taken care of."""
    await db.execute(_SQL.keep_follower, name_, cursor.xid, cursor.seq)


async def recent(
    db: Pool | Connection, named: Sequence[tuple[str, str]], since_: datetime
) -> list[tuple[str, str, str]]:
    """Those of some resources (type, id) that are there and are not of before a moment, in their order, each with who
    wrote what stands."""
    rows = await db.fetch(_SQL.recent, [number(type_) for type_, _ in named], [id_ for _, id_ in named], since_)
    found = {(name(row["type"]), row["id"]): row["author"] for row in rows}
    return [(*one, found[one]) for one in named if one in found]


class Written(NamedTuple):
    """One version as it was written: by whom, the patient's key, its bytes (None: deleted or erased)."""

    type: str
    id: str
    version: int
    author: str
    patient: int
    body: bytes | None


async def versions(db: Pool | Connection, wanted: Sequence[tuple[str, str, int]]) -> list[Written]:
    """Those of some versions (type, id, version) that are there."""
    types, ids, numbers = zip(*wanted, strict=True) if wanted else ((), (), ())
    rows = await db.fetch(_SQL.versions, [number(type_) for type_ in types], list(ids), list(numbers))
    return [
        Written(name(row["type"]), row["id"], row["version"], row["author"], row["patient"], row["body"])
        for row in rows
    ]
