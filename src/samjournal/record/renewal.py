"""What is stored, indexed anew by the newest set of its type's parameters: beside the traffic, some at a time.

Each batch is one transaction with its progress in it, so that whoever is killed goes on where he was; an advisory lock
keeps two processes from doing the same. Who writes meanwhile indexes by the newest set already. Whoever does not know
it yet leaves an older number on his rows, and these are looked after until nobody can leave any more, and later still.

    step(door) -> bool      one batch; whether there is more to do at once
"""

from __future__ import annotations

from datetime import timedelta

import msgspec

from samjournal.db.pool import Connection
from samjournal.fhir import references
from samjournal.fhir.parameters import ADDED
from samjournal.record.door import Door
from samjournal.record.searched import refresh, refresh_if_changed
from samjournal.store import added, renewing, rows
from samjournal.store.added import Renewal
from samjournal.store.renewing import Due

BATCH = 100
LEARNT = timedelta(seconds=5)
"""After so long every process knows of a new set: each asks once a second, a load before each batch."""
SKEW = timedelta(minutes=1)
"""So much may the clocks of those who write be apart."""
_AGAIN = timedelta(minutes=1)


async def step(door: Door, *, batch: int = BATCH, learnt: timedelta = LEARNT) -> bool:
    """Go on with the type that has waited the longest, or look after what was left behind; whether there is more."""
    await refresh_if_changed(door.pool)
    one = await renewing.due(door.pool)
    if one is None:
        return await _look_after(door, batch)
    if ADDED[one.type].version < one.wanted:
        return True  # Somebody changed the set at this moment: first it is learnt.
    if one.total is None:
        await renewing.count(door.pool, one)
        return True
    if one.walked is not None:
        return await _walk(door, one, batch)
    more = await _finish(door, one, batch, learnt)
    await refresh(door.pool)
    return more


async def _walk(door: Door, one: Due, batch: int) -> bool:
    async def action(db: Connection) -> bool:
        if not await renewing.own(db, one.type):
            return False
        ids = await renewing.outdated(db, one, limit=batch)
        await renewing.renew(db, one.type, ids, _index)
        await renewing.walk_on(db, one, ids[-1] if ids else None, len(ids))
        return True

    return await door.pool.change(action)


async def _finish(door: Door, one: Due, batch: int, learnt: timedelta) -> bool:
    """What was stored meanwhile by those who did not know; when that is nothing, and none of them can be left, the type
    is ready."""

    async def action(db: Connection) -> bool:
        if not await renewing.own(db, one.type):
            return False
        quiet = await renewing.is_quiet(db, one.asked + learnt)
        left = await renewing.outdated_lately(db, one.type, one.wanted, one.asked - SKEW, limit=batch)
        await renewing.renew(db, one.type, left, _index)
        if quiet and not left:
            await renewing.set_ready(db, one)
        return bool(left)

    return await door.pool.change(action)


async def _look_after(door: Door, batch: int) -> bool:
    """Once in a while, of each type that has a set of its own: what somebody stored by an older one all the same."""
    found = [await _left_behind(door, far, batch) for far in await added.renewals(door.pool)]
    return any(found)


async def _left_behind(door: Door, far: Renewal, batch: int) -> bool:
    async def action(db: Connection) -> bool:
        if not await renewing.is_quiet(db, far.looked + _AGAIN) or not await renewing.own(db, far.type):
            return False
        left = await renewing.outdated_lately(db, far.type, far.wanted, far.looked - SKEW, limit=batch)
        await renewing.renew(db, far.type, left, _index)
        if not left:
            await renewing.looked_after(db, far.type)
        return bool(left)

    return await door.pool.change(action)


def _index(body: bytes) -> rows.Index:
    return rows.index(msgspec.json.decode(body), references.texts(body))
