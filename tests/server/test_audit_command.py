"""`samjournal audit`: statistics as a table and as CSV; the log exported, and what was exported removed."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from samjournal.record import open_chart
from samjournal.server import exits
from server.program import run, serving
from server.test_sealing import until_sealed
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
    assert run("audit", "export", "--audit-dir", "x", *place).returncode == exits.USAGE
    assert run("audit", "retire", "x", "--audit-dir", "x", *place).returncode == exits.USAGE
    assert run("audit", "retire", "--before", "2026-13", "x", *place).returncode == exits.USAGE
    assert run("audit", "verify", "x", *place).returncode == exits.USAGE


def test_a_log_is_exported_by_the_program_and_what_is_new_is_not_retired(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with serving(data) as server:
        token = run("token", "--system", "t", "--data-dir", data).stdout.strip()
        until_sealed(data / "audit", 1)  # What the start logged, so that the look to come gets a seal of its own.
        patient = {"resourceType": "Patient", "id": "handed", "name": [{"family": "Overlevert"}]}
        headers = {"authorization": f"Bearer {token}"}
        assert httpx.put(f"{server.address}/fhir/Patient/handed", json=patient, headers=headers).status_code == 201
        until_sealed(data / "audit", 2)
        today = datetime.now(UTC).date()
        made = run("audit", "export", tmp_path / "out", "--to", today, "--data-dir", data)
        assert made.returncode == exits.OK, made.stderr
        month = (today.replace(day=1) + timedelta(days=32)).strftime("%Y-%m")
        early = run("audit", "retire", "--before", month, "--data-dir", data, tmp_path / "out")
        assert (early.returncode, "counted and judged" in early.stderr) == (exits.REFUSED, True), early.stderr
        verified = run("audit", "verify", "--data-dir", data)
        assert verified.returncode == exits.OK, verified.stdout
        assert "handed over" not in verified.stdout, "the looks of a month that is not over stay"
        done = run("audit", "retire", "--before", "2026-01", "--data-dir", data, tmp_path / "out")
        assert "is left to hand over" in done.stdout, done.stderr
        assert httpx.get(f"{server.address}/fhir/Patient/handed", headers=headers).status_code == 200
