"""The pool of database connections, and what is retried. magicstack.github.io/asyncpg

    pool = await connect(dsn)
    async with pool.acquire() as connection: ...       # each statement for itself
    async with pool.lane() as connection: ...          # the same, where one plan is right for all values (lanes.py)
    async with pool.snapshot() as connection: ...      # several reads that see one moment (read only)
    async with pool.transaction() as connection: ...   # commit at the end, roll back on raise
    await pool.change(action)                          # as transaction, run anew on deadlock or serialization failure
    await pool.fetch / fetchrow / fetchval / execute / executemany

All raise Unavailable while the database is away or every connection stays busy, and work again once it is back.
The session of a connection is never changed with SET (only SET LOCAL; a lane ends with its connection), so nothing is
reset when it is given back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar, cast

import asyncpg

from samjournal.db.lanes import Lane, Lanes
from samjournal.db.late import Late, Stale

T = TypeVar("T")

OLDEST_SERVER = 18
_LONGEST_KEPT = 256 * 1024
"""Bytes of a statement whose plan is kept with the connection."""


BAD_VALUE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError)
"""What the driver raises for a value that the database cannot hold: the caller's fault, not ours."""


class Unavailable(Exception):
    """The database is away or busy. With `unknown` the connection broke in a commit: it may have been done or not."""

    def __init__(self, text: str, *, unknown: bool = False) -> None:
        super().__init__(text)
        self.unknown = unknown


class Overdue(Unavailable):
    """A statement took longer than statements are given."""


class TooOld(Exception):
    """The PostgreSQL server is older than Samjournal needs."""


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A connection whose session is never changed, so that giving it back costs no round trip. `known` is what whoever
    uses it remembers to be stored, for as long as the connection lasts."""

    __slots__ = ("known",)

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self.known: set[int] = set()

    def get_reset_query(self) -> str:
        return ""

    async def later(self, query: str, *values: object) -> None:
        """As `Late.later`, where the transaction has begun: it is sent at once."""
        await self.execute(query, *values)

    async def settle(self) -> None:
        """As `Late.settle`: nothing waits here."""


class Pool:
    """Connections to one database."""

    def __init__(self, pool: Any, *, dsn: str, patience: float) -> None:
        self.dsn = dsn
        self._pool = pool
        self._patience = patience
        # The rest stays for whoever needs a connection for itself.
        size = pool.get_max_size()
        self._lanes = {
            same: Lanes(self._lend, self._take_back, most=most, same_plans=same)
            for same, most in ((True, size // 2), (False, size // 4))
        }

    @contextlib.asynccontextmanager
    async def acquire(self) -> AsyncIterator[Connection]:
        with translated():
            connection = await self._lend()
            try:
                yield connection
            finally:
                await self._take_back(connection)

    def lane(self, *, same_plans: bool = True) -> Lane:
        return Lane(self._lanes[same_plans], meant)

    async def _lend(self) -> Connection:
        with translated():
            try:
                lent: Connection = await self._pool.acquire(timeout=self._patience)
            except TimeoutError:
                raise Unavailable("Every database connection is busy.") from None
            return lent

    async def _take_back(self, connection: Connection) -> None:
        await self._pool.release(connection, timeout=self._patience)

    @contextlib.asynccontextmanager
    async def snapshot(self, *, same_plans: bool = False) -> AsyncIterator[Connection]:
        """Several reads that see one moment. With `same_plans` statements are not planned anew for each value: right
        where every value has the same best plan."""
        async with (
            self.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            if same_plans:
                await connection.execute("SET LOCAL plan_cache_mode = force_generic_plan")
            yield connection

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        async with self.acquire() as connection, _transaction(connection):
            yield connection

    async def change(self, action: Callable[[Connection], Awaitable[T]], *, attempts: int = 4) -> T:
        """Run `action` in a transaction on a lane; when the database chose it as the victim of a conflict, run it anew.
        The transaction begins with its first statement (`late.py`).

        A commit whose outcome is not known is never run anew.
        """
        early, attempt = False, 1
        while True:
            try:
                async with self.lane() as connection, _late(connection, early=early) as late:
                    return await action(late)
            except Stale:
                early = True
            except (asyncpg.SerializationError, asyncpg.DeadlockDetectedError):
                if attempt == attempts:
                    raise Unavailable("Too many changes to the same thing at once.") from None
                await asyncio.sleep(0.01 * attempt**2)
                attempt += 1

    async def fetch(self, query: str, *values: object) -> list[asyncpg.Record]:
        async with self.acquire() as connection:
            rows: list[asyncpg.Record] = await connection.fetch(query, *values)
            return rows

    async def fetchrow(self, query: str, *values: object) -> asyncpg.Record | None:
        async with self.acquire() as connection:
            return await connection.fetchrow(query, *values)

    async def fetchval(self, query: str, *values: object) -> Any:
        async with self.acquire() as connection:
            return await connection.fetchval(query, *values)

    async def execute(self, query: str, *values: object) -> str:
        async with self.acquire() as connection:
            done: str = await connection.execute(query, *values)
            return done

    async def executemany(self, query: str, rows: Iterable[Sequence[object]]) -> None:
        async with self.acquire() as connection:
            await connection.executemany(query, rows)

    @property
    def size(self) -> int:
        return int(self._pool.get_size())

    @property
    def idle(self) -> int:
        return int(self._pool.get_idle_size()) + sum(lanes.free for lanes in self._lanes.values())

    async def close(self, *, patience: float = 10) -> None:
        """Wait for what is under way, then close; after `patience` seconds close anyway."""
        for lanes in self._lanes.values():
            await lanes.close()
        try:
            await asyncio.wait_for(self._pool.close(), patience)
        except TimeoutError:
            self._pool.terminate()


@contextlib.asynccontextmanager
async def _transaction(connection: Connection) -> AsyncIterator[None]:
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    except BaseException:
        if not connection.is_closed():
            await transaction.rollback()
        raise
    try:
        await transaction.commit()
    except _AWAY as error:
        raise Unavailable("The connection broke while saving.", unknown=True) from error


@contextlib.asynccontextmanager
async def _late(connection: Connection, *, early: bool) -> AsyncIterator[Connection]:
    late = Late(connection)
    if early:
        await late.begin()
    try:
        yield cast("Connection", late)
        await late.finish()
    except BaseException:
        await late.rollback()
        raise
    try:
        await late.commit()
    except _BROKEN as error:
        raise Unavailable("The connection broke while saving.", unknown=True) from error


async def connect(
    dsn: str,
    *,
    size: int = 10,
    statement_timeout: float = 30,
    lock_timeout: float = 10,
    patience: float = 10,
    application: str = "samjournal",
) -> Pool:
    """A pool of at most `size` connections. `patience` is how long to wait for a free one.

    Raises Unavailable or TooOld.
    """
    with translated():
        pool = await asyncpg.create_pool(
            dsn,
            min_size=0,
            max_size=size,
            timeout=10,
            command_timeout=statement_timeout + 5,
            max_inactive_connection_lifetime=300,
            # A chart is one statement of 50 kB, which takes longer to plan than to run: its plan is kept too.
            max_cacheable_statement_size=_LONGEST_KEPT,
            connection_class=Connection,
            server_settings={
                "application_name": application,
                "statement_timeout": str(int(statement_timeout * 1000)),
                "lock_timeout": str(int(lock_timeout * 1000)),
                "idle_in_transaction_session_timeout": "60000",
                "timezone": "UTC",
                # Pages lie in memory or on a disk without arms: a row by its key is no dearer than the next one.
                "random_page_cost": "1.1",
                "jit": "off",
            },
        )
        async with pool.acquire() as connection:
            version = connection.get_server_version()
    if version.major < OLDEST_SERVER:
        await pool.close()
        raise TooOld(f"The database server is PostgreSQL {version.major}; Samjournal needs {OLDEST_SERVER} or newer.")
    return Pool(pool, dsn=dsn, patience=patience)


# What asyncpg raises when the server is away, starting, stopping, full, or was lost in the middle.
_AWAY: tuple[type[BaseException], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.DiskFullError,
    asyncpg.OutOfMemoryError,
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.InternalClientError,
)


# Those after which nobody knows what the server did; what it reports itself it has not done.
_BROKEN: tuple[type[BaseException], ...] = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.InternalClientError,
)


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Raise Unavailable for what asyncpg raises when the server is away, busy or lost."""
    try:
        yield
    except Exception as error:
        if (told := meant(error)) is not None:
            raise told from error
        raise


def meant(error: BaseException) -> Unavailable | None:
    """What an error of the driver means, when it is that the server is away, busy or lost."""
    if isinstance(error, Unavailable):
        return None
    if isinstance(error, _AWAY):
        return (Overdue if isinstance(error, asyncpg.QueryCanceledError) else Unavailable)(_told(error))
    # asyncpg has one class for a lost connection and for a mistake of the caller; only the first is passing.
    lost = isinstance(error, asyncpg.InterfaceError) and any(sign in str(error) for sign in _LOST)
    return Unavailable("The connection to the database was lost.") if lost else None


_LOST = ("connection is closed", "connection has been", "connection was closed", "pool is clos")


def _told(error: BaseException) -> str:
    if isinstance(error, asyncpg.DiskFullError):
        return "The database's disk is full."
    if isinstance(error, asyncpg.QueryCanceledError | asyncpg.LockNotAvailableError | TimeoutError):
        return "The database took too long."
    return "The database is not to be reached just now."
