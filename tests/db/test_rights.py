"""The roles of the database may what the program needs, and no more; what is otherwise is told and set right."""

from __future__ import annotations

import re
from pathlib import Path

import asyncpg
import pytest

from samjournal.db.cluster import USER
from samjournal.db.pool import Pool
from samjournal.db.rights import APPLICATION, ERASURE, REPORTING, ROLES, TABLES, as_role, differences, settle, standing
from world import as_owner

pytestmark = pytest.mark.anyio
SOURCE = Path(__file__).parents[2] / "src" / "samjournal"
OTHERS = {"public.migration", "store.tombstone", "access.erasure", "audit.handed", "accounts.role_held"}
"""What the application only reads; others write it."""


def statements() -> str:
    """All SQL of the program but the schema and what the owner and erasure do."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("queries.sql"))]
    named = [part for text in texts for part in re.split(r"^(?=-- \w+: )", text, flags=re.MULTILINE)]
    return "\n".join(part for part in named if not part.startswith(("-- erase_", "-- retire_")))


@pytest.mark.parametrize("table", sorted(TABLES.keys() - OTHERS))
def test_the_application_may_with_a_table_what_the_statements_do_with_it(table: str) -> None:
    sql, name = statements(), re.escape(table)
    done = {"SELECT"}
    if re.search(rf"INSERT INTO {name}\b", sql):
        done.add("INSERT")
    upserted = rf"INSERT INTO {name}\b(?:(?!INSERT INTO|;).)*?ON CONFLICT[^;]*?DO UPDATE"
    locked = rf"FROM {name}\b(?:(?!FROM |;).)*?FOR UPDATE"
    if re.search(rf"UPDATE {name}\b|{upserted}|{locked}", sql, re.DOTALL):
        done.add("UPDATE")
    if re.search(rf"DELETE FROM {name}\b", sql):
        done.add("DELETE")
    assert done == {right.partition(" (")[0] for right in TABLES[table]}


async def test_every_table_is_named(owner: asyncpg.Connection) -> None:
    rows = await owner.fetch(
        "SELECT n.nspname || '.' || c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND n.nspname NOT IN ('pg_catalog', 'information_schema')"
    )
    assert {row["name"] for row in rows} == set(TABLES), "say in db/rights.py what the application may do with it"


async def test_all_is_as_it_must_be_and_is_made_once(owner: asyncpg.Connection, database: str) -> None:
    assert await differences(owner) == []
    assert await settle(as_role(database, USER)) is False


@pytest.mark.parametrize(
    ("done", "told"),
    [
        (f"GRANT UPDATE ON store.version TO {APPLICATION}", f"{APPLICATION} has UPDATE on store.version"),
        (f"GRANT TRUNCATE ON audit.look TO {APPLICATION}", f"{APPLICATION} has TRUNCATE on audit.look"),
        ("GRANT SELECT ON store.version TO PUBLIC", "PUBLIC has SELECT on store.version"),
        (f"GRANT SELECT (body) ON store.version TO {REPORTING}", f"{REPORTING} has SELECT on store.version.body"),
        (f"GRANT DELETE ON store.version TO {ERASURE}", f"{ERASURE} has DELETE on store.version"),
        (f"GRANT CREATE ON SCHEMA store TO {APPLICATION}", f"{APPLICATION} has CREATE on store"),
        (f"REVOKE INSERT ON audit.look FROM {APPLICATION}", f"{APPLICATION} lacks INSERT on audit.look"),
        (
            "CREATE FUNCTION store.new() RETURNS int LANGUAGE sql AS 'SELECT 1'",
            f"{APPLICATION} lacks EXECUTE on store.new()",
        ),
        ("DROP POLICY application ON accounts.token", "accounts.token has no row security"),
        (f"GRANT {ERASURE} TO {REPORTING}", f"{REPORTING} has MEMBER on {ERASURE}"),
    ],
)
async def test_what_is_granted_too_much_or_too_little_is_told_and_set_right(
    owner: asyncpg.Connection, database: str, done: str, told: str
) -> None:
    await owner.execute(done)
    assert told in await differences(owner)
    assert await settle(as_role(database, USER)) is True
    left = await differences(owner)
    if "MEMBER" in told:
        assert left == [told], "who is made a member of what is for an administrator to undo"
        await owner.execute(f"REVOKE {ERASURE} FROM {REPORTING}")
    else:
        assert left == []
    await owner.execute("DROP FUNCTION IF EXISTS store.new()")


async def test_a_role_that_became_too_strong_is_told(owner: asyncpg.Connection) -> None:
    await owner.execute(f"ALTER ROLE {REPORTING} BYPASSRLS CREATEROLE")
    try:
        assert f"the role {REPORTING} may pass row security, make roles" in await differences(owner)
    finally:
        await owner.execute(f"ALTER ROLE {REPORTING} NOBYPASSRLS NOCREATEROLE")


async def test_a_connection_hears_what_it_may_too_much_and_too_little(owner: asyncpg.Connection, pool: Pool) -> None:
    async with pool.acquire() as db:
        fit = await standing(db)
    assert (fit.role, fit.too_much, fit.too_little) == (APPLICATION, (), ())
    strong = await standing(owner)
    assert strong.too_little == ()
    assert strong.too_much[0] == "everything (SUPERUSER)"
    reports = await asyncpg.connect(as_role(pool.dsn, REPORTING))
    weak = await standing(reports)
    await reports.close()
    assert f"GRANT SELECT ON store.version TO {REPORTING}" in weak.too_little
    await as_owner(pool, f"GRANT UPDATE ON audit.seal TO {APPLICATION}")
    async with pool.acquire() as db:
        assert (await standing(db)).too_much == ("UPDATE on audit.seal",)
    await as_owner(pool, f"REVOKE UPDATE ON audit.seal FROM {APPLICATION}")


def test_the_dsn_of_another_role_keeps_the_rest() -> None:
    assert as_role("postgresql:///db?host=%2Ftmp%2Fa%20b&port=5432&user=samjournal", "r") == (
        "postgresql:///db?host=%2Ftmp%2Fa%20b&port=5432&user=r"
    )


def test_every_role_is_described() -> None:
    page = (SOURCE.parents[1] / "docs" / "explanation" / "least-privilege.md").read_text(encoding="utf-8")
    for role in ROLES:
        assert f"`{role}`" in page
    short = {"SELECT": "read", "INSERT": "add", "UPDATE": "change", "DELETE": "remove"}
    for table, rights in TABLES.items():
        told = [f"{short[right.partition(' ')[0]]} {right.partition(' ')[2]}".strip() for right in rights]
        assert f"| `{table}` | {', '.join(told)} |" in page
