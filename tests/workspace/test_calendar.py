"""The calendars of a unit over HTTP: who comes, what is free, who is away, and who may see it. Row 5.2"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from samjournal import audit
from samjournal.record import log_for_patient
from samjournal.scheduling import planning
from scheduling.places import booked
from workspace.bookable import DAY, at, bookable
from workspace.test_pages import Enter, enter
from world import World, made, to

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
PAGE = "/workspace/calendar"
DOCTOR, NURSE, ROOM = "PractitionerRole/doctor-role", "PractitionerRole/nurse-role", "Location/room-7"
VIDEO = [
    {"url": "urn:samjournal:way", "valueCode": "video"},
    {"url": "urn:samjournal:interpreter", "valueCodeableConcept": {"coding": [{"code": "pl"}]}},
]


@pytest.fixture(scope="module")
async def ward(world: World) -> World:
    await bookable(world)
    away = {"description": "Kurs", "during": {"start": f"{DAY}T10:00:00+01:00", "end": f"{DAY}T12:00:00+01:00"}}
    nurse = (await planning.plan(world.door, await world.permit("secretary"))).people
    assert NURSE in {one.reference for one in nurse}
    await world.put(
        {
            **booked("kari", DOCTOR, ROOM, start=at("08:30"), description="Kontroll", extension=VIDEO),
            "id": "kari-visit",
        },
        {**booked("ola", DOCTOR, start=at("09:00"), description="Samtale", status="arrived"), "id": "ola-visit"},
        {**booked("elias", DOCTOR, start=at("09:30"), status="cancelled"), "id": "elias-visit"},
    )
    role = made(
        "PractitionerRole",
        "nurse-role",
        practitioner={"reference": "Practitioner/nurse", "display": "Nurse"},
        organization=to("Organization/ward"),
        availableTime=[{"daysOfWeek": ["mon"], "availableStartTime": "08:00:00", "availableEndTime": "12:00:00"}],
        notAvailable=[away],
    )
    await world.put(role)
    return world


def texts(page: str, kind: str) -> list[str]:
    """What stands in the cells of a kind."""
    found = re.findall(rf'<td class="{kind}"[^>]*>(.*?)</td>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


async def test_a_day_shows_who_comes_to_whom_and_what_is_free(ward: World, enter: Enter) -> None:
    page = (await enter("secretary").get(f"{PAGE}?day={DAY}")).text
    assert "Mandag 1. mars 2027" in page
    busy = texts(page, "busy")
    assert "08.30 NORDMANN, Kari Kontroll video tolk: polsk" in busy
    assert "09.00 NORDMANN, Ola Samtale møtt" in busy
    assert not any("Moe" in one or "MOE" in one for one in busy)
    assert sum("NORDMANN, Kari" in one for one in busy) == 2, "in the doctor's column and in the room's"
    assert "2 timer" in page
    assert "1 avlyst" in page
    assert any(one.startswith("Ledig 09.30–10.00") for one in texts(page, "free"))
    assert texts(page, "away") == ["Borte: Kurs"]
    assert page.count('href="/workspace/appointments/kari-visit"') == 3, "two columns, and once in the list"


async def test_the_record_stays_closed_and_the_patient_reads_that_the_name_was_shown(ward: World, enter: Enter) -> None:
    """The way to harm: a calendar that opens records for all who look at it, or shows people without a trace."""
    desk = enter("secretary")
    assert "NORDMANN, Ola" in (await desk.get(f"{PAGE}?day={DAY}")).text
    assert (await desk.get("/workspace/patients/ola")).status_code == 403
    async with ward.pool.transaction() as db:
        await audit.unfold(db)
    seen = await log_for_patient(ward.door, await ward.permit("kari"), "kari")
    assert any(one.why == "calendar" and one.actor == "secretary" for one in seen)
    assert not any(one.why == "relation" for one in seen)


async def test_refreshes_of_an_open_calendar_are_one_look_for_who_was_shown(ward: World, enter: Enter) -> None:
    desk = enter("nurse")
    page = (await desk.get(f"{PAGE}?day={DAY}")).text
    address = re.search(r'hx-get="(/workspace/calendar[^"]+)"', page)
    assert address is not None
    await ward.put({**booked("elias", NURSE, start=at("08:00")), "id": "new-visit"})
    for _ in range(3):
        part = await desk.get(address[1].replace("&amp;", "&"), headers={"hx-request": "true"})
    assert "MOE, Elias" in part.text
    async with ward.pool.transaction() as db:
        await audit.unfold(db)
    for who, most in (("kari", 1), ("elias", 3)):
        seen = await log_for_patient(ward.door, await ward.permit(who), who)
        assert 1 <= sum(one.why == "calendar" and one.actor == "nurse" for one in seen) <= most, who
    await ward.put({**booked("elias", NURSE, start=at("08:00"), status="cancelled"), "id": "new-visit"})


async def test_other_units_have_calendars_of_their_own(ward: World, enter: Enter) -> None:
    page = (await enter("homenurse").get(f"{PAGE}?day={DAY}")).text
    assert "NORDMANN" not in page
    assert "Homenurse" in page
    assert (await enter("kari").get(PAGE)).headers["location"] == "/portal"


async def test_a_week_of_one_person_has_the_days_as_columns(ward: World, enter: Enter) -> None:
    page = (await enter("doctor").get(f"{PAGE}?day={DAY}&view=week")).text
    assert "Doctor, uke 9, 2027" in page
    assert page.count('scope="col"') == 8
    assert "NORDMANN, Kari" in page
    assert f"day={(at('08:00') + timedelta(days=7)).date().isoformat()}" in page


async def test_a_refresh_gets_the_part_that_changes(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    page = (await desk.get(f"{PAGE}?day={DAY}")).text
    assert page.count('class="calendarwatch"') >= 4
    part = (await desk.get(f"{PAGE}?day={DAY}", headers={"hx-request": "true"})).text
    assert part.lstrip().startswith('<div class="daytable"')
    assert "calendarwatch" not in part


@pytest.mark.parametrize(
    ("day", "told", "rows"),
    [("2027-03-28", "fra 02 til 03 finnes ikke", 23), ("2027-10-31", "fra 02 til 03 kommer to ganger", 25)],
)
async def test_both_changes_of_the_clock_are_told_and_drawn(
    ward: World, enter: Enter, day: str, told: str, rows: int
) -> None:
    await ward.put(
        made(
            "Location",
            "room-7",
            status="active",
            name="Rom 7",
            physicalType={"coding": [{"system": planning.PHYSICAL, "code": "ro"}]},
            managingOrganization=to("Organization/ward"),
            hoursOfOperation=[{"allDay": True}],
        )
    )
    page = (await enter("doctor").get(f"{PAGE}?day={day}&who={ROOM}")).text
    assert told in page
    assert page.count('class="hour"') == rows
    assert ("vintertid" in page) == (rows == 25)


@pytest.mark.parametrize(
    "asked", ["day=31.12.2026", "day=x&view=y&who=z", "day=0001-01-01", "day=9999-12-31&view=week"]
)
async def test_what_cannot_be_read_is_a_day_all_the_same(ward: World, enter: Enter, asked: str) -> None:
    assert (await enter("doctor").get(f"{PAGE}?{asked}")).status_code == 200


@pytest.mark.parametrize("start", ["0001-01-01", "9999-12-31T23:59:59+14:00", "x", "2027-03-28T02:30:00"])
async def test_whatever_is_pointed_at_somebody_can_be_found(ward: World, enter: Enter, start: str) -> None:
    page = await enter("secretary").get("/workspace/calendar/book", params={"start": start, "q": "Kari"})
    assert page.status_code == 200
    assert "NORDMANN, Kari" in page.text


async def test_booking_begins_in_the_calendar_too(ward: World, enter: Enter) -> None:
    desk = enter("secretary")
    start = at("09:30").isoformat()
    page = (await desk.get("/workspace/calendar/book", params={"start": start, "with": DOCTOR, "q": "Kari"})).text
    assert "mandag 1. mars kl. 09.30" in page
    link = re.search(r'href="(/workspace/patients/kari/book\?[^"]+)"', page)
    assert link is not None
    times = (await desk.get(link[1].replace("&amp;", "&") + "&type=check")).text
    assert re.search(r'value="check\|2027-03-01T08:30:00[^"]+" checked', times)
