"""What changed, for readers above the door: which patients and types, never what it says. House rule 4."""

from __future__ import annotations

from samjournal.record.door import Door
from samjournal.store import feed
from samjournal.store.feed import Changed, Cursor, end, since


async def feed_end(door: Door) -> Cursor:
    """The cursor of a reader that wants what comes from now on."""
    return await end(door.pool)


async def changes_since(door: Door, cursor: Cursor, *, limit: int = 1000) -> tuple[list[Changed], Cursor]:
    """What changed after a cursor, in an order that holds per patient, and the cursor after it."""
    return await since(door.pool, cursor, limit=limit)


async def feed_place(door: Door, reader: str) -> Cursor:
    """How far a reader has come that passes nothing over, after a stop either. A new one begins with what comes now."""
    found = await feed.place(door.pool, reader)
    if found is None:
        found = await end(door.pool)
        await feed.keep(door.pool, reader, found)
    return found


async def keep_place(door: Door, reader: str, cursor: Cursor) -> None:
    """What lies before was taken care of. A crash before this has it taken care of once more."""
    await feed.keep(door.pool, reader, cursor)


__all__ = ["Changed", "Cursor", "changes_since", "feed_end", "feed_place", "keep_place"]
