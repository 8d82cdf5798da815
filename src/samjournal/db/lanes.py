"""Lanes: connections that are kept for the next statement, with plans that are kept too.

    async with pool.lane() as connection: ...                   # one statement after another, each for itself
    async with pool.lane(same_plans=False) as connection: ...   # planned for their values, as elsewhere

To borrow a connection and give it back costs as much as a small statement, and PostgreSQL plans a statement anew for
its values as long as it hopes to gain by that: for most of ours longer than they run. A lane is borrowed once and goes
from request to request, and its plans are for any value. So it is for statements whose best way is the same for all
values: by key, or from one patient. When every lane is in use one waits a moment for the first that is free; when none
is, the pool gives a connection as ever.
postgresql.org/docs/current/runtime-config-query.html#GUC-PLAN-CACHE-MODE
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Any

import asyncpg

Connection = Any
Lend = Callable[[], Awaitable[Connection]]
TakeBack = Callable[[Connection], Awaitable[None]]

_PATIENCE = 0.05
"""So many seconds one waits for a lane before one asks the pool: longer than most statements take."""
_IDLE_SECONDS = 20.0
"""A lane that was not needed for so long is given up."""


class Lanes:
    """At most so many lanes; `lend` and `take_back` are the pool's."""

    def __init__(self, lend: Lend, take_back: TakeBack, *, most: int, same_plans: bool) -> None:
        self._lend, self._take_back, self._most, self._same_plans = lend, take_back, most, same_plans
        self._free: list[Connection] = []
        self._lent: set[Connection] = set()
        self._coming = 0
        self._spare = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._watch: asyncio.TimerHandle | None = None

    @property
    def free(self) -> int:
        """How many wait for the next statement."""
        return len(self._free)

    async def take(self) -> Connection:
        """A lane, or a connection of the pool when all lanes are in use."""
        while self._free:
            connection = self._free.pop()
            self._spare = min(self._spare, len(self._free))
            if _is_sound(connection):
                return connection
            await self._end(connection)
        if len(self._lent) + self._coming >= self._most:
            return await self._in_turn() or await self._lend()
        # Counted before it is here: else many who come at once would take all that the pool has.
        self._coming += 1
        try:
            connection = await self._lend()
            self._lent.add(connection)
        finally:
            self._coming -= 1
        try:
            if self._same_plans:
                await connection.execute("SET plan_cache_mode = force_generic_plan")
        except BaseException:
            await self._end(connection)
            raise
        return connection

    async def _in_turn(self) -> Connection | None:
        """The next lane that is given back; None when none is for a while."""
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[Connection | None] = loop.create_future()
        self._waiting.append(turn)
        end = loop.call_later(_PATIENCE, _set, turn, None)
        try:
            return await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and (lane := turn.result()) is not None:
                self._pass_on(lane)
            raise
        finally:
            end.cancel()

    def _pass_on(self, connection: Connection) -> None:
        """A lane to whoever waits for one, else to those that are free."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        self._free.append(connection)

    async def give(self, connection: Connection, *, sound: bool) -> None:
        """Done with it. Whoever was cut off in the middle says that it is not sound."""
        if connection not in self._lent:
            await self._take_back(connection)
        elif not (sound and _is_sound(connection)):
            await self._end(connection)
        else:
            self._pass_on(connection)
            if self._watch is None:
                self._spare = len(self._free)
                self._watch = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._look)

    async def close(self) -> None:
        """Give up all that are free."""
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        while self._free:
            await self._end(self._free.pop())

    def _look(self) -> None:
        """Give up what was free all the time since the last look."""
        self._watch = None
        leaving, self._free = self._free[: self._spare], self._free[self._spare :]
        if leaving:
            self._leaving = asyncio.gather(*map(self._end, leaving), return_exceptions=True)
        if self._lent:
            self._spare = len(self._free)
            self._watch = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._look)

    async def _end(self, connection: Connection) -> None:
        self._lent.discard(connection)
        # Its session was changed, so that it cannot serve as others do.
        with contextlib.suppress(asyncpg.InterfaceError):
            connection.terminate()
        await self._take_back(connection)


_IN_THE_MIDDLE = (TimeoutError, OSError, asyncpg.InterfaceError)
"""What may leave a statement unfinished."""


def _set(turn: asyncio.Future[Connection | None], what: Connection | None) -> None:
    if not turn.done():
        turn.set_result(what)


def _is_sound(connection: Connection) -> bool:
    try:
        return not (connection.is_closed() or connection.is_in_transaction())
    except asyncpg.InterfaceError:
        return False  # Lost, so the pool has taken it back already.


class Lane:
    """`async with`: one lane, with the pool's own errors."""

    __slots__ = ("_connection", "_lanes", "_meant")

    def __init__(self, lanes: Lanes, meant: Callable[[BaseException], Exception | None]) -> None:
        self._lanes, self._meant = lanes, meant

    async def __aenter__(self) -> Connection:
        self._connection = await self._lanes.take()
        return self._connection

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        sound = error is None or (isinstance(error, Exception) and not isinstance(error, _IN_THE_MIDDLE))
        await self._lanes.give(self._connection, sound=sound)
        if isinstance(error, Exception) and (meant := self._meant(error)) is not None:
            raise meant from error
