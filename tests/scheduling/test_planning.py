"""Who plans a unit, and what it plans by. samjournal.scheduling.planning"""

from __future__ import annotations

import pytest

from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.scheduling import planning
from world import World, made, to

pytestmark = pytest.mark.anyio
OFFICE = (((480, 720), (750, 930)),) * 5 + ((), ())


def post(id_: str, unit: str = "ward", **more: object) -> dict[str, object]:
    whose = {"reference": f"Practitioner/{id_}", "display": id_.title()}
    return made("PractitionerRole", f"{id_}-role", practitioner=whose, organization=to(f"Organization/{unit}"), **more)


@pytest.fixture(scope="module")
async def planned(world: World) -> World:
    leader = {"coding": [{"system": planning.POST, "code": planning.LEADER}]}
    await world.put(
        post("secretary"), post("doctor"), post("nurse", code=[leader]), post("homenurse", "homecare", active=True)
    )
    return world


async def test_the_office_and_the_leader_plan_and_nobody_else(planned: World) -> None:
    may = {
        login: await planning.may_plan(planned.door, await planned.permit(login))
        for login in ("secretary", "nurse", "doctor", "homenurse", "kari")
    }
    assert may == {"secretary": True, "nurse": True, "doctor": False, "homenurse": False, "kari": False}
    assert not await planning.may_plan(planned.door, planned.system)
    with pytest.raises(Forbidden):
        await planning.add_room(planned.door, await planned.permit("doctor"), "Rom 7")


async def test_hours_are_said_of_who_works_there_as_of_the_version_that_was_seen(planned: World) -> None:
    desk = await planned.permit("secretary")
    before = {one.reference: one for one in (await planning.plan(planned.door, desk)).people}
    doctor = before["PractitionerRole/doctor-role"]
    assert (doctor.name, doctor.kind, doctor.week) == ("Doctor", "person", None)
    await planning.set_hours(planned.door, desk, doctor.reference, doctor.version, OFFICE)
    after = {one.reference: one for one in (await planning.plan(planned.door, desk)).people}
    assert after["PractitionerRole/doctor-role"].week == OFFICE
    assert after["PractitionerRole/nurse-role"].week is None
    with pytest.raises(VersionMoved):
        await planning.set_hours(planned.door, desk, doctor.reference, doctor.version, OFFICE)


async def test_another_unit_is_planned_by_its_own_people(planned: World) -> None:
    """The way to harm: a clerk elsewhere takes away the hours, and nobody is visited."""
    desk = await planned.permit("secretary")
    for reference in ("PractitionerRole/homenurse-role", "Patient/kari", "PractitionerRole/nobody"):
        with pytest.raises((NotFound, Invalid)):
            await planning.set_hours(planned.door, desk, reference, 1, OFFICE)
    there = await planning.plan(planned.door, desk, "homecare")
    assert [one.reference for one in there.people] == ["PractitionerRole/homenurse-role"]
    assert not there.rooms


async def test_rooms_and_equipment_are_made_named_once_and_closed(planned: World) -> None:
    desk = await planned.permit("secretary")
    room = await planning.add_room(planned.door, desk, "  Rom   1 ")
    await planning.add_device(planned.door, desk, "Ultralyd")
    for add, name in ((planning.add_room, "rom 1"), (planning.add_device, "ultralyd")):
        with pytest.raises(Conflict):
            await add(planned.door, desk, name)
    with pytest.raises(Invalid):
        await planning.add_room(planned.door, desk, " ")
    found = await planning.plan(planned.door, desk)
    assert [(one.name, one.kind) for one in (*found.rooms, *found.devices)] == [
        ("Rom 1", "room"),
        ("Ultralyd", "device"),
    ]
    await planning.set_hours(planned.door, desk, room.reference, 1, OFFICE)
    await planning.close(planned.door, desk, room.reference, 2)
    assert (await planning.plan(planned.door, desk)).rooms == ()
    with pytest.raises(Invalid):
        await planning.close(planned.door, desk, "PractitionerRole/doctor-role", 1)


async def test_the_unit_has_opening_hours_of_its_own(planned: World) -> None:
    desk = await planned.permit("secretary")
    unit = (await planning.plan(planned.door, desk)).unit
    assert unit is not None
    assert unit.reference == "HealthcareService/ward-clinic"
    stored = await planning.set_hours(planned.door, desk, unit.reference, unit.version, OFFICE)
    assert (await planning.plan(planned.door, desk)).unit == planning.actor(stored.resource())
    with pytest.raises(Conflict):
        await planning.open_unit(planned.door, desk)
