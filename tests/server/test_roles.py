"""Schema and roles before every command: made by the owner, checked for whoever serves, and told in words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from samjournal.db.postgres import Postgres, reach
from samjournal.db.rights import APPLICATION, ERASURE, REPORTING, as_role
from samjournal.server import exits
from server.program import run, serving


@pytest.fixture
def empty(postgres: Postgres) -> Iterator[str]:
    """A database with nothing in it, as its owner."""
    _do(postgres.dsn, "CREATE DATABASE roles_of_mine")
    yield postgres.dsn_of("roles_of_mine")
    _do(postgres.dsn, "DROP DATABASE roles_of_mine WITH (FORCE)")


def _do(dsn: str, *statements: str) -> Any:
    async def done() -> Any:
        connection = await asyncpg.connect(dsn)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(done())


def test_the_owner_prepares_and_the_application_serves(empty: str) -> None:
    application = as_role(empty, APPLICATION)
    refused = run("demo", "--inhabitants", "0", "--database", application)
    assert refused.returncode == exits.REFUSED
    assert "Let the owner of the database run `samjournal database prepare`" in refused.stderr
    prepared = run("database", "prepare", "--database", empty)
    assert prepared.returncode == exits.OK, prepared.stderr
    assert "Migrated: 0018_least_privilege." in prepared.stdout
    assert APPLICATION in prepared.stdout
    assert "The roles are as they must be." in run("database", "prepare", "--database", empty).stdout
    made = run("demo", "--inhabitants", "0", "--database", application)
    assert (made.returncode, made.stderr) == (exits.OK, "")
    assert "Each may what it must" in run("doctor", "--quick", "--database", application).stdout


def test_an_owner_who_is_no_superuser_prepares_and_the_application_works(postgres: Postgres, tmp_path: Path) -> None:
    _do(postgres.dsn, "CREATE ROLE plain LOGIN", "CREATE DATABASE plain OWNER plain", "SELECT 1")
    try:
        dsn = as_role(postgres.dsn_of("plain"), "plain")
        prepared = run("database", "prepare", "--database", dsn)
        assert prepared.returncode == exits.OK, prepared.stderr
        made = run("demo", "--inhabitants", "1", "--database", as_role(dsn, APPLICATION))
        assert (made.returncode, made.stderr) == (exits.OK, "")
        assert _do(
            as_role(dsn, APPLICATION), "SELECT store.make_month('audit.look', (now() + interval '2 months')::date)"
        )
        told = run("doctor", "--quick", "--database", dsn).stdout
        assert "Each may what it must" in told
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            _do(as_role(dsn, APPLICATION), "SET ROLE plain")
    finally:
        _do(postgres.dsn, "DROP DATABASE plain WITH (FORCE)", "DROP ROLE plain", "SELECT 1")


def test_who_may_too_little_is_told_what_to_grant(empty: str) -> None:
    run("database", "prepare", "--database", empty)
    refused = run("demo", "--inhabitants", "0", "--database", as_role(empty, REPORTING))
    assert refused.returncode == exits.REFUSED
    _do(empty, f"REVOKE INSERT ON audit.look FROM {APPLICATION}", "SELECT 1")
    refused = run("demo", "--inhabitants", "0", "--database", as_role(empty, APPLICATION))
    assert refused.returncode == exits.REFUSED
    assert f"GRANT INSERT ON audit.look TO {APPLICATION}" in refused.stderr
    told = run("doctor", "--quick", "--database", empty)
    assert f"WRONG roles: {APPLICATION} lacks INSERT on audit.look" in told.stdout
    run("database", "prepare", "--database", empty)
    assert run("demo", "--inhabitants", "0", "--database", as_role(empty, APPLICATION)).returncode == exits.OK


def test_who_may_too_much_is_warned(empty: str) -> None:
    made = run("demo", "--inhabitants", "0", "--database", empty)
    assert made.returncode == exits.OK
    assert "the role of the database may too much" in made.stderr
    assert "SUPERUSER" in made.stderr
    made = run("demo", "--inhabitants", "0", "--database", as_role(empty, ERASURE))
    assert '"may":"erase"' in made.stderr


def test_the_sql_of_the_roles_is_printed_and_does_the_same(empty: str) -> None:
    printed = run("database", "roles")
    assert printed.returncode == exits.OK
    run("database", "prepare", "--database", empty)
    _do(
        empty,
        f"REVOKE SELECT ON store.version FROM {APPLICATION}",
        f"GRANT DELETE ON store.version TO {ERASURE}",
        "SELECT 1",
    )
    _do(empty, printed.stdout, "SELECT 1")
    assert "Each may what it must" in run("doctor", "--quick", "--database", empty).stdout


def test_a_folder_of_an_earlier_release_gets_its_roles_at_the_next_start(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert run("demo", "--inhabitants", "0", "--data-dir", data).returncode == exits.OK

    async def as_it_was() -> None:
        async with reach(data, purpose="test") as dsn:
            db = await asyncpg.connect(dsn)
            for role in (REPORTING, ERASURE, APPLICATION):
                await db.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")
            await db.execute("UPDATE access.unit SET key = NULL")
            await db.close()

    asyncio.run(as_it_was())
    with serving(data) as server:
        assert server.get("/health/ready").status_code == 200

        async def who() -> tuple[set[str], int]:
            async with reach(data, purpose="test") as dsn:
                db = await asyncpg.connect(dsn)
                rows = await db.fetch(
                    "SELECT DISTINCT usename FROM pg_stat_activity WHERE application_name = 'samjournal'"
                )
                keyless = await db.fetchval("SELECT count(*) FROM access.unit WHERE key IS NULL")
                await db.close()
                return {row["usename"] for row in rows}, keyless

        assert asyncio.run(who()) == ({APPLICATION}, 0), "every connection of the server is the application's"
