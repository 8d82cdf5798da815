"""Booking, moving and calling off."""

from __future__ import annotations

from datetime import timedelta

import pytest

from samjournal.fhir.errors import Conflict, Forbidden, VersionMoved
from samjournal.record import read
from samjournal.scheduling import Enough, Taken, book, cancel, first_free, free, move, visit_type, visit_types
from samjournal.scheduling.sending import MOST
from scheduling.places import NOW, at, clinic, need, visit
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await world.put(
        visit(
            "consultation",
            need("person", "PractitionerRole/anne-post"),
            {"url": "notice", "valueUnsignedInt": 2},
            {"url": "cancel-until", "valueUnsignedInt": 24},
            {"url": "fee", "valueMoney": {"value": 450, "currency": "NOK"}},
        ),
        visit("internal", who=["staff"]),
        visit("few", need("person", "PractitionerRole/bo-post")),
    )
    return world


async def test_a_citizen_books_moves_and_cancels_his_own_time(world: World) -> None:
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "consultation")
    start = at(2, "09:00")
    offered = await free(world.door, kari, kind, since=start, until=start + timedelta(days=1), patient="kari", now=NOW)
    assert offered[0].start == start
    assert offered[0].actors == ({"reference": "PractitionerRole/anne-post", "display": "Anne"},)

    stored = await book(world.door, kari, "kari", kind, start, now=NOW, words="Vondt i kneet")
    again = await free(world.door, kari, kind, since=start, until=start + timedelta(days=1), patient="kari", now=NOW)
    assert again[0].start == at(2, "09:30")
    with pytest.raises(Taken) as taken:
        await book(world.door, await world.permit("elias"), "elias", kind, start, now=NOW)
    assert [one.start for one in taken.value.alternatives] == [at(2, "09:30"), at(2, "10:00"), at(2, "10:30")]

    moved = await move(world.door, kari, stored.id, stored.version, at(3, "10:00"), now=NOW)
    assert moved.id == stored.id
    assert await first_free(world.door, kari, [kind], since=start, now=NOW) is not None
    again = await free(world.door, kari, kind, since=start, until=start + timedelta(days=1), now=NOW)
    assert again[0].start == start
    with pytest.raises(VersionMoved):
        await cancel(world.door, kari, stored.id, stored.version, "pat", now=NOW)
    off = await cancel(world.door, kari, moved.id, moved.version, "pat", now=NOW)
    assert off.resource()["status"] == "cancelled"
    assert not [one for one in off.resource()["extension"] if one["url"] == "urn:samjournal:fee"]


async def test_cancelling_late_tells_the_fee(world: World) -> None:
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "consultation")
    stored = await book(world.door, kari, "kari", kind, at(4, "09:00"), now=NOW)
    late = at(3, "12:00")
    with pytest.raises(Conflict, match="too late"):
        await move(world.door, kari, stored.id, stored.version, at(5, "09:00"), now=late)
    off = await cancel(world.door, kari, stored.id, stored.version, "pat", now=late)
    assert {"url": "urn:samjournal:fee", "valueMoney": {"value": 450, "currency": "NOK"}} in off.resource()["extension"]


async def test_a_citizen_books_for_nobody_else_and_nothing_of_the_units_own(world: World) -> None:
    kari = await world.permit("kari")
    assert [one.id for one in await visit_types(world.door, kari, unit="clinic", for_citizens=True)] == [
        "consultation",
        "few",
    ]
    kind = await visit_type(world.door, kari, "consultation")
    with pytest.raises(Forbidden):
        await book(world.door, kari, "ola", kind, at(5, "09:00"), now=NOW)
    with pytest.raises(Forbidden):
        await book(world.door, kari, "kari", await visit_type(world.door, kari, "internal"), at(5, "09:00"), now=NOW)
    with pytest.raises(Taken):  # Not on the grid, not with notice, not within hours.
        await book(world.door, kari, "kari", kind, at(5, "09:07"), now=NOW)


async def test_a_citizen_takes_nobodys_time_whom_the_visit_does_not_take(world: World) -> None:
    kari = await world.permit("kari")
    kind = await visit_type(world.door, kari, "consultation")
    for other in ("PractitionerRole/cato-post", "PractitionerRole/bo-post", "Location/room-1"):
        for actors in ([other], ["PractitionerRole/anne-post", other]):
            with pytest.raises(Taken):
                await book(world.door, kari, "kari", kind, at(9, "09:00"), actors, now=NOW)
    stored = await book(world.door, kari, "kari", kind, at(9, "09:00"), ["PractitionerRole/anne-post"], now=NOW)
    with pytest.raises(Taken):
        await move(world.door, kari, stored.id, stored.version, at(9, "10:00"), ["PractitionerRole/cato-post"], now=NOW)


async def test_whom_staff_called_in_comes_along_when_the_patient_moves_it(world: World) -> None:
    kari, unit = await world.permit("kari"), world.system
    kind = await visit_type(world.door, unit, "consultation")
    both = ["PractitionerRole/anne-post", "PractitionerRole/bo-post"]
    stored = await book(world.door, unit, "kari", kind, at(10, "09:00"), both, now=NOW)
    moved = await move(world.door, kari, stored.id, stored.version, at(10, "11:00"), both[:1], now=NOW)
    named = {part["actor"]["reference"] for part in moved.resource()["participant"]}
    assert named >= {"Patient/kari", *both}


async def test_a_citizen_has_a_few_times_of_a_kind_ahead_and_staff_book_as_many_as_are_needed(world: World) -> None:
    kari, unit = await world.permit("kari"), world.system
    kind = await visit_type(world.door, kari, "few")
    for hour in (8, 9):
        await book(world.door, unit, "kari", kind, at(12, f"{hour:02}:00"), now=NOW)
    made = [
        await book(world.door, kari, "kari", kind, at(12, f"{hour}:00"), now=NOW, once=f"form-{hour}")
        for hour in range(10, 10 + MOST)
    ]
    with pytest.raises(Enough):
        await book(world.door, kari, "kari", kind, at(12, "15:30"), now=NOW, once="form-15")
    again = await book(world.door, kari, "kari", kind, at(12, "10:00"), now=NOW, once="form-10")
    assert again.id == made[0].id, "what was sent before is told by what it made"
    await cancel(world.door, kari, made[0].id, made[0].version, "pat", now=NOW)
    await book(world.door, kari, "kari", kind, at(12, "15:30"), now=NOW, once="form-15")


async def test_staff_overbook_with_a_reason(world: World) -> None:
    secretary = await world.permit("secretary")
    kind = await visit_type(world.door, secretary, "consultation")
    start = at(8, "09:00")
    await book(world.door, secretary, "ola", kind, start, now=NOW)
    with pytest.raises(Taken):
        await book(world.door, secretary, "kari", kind, start, now=NOW)
    stored = await book(world.door, secretary, "kari", kind, start, overbook="Øyeblikkelig hjelp", now=NOW)
    shown = (await read(world.door, world.system, "Appointment", stored.id)).resource()
    assert {part["url"] for one in shown["extension"] for part in one.get("extension", ())} >= {"lane", "reason"}
    with pytest.raises(Taken):  # Kari herself cannot be in two places.
        await book(world.door, secretary, "kari", kind, start, overbook="Øyeblikkelig hjelp", now=NOW)
