"""Reads in flight share a statement: what is asked for while one runs goes with the next, as looks share a commit.

Whoever asks alone waits for nobody. Of several at once each costs a fraction of a round trip; each is decided by the
condition of its own permit, and is logged for itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.store import reading

MOST = 50
"""So many resources are asked for at once: their bodies come together."""


class _Asked(NamedTuple):
    permit: Permit
    wanted: reading.Wanted
    row: asyncio.Future[asyncpg.Record | None]


class Reads:
    """Single resources from the store, many at once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asked: list[_Asked] = []
        self._reader: asyncio.Task[None] | None = None

    async def one(self, permit: Permit, type_: str, id_: str, version: int | None) -> asyncpg.Record | None:
        """The row that `store.reading.several` gives for one resource. Raises Unavailable."""
        row: asyncio.Future[asyncpg.Record | None] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(permit, (type_, id_, version), row))
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        return await row

    async def _read(self) -> None:
        while self._asked:
            await asyncio.sleep(0)  # What the same turn of the loop brings goes with it.
            waiting, self._asked = self._asked, []
            for some in _alike(waiting):
                await self._answer(some)

    async def _answer(self, some: Sequence[_Asked]) -> None:
        try:
            rows = await self._rows(some)
        except Exception as error:  # Whatever it was, nobody may wait for ever, or pay for another's mistake.
            if len(some) > 1:
                for one in some:
                    await self._answer([one])
            elif not some[0].row.done():
                some[0].row.set_exception(error)
            return
        for place, one in enumerate(some):
            if not one.row.done():
                one.row.set_result(rows.get(place))

    async def _rows(self, some: Sequence[_Asked]) -> dict[int, asyncpg.Record]:
        permit = some[0].permit
        text, values = reading.several([one.wanted for one in some], why=permit.why, may=permit.condition)
        async with self._pool.lane() as db:
            return {row["place"]: row for row in await db.fetch(text, *values)}


def _alike(asked: Sequence[_Asked]) -> list[list[_Asked]]:
    """Those together whom the same statement answers: what a permit allows follows from its reader."""
    groups: dict[object, list[_Asked]] = {}
    for one in asked:
        groups.setdefault(one.permit.reader, []).append(one)
    return [group[begin : begin + MOST] for group in groups.values() for begin in range(0, len(group), MOST)]
