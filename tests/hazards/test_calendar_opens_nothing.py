"""The way to harm: the calendar of a unit opens records to all who see it, or tells of the patients of other units."""

from __future__ import annotations

import pytest

from samjournal.fhir.errors import Forbidden, NotFound, ReasonNeeded
from samjournal.fhir.reserved import ACT_CODE
from samjournal.record import open_chart
from samjournal.scheduling import booked, booked_one, goes_on, to_go_on
from scheduling.places import booked as visit_of
from workspace.bookable import at, bookable
from world import World, made, to

pytestmark = pytest.mark.anyio
DOCTOR, HOME = "PractitionerRole/doctor-role", "PractitionerRole/homenurse-role"
DAY_LONG = at("00:00"), at("23:59")


@pytest.fixture(scope="module")
async def ward(world: World) -> World:
    await bookable(world)
    home = made("HealthcareService", "home-care", name="Home", providedBy=to("Organization/homecare"))
    label = {"meta": {"security": [{"system": ACT_CODE, "code": "PSY"}]}}
    await world.put(
        home,
        {**visit_of("ola", DOCTOR, start=at("09:00"), description="Samtale"), "id": "ours"},
        {
            **visit_of("kari", HOME, "HealthcareService/home-care", start=at("10:00"), description="Sårstell"),
            "id": "theirs",
        },
        {**visit_of("elias", HOME, start=at("11:00"), description="Psykiatri"), "id": "labelled", **label},
    )
    return world


async def test_who_sees_the_name_in_the_calendar_does_not_open_the_record(ward: World) -> None:
    """Booked three months ahead there is no relation yet, and the calendar makes none."""
    desk = await ward.permit("secretary")
    (one,) = await booked(ward.door, desk, [DOCTOR], *DAY_LONG)
    assert (one.name, one.type) == ("NORDMANN, Ola", "Samtale")
    with pytest.raises(ReasonNeeded):
        await open_chart(ward.door, desk, "ola", [])


async def test_what_is_elsewhere_is_a_time_that_is_taken_and_nothing_more(ward: World) -> None:
    for login in ("secretary", "doctor"):
        desk = await ward.permit(login)
        told = await booked(ward.door, desk, [HOME], *DAY_LONG)
        assert [(one.name, one.type, one.words, one.patient) for one in told] == [("", "", "", "")] * 2
        with pytest.raises((NotFound, ReasonNeeded)):
            await booked_one(ward.door, desk, "labelled")
    at_home = await booked(ward.door, await ward.permit("homenurse"), [HOME, DOCTOR], *DAY_LONG)
    assert [one.name for one in at_home] == ["", "NORDMANN, Kari", "MOE, Elias"], "the doctor's is the ward's"


async def test_nobody_goes_on_with_what_he_may_not(ward: World) -> None:
    """Who books unread goes on with what is his own unit's, and nobody else gets more rights by the calendar."""
    for login in ("doctor", "nurse"):
        desk = await ward.permit(login)
        one = await booked_one(ward.door, desk, "ours")
        assert await to_go_on(ward.door, desk, one) is desk, login
        assert not await goes_on(ward.door, desk, one), f"{login} is offered nothing that he is refused"
    office = await ward.permit("secretary")
    assert (await to_go_on(ward.door, office, await booked_one(ward.door, office, "ours"))).keeps
    assert await goes_on(ward.door, office, await booked_one(ward.door, office, "ours"))


async def test_who_does_not_work_at_a_unit_sees_no_calendar(ward: World) -> None:
    for permit in (await ward.permit("kari"), ward.system):
        with pytest.raises(Forbidden):
            await booked(ward.door, permit, [DOCTOR], *DAY_LONG)
