"""Reads in flight share a statement: what is asked for while one runs goes with the next.

Whoever asks alone waits for nobody. Of several at once each costs a fraction of a round trip; each is decided by the
condition of its own permit, and is logged for itself: the statement that shows a row writes the look at it, so that no
answer leaves before the look is on disk.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import asyncpg

from samjournal.access import Permit
from samjournal.audit import Look, logged
from samjournal.db.binding import Arguments
from samjournal.db.pool import BAD_VALUE, Pool
from samjournal.fhir.errors import Busy
from samjournal.fhir.keys import SYSTEM
from samjournal.store import reading

MOST = 50
"""So many resources are asked for at once: their bodies come together."""


class _Asked(NamedTuple):
    permit: Permit
    look: Look
    wanted: reading.Wanted
    only: int | None
    row: asyncio.Future[asyncpg.Record | None]


class Reads:
    """Single resources from the store, many at once."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asked: list[_Asked] = []
        self._reader: asyncio.Task[None] | None = None

    async def one(
        self, permit: Permit, look: Look, wanted: reading.Wanted, *, only: int | None = None
    ) -> asyncpg.Record | None:
        """The row that `store.reading.several` gives for one resource. If it shows something of a patient, and is of
        the version `only` where one is named, the look is logged, by what opens the record or else its own `why`.
        Raises Unavailable."""
        row: asyncio.Future[asyncpg.Record | None] = asyncio.get_running_loop().create_future()
        self._asked.append(_Asked(permit, look, wanted, only, row))
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
                some[0].row.set_exception(unlogged(error))
            return
        for place, one in enumerate(some):
            if not one.row.done():
                one.row.set_result(rows.get(place))

    async def _rows(self, some: Sequence[_Asked]) -> dict[int, asyncpg.Record]:
        permit, arguments = some[0].permit, Arguments()
        found = reading.several([one.wanted for one in some], arguments, why=permit.why, may=permit.condition)
        only = arguments.add([one.only for one in some], "integer[]")
        is_shown = f"""row.may AND row.body IS NOT NULL AND row.patient <> {SYSTEM}
            AND row.version = coalesce(({only})[row.place + 1], row.version)"""
        look = logged("found", [one.look for one in some], arguments, where=is_shown)
        text = f"WITH found AS MATERIALIZED ({found}), look AS ({look}) SELECT * FROM found"
        async with self._pool.lane() as db:
            return {row["place"]: row for row in await db.fetch(text, *arguments.values)}


def unlogged(error: Exception) -> Exception:
    """What an error of a statement that logs as it shows is for who asked: what the database refuses for another reason
    than a value is the log, and without a look there is no answer."""
    if not isinstance(error, asyncpg.PostgresError) or isinstance(error, BAD_VALUE):
        return error
    failure = Busy("The look could not be logged, so nothing is shown. Try again in a moment.")
    failure.__cause__ = error
    return failure


def _alike(asked: Sequence[_Asked]) -> list[list[_Asked]]:
    """Those together whom the same statement answers: what a permit allows follows from its reader, and who looks is
    written once."""
    groups: dict[object, list[_Asked]] = {}
    for one in asked:
        look = one.look
        who = look.actor, look.name, look.role, look.unit, look.organization_id, look.agent, look.app, look.why
        groups.setdefault((one.permit.reader, who), []).append(one)
    return [group[begin : begin + MOST] for group in groups.values() for begin in range(0, len(group), MOST)]
