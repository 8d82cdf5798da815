"""Results that a load brings in become work for people, as far as they are new and nobody has acknowledged them.

    work_of_loads(door, permit, cursor, window) -> (Tasks made, the cursor after)

A load makes the work of what it brought when it is done, and says how much. One that was cut off has left its place in
the feed (LOADS), from where the server goes on when no load runs. What comes as history is nobody's work.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from samjournal import tasks
from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, PreconditionFailed
from samjournal.record import Door
from samjournal.record.feed import Cursor, changes_since

_TRIES = 20
LOADS = "loads"
"""The reader of the feed that makes work of loads."""
WINDOW = timedelta(days=7)
"""So far back results are work where the operator does not say otherwise: what waits longer elsewhere has been seen to,
or stands on somebody's list there."""


async def work_of_loads(
    door: Door, permit: Permit, cursor: Cursor, window: timedelta, *, most: int | None = None
) -> tuple[int, Cursor]:
    """Make the work of loaded results after a cursor, in at most `most` thousands of changes."""
    made, rounds, moved = 0, 0, 0
    while most is None or rounds < most:
        changes, following = await changes_since(door, cursor)
        try:
            made += await tasks.take_in(door, permit, changes, datetime.now(UTC), loaded=window)
        except (Conflict, PreconditionFailed):
            if (moved := moved + 1) > _TRIES:
                raise
            continue  # Somebody was at one of them at this moment: the same are gone through once more.
        rounds += 1
        if following == cursor:
            break
        cursor = following
    return made, cursor
