"""A load whose database, server or own process is killed loses nothing, doubles nothing, leaves nothing half."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from samjournal.demo.organisations import register
from samjournal.demo.region import charts
from server.program import PROGRAM, Running, run, serving, wait_for
from world import World

PEOPLE = 60
KILLS = 10
Counts = dict[str, int]


# In every run of the tests: once


@pytest.mark.anyio
async def test_a_load_that_was_killed_goes_on_where_it_was(world: World, database: str, tmp_path: Path) -> None:
    many = 4000
    person = "urn:uuid:0b000000-0000-4000-8000-000000000001"
    rows = [
        {
            "resourceType": "Observation",
            "id": f"killed-{number}",
            "status": "final",
            "code": {"text": "x"},
            "subject": {"reference": person},
        }
        for number in range(many)
    ]
    (tmp_path / "a.ndjson").write_text("\n".join(map(json.dumps, rows)))
    entry = {
        "fullUrl": person,
        "resource": {"resourceType": "Patient", "name": [{"family": "Killed"}]},
        "request": {"method": "POST", "url": "Patient"},
    }
    (tmp_path / "0.json").write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [entry]}))
    line = [*PROGRAM, "load", "--database", database, str(tmp_path)]
    count = "SELECT count(*) FROM store.current WHERE id LIKE 'killed-%'"
    first = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.DEVNULL)
    while await world.pool.fetchval(count) == 0 and first.returncode is None:
        pass
    first.kill()
    assert await first.wait() == -signal.SIGKILL, "it was killed in the middle"
    assert 0 < await world.pool.fetchval(count) < many
    again = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, check=False)
    assert again.returncode == 0, again.stdout + again.stderr
    assert await world.pool.fetchval(count) == many
    assert await world.pool.fetchval("SELECT max(version) FROM store.version WHERE id LIKE 'killed-%'") == 1
    third = await asyncio.to_thread(subprocess.run, line, capture_output=True, text=True, check=False)
    assert "2 loaded before" in third.stdout


# As a drill: ten times, whoever it hits


@pytest.fixture(scope="module")
def bundles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of transactions: the register, then each person's chart."""
    folder = tmp_path_factory.mktemp("bundles")
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    groups = [list(register()), *(list(chart.resources) for chart in charts(PEOPLE, 7, now))]
    for number, resources in enumerate(groups):
        entries = [
            {"resource": one, "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
            for one in resources
        ]
        text = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries})
        (folder / f"{number:03}.json").write_text(text)
    return folder


def expected(folder: Path) -> Counts:
    """How many of each type the files hold."""
    return Counter(
        entry["resource"]["resourceType"]
        for file in sorted(folder.glob("*.json"))
        for entry in json.loads(file.read_text())["entry"]
    )


def stored(server: Running) -> Counts:
    """What stands in the record now, asked through the API."""
    import httpx

    token = run("token", "--data-dir", server.data, "--system", "drill").stdout.strip()
    counts = {}
    with httpx.Client(base_url=f"{server.address}/fhir", headers={"authorization": f"Bearer {token}"}) as client:
        for type_ in ("Patient", "Observation", "Encounter", "Composition", "Organization", "Appointment"):
            counts[type_] = client.get(f"/{type_}?_summary=count").json()["total"]
        versions = [
            entry["resource"]["meta"]["versionId"] for entry in client.get("/Patient?_count=1000").json()["entry"]
        ]
    assert set(versions) == {"1"}, "something was written twice"
    return counts


def start_load(server: Running, folder: Path) -> subprocess.Popen[str]:
    line = [*PROGRAM, "load", "--data-dir", str(server.data), str(folder)]
    return subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)


def kill_someone(number: int, server: Running, load: subprocess.Popen[str]) -> None:
    """In turn the postmaster, one of its children, and the load itself."""
    postmaster = server.postmaster
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    victim = (postmaster, int(children[-1]), load.pid)[number % 3]
    os.kill(victim, signal.SIGKILL)


@pytest.mark.drill
def test_a_load_that_is_killed_again_and_again_ends_as_if_it_had_not_been(
    tmp_path: Path, bundles: Path, *, is_drill: bool
) -> None:
    if not is_drill:
        pytest.skip("takes minutes: make prove runs it")
    rng = random.Random(2026)
    whole = expected(bundles)
    with serving(tmp_path / "data") as server:
        for number in range(KILLS):
            load = start_load(server, bundles)
            deadline = time.monotonic() + rng.uniform(0.6, 1.6)
            while time.monotonic() < deadline and load.poll() is None:
                time.sleep(0.01)
            if load.poll() is None:
                kill_someone(number, server, load)
            told, _ = load.communicate(timeout=150)
            assert "our mistake" not in told, told
            wait_for(lambda: server.get("/health/ready").status_code == 200, server.process, tmp_path / "server.log")
        last = start_load(server, bundles)
        told, _ = last.communicate(timeout=150)
        assert last.returncode == 0, told
        counts = stored(server)
        assert counts == {type_: whole[type_] for type_ in counts}
        assert run("doctor", "--data-dir", server.data).returncode == 0
