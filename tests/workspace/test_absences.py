"""An absence hits what is booked: it is shown, and becomes work of the unit. Row 5.5"""

from __future__ import annotations

import re

import pytest

from following import changes_since
from samjournal import access, scheduling
from samjournal.record import query_of, search
from samjournal.record.feed import feed_end
from samjournal.scheduling import planning, time_off
from scheduling.places import booked
from workspace.bookable import at, bookable
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
PAGE = "/workspace/visit-types/absences"
DOCTOR, NURSE = "PractitionerRole/doctor-role", "PractitionerRole/nurse-role"
FORM = {"role": "secretary-role", "do": "away", "of": DOCTOR, "first": "01.03.2027", "last": "", "from": "", "to": "",
        "words": "Kurs"}  # fmt: skip


@pytest.fixture(scope="module")
async def ward(world: World) -> World:
    await bookable(world)
    await world.put(
        {**booked("kari", DOCTOR, start=at("09:00")), "id": "first"},
        {**booked("ola", DOCTOR, start=at("11:00")), "id": "second"},
        {**booked("elias", DOCTOR, start=at("10:00"), status="cancelled"), "id": "gone"},
        {**booked("elias", NURSE, start=at("09:00")), "id": "hers"},
    )
    return world


async def work(world: World, appointment: str) -> list[dict[str, object]]:
    asked = [("focus", f"Appointment/{appointment}"), ("_count", "50")]
    page = await search(world.door, await world.permit("secretary"), query_of("Task", asked))
    return [one.resource() for one in page.matches]


async def test_what_it_hits_is_shown_first_and_then_each_is_work_with_a_deadline(ward: World, enter: Enter) -> None:
    """The way to harm: the doctor is away, two come in vain, and nobody knew."""
    desk = enter("secretary")
    shown = await desk.post(PAGE, data=FORM)
    assert shown.status_code == 200
    assert "2 timer er satt opp" in shown.text
    assert "NORDMANN, Ola" in shown.text
    assert await work(ward, "first") == []
    seen = re.findall(r'name="seen" value="([^"]+)"', shown.text)
    assert seen == ["first", "second"]
    assert (await desk.post(PAGE, data={**FORM, "seen": seen})).headers["location"] == f"{PAGE}?did=away"
    for id_, begins in (("first", at("09:00")), ("second", at("11:00"))):
        (task,) = await work(ward, id_)
        assert task["owner"]["reference"] == "Organization/ward"  # type: ignore[index]
        assert task["restriction"]["period"]["end"] < begins.isoformat()  # type: ignore[index]
        assert "for" not in task
        assert "Doctor er borte" in str(task["description"])
    assert await work(ward, "hers") == await work(ward, "gone") == []
    page = (await desk.get(PAGE)).text
    assert "2 timer står fortsatt i fraværet" in page
    assert "Flytt eller avlys" in (await desk.get("/workspace/inbox?tab=team")).text
    free = await scheduling.free(
        ward.door, await ward.permit("secretary"), await scheduling.visit_type(ward.door, ward.system, "check"),
        since=at("00:00"), until=at("23:00"))  # fmt: skip
    assert free == []


async def test_what_was_moved_or_called_off_is_no_longer_work(ward: World, enter: Enter) -> None:
    desk = enter("secretary")
    act = {"role": "secretary-role", "version": "1", "do": "cancel", "reason": "prov"}
    assert (await desk.post("/workspace/appointments/second", data=act)).status_code == 303
    assert [one["status"] for one in await work(ward, "second")] == ["completed"]
    assert "1 time står fortsatt i fraværet" in (await desk.get(PAGE)).text


async def test_something_booked_after_the_list_was_shown_is_shown_before_it_is_saved(ward: World, enter: Enter) -> None:
    desk = enter("secretary")
    asked = {**FORM, "of": NURSE}
    seen = re.findall(r'name="seen" value="([^"]+)"', (await desk.post(PAGE, data=asked)).text)
    await ward.put({**booked("kari", NURSE, start=at("11:30")), "id": "late"})
    again = await desk.post(PAGE, data={**asked, "seen": seen})
    assert again.status_code == 409
    assert re.findall(r'name="seen" value="([^"]+)"', again.text) == ["hers", "late"]
    assert await work(ward, "hers") == []


async def test_a_part_of_a_day_hits_what_lies_in_it(ward: World, enter: Enter) -> None:
    asked = {**FORM, "of": NURSE, "from": "9.45", "to": "11.00"}
    saved = await enter("secretary").post(PAGE, data=asked)
    assert saved.headers["location"] == f"{PAGE}?did=away"
    assert "09.45" in (await enter("secretary").get(PAGE)).text


async def test_an_absence_is_taken_back_by_the_office_and_no_one_else(ward: World, enter: Enter) -> None:
    desk = enter("secretary")
    page = (await desk.get(PAGE)).text
    section = page[page.index(">Doctor") :].partition("</section>")[0]
    back = {name: re.search(rf'name="{name}" value="([^"]+)"', section)[1] for name in ("of", "version", "start")}  # type: ignore[index]
    other = await enter("doctor").post(PAGE, data={**back, "role": "doctor-role", "do": "back"})
    assert other.status_code == 403
    done = await desk.post(PAGE, data={**back, "role": "secretary-role", "do": "back"})
    assert done.headers["location"] == f"{PAGE}?did=over"
    assert (await desk.post(PAGE, data={**back, "role": "secretary-role", "do": "back"})).status_code == 409


async def test_the_whole_unit_is_closed_and_all_of_its_appointments_are_work(ward: World, enter: Enter) -> None:
    desk = enter("secretary")
    shown = await desk.post(PAGE, data={**FORM, "of": "HealthcareService/ward-clinic", "words": "Palmesøndag"})
    assert re.findall(r'name="seen" value="([^"]+)"', shown.text) == ["first", "hers", "late"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"first": "i morgen"},
        {"first": "31.12.9999"},
        {"last": "31.12.9999"},
        {"first": "01.03.2020"},
        {"last": "28.02.2027"},
        {"of": "Location/room-7"},
        {"from": "kl ni"},
        {"of": "PractitionerRole/homenurse-role"},
        {"first": ""},
        {"to": "00.00", "from": "12.00"},
    ],
)
async def test_what_cannot_be_is_refused_and_stands(ward: World, enter: Enter, wrong: dict[str, str]) -> None:
    answer = await enter("secretary").post(PAGE, data={**FORM, **wrong})
    assert answer.status_code == 422
    assert 'value="Kurs"' in answer.text


async def test_what_a_citizen_or_another_system_moves_ends_the_work_too_and_nothing_else_does(ward: World) -> None:
    """Rule 5: nothing waits that is done, and nothing is done that still waits."""
    door, desk, job = ward.door, await ward.permit("secretary"), access.for_job("absences")
    unit = next(one for one in (await planning.plan(door, desk)).people if one.reference == NURSE)
    day = "2027-06-07"
    visits = {id_: booked("kari", NURSE, start=at(clock, day)) for id_, clock in (("w1", "08:00"), ("w2", "09:00"))}
    await ward.put(*({**one, "id": id_} for id_, one in visits.items()))
    window = at("07:00", day), at("12:00", day)
    await time_off.go_away(door, desk, NURSE, unit.version, *window, "Ferie", seen=["w1", "w2"])

    async def after(*changed: dict[str, object]) -> list[str]:
        cursor = await feed_end(door)
        await ward.put(*changed)
        await time_off.settle_changed(door, job, (await changes_since(door, cursor))[0])
        return [str(one["status"]) for id_ in ("w1", "w2") for one in await work(ward, id_)]

    later = {**booked("kari", NURSE, start=at("10:00", day)), "id": "w1"}
    assert await after(later) == ["requested", "requested"], "he still comes while she is away"
    assert await after({**booked("kari", DOCTOR, start=at("10:00", day)), "id": "w1"}) == ["completed", "requested"]
    assert await after({**visits["w2"], "id": "w2", "status": "cancelled"}) == ["completed", "completed"]
    assert await time_off.settle(door, desk, "w1") == 0
