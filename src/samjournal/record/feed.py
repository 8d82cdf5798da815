"""What changed, for readers above the door: which patients and types, never what it says. House rule 4."""

from __future__ import annotations

from samjournal.record.door import Door
from samjournal.store.feed import Changed, Cursor, end, since


async def feed_end(door: Door) -> Cursor:
    """The cursor of a reader that wants what comes from now on."""
    return await end(door.pool)


async def changes_since(door: Door, cursor: Cursor, *, limit: int = 1000) -> tuple[list[Changed], Cursor]:
    """What changed after a cursor, in an order that holds per patient, and the cursor after it."""
    return await since(door.pool, cursor, limit=limit)


__all__ = ["Changed", "Cursor", "changes_since", "feed_end"]
