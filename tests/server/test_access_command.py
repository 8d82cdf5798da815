"""`samjournal access`: the rules as tables, and why a record is open to somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samjournal import accounts
from samjournal.access import ROLES, RULES, past
from samjournal.accounts import Account, RoleAt
from samjournal.server import exits
from samjournal.ui.formats import OSLO
from server.program import run
from world import World, patient, stay

pytestmark = pytest.mark.anyio


def test_the_rules_are_printed_without_a_record() -> None:
    done = run("access", "rules")
    assert done.returncode == exits.OK, done.stderr
    for role in ROLES.values():
        assert role.code in done.stdout
        assert role.description in done.stdout
    for rule in RULES.values():
        row = next(line for line in done.stdout.splitlines() if line.startswith(f"{rule.kind} "))
        assert rule.made_by in row
        assert row.endswith(f"{rule.run_out.days} days")


async def test_why_is_told_and_logged(world: World, database: str, tmp_path: Path) -> None:
    place = ("--database", database, "--log", tmp_path / "log")
    await world.put(
        patient("gone", "Nordmann"),
        {**stay("gone-stay", "gone", status="finished"), "period": {"start": "2020-01-01", "end": "2020-01-05"}},
    )
    told = run("access", "explain", "--user", "nurse", "--patient", "kari", *place)
    assert told.returncode == exits.OK, told.stderr
    assert told.stdout.splitlines()[0] == "nurse, nurse at Ward: Patient/kari is open by stay."
    assert "stay by Encounter/kari-stay, from 2026-11-18 08:00 with no end: opens the record." in told.stdout
    told = run("access", "explain", "--user", "nurse", "--role", "nurse", "--patient", "Patient/gone", *place)
    assert "Patient/gone is closed." in told.stdout
    assert "has run out." in told.stdout
    assert "To state a reason opens it for four hours" in told.stdout
    told = run("access", "explain", "--user", "homenurse", "--patient", "kari", *place)
    assert "Nothing in the record binds this person" in told.stdout
    told = run("access", "explain", "--user", "kari", "--patient", "kari", *place)
    assert "it is the own record" in told.stdout
    looks = await world.pool.fetch("SELECT actor, action FROM audit.look WHERE request = 'access explain' ORDER BY at")
    assert [row["action"] for row in looks] == ["explain"] * 4
    assert all(row["actor"].startswith("access explain (") for row in looks)


async def test_the_roles_of_a_past_day_are_printed_as_they_were(world: World, database: str, tmp_path: Path) -> None:
    place = ("--database", database, "--log", tmp_path / "log")
    today = f"{datetime.now(OSLO):%Y-%m-%d}"
    none = run("access", "rules", "--at", today, *place)
    assert (none.returncode, "was not kept" in none.stdout) == (exits.OK, True)
    before = {**ROLES, "nurse": replace(ROLES["nurse"], description="Reads.", writes=frozenset({"Task"}))}
    before["porter"] = replace(ROLES["secretary"], code="porter", names=("Portør", "Portør", "Porter"))
    assert set(await past.keep(world.pool, before)) == {*ROLES, "porter"}
    assert await past.keep(world.pool, before) == []
    await world.as_owner("UPDATE access.rights SET since = since - interval '10 days'")
    assert set(await past.keep(world.pool)) == {"nurse", "porter"}
    assert await past.keep(world.pool) == []
    now, then = datetime.now(UTC), datetime.now(UTC) - timedelta(days=5)
    assert {role.code: role for role in await past.roles_at(world.pool, then)} == before
    assert {role.code: role for role in await past.roles_at(world.pool, now)} == ROLES
    told = run("access", "rules", "--at", f"{then:%Y-%m-%d}", *place).stdout
    assert "porter (Portør, Portør, Porter)" in told
    assert "  writes: Task\n" in told
    told = run("access", "rules", "--at", today, *place).stdout
    assert "porter" not in told
    assert ROLES["nurse"].description in told


async def test_who_held_which_role_when_is_kept_by_the_database(world: World, database: str, tmp_path: Path) -> None:
    place = ("--database", database, "--log", tmp_path / "log")
    nurse, secretary = (RoleAt(code, "ward", f"mona-{code}", "Ward") for code in ("nurse", "secretary"))
    now = datetime.now(OSLO)

    async def roles(*held: RoleAt) -> None:
        async with world.pool.transaction() as db:
            await accounts.add(db, [Account("mona", "Mona", "staff", held, practitioner_id="mona")])

    await roles(nurse)
    await world.as_owner("UPDATE accounts.role_held SET starts = starts - interval '9 days' WHERE login = 'mona'")
    await roles(nurse, secretary)
    assert await world.pool.fetchval("SELECT count(*) FROM accounts.role_held WHERE login = 'mona'") == 2, (
        "she kept one"
    )
    await roles(secretary)
    earlier = run("access", "roles", "--user", "mona", "--at", f"{now - timedelta(days=5):%Y-%m-%d}", *place).stdout
    assert earlier.startswith("nurse at Ward (Organization/ward), PractitionerRole/mona-nurse: from ")
    assert "secretary" not in earlier
    today = run("access", "roles", "--user", "mona", "--at", f"{now:%Y-%m-%d}", *place).stdout
    assert "secretary at Ward" in today
    assert "and holds it still." in today
    before = run("access", "roles", "--user", "mona", "--at", f"{now - timedelta(days=20):%Y-%m-%d}", *place).stdout
    assert "mona held no role on" in before
    await world.pool.execute("UPDATE accounts.account SET active = false WHERE login = 'mona'")
    assert "holds it still" not in run("access", "roles", "--user", "mona", *place).stdout
    await world.pool.execute("UPDATE accounts.account SET active = true WHERE login = 'mona'")
    assert run("access", "roles", "--user", "mona", *place).stdout.count("holds it still") == 1


async def test_what_is_wrong_is_said(world: World, database: str) -> None:
    place = ("--database", database)
    assert run("access", "explain", "--user", "nurse", *place).returncode == exits.USAGE
    assert run("access", "rules", "--user", "nurse").returncode == exits.USAGE
    assert run("access", "roles", *place).returncode == exits.USAGE
    assert run("access", "rules", "--at", "then", *place).returncode == exits.USAGE
    nobody = run("access", "explain", "--user", "nobody", "--patient", "kari", *place)
    assert (nobody.returncode, "There is no account nobody." in nobody.stderr) == (exits.REFUSED, True)
    none = run("access", "explain", "--user", "nurse", "--patient", "never", *place)
    assert (none.returncode, "There is no Patient/never here." in none.stderr) == (exits.REFUSED, True)
    other = run("access", "explain", "--user", "nurse", "--role", "doctor", "--patient", "kari", *place)
    assert other.returncode == exits.REFUSED
    assert "nurse-role (nurse, Ward)" in other.stderr
