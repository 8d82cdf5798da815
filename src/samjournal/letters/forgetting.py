"""What is not kept of notices: of what was erased by decision nothing, and of the rest two years.

forget(door, changes)           of what the feed says was erased
tidy(door, now)                 what is old
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from samjournal.db.queries import queries
from samjournal.fhir.keys import patient_key
from samjournal.record import Door
from samjournal.record.feed import Changed

_SQL = queries("samjournal.letters")
KEPT: Final = timedelta(days=730)
"""So long a citizen sees what was sent, and it can be told why somebody was or was not told."""


async def forget(door: Door, changes: Iterable[Changed]) -> None:
    """Forget what was erased: of a resource that anything was said of it, of a patient all. Safe to repeat."""
    gone = [one for one in changes if one.method == "X"]
    if not gone:
        return
    people = [one.id for one in gone if one.type == "Patient"]
    async with door.pool.transaction() as db:
        await db.execute(_SQL.forget_source, [f"{one.type}/{one.id}" for one in gone])
        if people:
            keys = [patient_key(one) for one in people]
            await db.execute(_SQL.forget_told, people)
            await db.execute(_SQL.forget_sent, people)
            await db.execute(_SQL.forget_wish, keys)
            await db.execute(_SQL.forget_browsers, keys)


async def tidy(door: Door, now: datetime) -> None:
    """Forget what is old. Once a day."""
    async with door.pool.transaction() as db:
        await db.execute(_SQL.old_notices, now - KEPT)
        await db.execute(_SQL.old_sendings, now - KEPT)
