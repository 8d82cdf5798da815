"""Hazard: whoever gets hold of the application's statements rewrites the record or the log. House rules 3 and 4."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest

from samjournal.db.cluster import USER
from samjournal.db.partitions import make_months
from samjournal.db.rights import APPLICATION, ERASURE, REPORTING, as_role
from world import World, observation

pytestmark = pytest.mark.anyio
REFUSED = asyncpg.InsufficientPrivilegeError


@pytest.fixture(scope="module")
async def peopled(world: World) -> World:
    await world.put({**observation("kari"), "id": "pulse"})
    await make_months(world.pool)
    async with await world.client("doctor") as client:
        assert (await client.get("/Observation/pulse")).status_code == 200
    return world


@pytest.fixture
async def reports(peopled: World) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(as_role(peopled.pool.dsn, REPORTING))
    yield connection
    await connection.close()


async def refused(world: World, statement: str) -> None:
    async with world.pool.acquire() as db:
        with pytest.raises(REFUSED):
            await db.execute(statement)


@pytest.mark.parametrize("table", ["store.version", "audit.look", "audit.look_rest", "audit.seen", "audit.seal"])
@pytest.mark.parametrize(
    "statement",
    ["UPDATE {} SET at = at", "DELETE FROM {}", "TRUNCATE {}", "DROP TABLE {}", "ALTER TABLE {} DISABLE TRIGGER ALL",
     "ALTER TABLE {} DISABLE ROW LEVEL SECURITY", "CREATE INDEX ON {} (at)",
     "DO 'BEGIN LOCK TABLE {} IN ACCESS EXCLUSIVE MODE; END'"],
)  # fmt: skip
async def test_the_application_cannot_change_or_remove_versions_and_looks(
    peopled: World, table: str, statement: str
) -> None:
    await refused(peopled, statement.format(table))


async def test_nor_in_the_months_that_it_makes(peopled: World, owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'audit.look'::regclass"
    )
    months = [row["name"] for row in rows]
    assert len(months) >= 4
    for month in months:
        for statement in (f"UPDATE {month} SET actor = 'x'", f"DELETE FROM {month}", f"TRUNCATE {month}",
                          f"DROP TABLE {month}", f"ALTER TABLE audit.look DETACH PARTITION {month}",
                          f"INSERT INTO {month} SELECT * FROM audit.look", f"SELECT * FROM {month}"):  # fmt: skip
            await refused(peopled, statement)


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE store.mine (n int)",
        "CREATE TABLE public.mine (n int)",
        "CREATE TEMPORARY TABLE mine (n int)",
        "CREATE SCHEMA mine",
        "CREATE ROLE mine SUPERUSER",
        "CREATE FUNCTION store.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "DROP INDEX store.current_tokens",
        "ALTER INDEX store.current_tokens SET (fastupdate = on)",
        "DROP SCHEMA audit CASCADE",
        "DROP TRIGGER keep_versions ON store.version",
        "ALTER TABLE store.version DISABLE TRIGGER keep_versions",
        "SET session_replication_role = replica",
        "DROP POLICY application ON accounts.token",
        f"SET ROLE {USER}",
        f"SET ROLE {ERASURE}",
        f"SET ROLE {REPORTING}",
        f"SET SESSION AUTHORIZATION {USER}",
        f"GRANT {USER} TO {APPLICATION}",
        f"ALTER ROLE {APPLICATION} SUPERUSER",
        f"ALTER ROLE {USER} PASSWORD 'x'",
        "SELECT * FROM pg_authid",
        "SELECT * FROM reporting.looks",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT lo_export(1, '/tmp/x')",
        "COPY store.version TO PROGRAM 'cat'",
        "COPY store.claim FROM '/etc/passwd'",
        "COPY store.version (body) TO '/tmp/x'",
        "ALTER SYSTEM SET fsync = off",
        "UPDATE migration SET digest = ''",
        "DELETE FROM store.feed",
        "DELETE FROM store.current",
        "UPDATE accounts.installation SET kind = 'demo'",
        "UPDATE accounts.token SET expires = 'infinity'",
        "INSERT INTO store.tombstone SELECT",
        "INSERT INTO access.erasure (type, resource, confirmed, confirmed_by) VALUES ('x', 'x', now(), 'x')",
        "INSERT INTO access.erasure (type, resource, done) VALUES ('x', 'x', now())",
        "UPDATE access.erasure SET proposed_by = 'x'",
        "UPDATE access.erasure SET decision = 'x', done = now()",
    ],
)
async def test_nor_make_anything_nor_become_anybody(peopled: World, statement: str) -> None:
    await refused(peopled, statement)


async def test_nor_hold_a_version_while_the_log_is_written(peopled: World) -> None:
    await refused(peopled, "SELECT * FROM store.version FOR UPDATE")
    before = await peopled.pool.fetchval("SELECT count(*) FROM audit.look")
    async with await peopled.client("doctor") as client:
        assert (await client.get("/Observation/pulse")).status_code == 200
    assert await peopled.pool.fetchval("SELECT count(*) FROM audit.look") > before


async def test_nor_grant_itself_more(peopled: World) -> None:
    await peopled.pool.execute(
        f"GRANT UPDATE, DELETE ON store.version TO {APPLICATION}"
    )  # A warning, and nothing done.
    assert not await peopled.pool.fetchval("SELECT has_table_privilege('store.version', 'UPDATE, DELETE')")


@pytest.mark.parametrize(
    "table",
    ["store.version", "store.current", "store.string", "store.text", "store.feed", "store.job", "audit.look",
     "audit.seen", "audit.look_rest", "access.relation", "access.person", "access.review", "accounts.account",
     "accounts.token",
     "accounts.session", "accounts.installation", "terminology.concept", "pg_authid", "migration"],
)  # fmt: skip
async def test_reports_read_no_table(reports: asyncpg.Connection, table: str) -> None:
    with pytest.raises(REFUSED):
        await reports.fetch(f"SELECT * FROM {table}")


async def test_reports_read_numbers_of_looks_and_of_resources(reports: asyncpg.Connection) -> None:
    looks = await reports.fetch("SELECT unit, role, action, looks FROM reporting.looks WHERE action = 'read'")
    assert ("Ward", "doctor", "read") in {tuple(row)[:3] for row in looks}
    rows = await reports.fetch("SELECT type, owner, owner_name, resources FROM reporting.resources")
    counted = {(row["type"], row["owner"]): row for row in rows}
    assert counted["Patient", None]["resources"] == 3
    assert counted["Encounter", "Organization/ward"]["owner_name"] == "Ward"
    names = {
        row["column_name"]
        for row in await reports.fetch(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'reporting'"
        )
    }
    assert names == {"day", "unit", "role", "action", "looks", "type", "owner", "owner_name", "resources"}


async def test_reports_read_no_statistics_of_contents(reports: asyncpg.Connection, owner: asyncpg.Connection) -> None:
    await owner.execute("ANALYZE")
    seen = "SELECT count(*) FROM pg_stats WHERE schemaname IN ('store', 'audit', 'access', 'accounts')"
    assert await owner.fetchval(seen) > 0
    assert await reports.fetchval(seen) == 0


@pytest.mark.parametrize(
    "table", ["accounts.installation", "accounts.session", "accounts.token", "audit.look", "audit.seal"]
)
async def test_who_is_granted_a_secret_by_mistake_sees_no_row(
    reports: asyncpg.Connection, owner: asyncpg.Connection, table: str
) -> None:
    schema = table.partition(".")[0]
    assert await owner.fetchval(f"SELECT count(*) FROM {table}") >= (
        0 if table in ("accounts.session", "audit.seal") else 1
    )
    await owner.execute(f"GRANT USAGE ON SCHEMA {schema} TO {REPORTING}; GRANT ALL ON {table} TO {REPORTING}")
    try:
        assert await reports.fetchval(f"SELECT count(*) FROM {table}") == 0
    finally:
        await owner.execute(f"REVOKE ALL ON {table} FROM {REPORTING}; REVOKE USAGE ON SCHEMA {schema} FROM {REPORTING}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE store.version SET body = 'x' WHERE id = 'pulse'",
        "UPDATE store.version SET body = NULL, method = 'X' WHERE id = 'pulse'",
        "UPDATE store.version SET author = 'x'",
        "DELETE FROM store.version",
        "UPDATE audit.look SET actor = 'x'",
        "DELETE FROM audit.look",
        "DELETE FROM store.tombstone",
        "UPDATE access.erasure SET proposed_by = 'x'",
        "DELETE FROM access.erasure",
        "ALTER TABLE store.version DISABLE TRIGGER keep_versions",
    ],
)
async def test_erasure_alone_changes_nothing_without_a_decision(peopled: World, statement: str) -> None:
    erasure = await asyncpg.connect(as_role(peopled.pool.dsn, ERASURE))
    try:
        with pytest.raises(REFUSED):
            await erasure.execute(statement)
    finally:
        await erasure.close()
