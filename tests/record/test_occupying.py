"""What appointments take is a projection: of what an earlier release stored, of what is over, of what is erased."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from erasing import erasing, permit_of, with_officers
from samjournal import record
from samjournal.fhir.errors import ReasonNeeded
from samjournal.record import occupy_stored, tidy_times, times_taken
from scheduling.places import at, booked, clinic
from world import World

pytestmark = pytest.mark.anyio
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await with_officers(world.pool)
    return world


async def taken(world: World, who: str, since: datetime) -> list[tuple[int, int]]:
    found = await times_taken(world.door, world.system, [who], since, since + timedelta(days=1))
    return found[who]


async def test_what_an_earlier_release_stored_is_taken_once(world: World) -> None:
    start = at(1, "09:00")
    await world.make(booked("kari", "Practitioner/anne", start=start))
    await world.as_owner("DELETE FROM store.occupied")
    assert await taken(world, "Practitioner/anne", start) == []
    assert await occupy_stored(world.pool, datetime.now(UTC)) == 1
    assert await taken(world, "Practitioner/anne", start) == [
        (int(start.timestamp()), int((start + HOUR / 2).timestamp()))
    ]
    assert await occupy_stored(world.pool, datetime.now(UTC)) == 0


async def test_what_is_over_takes_nothing_and_is_forgotten(world: World) -> None:
    past = datetime.now(UTC) - timedelta(days=40)
    await world.make(booked("kari", "Practitioner/anne", start=past))
    await world.make(booked("ola", "Practitioner/anne", start=past))
    assert await taken(world, "Practitioner/anne", past) == []
    start = at(2, "09:00")
    await world.make(booked("kari", "Practitioner/anne", start=start))
    assert await tidy_times(world.door, start) >= 0
    assert await taken(world, "Practitioner/anne", start) != []
    assert await tidy_times(world.door, start + timedelta(days=2)) > 0
    assert await taken(world, "Practitioner/anne", start) == []


async def test_minutes_before_and_after_are_the_staffs_and_not_the_patients(world: World) -> None:
    around = [
        {"url": "before", "valueUnsignedInt": 10},
        {"url": "after", "valueUnsignedInt": 5},
    ]
    start = at(3, "09:00")
    sent = booked("kari", "Practitioner/anne", start=start)
    await world.make({**sent, "extension": [{"url": "urn:samjournal:around", "extension": around}]})
    await world.make(booked("kari", start=start - timedelta(minutes=30)))
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("ola", "Practitioner/anne", start=start - timedelta(minutes=30)))
    await world.make(booked("ola", "Practitioner/anne", start=start - timedelta(minutes=40)))


async def test_times_that_touch_are_told_as_one_and_not_whose_they_are(world: World) -> None:
    start = at(4, "09:00")
    for number, who in enumerate(("kari", "ola", "kari")):
        await world.make(booked(who, "PractitionerRole/anne-post", start=start + HOUR / 2 * number))
    secretary = await world.permit("secretary")
    found = await times_taken(world.door, secretary, ["Practitioner/anne"], start, start + 2 * HOUR)
    assert found == {"Practitioner/anne": [(int(start.timestamp()), int((start + 1.5 * HOUR).timestamp()))]}
    await times_taken(world.door, secretary, ["Patient/ola", "Practitioner/anne"], start, start + HOUR)
    looks = "SELECT count(*) FROM audit.look WHERE action = 'free-times' AND why = 'booking'"
    assert await world.pool.fetchval(looks) == 1, "that it was asked stands in the patient's log"
    with pytest.raises(ReasonNeeded):
        await times_taken(world.door, await world.permit("nurse"), ["Patient/ola"], start, start + HOUR)


async def test_what_was_erased_takes_nothing(world: World) -> None:
    start = at(5, "09:00")
    stored = await world.make(booked("kari", "Practitioner/anne", start=start))
    async with erasing(world) as door:
        plan = await record.plan_of(door, "Appointment", stored.id)
        one = await record.propose_erasure(door, await permit_of(world.pool, "officer"), plan, "2026/4711-3")
        await record.confirm_erasure(door, await permit_of(world.pool, "doctor"), one.id)
        decided = await record.decided_erasure(door, one.id)
        assert await record.carry_out(door, world.system, decided) == 1
    assert await taken(world, "Practitioner/anne", start) == []
    await world.make(booked("ola", "Practitioner/anne", start=start))
