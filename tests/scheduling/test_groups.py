"""Groups: places, and that two patients of a group are told nothing of each other."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from samjournal.fhir.errors import Conflict, Forbidden, NotFound
from samjournal.record import read
from samjournal.scheduling import (
    Taken,
    book,
    cancel,
    first_free,
    free,
    move,
    open_session,
    session,
    sessions,
    visit_type,
)
from scheduling.places import NOW, at, booked, clinic, need, visit
from world import World, patient

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await world.put(
        visit(
            "school",
            need("person", "PractitionerRole/anne-post"),
            need("room", "Location/room-1"),
            {"url": "places", "valueUnsignedInt": 4},
            unit="ward",
            minutes=90,
        ),
        *(patient(f"g{number}", "Hansen") for number in range(12)),
    )
    return world


async def test_each_takes_a_place_until_none_is_left(world: World) -> None:
    staff = world.system
    kind = await visit_type(world.door, staff, "school")
    with pytest.raises(Forbidden):
        await open_session(world.door, await world.permit("kari"), kind, at(3, "10:00"), now=NOW)
    first = await open_session(world.door, await world.permit("secretary"), kind, at(3, "10:00"), now=NOW)
    later = await open_session(world.door, await world.permit("secretary"), kind, at(4, "10:00"), now=NOW)
    with pytest.raises(Taken):  # The room and who leads it are taken.
        await open_session(world.door, staff, kind, at(3, "11:00"), now=NOW)

    async def one(number: int) -> object:
        try:
            return await book(world.door, staff, f"g{number}", kind, at(3, "10:00"), now=NOW)
        except Taken as taken:
            return [offer.start for offer in taken.alternatives]

    came = await asyncio.gather(*(one(number) for number in range(12)))
    assert [some for some in came if isinstance(some, list)] == [[at(4, "10:00")]] * 8
    assert (await session(world.door, staff, first.id)).left == ()
    offered = await free(world.door, staff, kind, since=at(3, "00:00"), until=at(6, "00:00"), now=NOW)
    assert [(free_.session, free_.places) for free_ in offered] == [(later.reference, 4)]
    assert await first_free(world.door, staff, [kind], since=at(3, "00:00"), now=NOW) == offered[0]

    kari = await world.permit("kari")
    mine = await book(world.door, kari, "kari", kind, at(4, "10:00"), now=NOW)
    with pytest.raises(NotFound):
        await read(world.door, kari, "Appointment", later.id)
    assert {part["actor"]["reference"] for part in mine.resource()["participant"]} >= {"Location/room-1"}
    with pytest.raises(Taken):  # Once is enough.
        await book(world.door, kari, "kari", kind, at(4, "10:00"), now=NOW)
    with pytest.raises(Taken):
        await move(world.door, kari, mine.id, mine.version, at(3, "10:00"), now=NOW)
    assert [len(some.left) for some in await sessions(world.door, staff, kind, at(3, "00:00"), at(6, "00:00"))] == [
        0,
        3,
    ]


async def test_a_session_that_is_called_off_frees_all(world: World) -> None:
    kind = await visit_type(world.door, world.system, "school")
    held = await open_session(world.door, world.system, kind, at(10, "10:00"), now=NOW)
    taken = [await book(world.door, world.system, who, kind, at(10, "10:00"), now=NOW) for who in ("g1", "g2")]
    with pytest.raises(Conflict, match="called off"):
        await move(world.door, world.system, held.id, held.version, at(11, "10:00"), now=NOW)
    await cancel(world.door, world.system, held.id, held.version, "prov-pers", now=NOW)
    for one in taken:
        shown = (await read(world.door, world.system, "Appointment", one.id)).resource()
        assert shown["status"] == "cancelled"
        assert shown["cancelationReason"]["coding"][0]["code"] == "prov-pers"
    await world.make(booked("g1", "Practitioner/anne", "Location/room-1", start=at(10, "10:30")))


async def test_over_the_api_a_place_is_had_while_one_is_left(world: World) -> None:
    kind = await visit_type(world.door, world.system, "school")
    held = await open_session(world.door, world.system, kind, at(17, "10:00"), places=2, now=NOW)
    about = {"supportingInformation": [{"reference": held.reference}]}
    async with await world.client(scope="system/*.cruds") as client:
        sent = [booked(f"g{number}", start=at(17, "10:00"), minutes=90, **about) for number in range(5)]
        answers = await asyncio.gather(*(client.post("/Appointment", json=one) for one in sent))
        assert sorted(answer.status_code for answer in answers) == [201, 201, 409, 409, 409]
        one = next(answer.json() for answer in answers if answer.status_code == 201)
        again = await client.put(f"/Appointment/{one['id']}", json={**one, "status": "arrived"})
        assert again.status_code == 200, "who has a place keeps it"
        off = await client.put(f"/Appointment/{one['id']}", json={**one, "status": "cancelled"})
        assert off.status_code == 200
        assert (await client.post("/Appointment", json=sent[4])).status_code in (201, 409)
    assert at(17, "10:00") + timedelta(minutes=90) == (await session(world.door, world.system, held.id)).end
