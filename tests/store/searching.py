"""Resources put into the store as they are, and found again by the SQL of a search, without permits and validation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from samjournal.db.pool import Pool
from samjournal.store.rows import index
from samjournal.store.search import sql
from samjournal.store.search.query import Query, parse
from samjournal.store.search.resolving import resolve
from samjournal.store.search.sql import Statement, everything
from samjournal.store.writing import NewVersion, put

Resource = dict[str, Any]
Pairs = Iterable[tuple[str, str]]


async def store(pool: Pool, resources: Sequence[Resource]) -> None:
    """Store new resources; each has its id."""
    async with pool.transaction() as db:
        await put(db, [_version(resource) for resource in resources], at=datetime.now(UTC))


async def find(pool: Pool, type_: str, pairs: Pairs) -> list[str]:
    """The ids that a search finds, in its order."""
    query = await looked_up(pool, parse(type_, pairs))
    made = statement(query)
    text = sql.page(query, made)
    async with pool.acquire() as db:
        return [row["id"] for row in await db.fetch(text, *made.arguments.values)]


async def plan(pool: Pool, type_: str, pairs: Pairs) -> str:
    """How PostgreSQL goes about a search."""
    query = await looked_up(pool, parse(type_, pairs))
    made = statement(query)
    text = sql.page(query, made)
    async with pool.acquire() as db:
        return "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {text}", *made.arguments.values))


async def looked_up(pool: Pool, query: Query) -> Query:
    """The search with the texts that it asks for; value sets are the record's."""

    async def no_codes(modifier: str, _values: Sequence[str]) -> list[str]:
        raise AssertionError(modifier)

    async with pool.acquire() as db:
        filters = [await resolve(db, query.type, one, no_codes, closed=True) for one in query.filters]
    return replace(query, filters=tuple(filters))


def statement(query: Query) -> Statement:
    """The statement of a search that may see everything."""
    made = Statement(query.type, everything, sees_protected=True)
    for one in query.filters:
        made.filter(one, same_person=lambda id_: [id_])
    return made


def _version(resource: Resource) -> NewVersion:
    rows = index(resource, [])
    return NewVersion(resource["resourceType"], resource["id"], 1, "C", rows.patient, 0, "test", b"{}", rows)
