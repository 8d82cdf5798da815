"""Months are made ahead, once, and never lose a row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from samjournal.db.partitions import make_months
from samjournal.db.pool import Pool

pytestmark = pytest.mark.anyio


async def test_the_months_ahead_are_made_once(pool: Pool) -> None:
    made = await make_months(pool, datetime(2031, 11, 5, tzinfo=UTC))
    assert made[:4] == ["audit.look_2031_11", "audit.look_2031_12", "audit.look_2032_01", "audit.look_2032_02"]
    assert len(made) == 8
    assert await make_months(pool, datetime(2031, 11, 6, tzinfo=UTC)) == []


async def test_a_row_lies_in_its_month_and_a_month_with_rows_stays_where_it_is(pool: Pool) -> None:
    feed = "INSERT INTO store.feed (at, patient, type, id, version, method) VALUES ($1, 0, 1, 'x', 1, 'C')"
    await pool.execute(feed, datetime(2031, 12, 24, tzinfo=UTC))
    await pool.execute(feed, datetime(2041, 1, 2, tzinfo=UTC))
    assert await pool.fetchval("SELECT count(*) FROM store.feed_2031_12") == 1
    assert await make_months(pool, datetime(2041, 1, 2, tzinfo=UTC)) != []
    assert await pool.fetchval("SELECT count(*) FROM store.feed WHERE at > '2041-01-01'") == 1
    assert await pool.fetchval("SELECT to_regclass('store.feed_2041_01') IS NULL")
