"""Bulk writing: while much comes in, the token index gathers entries and merges many at a time.

Entry by entry a resource costs the database 115 µs for its tokens, gathered 16 µs; until they are merged each search
looks through at most 4 MB of them, so it is for imports only. postgresql.org/docs/current/gin.html#GIN-FAST-UPDATE
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from samjournal.db.pool import Pool, Unavailable
from samjournal.db.queries import queries

_SQL = queries("samjournal.store")
_LOCK = 7_265_766_003
_log = logging.getLogger(__name__)


@asynccontextmanager
async def bulk(pool: Pool) -> AsyncIterator[None]:
    """Write much inside this. Several at once, in several processes, are one; after the last the index is merged. What
    a killed process left is set right by `settle`."""
    async with pool.acquire() as db:
        await db.execute(_SQL.hold_bulk, _LOCK)
        try:
            await db.execute(_SQL.gather)
        except Unavailable:
            _log.warning("the token index is busy, so the import is slower")
        try:
            yield
        finally:
            if not db.is_closed():
                await db.execute(_SQL.release_bulk, _LOCK)
    await settle(pool)
    await pool.execute(_SQL.look_over)


async def is_bulk(pool: Pool) -> bool:
    """Whether somebody writes in bulk now, in any process."""
    found: bool = await pool.fetchval(_SQL.is_bulk, _LOCK)
    return found


async def settle(pool: Pool) -> bool:
    """Merge what was gathered and gather no more, unless somebody still writes in bulk; whether anything was done."""
    if not await pool.fetchval(_SQL.is_gathering):
        return False
    async with pool.transaction() as db:
        if not await db.fetchval(_SQL.no_bulk, _LOCK):
            return False
        await db.execute(_SQL.gather_no_more)
    await pool.execute(_SQL.merge)
    return True
