"""Months are made ahead, once, and never lose a row."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from samjournal.db.partitions import make_months
from samjournal.db.pool import Pool

pytestmark = pytest.mark.anyio
FEED = "INSERT INTO store.feed (at, patient, type, id, version, method) VALUES ($1, 0, 1, 'x', 1, 'C')"


def month(ahead: int) -> datetime:
    """The first of the month that is so many months ahead of this one."""
    now = datetime.now(UTC)
    year, months = divmod(now.year * 12 + now.month - 1 + ahead, 12)
    return datetime(year, months + 1, 1, tzinfo=UTC)


async def test_a_month_with_rows_stays_where_it_is_and_those_ahead_are_made_once(pool: Pool) -> None:
    await pool.execute(FEED, month(2) + timedelta(days=3))
    made = await make_months(pool)
    assert made[:4] == [f"audit.look_{month(ahead):%Y_%m}" for ahead in range(4)]
    assert made[4:] == [f"store.feed_{month(ahead):%Y_%m}" for ahead in (0, 1, 3)]
    assert await make_months(pool) == []
    assert await pool.fetchval("SELECT count(*) FROM store.feed WHERE at >= $1", month(2)) == 1


async def test_a_row_lies_in_its_month(pool: Pool) -> None:
    await make_months(pool)
    await pool.execute(FEED, month(1) + timedelta(days=3))
    part = await pool.fetchval(
        "SELECT tableoid::regclass::text FROM store.feed WHERE at >= $1 AND at < $2", month(1), month(2)
    )
    assert part == f"store.feed_{month(1):%Y_%m}"


@pytest.mark.parametrize(
    ("table", "ahead"),
    [("store.version", 1), ("audit.look; DROP TABLE store.claim", 1), ("audit.look", -2), ("audit.look", 9)],
)
async def test_no_other_table_and_no_other_month_is_made(pool: Pool, table: str, ahead: int) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.fetchval("SELECT store.make_month($1, $2)", table, month(ahead).date())
