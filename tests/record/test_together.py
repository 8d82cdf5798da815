"""Reads in flight share a statement, and nothing else: each is decided, answered and logged for itself."""

from __future__ import annotations

import asyncio

import pytest

from samjournal.fhir.errors import NotFound
from samjournal.record import read, vread
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
