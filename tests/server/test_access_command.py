"""`samjournal access`: the rules as tables, and why a record is open to somebody."""

from __future__ import annotations

from pathlib import Path

import pytest

from samjournal.access import ROLES, RULES
from samjournal.server import exits
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


async def test_what_is_wrong_is_said(world: World, database: str) -> None:
    place = ("--database", database)
    assert run("access", "explain", "--user", "nurse", *place).returncode == exits.USAGE
    assert run("access", "rules", "--user", "nurse").returncode == exits.USAGE
    nobody = run("access", "explain", "--user", "nobody", "--patient", "kari", *place)
    assert (nobody.returncode, "There is no account nobody." in nobody.stderr) == (exits.REFUSED, True)
    none = run("access", "explain", "--user", "nurse", "--patient", "never", *place)
    assert (none.returncode, "There is no Patient/never here." in none.stderr) == (exits.REFUSED, True)
    other = run("access", "explain", "--user", "nurse", "--role", "doctor", "--patient", "kari", *place)
    assert other.returncode == exits.REFUSED
    assert "nurse-role (nurse, Ward)" in other.stderr
