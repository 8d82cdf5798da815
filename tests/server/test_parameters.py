"""Added search parameters where several programs serve one record, and some are killed; and on the command line."""

from __future__ import annotations

import asyncio
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from samjournal import accounts
from samjournal.record import activate, compare_search, refresh_if_changed, renew
from samjournal.server.doctor import examine
from server.program import free_port, program, run
from world import World, patient, search_parameter

pytestmark = pytest.mark.anyio
MANY = 1500


async def until(holds: Callable[[], Any]) -> None:
    """Ask again and again until it holds."""
    begun = time.monotonic()
    while not await holds():
        assert time.monotonic() - begun < 60, "it never came to hold"
        await asyncio.sleep(0.02)


async def test_an_indexing_whose_program_is_killed_is_ended_by_another_which_learns_of_it_by_itself(
    world: World, database: str, tmp_path: Path
) -> None:
    for first in range(0, MANY, 500):
        people = ({**patient(f"k-{number}", "Killed"), "gender": "male"} for number in range(first, first + 500))
        await world.put(*people)
    await world.put(search_parameter("killed", "token", "Patient.gender"))
    token = await accounts.for_system(world.pool, "t", None)
    ports = [free_port(), free_port()]
    headers = {"authorization": f"Bearer {token}"}
    line = ("serve", "--database", database, "--log", tmp_path / "log", "--port")
    servers = [program(*line, port) for port in ports]
    clients = [httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers) for port in ports]
    try:
        for client in clients:

            async def ready(client: httpx.AsyncClient = client) -> bool:
                try:
                    return (await client.get("/health/ready")).status_code == 200
                except httpx.TransportError:
                    return False

            await until(ready)
        assert (await clients[0].get("/fhir/Patient?killed=male")).status_code == 400
        assert (await clients[0].post("/fhir/SearchParameter/killed/$activate")).status_code == 200
        done = "SELECT done FROM store.renewal WHERE walked IS NOT NULL"

        async def some_done() -> bool:
            return (await world.pool.fetchval(done) or 0) > 0

        await until(some_done)
        servers[0].send_signal(signal.SIGKILL)
        assert servers[0].wait(30) == -signal.SIGKILL
        assert 0 < await world.pool.fetchval(done) < MANY, "it was killed in the middle"

        async def learnt() -> bool:
            told = await clients[1].get("/fhir/Patient?killed=male")
            return told.status_code == 503 and "resources are indexed" in told.text

        await until(learnt)

        async def searched() -> bool:
            return (await clients[1].get("/fhir/Patient?killed=male")).status_code == 200

        await until(searched)
        total = (await clients[1].get("/fhir/Patient?killed=male&family=killed&_summary=count")).json()["total"]
        assert total == MANY
        assert (
            'samjournal_parameter_indexed{code="killed",type="Patient"} 1.0' in (await clients[1].get("/metrics")).text
        )
    finally:
        for client in clients:
            await client.aclose()
        for server in servers:
            if server.poll() is None:
                server.terminate()
            server.communicate(timeout=40)
    await refresh_if_changed(world.pool)
    drifts = [drift async for drift in compare_search(world.door)]
    assert all(drift.differing == 0 for drift in drifts), drifts


async def test_the_command_line_activates_tells_and_deactivates(
    world: World, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.put(
        search_parameter("by-hand", "token", "Patient.gender"), search_parameter("wrong", "token", "Patient.nam")
    )

    async def command(*words: str) -> tuple[int, str]:
        line = ("search-parameters", words[0], "--database", database, *words[1:])
        done = await asyncio.to_thread(run, *line)
        return done.returncode, done.stdout

    code, told = await command("activate", "by-hand", "wrong", "nothing")
    assert code == 4
    assert "SearchParameter/by-hand by-hand: active. Patient: " in told
    assert "SearchParameter/wrong: This SearchParameter cannot be activated." in told
    assert "SearchParameter/nothing: There is no SearchParameter/nothing here." in told
    await examine(world.pool, data_dir=None, quick=True)
    assert "note  search by Patient.by-hand: SearchParameter/by-hand: " in capsys.readouterr().out
    code, told = await command("list")
    assert (code, "wrong: not active." in told, "active" in told) == (0, True, True)
    code, told = await command("deactivate", "by-hand")
    assert (code, told) == (0, "SearchParameter/by-hand by-hand: not active.\n")
    assert (await command("list", "by-hand"))[0] == 2
    assert (await command("activate"))[0] == 2


@pytest.mark.drill
async def test_a_server_that_is_killed_again_and_again_while_others_write_leaves_nobody_out(
    world: World, database: str, tmp_path: Path, *, is_drill: bool
) -> None:
    """Four times as a drill, once in every run."""
    rng = random.Random(2026)
    people = [{**patient(f"d-{number}", "Drill"), "gender": "male"} for number in range(MANY)]
    for first in range(0, MANY, 500):
        await world.put(*people[first : first + 500])
    await world.put(search_parameter("drill", "token", "Patient.gender"))
    await activate(world.door, world.system, "drill")
    written: set[int] = set()
    line = ("serve", "--database", database, "--log", tmp_path / "log", "--port")
    done = "SELECT coalesce(sum(done), 0) FROM store.renewal WHERE ready < wanted"
    for _ in range(4 if is_drill else 1):
        server = program(*line, free_port())
        before = await world.pool.fetchval(done)

        async def goes_on(before: int = before) -> bool:
            changed = rng.sample(range(MANY), 5)
            await world.put(*({**people[number], "gender": "female"} for number in changed))
            written.update(changed)
            return bool(await world.pool.fetchval(done) > before)

        await until(goes_on)
        server.send_signal(signal.SIGKILL)
        assert server.wait(30) == -signal.SIGKILL
        server.communicate(timeout=40)
        if await world.pool.fetchval("SELECT count(*) FROM store.renewal WHERE walked IS NOT NULL") == 0:
            break

    async def ready() -> bool:
        await renew(world.door)
        return not await world.pool.fetchval("SELECT count(*) FROM store.renewal WHERE ready < wanted")

    await until(ready)
    await refresh_if_changed(world.pool)
    system = await world.client()
    for gender, many in (("female", len(written)), ("male", MANY - len(written))):
        answer = await system.get(f"/Patient?drill={gender}&family=drill&_summary=count")
        assert answer.json()["total"] == many
    await system.aclose()
    drifts = [drift async for drift in compare_search(world.door)]
    assert all(drift.differing == 0 for drift in drifts), drifts
