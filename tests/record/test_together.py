"""Reads in flight share a statement, and nothing else: each is decided, answered and logged for itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from samjournal.db.pool import BAD_VALUE
from samjournal.fhir.errors import NotFound
from samjournal.record import Times, Version, history, read, vread
from world import Resource, World, observation

pytestmark = pytest.mark.anyio


def named(id_: str) -> Resource:
    return {**observation("kari"), "id": id_}


async def test_each_of_many_at_once_gets_its_own(world: World) -> None:
    await world.put(*(named(f"together-{number}") for number in range(120)))
    read_ = await asyncio.gather(
        *(read(world.door, world.system, "Observation", f"together-{n}") for n in range(120)),
        vread(world.door, world.system, "Observation", "together-7", 1),
    )
    assert [one.id for one in read_] == [*(f"together-{n}" for n in range(120)), "together-7"]
    assert all(one.resource()["id"] == one.id for one in read_)


async def test_each_is_decided_by_its_own_permit(world: World) -> None:
    await world.put(named("together-mine"))
    nurse, stranger = await world.permit("nurse"), await world.permit("homenurse")
    mine, theirs, absent = await asyncio.gather(
        read(world.door, nurse, "Observation", "together-mine"),
        read(world.door, stranger, "Observation", "together-mine"),
        read(world.door, nurse, "Observation", "together-none"),
        return_exceptions=True,
    )
    assert getattr(mine, "id", mine) == "together-mine"
    assert isinstance(theirs, NotFound)
    assert isinstance(absent, NotFound)


async def test_nobody_pays_for_anothers_mistake(world: World) -> None:
    await world.put(named("together-fine"))
    fine, wrong = await asyncio.gather(
        read(world.door, world.system, "Observation", "together-fine"),
        read(world.door, world.system, "Observation", "a\x00b"),
        return_exceptions=True,
    )
    assert getattr(fine, "id", fine) == "together-fine"
    assert isinstance(wrong, Exception)


async def test_each_has_its_line_in_the_log(world: World) -> None:
    await world.put(*(named(f"together-log-{number}") for number in range(5)))
    await asyncio.gather(*(read(world.door, world.system, "Observation", f"together-log-{n}") for n in range(5)))
    count = "SELECT count(*) FROM audit.look WHERE action = 'read' AND shown LIKE 'Observation/together-log-%'"
    assert await world.pool.fetchval(count) == 5


def versions(told: tuple[list[Version], int]) -> tuple[list[str], int]:
    return [f"{one.stored.id} {one.stored.version}" for one in told[0]], told[1]


async def test_each_history_of_many_at_once_is_its_own(world: World) -> None:
    ids = [f"together-h-{number}" for number in range(60)]
    await world.put(*map(named, ids))
    await world.put(*map(named, ids[:30]))
    began = datetime.now(UTC)
    await world.put(named(ids[0]))
    door, all_ = world.door, world.system
    whole = asyncio.gather(*(history(door, all_, "Observation", id_) for id_ in ids))
    parts = asyncio.gather(
        history(door, all_, "Observation", ids[0], count=1),
        history(door, all_, "Observation", ids[0], before=3),
        history(door, all_, "Observation", ids[0], times=Times(since=began)),
        history(door, all_, "Observation", ids[1], times=Times(since=began)),
        history(door, all_, "Observation", ids[0], count=500),
    )
    for id_, told in zip(ids[1:], (await whole)[1:], strict=True):
        newest = 2 if id_ in ids[:30] else 1
        assert versions(told) == ([f"{id_} {version}" for version in range(newest, 0, -1)], newest)
    three, two, one = (f"{ids[0]} {version}" for version in (3, 2, 1))
    assert [versions(told)[0] for told in await parts] == [[three], [two, one], [three], [], [three, two, one]]


async def test_each_history_is_decided_by_its_own_permit_and_has_its_line_in_the_log(world: World) -> None:
    await world.put(named("together-seen"), {"resourceType": "Basic", "id": "together-seen", "code": {"text": "x"}})
    nurse, stranger = await world.permit("nurse"), await world.permit("homenurse")
    told = await asyncio.gather(
        history(world.door, nurse, "Observation", "together-seen"),
        history(world.door, stranger, "Observation", "together-seen"),
        history(world.door, nurse, "Observation", "together-unseen"),
        history(world.door, world.system, "Observation", "together-seen", count=500),
        history(world.door, world.system, "Observation", "a\x00b"),
        history(world.door, world.system, "Basic", "together-seen"),
        return_exceptions=True,
    )
    mine, theirs, absent, long, wrong, of_nobody = told
    assert not isinstance(mine, BaseException)
    assert not isinstance(long, BaseException)
    assert versions(mine) == versions(long) == (["together-seen 1"], 1)
    assert isinstance(theirs, NotFound)
    assert isinstance(absent, NotFound)
    assert isinstance(wrong, BAD_VALUE)
    assert not isinstance(of_nobody, BaseException)
    lines = await world.pool.fetch(
        "SELECT actor, why, shown FROM audit.look WHERE action = 'history' AND shown ~ 'together-(un)?seen'"
    )
    assert sorted((line["actor"], line["why"]) for line in lines) == sorted(
        [(nurse.actor, "stay"), (world.system.actor, "system")]
    )
