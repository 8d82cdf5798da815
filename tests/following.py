"""The change feed for tests: what was acknowledged is in it at once.

A reader waits for the oldest transaction of the whole server, and the database's own housekeeping has such too. The
programme polls; a test would have to guess when.
"""

from __future__ import annotations

import asyncio

from samjournal.record import feed
from samjournal.record.door import Door
from samjournal.store.feed import Changed, Cursor

_AGE = "SELECT pg_snapshot_xmin(pg_current_snapshot()) > $1::text::xid8"


async def changes_since(door: Door, cursor: Cursor, *, limit: int = 1000) -> tuple[list[Changed], Cursor]:
    """What changed after a cursor, once nothing runs that was begun before now."""
    now = await door.pool.fetchval("SELECT pg_current_xact_id()::text")
    async with asyncio.timeout(60):
        while not await door.pool.fetchval(_AGE, now):  # noqa: ASYNC110 (the database tells nobody)
            await asyncio.sleep(0.01)
    return await feed.changes_since(door, cursor, limit=limit)
