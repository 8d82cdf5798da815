"""The waiting list: who wants a time sooner gets the first that is freed and fits, and nothing without a yes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from samjournal import access
from samjournal.fhir.errors import Conflict, VersionMoved
from samjournal.record import Stored, read
from samjournal.scheduling import (
    accept,
    answer_by,
    book,
    cancel,
    decline,
    held_until,
    offer_freed,
    visit_type,
    wait,
    waiting_list,
)
from scheduling.places import NOW, at, booked, clinic, need, visit, weekly
from world import World, patient

pytestmark = pytest.mark.anyio
JOB = access.for_job("waiting list")


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await world.put(
        visit(
            "rare",
            need("person", "PractitionerRole/anne-post"),
            {"url": "notice", "valueUnsignedInt": 2},
            unit="ward",
            minutes=60,
            hours=weekly("10:00", "11:00", "wed"),
        ),
        visit("often", need("person", "PractitionerRole/bo-post"), unit="ward"),
        *(patient(f"w{number}", "Hansen") for number in range(4)),
    )
    return world


async def now_(world: World, one: Stored) -> Stored:
    return await read(world.door, world.system, "Appointment", one.id)


async def test_a_freed_time_goes_to_the_first_whom_it_fits_then_to_the_next(world: World) -> None:
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "rare")
    wednesday, until = at(3, "10:00"), at(9, "23:00")
    has = await book(world.door, world.system, "ola", kind, wednesday, now=NOW)
    first = await wait(world.door, kari, "kari", kind, until=until, now=NOW)
    with pytest.raises(Conflict, match="already"):
        await wait(world.door, kari, "kari", kind, until=until, now=NOW)
    second = await wait(world.door, world.system, "w1", kind, until=until, now=NOW + timedelta(minutes=1))
    assert await offer_freed(world.door, JOB, NOW) == 0, "nothing is free before they want it"
    staff = await world.permit("secretary")
    assert [one.id for one in await waiting_list(world.door, staff, visit="rare")][:1] == [first.id]

    await cancel(world.door, world.system, has.id, has.version, "pat", now=NOW)
    assert await offer_freed(world.door, JOB, NOW) == 1
    assert await offer_freed(world.door, JOB, NOW) == 0, "once"
    offered = await now_(world, first)
    assert (offered.resource()["status"], offered.resource()["start"]) == ("pending", "2027-03-03T09:00:00+00:00")
    assert held_until(offered.resource()) == NOW + timedelta(hours=4)
    assert (await now_(world, second)).resource()["status"] == "waitlist"
    with pytest.raises(Exception, match="taken"):  # It is held.
        await world.make(booked("w2", "Practitioner/anne", start=wednesday))

    # Nobody answers: it goes to the next, and is not offered to the first again.
    later = NOW + timedelta(hours=4)
    with pytest.raises(Conflict, match="run out"):
        await accept(world.door, kari, offered.id, offered.version, now=later)
    assert await offer_freed(world.door, JOB, later) == 2, "one was taken back, one made"
    assert await offer_freed(world.door, JOB, later) == 0
    assert (await now_(world, first)).resource()["status"] == "waitlist"
    assert "Practitioner" not in str((await now_(world, first)).resource()["participant"])
    his = await now_(world, second)
    assert his.resource()["status"] == "pending"
    gone = await decline(world.door, world.system, his.id, his.version, now=later)
    assert gone.resource()["status"] == "waitlist"
    assert await offer_freed(world.door, JOB, later) == 0, "both were asked"

    third = await wait(world.door, world.system, "w2", kind, until=until, now=later)
    assert await offer_freed(world.door, JOB, later) == 1
    mine = await now_(world, third)
    taken = await accept(world.door, world.system, mine.id, mine.version, now=later)
    assert (taken.resource()["status"], taken.resource()["start"]) == ("booked", "2027-03-03T09:00:00+00:00")
    assert held_until(taken.resource()) is None
    with pytest.raises(Exception, match="taken"):
        await world.make(booked("w3", "Practitioner/anne", start=wednesday))


async def test_an_offered_time_takes_the_place_of_the_one_that_somebody_has(world: World) -> None:
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "often")
    has = await book(world.door, kari, "kari", kind, at(9, "10:00"), now=NOW)
    hers = await book(world.door, world.system, "ola", kind, at(10, "10:00"), now=NOW)
    waits = await wait(world.door, kari, "kari", kind, until=at(8, "12:00"), now=NOW)
    assert await offer_freed(world.door, JOB, NOW) == 1
    mine = await now_(world, waits)
    with pytest.raises(Conflict, match="takes the place"):
        await accept(world.door, world.system, mine.id, mine.version, instead=(hers.id, hers.version), now=NOW)
    with pytest.raises(VersionMoved):
        await accept(world.door, kari, mine.id, mine.version, instead=(has.id, has.version + 1), now=NOW)
    assert (await now_(world, has)).resource()["status"] == "booked", "nothing is given up that was not exchanged"
    taken = await accept(world.door, kari, mine.id, mine.version, instead=(has.id, has.version), now=NOW)
    assert taken.resource()["status"] == "booked"
    assert (await now_(world, has)).resource()["status"] == "cancelled"


async def test_who_no_longer_waits_is_not_asked(world: World) -> None:
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "rare")
    (mine,) = [
        one for one in await waiting_list(world.door, kari, visit="rare") if one.resource()["status"] == "waitlist"
    ]
    await cancel(world.door, kari, mine.id, mine.version, "pat", now=NOW)
    assert await waiting_list(world.door, kari) == []
    await wait(world.door, kari, "kari", kind, until=at(30, "12:00"), now=NOW)


@pytest.mark.parametrize(
    ("now", "start", "until"),
    [
        (at(2, "10:00"), at(4, "10:00"), at(2, "14:00")),
        (at(2, "18:00"), at(4, "10:00"), at(3, "10:00")),
        (at(2, "23:30"), at(4, "10:00"), at(3, "10:00")),
        (at(3, "03:00"), at(4, "10:00"), at(3, "10:00")),
        (at(2, "10:00"), at(2, "14:00"), at(2, "12:00")),
        (at(27, "18:00"), at(29, "10:00"), at(28, "10:00")),
    ],
    ids=["by-day", "evening", "late", "night", "soon", "the-clock-changes"],
)
async def test_nobody_has_to_answer_at_night(world: World, now: datetime, start: datetime, until: datetime) -> None:
    kind = await visit_type(world.door, world.system, "rare")
    assert answer_by(now, start, kind) == until
