"""A transaction that begins when it must, and is a single statement when that is all there is to do.

    transaction = Late(connection)
    await transaction.later(query, *values)     # no answer is wanted: sent with what comes next, or at the end
    await transaction.fetch(...)                # begins; sends what waits; then this
    await transaction.finish()                  # sends what waits, unless it is all there is
    await transaction.commit()                  # all that was sent, or the one statement that waits, as its own commit

Each statement is a round trip and so are BEGIN and COMMIT: most changes of one resource would pay three for one.
"""

from __future__ import annotations

import time
from typing import Any, Final

import asyncpg

FRESH: Final = 0.5
"""Seconds. What is stored bears the time at which it was made ready; who reads changes in order counts on that being no
longer before the transaction began (`store.feed`), give or take the clocks."""


class Stale(Exception):
    """What waits was made ready too long ago: nothing was done, and it must be made anew in a transaction."""


class Late:
    """What `pool.change` gives as the connection of a change."""

    __slots__ = ("_connection", "_ready", "_transaction", "_waiting")

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._transaction: Any = None
        self._waiting: list[tuple[str, tuple[object, ...]]] = []
        self._ready = time.monotonic()

    @property
    def known(self) -> set[int]:
        """What the connection remembers to be stored."""
        known: set[int] = self._connection.known
        return known

    async def later(self, query: str, *values: object) -> None:
        """A statement whose answer nobody waits for. What is wrong with it is told when it is sent."""
        self._waiting.append((query, values))

    async def settle(self) -> None:
        """Begin, if that was not done, and send what waits."""
        if self._transaction is None:
            await self.begin()
        waiting, self._waiting = self._waiting, []
        for query, values in waiting:
            await self._connection.execute(query, *values)

    async def begin(self) -> None:
        self._refuse_stale()
        transaction = self._connection.transaction()
        await transaction.start()
        self._transaction = transaction

    async def fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        await self.settle()
        rows: list[asyncpg.Record] = await self._connection.fetch(query, *values)
        return rows

    async def fetchrow(self, query: str, *values: object) -> asyncpg.Record | None:
        await self.settle()
        return await self._connection.fetchrow(query, *values)

    async def fetchval(self, query: str, *values: object) -> Any:
        await self.settle()
        return await self._connection.fetchval(query, *values)

    async def execute(self, query: str, *values: object) -> str:
        await self.settle()
        done: str = await self._connection.execute(query, *values)
        return done

    async def executemany(self, query: str, rows: Any) -> None:
        await self.settle()
        await self._connection.executemany(query, rows)

    async def copy_to_table(self, table: str, **what: Any) -> None:
        await self.settle()
        await self._connection.copy_to_table(table, **what)

    async def rollback(self) -> None:
        """Nothing of it is done."""
        if self._transaction is not None and not self._connection.is_closed():
            await self._transaction.rollback()

    async def finish(self) -> None:
        """Send what waits; a single statement that is all there is waits for the commit. It may be rolled back yet."""
        if self._transaction is not None or len(self._waiting) > 1:
            await self.settle()
        else:
            self._refuse_stale()

    async def commit(self) -> None:
        """All of it is done, or an error says why not; when the connection breaks in it, nobody knows."""
        if self._transaction is not None:
            await self._transaction.commit()
        for query, values in self._waiting:
            await self._connection.execute(query, *values)

    def _refuse_stale(self) -> None:
        if self._waiting and time.monotonic() - self._ready > FRESH:
            raise Stale
