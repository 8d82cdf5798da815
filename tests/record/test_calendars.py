"""Whose calendars a change concerns: where an appointment stands, and where it stood. samjournal.record.calendars"""

from __future__ import annotations

import pytest

from following import changes_since
from samjournal.record import Change, calendar_watch, calendars_of, change
from samjournal.record.door import watched
from samjournal.record.feed import feed_end
from world import World, appointment, made

pytestmark = pytest.mark.anyio
DOCTOR, NURSE, ROOM = "PractitionerRole/doctor-role", "PractitionerRole/nurse-role", "Location/room"


async def concerned(world: World, *changes: Change) -> set[str]:
    """Those of the three whose open calendars hear of changes."""
    cursor = await feed_end(world.door)
    await change(world.door, world.system, list(changes))
    told = await calendars_of(world.door, (await changes_since(world.door, cursor))[0])
    permit = await world.permit("nurse")
    return {
        one
        for one in (DOCTOR, NURSE, ROOM)
        if watched(world.door, permit.session, calendar_watch(world.door, permit, [one])[0]) in told
    }


async def test_both_calendars_hear_of_what_was_moved_and_of_what_was_cancelled(world: World) -> None:
    """The way to harm: the citizen cancels, and the calendar goes on showing that somebody comes."""
    await world.put(made("Location", "room", status="active"))
    booked = {**appointment("kari", DOCTOR, ROOM), "id": "visit"}
    assert await concerned(world, Change.update(booked)) == {DOCTOR, ROOM}
    moved = {**appointment("kari", NURSE, ROOM), "id": "visit"}
    assert await concerned(world, Change.update(moved)) == {DOCTOR, NURSE, ROOM}
    assert await concerned(world, Change.update({**moved, "status": "cancelled"})) == {NURSE, ROOM}
    assert await concerned(world, Change.delete("Appointment", "visit")) == {NURSE, ROOM}


async def test_whoever_gets_other_hours_is_told_and_nobody_hears_of_other_things(world: World) -> None:
    assert await concerned(world, Change.update(made("Location", "room", status="suspended"))) == {ROOM}
    assert await concerned(world, Change.update(made("Organization", "clinic", name="Clinic"))) == set()
