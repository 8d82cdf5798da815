"""A change that is one statement is its own commit; any other is a transaction from its first statement on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from samjournal.db import late
from samjournal.db.pool import Connection, Pool, Unavailable, connect
from samjournal.db.rights import APPLICATION
from world import as_owner

pytestmark = pytest.mark.anyio

_PUT = "INSERT INTO lately VALUES ($1)"


@pytest.fixture
async def small(pool: Pool) -> AsyncIterator[Pool]:
    await as_owner(
        pool,
        "DROP TABLE IF EXISTS lately",
        "CREATE TABLE lately (n int PRIMARY KEY)",
        f"GRANT ALL ON lately TO {APPLICATION}",
    )
    small = await connect(pool.dsn, size=4)
    yield small
    await small.close()


async def told(pool: Pool) -> list[str]:
    """The first words of the statements that the next changes send; each is told a turn of the loop later."""
    sent: list[str] = []

    def note(query: asyncpg.connection.LoggedQuery) -> None:
        sent.append(query.query.split()[0].strip(";"))

    async with pool.lane() as db:
        db.add_query_logger(note)
    return sent


async def numbers(pool: Pool) -> list[int]:
    return [row["n"] for row in await pool.fetch("SELECT n FROM lately ORDER BY n")]


async def test_a_single_statement_is_its_own_commit(small: Pool) -> None:
    sent = await told(small)
    await small.change(lambda db: db.later(_PUT, 1))
    assert await numbers(small) == [1]
    assert sent == ["INSERT"]


async def test_what_waits_is_sent_before_what_comes_next_and_stands_or_falls_with_it(small: Pool) -> None:
    async def both(db: Connection) -> int:
        await db.later(_PUT, 1)
        seen: int = await db.fetchval("SELECT count(*) FROM lately")
        await db.later(_PUT, 2)
        return seen

    async def fail(db: Connection) -> None:
        await both(db)
        raise ValueError("no")

    sent = await told(small)
    with pytest.raises(ValueError, match="no"):
        await small.change(fail)
    assert await small.change(both) == 1
    assert await numbers(small) == [1, 2]
    assert sent == ["BEGIN", "INSERT", "SELECT", "ROLLBACK", "BEGIN", "INSERT", "SELECT", "INSERT", "COMMIT"]


async def test_what_waits_is_not_sent_when_the_change_gives_up(small: Pool) -> None:
    async def fail(db: Connection) -> None:
        await db.later(_PUT, 1)
        raise ValueError("no")

    sent = await told(small)
    with pytest.raises(ValueError, match="no"):
        await small.change(fail)
    assert await numbers(small) == []
    assert sent == []


async def test_what_is_wrong_with_the_last_statement_is_told_by_the_change(small: Pool) -> None:
    await small.change(lambda db: db.later(_PUT, 1))
    with pytest.raises(asyncpg.UniqueViolationError):
        await small.change(lambda db: db.later(_PUT, 1))


async def test_what_was_made_ready_long_ago_is_made_anew_in_a_transaction(
    small: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads changes in order counts on their time being no longer before their transaction."""
    monkeypatch.setattr(late, "FRESH", -1.0)
    sent = await told(small)
    await small.change(lambda db: db.later(_PUT, 1))
    assert await numbers(small) == [1]
    assert sent == ["BEGIN", "INSERT", "COMMIT"]


async def test_what_was_refused_at_the_end_is_rolled_back_and_costs_no_connection(small: Pool) -> None:
    async def twice(db: Connection) -> int:
        number: int = await db.fetchval("SELECT pg_backend_pid()")
        backends.append(number)
        await db.later(_PUT, 1)
        return number

    backends: list[int] = []
    await small.change(twice)
    sent = await told(small)
    with pytest.raises(asyncpg.UniqueViolationError):
        await small.change(twice)
    assert await numbers(small) == [1]
    assert sent == ["BEGIN", "SELECT", "INSERT", "ROLLBACK"]
    async with small.lane() as db:
        assert {await db.fetchval("SELECT pg_backend_pid()"), *backends} == {backends[0]}


async def test_what_was_made_ready_long_ago_is_not_one_of_the_tries(
    small: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late, "FRESH", -1.0)
    await small.change(lambda db: db.later(_PUT, 1), attempts=1)
    assert await numbers(small) == [1]


async def test_connection_lost_in_the_only_statement_is_told_as_unknown(small: Pool) -> None:
    with pytest.raises(Unavailable) as caught:
        await small.change(lambda db: db.later("SELECT pg_terminate_backend(pg_backend_pid())"))
    assert caught.value.unknown


async def test_connection_lost_before_the_last_statement_is_told_as_not_done(small: Pool) -> None:
    async def lose(db: Connection) -> None:
        await db.later("SELECT pg_terminate_backend(pg_backend_pid())")
        await db.later(_PUT, 1)

    with pytest.raises(Unavailable) as caught:
        await small.change(lose)
    assert not caught.value.unknown
    assert await numbers(small) == []
