"""The change feed: readers keep a cursor and poll; nothing is passed over, order holds per patient. House rule 4."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import name

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
