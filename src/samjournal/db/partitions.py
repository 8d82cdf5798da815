"""Months of what only grows: the log of looks and the feed. postgresql.org/docs/current/ddl-partitioning.html

A row never fails for want of its month: the default partition takes it. Months are made ahead, while they are empty, by
a function of the database: the application, which cannot make tables, may make these (docs/decisions/0028).
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import asyncpg

from samjournal.db.pool import Pool

TABLES = ("audit.look", "store.feed")
AHEAD = 3
_log = logging.getLogger(__name__)


async def make_months(pool: Pool, now: datetime | None = None) -> list[str]:
    """Make the partitions of this month and the next ones; the names of those that were not there. A month that has
    rows in the default partition already stays there."""
    made = []
    for table in TABLES:
        for start in _months(now or datetime.now(UTC)):
            name = f"{table}_{start:%Y_%m}"
            try:
                is_new = await pool.fetchval("SELECT store.make_month($1, $2)", table, start.date())
            except asyncpg.CheckViolationError:
                _log.info("a month stays in the default partition", extra={"table": name})
            except asyncpg.DuplicateTableError:
                pass  # Another process made it at the same moment.
            else:
                made += [name] if is_new else []
    return made


def _months(now: datetime) -> list[datetime]:
    starts = []
    year, month = now.year, now.month
    for _ in range(AHEAD + 1):
        starts.append(datetime(year, month, 1, tzinfo=UTC))
        year, month = (year + 1, 1) if month == 12 else (year, month + 1)
    return starts
