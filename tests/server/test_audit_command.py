"""`samjournal audit statistics`: what each unit opened, as a table and as CSV."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from samjournal.record import open_chart
from samjournal.server import exits
from server.program import run
from world import World

pytestmark = pytest.mark.anyio


async def test_statistics_are_printed_as_a_table_and_as_csv_and_name_nobody(
    world: World, database: str, tmp_path: Path
) -> None:
    place = ("--database", database, "--log", tmp_path / "log")
    none = run("audit", "statistics", *place)
    assert (none.returncode, "No unit opened a record" in none.stdout) == (exits.OK, True)
    for login in ("nurse", "doctor"):
        await open_chart(world.door, await world.permit(login), "kari", [])
    told = run("audit", "statistics", *place)
    assert told.returncode == exits.OK, told.stderr
    assert told.stdout.splitlines()[0].split() == ["day", "unit", "name", "relation", "looks", "people"]
    rows = list(csv.DictReader(io.StringIO(run("audit", "statistics", "--csv", *place).stdout)))
    assert [(row["unit"], row["relation"], row["looks"], row["people"]) for row in rows] == [
        ("ward", "all", "2", "1"),
        ("ward", "stay", "2", "1"),
    ]
    assert "Kari" not in told.stdout
    assert "nurse" not in told.stdout
    past = run("audit", "statistics", "--csv", "--from", "2020-01-01", "--to", "2020-01-31", *place)
    assert past.stdout.strip() == "day,unit,name,relation,looks,people"


async def test_what_is_wrong_is_said(world: World, database: str) -> None:
    place = ("--database", database)
    assert run("audit", "statistics", "--from", "x", *place).returncode == exits.USAGE
    assert run("audit", "statistics", "--from", "2026-02-01", "--to", "2026-01-01", *place).returncode == exits.USAGE
    assert run("audit", "verify", "--csv", *place).returncode == exits.USAGE
