"""Who comes without a time waits in turn."""

from __future__ import annotations

import asyncio

import pytest

from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.scheduling import Taken, call_in, draw, in_turn, number_of, visit_type
from scheduling.places import at, booked, clinic, need, visit
from world import World, patient

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await world.put(
        visit(
            "open", need("person", "PractitionerRole/anne-post"), {"url": "drop-in", "valueBoolean": True}, unit="ward"
        ),
        visit("by-time", unit="ward"),
        *(patient(f"q{number}", "Hansen") for number in range(10)),
    )
    return world


async def test_each_gets_a_number_of_his_own_and_is_called_in_turn(world: World) -> None:
    now = at(2, "09:00")
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "open")
    with pytest.raises(Conflict, match="books a time"):
        await draw(world.door, kari, "kari", await visit_type(world.door, kari, "by-time"), now=now)
    with pytest.raises(Conflict, match="not open"):
        await draw(world.door, kari, "kari", kind, now=at(2, "17:00"))
    mine = await draw(world.door, kari, "kari", kind, now=now)
    assert number_of(mine.resource()) == 1
    drawn = await asyncio.gather(*(draw(world.door, world.system, f"q{n}", kind, now=now) for n in range(10)))
    assert sorted(number_of(one.resource()) for one in drawn) == list(range(2, 12))
    waiting = await in_turn(world.door, world.system, kind, day=now.date())
    assert [one.number for one in waiting] == list(range(1, 12))

    with pytest.raises(Forbidden):
        await call_in(world.door, kari, mine.id, mine.version, kind, now=now)
    nurse = await world.permit("secretary")
    called = await call_in(world.door, nurse, mine.id, mine.version, kind, now=now)
    assert "PractitionerRole/anne-post" in str(called.resource()["participant"])
    assert [one.number for one in await in_turn(world.door, world.system, kind, day=now.date())] == list(range(2, 12))
    second = waiting[1].stored
    with pytest.raises(Taken):  # Anne is with Kari.
        await call_in(world.door, world.system, second.id, second.version, kind, now=now)
    with pytest.raises(Conflict):
        await call_in(world.door, nurse, called.id, called.version, kind, now=now)
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("ola", "Practitioner/anne", start=now))
