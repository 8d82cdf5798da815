"""What becomes of an appointment on its day, and what a calendar shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.scheduling import arrived, book, check_in, finished, free, no_show, visit_type
from scheduling.places import NOW, at, clinic, need, post, visit, weekly
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    away = [{"description": "Kurs", "during": {"start": "2027-03-10", "end": "2027-03-10"}}]
    await world.put(
        post("anne-post", "anne", "ward", weekly("09:00", "15:00"), notAvailable=away),
        visit(
            "hour", need("person", "PractitionerRole/anne-post"), {"url": "fee", "valueMoney": {"value": 450}},
            unit="ward", minutes=60,
        ),
    )  # fmt: skip
    return world


async def test_who_is_here_waits_and_is_seen(world: World) -> None:
    kari, nurse = await world.permit("kari"), await world.permit("secretary")
    kind = await visit_type(world.door, kari, "hour")
    start = at(2, "09:00")
    stored = await book(world.door, kari, "kari", kind, start, now=NOW)
    with pytest.raises(Conflict):
        await check_in(world.door, kari, stored.id, 1, now=start - timedelta(hours=4))
    with pytest.raises(Forbidden):
        await arrived(world.door, kari, stored.id, 1, now=start)
    here = await check_in(world.door, kari, stored.id, 1, now=start - timedelta(minutes=10))
    waits = await arrived(world.door, nurse, here.id, here.version, now=start)
    seen = await finished(world.door, nurse, waits.id, waits.version, now=start + timedelta(minutes=5))
    assert seen.resource()["status"] == "fulfilled"


async def test_who_does_not_come_owes_the_fee_and_leaves_the_rest_of_the_time_to_others(world: World) -> None:
    nurse = await world.permit("secretary")
    kind = await visit_type(world.door, nurse, "hour")
    start = at(3, "09:00")
    stored = await book(world.door, nurse, "kari", kind, start, now=NOW)
    with pytest.raises(Conflict, match="not begun"):
        await no_show(world.door, nurse, stored.id, 1, now=start - timedelta(minutes=1))
    gone = await no_show(world.door, nurse, stored.id, 1, now=start + timedelta(minutes=20))
    assert [one["valueMoney"] for one in gone.resource()["extension"] if one["url"] == "urn:samjournal:fee"]
    offered = await free(world.door, nurse, kind, since=start, until=start + timedelta(hours=2), now=NOW)
    assert offered[0].start == start
