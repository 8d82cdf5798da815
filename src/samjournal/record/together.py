"""Reads in flight share a statement: what is asked for while one runs goes with the next. So do histories.

Whoever asks alone waits for nobody. Of several at once each costs a fraction of a round trip; each is decided by the
condition of its own permit, and is logged for itself: the statement that shows a row writes the look at it, so that no
answer leaves before the look is on disk.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, NamedTuple, TypeVar

import asyncpg

from samjournal.access import Permit
from samjournal.audit import Look, logged
from samjournal.db.binding import Arguments
from samjournal.db.gathering import MOST, gathered
from samjournal.db.pool import BAD_VALUE, Pool
from samjournal.fhir.errors import Busy
from samjournal.fhir.keys import SYSTEM
from samjournal.store import history, reading

_SHORT = 51
"""Who asks for more versions than these of a resource has a statement of his own, and nobody waits for it."""

W = TypeVar("W")
P = TypeVar("P")
_Rows = list[asyncpg.Record]
_Version = tuple[reading.Wanted, int | None]


class _Asked(NamedTuple, Generic[W, P]):
    permit: Permit
    look: Look
    wanted: W
    page: P
    rows: asyncio.Future[_Rows]


class _Together(ABC, Generic[W, P]):
    """Rows from the store for many at once, by a statement that logs what it shows. The same statement serves those
    whose reader, whose line in the log but for what was looked at, and whose `page` are alike."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._asked: list[_Asked[W, P]] = []
        self._reader: asyncio.Task[None] | None = None

    @abstractmethod
    def _statement(self, some: Sequence[_Asked[W, P]], arguments: Arguments) -> str:
        """SQL of the rows for each of some, with its `place`."""

    def _share(self, asked: _Asked[W, P]) -> asyncio.Future[_Rows]:
        self._asked.append(asked)
        if self._reader is None or self._reader.done():
            self._reader = asyncio.create_task(self._read())
        return asked.rows

    async def _read(self) -> None:
        while self._asked:
            await gathered(self._asked)
            waiting, self._asked = self._asked, []
            for some in _alike(waiting):
                await self._answer(some)

    async def _answer(self, some: Sequence[_Asked[W, P]]) -> None:
        arguments = Arguments()
        rows: list[_Rows] = [[] for _ in some]
        try:
            text = self._statement(some, arguments)
            async with self._pool.lane() as db:
                for row in await db.fetch(text, *arguments.values):
                    rows[row["place"]].append(row)
        except Exception as error:  # Whatever it was, nobody may wait for ever, or pay for another's mistake.
            if len(some) > 1:
                for one in some:
                    await self._answer([one])
            elif not some[0].rows.done():
                some[0].rows.set_exception(unlogged(error))
            return
        for one, its in zip(some, rows, strict=True):
            if not one.rows.done():
                one.rows.set_result(its)


class Reads(_Together[_Version, None]):
    """Single resources from the store, many at once."""

    async def one(
        self, permit: Permit, look: Look, wanted: reading.Wanted, *, only: int | None = None
    ) -> asyncpg.Record | None:
        """The row that `store.reading.several` gives for one resource. If it shows something of a patient, and is of
        the version `only` where one is named, the look is logged, by what opens the record or else its own `why`.
        Raises Unavailable."""
        rows = await self._share(_Asked(permit, look, (wanted, only), None, asyncio.get_running_loop().create_future()))
        return rows[0] if rows else None

    def _statement(self, some: Sequence[_Asked[_Version, None]], arguments: Arguments) -> str:
        permit = some[0].permit
        found = reading.several([one.wanted[0] for one in some], arguments, why=permit.why, may=permit.condition)
        only = arguments.add([one.wanted[1] for one in some], "integer[]")
        is_shown = f"""row.may AND row.body IS NOT NULL AND row.patient <> {SYSTEM}
            AND row.version = coalesce(({only})[row.place + 1], row.version)"""
        look = logged("found", [one.look for one in some], arguments, where=is_shown)
        return f"WITH found AS MATERIALIZED ({found}), look AS ({look}) SELECT * FROM found"


class Histories(_Together[tuple[str, str], history.Page]):
    """Versions of single resources from the store, of many at once."""

    async def one(self, permit: Permit, look: Look, wanted: tuple[str, str], page: history.Page) -> _Rows:
        """The rows of `store.history.heads` and `store.history.versions` for one resource (type, id). If it may be
        shown and is of a patient, the look is logged, as by `Reads`. Raises Unavailable."""
        asked = _Asked(permit, look, wanted, page, asyncio.get_running_loop().create_future())
        if page.most <= _SHORT:
            return await self._share(asked)
        await self._answer([asked])
        return asked.rows.result()

    def _statement(self, some: Sequence[_Asked[tuple[str, str], history.Page]], arguments: Arguments) -> str:
        permit = some[0].permit
        found = history.heads([one.wanted for one in some], arguments, why=permit.why, may=permit.condition)
        look = logged("found", [one.look for one in some], arguments, where=f"row.may AND row.patient <> {SYSTEM}")
        versions = history.versions("found", some[0].page, arguments)
        return f"WITH found AS MATERIALIZED ({found}), look AS ({look}) {versions}"


def unlogged(error: Exception) -> Exception:
    """What an error of a statement that logs as it shows is for who asked: what the database refuses for another reason
    than a value is the log, and without a look there is no answer."""
    if not isinstance(error, asyncpg.PostgresError) or isinstance(error, BAD_VALUE):
        return error
    failure = Busy("The look could not be logged, so nothing is shown. Try again in a moment.")
    failure.__cause__ = error
    return failure


def _alike(asked: Sequence[_Asked[W, P]]) -> list[list[_Asked[W, P]]]:
    """Those together whom the same statement answers: what a permit allows follows from its reader, and who looks is
    written once."""
    groups: dict[object, list[_Asked[W, P]]] = {}
    for one in asked:
        look = one.look
        who = look.actor, look.name, look.role, look.unit, look.organization_id, look.agent, look.app, look.why
        groups.setdefault((one.permit.reader, who, one.page), []).append(one)
    return [group[begin : begin + MOST] for group in groups.values() for begin in range(0, len(group), MOST)]
