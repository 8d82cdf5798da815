"""The rooms of video visits while the server runs. Each is a job as those of `worker`."""

from __future__ import annotations

import asyncio

from samjournal import access
from samjournal.record import Door
from samjournal.record.feed import changes_since, feed_place, keep_place
from samjournal.scheduling.video import Rooms, follow
from samjournal.server.worker import POLL, repeat


async def open_rooms(door: Door, rooms: Rooms | None, stopping: asyncio.Event) -> None:
    """Give each video visit its link, from where it was when the server stopped; without rooms there is none."""
    if rooms is None:
        return
    permit = access.for_job("video")

    async def once() -> bool:
        cursor = await feed_place(door, "video")
        changes, following = await changes_since(door, cursor)
        await follow(door, permit, rooms, changes)
        if following != cursor:
            await keep_place(door, "video", following)
        return len(changes) == 1000

    await repeat("the rooms of video visits", once, every=POLL, stopping=stopping)
