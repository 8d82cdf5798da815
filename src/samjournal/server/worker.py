"""What runs beside the requests: the feed's readers and the jobs. Each is told when the server stops."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

import asyncpg

from samjournal import audit
from samjournal.db.live import Hub
from samjournal.db.partitions import make_months
from samjournal.db.pool import Unavailable
from samjournal.record import Door
from samjournal.record.feed import changes_since, feed_end
from samjournal.server.metrics import feed_lag

_log = logging.getLogger("samjournal.worker")
POLL = 0.15
UNFOLD = 1.0
DAY = 86_400.0


async def follow_feed(door: Door, hub: Hub, stopping: asyncio.Event) -> None:
    """Tell open pages of changes, and learn of merges that other processes made. Starts over after any failure: what
    was missed meanwhile the pages hear as soon as the database is back."""
    cursor = None
    while not stopping.is_set():
        try:
            cursor = cursor or await feed_end(door)
            changes, cursor = await changes_since(door, cursor)
            hub.publish({change.patient for change in changes})
            oldest = min((change.at for change in changes), default=None)
            feed_lag.labels("live").set((datetime.now(UTC) - oldest).total_seconds() if oldest else 0)
            if any(change.type == "Patient" for change in changes):
                await door.persons.refresh(door.pool)
            if len(changes) == 1000:
                continue
        except (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("the feed cannot be read just now", extra={"error": type(error).__name__})
        await _pause(stopping, POLL)


async def unfold_looks(door: Door, stopping: asyncio.Event) -> None:
    """Give each patient whom a search showed a line in his own log."""
    while not stopping.is_set():
        try:
            async with door.pool.transaction() as db:
                count = await audit.unfold(db)
            if count:
                continue
        except (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("looks cannot be unfolded just now", extra={"error": type(error).__name__})
        await _pause(stopping, UNFOLD)


async def keep_months(door: Door, stopping: asyncio.Event) -> None:
    """Make the partitions of the months ahead, every day."""
    while not stopping.is_set():
        try:
            for name in await make_months(door.pool):
                _log.info("a month was made", extra={"table": name})
        except (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            _log.warning("months cannot be made just now", extra={"error": type(error).__name__})
        await _pause(stopping, DAY)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        pass
