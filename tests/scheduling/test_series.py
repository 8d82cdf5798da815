"""Appointments that come again."""

from __future__ import annotations

import pytest

from samjournal.fhir.errors import Conflict, Invalid
from samjournal.record import query_of, read, search
from samjournal.scheduling import NotAll, book, book_series, cancel_series, visit_type
from samjournal.scheduling.series import every
from scheduling.places import NOW, at, clinic, need, visit
from world import World

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    await clinic(world)
    await world.put(visit("training", need("person", "PractitionerRole/anne-post"), unit="ward"))
    return world


async def test_a_series_is_booked_whole_or_as_far_as_it_is_free_and_called_off_as_one(world: World) -> None:
    secretary = await world.permit("secretary")
    kind = await visit_type(world.door, secretary, "training")
    await book(world.door, world.system, "ola", kind, at(16, "10:00"), now=NOW)
    with pytest.raises(NotAll) as refused:
        await book_series(world.door, secretary, "kari", kind, at(2, "10:00"), weeks=2, times=3, now=NOW)
    assert refused.value.taken == (at(16, "10:00"),)
    found = await search(world.door, world.system, query_of("Appointment", [("patient", "Patient/kari")]))
    assert not found.matches, "all or none"

    made = await book_series(
        world.door, secretary, "kari", kind, at(2, "10:00"), weeks=2, times=3, whole=False, now=NOW
    )
    assert made.taken == (at(16, "10:00"),)
    starts = [one.resource()["start"] for one in made.booked]
    assert starts == ["2027-03-02T09:00:00+00:00", "2027-03-30T08:00:00+00:00"], "the clock went forward between them"

    await cancel_series(world.door, secretary, made.id, "pat", now=at(20, "10:00"))
    left = [(await read(world.door, secretary, "Appointment", one.id)).resource()["status"] for one in made.booked]
    assert left == ["booked", "cancelled"], "what is over stands"
    with pytest.raises(Conflict):
        await cancel_series(world.door, secretary, made.id, "pat", now=at(20, "10:00"))
    with pytest.raises(Invalid):
        await book_series(world.door, secretary, "kari", kind, at(2, "10:00"), times=500, now=NOW)


def test_the_hour_is_that_of_the_clock_on_both_sides_of_a_change() -> None:
    spring, autumn = at(22, "10:00"), at(25, "10:00", month=10)
    assert every(spring, weeks=1, times=2) == [spring, at(29, "10:00")]
    assert every(autumn, weeks=1, times=2) == [autumn, at(1, "10:00", month=11)]
    assert (every(spring, weeks=1, times=2)[1] - spring).total_seconds() == 7 * 86400 - 3600
