"""What tests of erasure share: who decides, a door of the role that erases, and a look through the whole database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from samjournal import access, accounts
from samjournal.access import Permit
from samjournal.accounts import Account, RoleAt
from samjournal.db.pool import Pool, connect
from samjournal.db.rights import ERASURE, as_role
from samjournal.record import Door, open_door
from world import World

OFFICER = Account(
    "officer",
    "Officer",
    "staff",
    (RoleAt("privacy-officer", "hospital", "officer-role", "Hospital"),),
    practitioner_id="officer",
)
SECOND_LOGIN = Account(
    "officer2",
    "Officer",
    "staff",
    (RoleAt("privacy-officer", "hospital", "officer2-role", "Hospital"),),
    practitioner_id="officer",
)


async def with_officers(pool: Pool) -> None:
    async with pool.transaction() as db:
        await accounts.add(db, [OFFICER, SECOND_LOGIN])


async def permit_of(pool: Pool, login: str) -> Permit:
    who, at = await accounts.in_role(pool, login)
    return await access.for_work(
        pool, login=login, name=who.name, kind=who.kind, role=at, patient_id=who.patient_id, request="test"
    )


@asynccontextmanager
async def erasing(world: World) -> AsyncIterator[Door]:
    """A door of the database's role that erases."""
    pool = await connect(as_role(world.pool.dsn, ERASURE), size=4)
    try:
        yield await open_door(pool, secret=world.door.secret)
    finally:
        await pool.close(patience=2)


async def found(db: asyncpg.Connection, mark: str) -> list[str]:
    """The tables of the database, the planner's samples included, in which a mark stands, as text or as bytes."""
    tables = await db.fetch(
        "SELECT c.oid::regclass::text AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_toast', 'information_schema')"
    )
    where = "position($1 in lower(t::text)) > 0 OR position($2 in t::text) > 0"
    having = []
    for table in tables:
        if await db.fetchval(
            f"SELECT EXISTS (SELECT 1 FROM {table['name']} t WHERE {where})", mark, mark.encode().hex()
        ):
            having.append(table["name"])
    if "pg_statistic" in having:
        sampled = f"SELECT starelid::regclass || '.' || staattnum FROM pg_statistic t WHERE {where}"
        having += [row[0] for row in await db.fetch(sampled, mark, mark.encode().hex())]
    return having
