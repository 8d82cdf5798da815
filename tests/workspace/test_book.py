"""Booking from the patient's page, and one appointment's page, over HTTP. Rows 5.1-5.5"""

from __future__ import annotations

import asyncio
import re
from datetime import datetime
from html import unescape

import httpx
import pytest

from samjournal.record import read
from samjournal.workspace import asked
from workspace.bookable import DAY, at, bookable
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
PAGE = "/workspace/patients/kari/book"


@pytest.fixture(scope="module")
async def ward(world: World) -> World:
    return await bookable(world)


def slots(page: str) -> list[str]:
    """The times that a page offers."""
    return [unescape(one) for one in re.findall(r'name="slot" value="([^"]+)"', page)]


def form(login: str, slot: str, **more: str) -> dict[str, str]:
    return {"role": f"{login}-role", "type": slot.partition("|")[0], "slot": slot, "do": "book", **more}


async def booked(desk: httpx.AsyncClient, login: str, clock: str, *, patient: str = "kari", **more: str) -> str:
    """The id of an appointment that was booked by the page."""
    page = (await desk.get(f"/workspace/patients/{patient}/book?type=check&from={DAY}")).text
    slot = next(one for one in slots(page) if at(clock).astimezone().timestamp() == at_of(one))
    answer = await desk.post(f"/workspace/patients/{patient}/book", data=form(login, slot, **more))
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2].partition("?")[0]


def at_of(slot: str) -> float:
    return datetime.fromisoformat(slot.split("|")[1]).timestamp()


async def stored(world: World, id_: str) -> dict[str, object]:
    return (await read(world.door, world.system, "Appointment", id_)).resource()


async def test_a_type_then_a_time_then_it_is_booked(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    first = (await desk.get(PAGE)).text
    assert "Check" in first
    assert "første ledige" in first
    page = (await desk.get(f"{PAGE}?type=check&from={DAY}")).text
    assert at_of(slots(page)[0]) == at("08:00").timestamp()
    id_ = await booked(desk, "doctor", "09:00", words="Kontroll av <hjerte>", interpreter="pl")
    one = (await desk.get(f"/workspace/appointments/{id_}?did=booked")).text
    for said in (
        "Timen er satt opp.",
        "NORDMANN, Kari",
        "09.00–09.30",
        "polsk",
        "Kontroll av &lt;hjerte&gt;",
        "Doctor",
    ):
        assert said in one
    again = slots((await desk.get(f"{PAGE}?type=check&from={DAY}")).text)
    assert at("09:00").timestamp() not in [at_of(each) for each in again]


async def test_filters_show_what_fits(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    late = slots((await desk.get(f"{PAGE}?type=check&from={DAY}&when=late")).text)
    assert late == []
    video = slots((await desk.get(f"{PAGE}?type=check&from={DAY}&way=video&when=morning")).text)
    assert {one.rpartition("|")[2] for one in video} == {"video"}
    nobody = (await desk.get(f"{PAGE}?type=check&from={DAY}&with=PractitionerRole/nobody")).text
    assert "Ingen ledige tider passer" in nobody


async def test_the_first_of_several_kinds_and_of_any_of_several_persons(ward: World, enter: Enter) -> None:
    """Row 5.2: the earliest over what was chosen."""
    desk = enter("doctor")
    both = slots((await desk.get(f"{PAGE}?type=check&type=team&from=2027-03-22")).text)
    assert {one.partition("|")[0] for one in both} == {"check", "team"}
    assert at_of(both[0]) == at("08:00", "2027-03-22").timestamp()
    nobody, doctor = "among=PractitionerRole/nobody", "among=PractitionerRole/doctor-role"
    assert slots((await desk.get(f"{PAGE}?type=check&from=2027-03-22&{nobody}")).text) == []
    any_ = slots((await desk.get(f"{PAGE}?type=check&from=2027-03-22&{nobody}&{doctor}")).text)
    assert at_of(any_[0]) == at("08:00", "2027-03-22").timestamp()
    assert len(any_) == len({at_of(one) for one in any_})


async def test_types_of_all_units_are_found_by_unit_and_name(
    ward: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = enter("doctor")
    whole = (await desk.get(f"{PAGE}?units=all")).text
    found = (await desk.get(f"{PAGE}?units=all&find=CHECK+ward")).text
    names = r'<li><a href="[?][^"]*"[^>]*>(\w+) <small>'
    assert re.findall(names, whole) == ["Check", "Team"]
    assert re.findall(names, found) == ["Check"]
    assert "Ingen timetype eller enhet passer" in (await desk.get(f"{PAGE}?units=all&find=okapi")).text
    monkeypatch.setattr(asked, "MOST_TYPES", 1)
    short = (await desk.get(f"{PAGE}?units=all&type=team")).text
    assert re.findall(r'aria-current="true">([A-Z][a-z]+)', short) == ["Team"], "what is chosen stays"
    assert "passer. Søk etter enheten eller timetypen." in short


async def test_a_team_and_a_room_have_one_choice_of_times(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{PAGE}?type=team&from=2027-03-08")).text
    (first, *_) = slots(page)
    assert len(first.split("|")[2].split(",")) == 3
    answer = await desk.post(PAGE, data=form("doctor", first))
    id_ = answer.headers["location"].rpartition("/")[2].partition("?")[0]
    names = [part["actor"]["reference"].partition("/")[0] for part in (await stored(ward, id_))["participant"]]  # type: ignore[attr-defined]
    assert sorted(names) == ["HealthcareService", "Location", "Patient", "PractitionerRole", "PractitionerRole"]


async def test_the_second_of_two_gets_three_other_times_and_keeps_what_was_written(ward: World, enter: Enter) -> None:
    desks = {login: enter(login) for login in ("doctor", "secretary")}
    page = (await desks["doctor"].get(f"{PAGE}?type=check&from=2027-03-15")).text
    slot = slots(page)[2]
    both = await asyncio.gather(
        desks["doctor"].post(PAGE, data=form("doctor", slot, words="Fra legen")),
        desks["secretary"].post(
            "/workspace/patients/ola/book", data=form("secretary", slot, words="Fra luka", interpreter="ar")
        ),
    )
    assert sorted(one.status_code for one in both) == [303, 409]
    late = next(one for one in both if one.status_code == 409).text
    assert "tiden er ikke ledig lenger" in late
    others = late[late.index("Ledig i stedet") :].partition("</fieldset>")[0]
    assert len(slots(others)) == 3
    assert slot not in slots(late)
    assert ("Fra luka" in late and 'value="ar" selected' in late) or "Fra legen" in late


async def test_it_is_moved_and_the_old_time_is_free_again(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    id_ = await booked(desk, "doctor", "10:00")
    page = (await desk.get(f"{PAGE}?move={id_}&from={DAY}")).text
    assert "Flytt timen" in page
    new = next(one for one in slots(page) if at_of(one) == at("11:00").timestamp())
    moved = await desk.post(PAGE, data=form("doctor", new, move=id_, version="1"))
    assert moved.headers["location"] == f"/workspace/appointments/{id_}?did=moved"
    assert at("10:00").timestamp() in [
        at_of(one) for one in slots((await desk.get(f"{PAGE}?type=check&from={DAY}")).text)
    ]
    twice = await desk.post(PAGE, data=form("doctor", new, move=id_, version="1"))
    assert twice.status_code == 409
    assert "en annen har endret timen" in twice.text


async def test_it_is_called_off_with_a_reason_of_the_units_own(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    id_ = await booked(desk, "doctor", "10:30")
    place = f"/workspace/appointments/{id_}"
    assert "Legen er syk" in (await desk.get(place)).text
    act = {"role": "doctor-role", "version": "1", "do": "cancel", "words": "Ringt"}
    without = await desk.post(place, data=act)
    assert without.status_code == 422
    assert "Ringt" in without.text
    assert (await desk.post(place, data={**act, "reason": "syk"})).headers["location"] == f"{place}?did=cancel"
    one = await stored(ward, id_)
    assert (one["status"], one["cancelationReason"]["coding"][0]["code"]) == ("cancelled", "syk")  # type: ignore[index]
    gone = (await desk.get(place)).text
    assert "avlyst" in gone
    assert 'value="cancel"' not in gone
    assert (await desk.post(place, data={**act, "reason": "syk", "version": "2"})).status_code == 409


async def test_the_day_itself_is_told_by_whoever_meets_the_patient(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    id_ = await booked(desk, "doctor", "08:00")
    place, act = f"/workspace/appointments/{id_}", {"role": "doctor-role", "version": "1"}
    assert "Har møtt" in (await desk.get(place)).text
    assert (await desk.post(place, data={**act, "do": "noshow"})).status_code == 409, "it has not begun"
    assert (await desk.post(place, data={**act, "do": "arrived"})).headers["location"] == f"{place}?did=arrived"
    assert "møtt" in (await desk.get(place)).text
    assert (await desk.post(place, data={**act, "do": "arrived"})).status_code == 409
    assert (await desk.post(place, data={**act, "do": "nothing"})).status_code == 404


async def test_beside_others_takes_a_reason_that_stands_on_it(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    beside = {"role": "doctor-role", "type": "check", "do": "overbook", "day": DAY, "time": "09:00",
              "beside": "PractitionerRole/doctor-role"}  # fmt: skip
    refused = await desk.post("/workspace/patients/elias/book", data=beside)
    assert refused.status_code == 422
    assert "Skriv hvorfor" in refused.text
    done = await desk.post("/workspace/patients/elias/book", data={**beside, "reason": "Kan ikke vente"})
    assert done.status_code == 303, done.text
    assert "Kan ikke vente" in (await desk.get(done.headers["location"])).text


async def test_booking_opens_no_record_and_shows_no_more_than_who_it_is(ward: World, enter: Enter) -> None:
    """Row 5.1 for who books and may not read: the name, the times, and what was booked at the own unit."""
    desk = enter("secretary")
    page = (await desk.get(f"/workspace/patients/ola/book?type=check&from={DAY}")).text
    assert "NORDMANN, Ola" in page
    assert "Å bestille time åpner den ikke" in page
    id_ = await booked(desk, "secretary", "11:30", patient="ola")
    one = (await desk.get(f"/workspace/appointments/{id_}")).text
    assert "NORDMANN, Ola" in one
    act = {"role": "secretary-role", "version": "1", "do": "cancel", "reason": "syk"}
    assert (await desk.post(f"/workspace/appointments/{id_}", data=act)).status_code == 303
    assert (await enter("homenurse").get(f"/workspace/appointments/{id_}")).status_code in (403, 404)
    assert (await enter("nurse").get("/workspace/patients/ola/book")).status_code == 403


async def test_what_cannot_be_read_is_answered_in_words(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    for slot in ("", "check", "check|soon||", "nothing|2027-03-01T08:00:00+01:00||in-person"):
        answer = await desk.post(PAGE, data=form("doctor", slot) | {"type": "check"})
        assert answer.status_code in (404, 422), slot
    assert (await desk.get(f"{PAGE}?type=nothing")).status_code == 404
    assert (await desk.get(f"{PAGE}?type=check&from=x&start=y&when=z&way=w&with=Patient/kari")).status_code == 200
    other = await desk.post(PAGE, data=form("other", "check|x||"))
    assert other.status_code == 409
    assert (await desk.get("/workspace/appointments/nothing")).status_code == 404
