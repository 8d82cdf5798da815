"""Notices to people while the server runs: what is new is followed, told, tried again, and watched.

Each is a job as those of `worker`: a failure is logged, and the step tried again. In a demo, where nothing is set up,
what would leave is written into the data folder, so that it can be looked at.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from samjournal import access, letters
from samjournal.letters import Channels
from samjournal.letters.printing import Folder, Texts
from samjournal.record import Door
from samjournal.record.feed import changes_since, feed_place, keep_place
from samjournal.server.metrics import feed_lag, notices_failed, notices_oldest, notices_waiting
from samjournal.server.settings import Settings
from samjournal.server.worker import JUDGE, MINUTE, POLL, SECOND, repeat


def channels_of(settings: Settings, *, is_demo: bool) -> Channels:
    """What the operator set up; in a demo without, files in the data folder. Else letters alone, by hand."""
    if settings.notices is not None:
        return settings.notices
    if not is_demo or settings.data_dir is None:
        return Channels(address=settings.address)
    return into_files(settings.data_dir / "notices", settings.address)


def into_files(folder: Path, address: str) -> Channels:
    """Every channel as a folder."""
    texts = {name: Texts(folder / name) for name in ("sms", "email")}
    return Channels({**texts, "letter": Folder(folder / "letter")}, address=address)


async def follow_news(door: Door, channels: Channels, stopping: asyncio.Event) -> None:
    """Put what is new into the outbox, from where it was when the server stopped."""
    permit = access.for_job("notices")

    async def once() -> bool:
        cursor = await feed_place(door, "notices")
        changes, following = await changes_since(door, cursor)
        now = datetime.now(UTC)
        await letters.follow(door, permit, changes, channels.quiet, now)
        await letters.follow_tasks(door, permit, changes, now)
        await letters.forget(door, changes)
        if following != cursor:
            await keep_place(door, "notices", following)
        oldest = min((change.at for change in changes), default=None)
        feed_lag.labels("notices").set((now - oldest).total_seconds() if oldest else 0)
        return len(changes) == 1000

    await repeat("the following of news", once, every=POLL * 2, stopping=stopping)


async def send_notices(door: Door, channels: Channels, stopping: asyncio.Event) -> None:
    """Tell people what is due."""
    permit = access.for_job("notices")

    async def once() -> bool:
        now = datetime.now(UTC)
        gathered = await letters.gather(door, permit, channels, now)
        sent = await letters.send(door, permit, channels, now)
        return gathered + sent > 0

    await repeat("the telling of people", once, every=SECOND, stopping=stopping)


async def follow_openings(door: Door, channels: Channels, stopping: asyncio.Event) -> None:
    """Tell those who asked for it that their record was opened by a stated reason."""

    async def once() -> bool:
        return await letters.follow_looks(door, channels.quiet, datetime.now(UTC)) > 0

    await repeat("the telling of looks", once, every=JUDGE, stopping=stopping)


async def remind_people(door: Door, channels: Channels, stopping: asyncio.Event) -> None:
    """Make each day's reminders."""
    permit = access.for_job("notices")

    async def once() -> bool:
        now = datetime.now(UTC)
        if await letters.remind(door, permit, channels.quiet, now) is not None:
            await letters.tidy(door, now)
        return False

    await repeat("the making of reminders", once, every=MINUTE, stopping=stopping)


async def watch_notices(door: Door, channels: Channels, stopping: asyncio.Event) -> None:
    """Tell the metrics what waits on each channel, and make work of one that stands still."""
    permit = access.for_job("notices")

    async def once() -> bool:
        now = datetime.now(UTC)
        found = await letters.traffic(door, permit, channels, now)
        for gauge in (notices_waiting, notices_oldest, notices_failed):
            gauge.clear()
        for one in found.channels:
            notices_waiting.labels(one.channel).set(one.waiting)
            notices_oldest.labels(one.channel).set((now - one.oldest).total_seconds() if one.oldest else 0)
            notices_failed.labels(one.channel).set(one.failed)
        await letters.alarm(door, permit, found, now)
        return False

    await repeat("the watch over notices", once, every=MINUTE, stopping=stopping)
