"""The pool: transactions, what is retried, and what a lost database looks like to the caller."""

import pytest

from samjournal.db.pool import Pool
from samjournal.db.rights import APPLICATION
from world import as_owner

pytestmark = pytest.mark.anyio


async def test_transaction_is_rolled_back_when_its_block_raises(pool: Pool) -> None:
    await as_owner(pool, "CREATE TABLE rolled (n int)", f"GRANT ALL ON rolled TO {APPLICATION}")

    async def save_and_fail() -> None:
        async with pool.transaction() as connection:
            await connection.execute("INSERT INTO rolled VALUES (1)")
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await save_and_fail()
    assert await pool.fetchval("SELECT count(*) FROM rolled") == 0


async def test_snapshot_sees_one_moment(pool: Pool) -> None:
    await as_owner(pool, "CREATE TABLE moment AS SELECT 1 AS n", f"GRANT ALL ON moment TO {APPLICATION}")
    async with pool.snapshot() as connection:
        before = await connection.fetchval("SELECT count(*) FROM moment")
        await pool.execute("INSERT INTO moment VALUES (2)")
        assert await connection.fetchval("SELECT count(*) FROM moment") == before


async def test_a_row_by_its_key_is_planned_as_no_dearer_than_the_next_one(pool: Pool) -> None:
    """With PostgreSQL's own costs 300 resources of one patient were joined by reading every version of everybody."""
    async with pool.acquire() as connection:
        assert await connection.fetchval("SHOW random_page_cost") == "1.1"
    async with pool.lane() as lane:
        assert await lane.fetchval("SHOW random_page_cost") == "1.1"
