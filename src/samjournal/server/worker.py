"""What runs beside the requests: the feed's readers and the jobs. Each is told when the server stops."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from samjournal import access, accounts, audit, messages, provisioning, record, scheduling, tasks, terminology
from samjournal.db.live import Hub
from samjournal.db.partitions import make_months
from samjournal.db.pool import Unavailable
from samjournal.record import Door, anomalies, statistics
from samjournal.record.feed import Cursor, changes_since, feed_end, feed_place, keep_place
from samjournal.scheduling import time_off
from samjournal.server.loaded import LOADS, WINDOW, work_of_loads
from samjournal.server.metrics import (
    exchange_awaiting,
    exchange_depth,
    exchange_failed,
    exchange_oldest,
    feed_lag,
    renewed,
)

_log = logging.getLogger("samjournal.worker")
POLL = 0.15
UNFOLD = 1.0
SECOND = 1.0
JUDGE = 10.0
MINUTE = 60.0
HOUR = 3600.0
DAY = 86_400.0
RETRY = 10.0


async def follow_feed(door: Door, hub: Hub, stopping: asyncio.Event) -> None:
    """Tell open pages of changes, and learn of merges and code systems from other processes. After a failure it goes
    on from where it was: what was missed meanwhile the pages hear as soon as the database is back."""
    cursor: Cursor | None = None

    async def step() -> bool:
        nonlocal cursor
        if cursor is None:
            cursor = await feed_end(door)
            # The door was opened before that: what changed in between is read now.
            await door.persons.refresh(door.pool)
            await terminology.LOADED.refresh(door.pool)
        changes, following = await changes_since(door, cursor)
        if any(change.type == "Patient" for change in changes):
            await door.persons.refresh(door.pool)
        if codes := {change.id for change in changes if change.type in terminology.PROJECTED}:
            await terminology.LOADED.refresh(door.pool, codes)
        if any(change.method == "X" for change in changes):
            record.forget_texts()
        hub.publish({change.patient for change in changes})
        if given := [change.id for change in changes if change.type == "Task"]:
            hub.publish(await record.owners_of(door, given))
        if hub.anybody:
            hub.publish(await record.calendars_of(door, changes))
        oldest = min((change.at for change in changes), default=None)
        feed_lag.labels("live").set((datetime.now(UTC) - oldest).total_seconds() if oldest else 0)
        cursor = following
        return len(changes) == 1000

    await repeat("the feed", step, every=POLL, stopping=stopping)


async def end_streams(door: Door, hub: Hub, stopping: asyncio.Event) -> None:
    """Close the streams of sessions that have ended, in whatever way and in whichever process: one question a second
    for all that are open here."""

    async def step() -> bool:
        if asked := hub.sessions:
            hub.end(set(asked) - await accounts.standing(door.pool, asked))
        return False

    await repeat("the streams of sessions", step, every=SECOND, stopping=stopping)


async def forget_sessions(door: Door, stopping: asyncio.Event) -> None:
    """Take away what ended long ago."""

    async def step() -> bool:
        await accounts.forget_ended(door.pool)
        return False

    await repeat("the forgetting of sessions", step, every=HOUR, stopping=stopping)


async def sort_codes(door: Door, stopping: asyncio.Event) -> None:
    """Make what codes are found by a second after the start, and whenever other code systems are loaded, so that who
    types first does not wait. Who asks before it is made waits for it."""

    async def step() -> bool:
        await terminology.ready(door.pool)
        return False

    await _pause(stopping, SECOND)
    await repeat("the sorting of codes", step, every=POLL, stopping=stopping)


async def make_work(door: Door, stopping: asyncio.Event) -> None:
    """Make work of results that come, from where it was when the server stopped: none is passed over."""
    permit = access.for_job("results")

    async def step() -> bool:
        cursor = await feed_place(door, "results")
        changes, following = await changes_since(door, cursor)
        made = await tasks.take_in(door, permit, changes, datetime.now(UTC))
        if following != cursor:
            await keep_place(door, "results", following)
        if made:
            _log.info("results wait to be acknowledged", extra={"tasks": made})
        oldest = min((change.at for change in changes), default=None)
        feed_lag.labels("results").set((datetime.now(UTC) - oldest).total_seconds() if oldest else 0)
        return len(changes) == 1000

    await repeat("the making of work", step, every=POLL * 2, stopping=stopping)


async def settle_absences(door: Door, stopping: asyncio.Event) -> None:
    """End the work that an absence made of an appointment, once it was moved or called off by whomever."""
    permit = access.for_job("absences")

    async def step() -> bool:
        cursor = await feed_place(door, "absences")
        changes, following = await changes_since(door, cursor)
        done = await time_off.settle_changed(door, permit, changes)
        if following != cursor:
            await keep_place(door, "absences", following)
        if done:
            _log.info("work of absences was ended", extra={"tasks": done})
        return len(changes) == 1000

    await repeat("the ending of work of absences", step, every=SECOND, stopping=stopping)


async def make_work_of_loads(door: Door, stopping: asyncio.Event) -> None:
    """Make work of the results of a load that was cut off before it did so itself, from where it began."""
    permit = access.for_job("results of loads")

    async def step() -> bool:
        if await record.is_loading(door):
            return False
        cursor = await feed_place(door, LOADS)
        made, following = await work_of_loads(door, permit, cursor, WINDOW, most=20)
        if following != cursor:
            await keep_place(door, LOADS, following)
        if made:
            _log.info("results of a load wait to be acknowledged", extra={"tasks": made})
        return following != cursor

    await repeat("the making of work of loads", step, every=JUDGE, stopping=stopping)


async def see_to_work(door: Door, stopping: asyncio.Event) -> None:
    """Give to the team what is past its deadline, or what nobody is left to do, and to substitutes what is theirs."""
    permit = access.for_job("deadlines")

    async def step() -> bool:
        now = datetime.now(UTC)
        moved = await tasks.escalate(door, permit, now)
        moved += await tasks.rehouse(door, permit, now)
        moved += await tasks.stand_in(door, permit, now)
        if moved:
            _log.info("work was given to teams", extra={"tasks": moved})
        return moved >= tasks.MOST_AT_ONCE

    await repeat("the seeing to work", step, every=JUDGE, stopping=stopping)


async def see_to_people(door: Door, stopping: asyncio.Event) -> None:
    """Begin and end roles by the clock, and make the team's work of what those leave behind who are out."""
    permit = access.for_job("provisioning")

    async def step() -> bool:
        seen = await provisioning.see_to_people(door, permit, datetime.now(UTC))
        if seen:
            _log.info("people at work were seen to", extra={"people": seen})
        return seen >= provisioning.MOST

    await repeat("the seeing to people at work", step, every=SECOND * 2, stopping=stopping)


async def offer_times(door: Door, stopping: asyncio.Event) -> None:
    """Offer times that were freed to who waits for one, and take back offers that nobody answered."""
    permit = access.for_job("waiting list")

    async def step() -> bool:
        if offered := await scheduling.offer_freed(door, permit, datetime.now(UTC)):
            _log.info("times were offered, or taken back", extra={"offers": offered})
        return False

    await repeat("the offering of times", step, every=JUDGE, stopping=stopping)


async def forget_times(door: Door, stopping: asyncio.Event) -> None:
    """Forget what appointments took that are over."""

    async def step() -> bool:
        return await record.tidy_times(door, datetime.now(UTC)) > 0

    await repeat("the forgetting of times that are over", step, every=HOUR, stopping=stopping)


async def watch_connections(door: Door, stopping: asyncio.Event) -> None:
    """Tell the metrics what waits on each connection to others, and make work of one that stands still."""
    permit = access.for_job("connections")

    async def step() -> bool:
        now = datetime.now(UTC)
        found = await messages.connections(door, permit, now)
        for gauge in (exchange_depth, exchange_oldest, exchange_awaiting, exchange_failed):
            gauge.clear()
        for one in found:
            exchange_depth.labels(one.id).set(one.depth)
            exchange_oldest.labels(one.id).set((now - one.oldest).total_seconds() if one.oldest else 0)
            exchange_awaiting.labels(one.id).set(one.awaiting)
            exchange_failed.labels(one.id).set(one.failed)
        if changed := await messages.alarm(door, permit, found, now):
            _log.info("alarms of connections were made or ended", extra={"tasks": changed})
        return False

    await repeat("the watch over connections", step, every=MINUTE, stopping=stopping)


async def unfold_looks(door: Door, stopping: asyncio.Event) -> None:
    """Give each patient whom a search showed a line in his own log."""

    async def step() -> bool:
        async with door.pool.transaction() as db:
            return await audit.unfold(db) > 0

    await repeat("the unfolding of looks", step, every=UNFOLD, stopping=stopping)


async def judge_looks(door: Door, stopping: asyncio.Event) -> None:
    """Put looks that ask for a question on the review list: soon after, and some a day later."""

    async def step() -> bool:
        more = [await anomalies.judge_new(door), await anomalies.judge_later(door), await anomalies.reckon_hour(door)]
        return any(more)

    await repeat("the judging of looks", step, every=JUDGE, stopping=stopping)


async def tally_looks(door: Door, stopping: asyncio.Event) -> None:
    """Write how many records each unit opened, of each day that is over."""

    async def step() -> bool:
        return await statistics.write_day(door)

    await repeat("the tallying of looks", step, every=MINUTE, stopping=stopping)


async def keep_months(door: Door, stopping: asyncio.Event) -> None:
    """Make the partitions of the months ahead, every day."""

    async def step() -> bool:
        for name in await make_months(door.pool):
            _log.info("a month was made", extra={"table": name})
        return False

    await repeat("the making of months", step, every=DAY, stopping=stopping)


async def settle_index(door: Door, stopping: asyncio.Event) -> None:
    """Merge what an import that was cut off left gathered in the token index."""

    async def step() -> bool:
        if await record.settle(door):
            _log.info("the token index was merged after an import that was cut off")
        return False

    await repeat("the merging of the token index", step, every=MINUTE, stopping=stopping)


async def renew_search(door: Door, stopping: asyncio.Event) -> None:
    """Learn of search parameters that were activated, and index by them what is stored. Half of the time is left to
    the traffic."""

    async def step() -> bool:
        begun = time.monotonic()
        more = await record.renew(door)
        renewed.clear()
        for far in record.added_progress():
            renewed.labels(far.type, far.code).set(far.part)
        if more:
            await _pause(stopping, min(time.monotonic() - begun, 1.0))
        return more

    await repeat("the indexing by new parameters", step, every=SECOND, stopping=stopping)


Job = Callable[[], Coroutine[Any, Any, None]]


@asynccontextmanager
async def in_turn(jobs: Sequence[tuple[str, Job]], stopping: asyncio.Event) -> AsyncIterator[None]:
    """Jobs, by name, that run until all stops. They begin one after the other: all at once would open a connection
    each, which keeps its memory, and those that come again each second would always come together."""
    begun: list[asyncio.Task[None]] = []

    async def begin() -> None:
        for name, job in jobs:
            begun.append(asyncio.create_task(job(), name=name))
            await _pause(stopping, _APART)
            if stopping.is_set():
                return

    beginning = asyncio.create_task(begin(), name="jobs")
    try:
        yield
    finally:
        stopping.set()
        await beginning
        await asyncio.wait(begun, timeout=5)
        for task in begun:
            task.cancel()


_APART = 0.025
"""Seconds."""


async def repeat(what: str, step: Callable[[], Awaitable[bool]], *, every: float, stopping: asyncio.Event) -> None:
    """Do a step every so many seconds, and at once again while it says that there is more. A failure is logged and the
    step tried again: no job ends in silence while the server runs."""
    while not stopping.is_set():
        wait = every
        try:
            if await step():
                continue
        except Unavailable:
            wait = min(every, RETRY)
            _log.warning("the database is away", extra={"job": what})
        except Exception:
            wait = RETRY
            _log.exception("a job failed and is tried again", extra={"job": what})
        await _pause(stopping, wait)


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stopping.wait()
    except TimeoutError:
        pass
