"""Results that come with a load: a new one that nobody saw is lost among history, or history buries what is new."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from following import changes_since
from samjournal import access, tasks
from samjournal.record.feed import feed_end, feed_place
from samjournal.server.load import load
from samjournal.server.loaded import LOADS, WINDOW, work_of_loads
from world import World, made, to

pytestmark = pytest.mark.anyio


def result(id_: str, days: float) -> dict[str, Any]:
    at = (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")
    return made(
        "Observation", id_, status="final", category=[{"coding": [{"code": "laboratory"}]}], code={"text": "Kalium"},
        subject=to("Patient/kari"), issued=at, effectiveDateTime=at, encounter=to("Encounter/kari-stay"),
    )  # fmt: skip


def acknowledged(id_: str, focus: str, status: str = "completed") -> dict[str, Any]:
    code = {"coding": [{"system": tasks.SYSTEM, "code": "acknowledge"}]}
    return made("Task", id_, status=status, intent="order", code=code, focus=to(f"Observation/{focus}"),
                owner=to("PractitionerRole/doctor-role"), **{"for": to("Patient/kari")})  # fmt: skip


async def brought(world: World, folder: Path, *resources: dict[str, Any], days: int = 7) -> list[str]:
    """What a load says of these resources."""
    file = folder / f"{resources[0]['id']}.ndjson"
    file.write_text("\n".join(json.dumps(one) for one in resources))
    told: list[str] = []
    assert await load(world.pool, [file], tell=told.append, results=timedelta(days=days)) == 0
    return told


async def waits(world: World, *ids: str) -> list[bool]:
    """Whether each of some results waits for somebody."""
    found = []
    async with await world.client() as client:
        for id_ in ids:
            asked = f"/Task?focus=Observation/{id_}&status=requested,in-progress&_summary=count"
            found.append((await client.get(asked)).json()["total"] == 1)
    return found


async def test_what_is_new_and_seen_by_nobody_waits_and_history_does_not(world: World, tmp_path: Path) -> None:
    since = await feed_end(world.door)
    new, old = result("new", 2), result("old", 20)
    told = await brought(
        world, tmp_path, new, old, result("done", 2), acknowledged("a", "done"),
        result("waiting", 1), acknowledged("b", "waiting", "requested"),
    )  # fmt: skip
    assert "1 results of the last 7 days wait for people" in "\n".join(told)
    assert await waits(world, "new", "old", "done", "waiting") == [True, False, False, True]
    changes, _ = await changes_since(world.door, since)
    job = access.for_job("results")
    assert await tasks.take_in(world.door, job, changes, datetime.now(UTC)) == 0, "loads make their work themselves"
    again = await brought(world, tmp_path, old, new)
    assert "0 results" in "\n".join(again)
    assert await waits(world, "new") == [True]


async def test_the_operator_says_how_far_back_and_that_none_is(world: World, tmp_path: Path) -> None:
    await brought(world, tmp_path, result("older", 20), days=30)
    told = await brought(world, tmp_path, result("history", 1), days=0)
    assert "No result was made work" in "\n".join(told)
    assert await waits(world, "older", "history") == [True, False]
    made_, _ = await work_of_loads(world.door, access.for_job("t"), await feed_place(world.door, LOADS), WINDOW)
    assert made_ == 0
    assert await waits(world, "history") == [False], "nor by the server, afterwards"


async def test_a_load_that_was_killed_leaves_its_work_to_the_server(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def killed(*_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("samjournal.server.load._make_work", killed)
    with pytest.raises(KeyboardInterrupt):
        await brought(world, tmp_path, result("cut-off", 2))
    assert await waits(world, "cut-off") == [False]
    place = await feed_place(world.door, LOADS)
    made_, _ = await work_of_loads(world.door, access.for_job("t"), place, WINDOW)
    assert made_ == 1
    assert await waits(world, "cut-off") == [True]
