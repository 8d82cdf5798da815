"""A lane goes from statement to statement; one that broke ends, and they are never all of the connections."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from samjournal.db.pool import Pool, Unavailable, connect

pytestmark = pytest.mark.anyio


@pytest.fixture
async def small(database: str) -> AsyncIterator[Pool]:
    pool = await connect(database, size=6, patience=1)
    yield pool
    await pool.close()


async def process_of(pool: Pool) -> int:
    async with pool.lane() as db:
        number: int = await db.fetchval("SELECT pg_backend_pid()")
        return number


async def test_a_lane_is_used_again_with_plans_for_any_value(small: Pool) -> None:
    first = await process_of(small)
    assert await process_of(small) == first
    async with small.lane() as db:
        assert await db.fetchval("SHOW plan_cache_mode") == "force_generic_plan"


async def test_others_get_connections_as_they_were(small: Pool) -> None:
    lane = await process_of(small)
    async with small.acquire() as db:
        assert await db.fetchval("SELECT pg_backend_pid()") != lane
        assert await db.fetchval("SHOW plan_cache_mode") == "auto"


async def test_when_all_lanes_are_in_use_the_pool_gives_and_refuses(small: Pool) -> None:
    async with small.lane(), small.lane(), small.lane(), small.lane() as fourth, small.lane(), small.lane():
        assert await fourth.fetchval("SHOW plan_cache_mode") == "auto"
        with pytest.raises(Unavailable, match="busy"):
            async with small.lane():
                pass


async def test_a_refused_value_costs_no_lane_and_a_broken_connection_does(small: Pool) -> None:
    first = await process_of(small)
    with pytest.raises(asyncpg.DataError):
        async with small.lane() as db:
            await db.fetchval("SELECT $1::text", "a\x00b")
    assert await process_of(small) == first
    with pytest.raises(Unavailable):
        async with small.lane() as db:
            await db.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    assert await process_of(small) != first


async def test_whoever_is_cut_off_leaves_no_lane_behind(small: Pool) -> None:
    async def wait() -> None:
        async with small.lane() as db:
            begun.set()
            await db.execute("SELECT pg_sleep(60)")

    for _ in range(6):
        begun = asyncio.Event()
        task = asyncio.create_task(wait())
        await begun.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await process_of(small)


async def test_closing_the_pool_closes_its_lanes(database: str) -> None:
    pool = await connect(database, size=4, application="lanes that end")
    await process_of(pool)
    await pool.close()
    other = await connect(database, size=1)
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'lanes that end'"
    while await other.fetchval(count):
        pass
    await other.close()


async def test_many_who_come_at_once_leave_connections_for_others(small: Pool) -> None:
    await asyncio.gather(*(process_of(small) for _ in range(24)))
    async with small.acquire(), small.acquire(), small.acquire() as db:
        assert await db.fetchval("SELECT true")
