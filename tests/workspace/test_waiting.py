"""Series, groups, the waiting list and the queue, as the unit's pages do them. Rows 5.2, 5.3, 5.5"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from html import unescape

import pytest

from samjournal.fhir.dates import OSLO
from samjournal.record import read
from scheduling.places import booked, need, visit
from workspace.bookable import DAY, at, bookable
from workspace.test_book import PAGE, at_of, form, slots
from workspace.test_pages import Enter, enter
from world import World

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
DOCTOR = "PractitionerRole/doctor-role"
WAITING, GROUPS = "/workspace/calendar/waiting", "/workspace/calendar/groups"
ALWAYS = [{"allDay": True}]


@pytest.fixture(scope="module")
async def ward(world: World) -> World:
    await bookable(world)
    group = visit("school", {"url": "places", "valueUnsignedInt": 3}, need("person", DOCTOR), unit="ward")
    walk_in = visit("walk-in", {"url": "drop-in", "valueBoolean": True}, unit="ward", hours=ALWAYS)
    nurse = (await read(world.door, world.system, "PractitionerRole", "nurse-role")).resource()
    await world.put(group, walk_in, {**nurse, "availableTime": ALWAYS})
    return world


def id_of(address: str) -> str:
    return address.rpartition("/")[2].partition("?")[0]


async def test_a_series_is_all_or_what_is_free_and_is_called_off_as_one(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    await ward.put({**booked("ola", DOCTOR, start=at("08:00", "2027-03-15")), "id": "between"})
    slot = slots((await desk.get(f"{PAGE}?type=check&from={DAY}")).text)[0]
    asked = form("doctor", slot, weeks="1", times="4", words="Trening")
    refused = await desk.post(PAGE, data=asked)
    assert refused.status_code == 409
    assert "15.03 kl. 08.00" in refused.text
    assert 'name="some"' in refused.text
    assert "Trening" in refused.text
    done = await desk.post(PAGE, data={**asked, "some": "1"})
    first = id_of(done.headers["location"])
    coming = (await desk.get(PAGE)).text
    assert len(re.findall(r'/workspace/appointments/[^"]+">\d\d\.03', coming)) == 3
    place = f"/workspace/appointments/{first}"
    assert "Avlys hele resten av rekken" in (await desk.get(place)).text
    act = {"role": "doctor-role", "version": "1", "do": "series"}
    assert (await desk.post(place, data=act)).status_code == 422
    assert (await desk.post(place, data={**act, "reason": "syk"})).headers["location"] == f"{place}?did=series"
    assert len(re.findall(r'/workspace/appointments/[^"]+">\d\d\.03', (await desk.get(PAGE)).text)) == 3
    assert (await desk.get(PAGE)).text.count("avlyst") >= 3


async def test_a_group_is_set_up_filled_and_called_off_with_all_its_places(ward: World, enter: Enter) -> None:
    desk = enter("doctor")
    group = {
        "role": "doctor-role",
        "type": "school",
        "day": "2027-04-05",
        "time": "10:00",
        "with": DOCTOR,
        "places": "2",
    }
    for wrong, status in (
        ({"time": "ti"}, 422),
        ({"day": "2020-01-01"}, 422),
        ({"role": "x"}, 409),
        ({"time": "20:00"}, 409),
    ):
        answer = await desk.post(GROUPS, data={**group, **wrong})
        assert answer.status_code == status, wrong
    session = id_of((await desk.post(GROUPS, data=group)).headers["location"])
    assert "2 av 2" in (await desk.get(GROUPS)).text
    offered = slots((await desk.get(f"{PAGE}?type=school&from=2027-04-01")).text)
    assert [at_of(one) for one in offered] == [at("10:00", "2027-04-05").timestamp()]
    taken = await desk.post(PAGE, data=form("doctor", offered[0]))
    assert taken.status_code == 303
    assert "1 av 2" in (await desk.get(GROUPS)).text
    day = (await desk.get("/workspace/calendar?day=2027-04-05")).text
    cells = re.findall(r'<td class="busy"[^>]*>(.*?)</td>', day, re.S)
    assert len(cells) == 1, "the group stands once, and not beside each of its places"
    assert "gruppe" in cells[0]
    off = {"role": "doctor-role", "version": "1", "do": "cancel", "reason": "prov"}
    assert (await desk.post(f"/workspace/appointments/{session}", data=off)).status_code == 303
    member = (await read(ward.door, ward.system, "Appointment", id_of(taken.headers["location"]))).resource()
    assert member["status"] == "cancelled"


async def test_who_waits_for_a_time_stands_on_the_list_of_the_unit(ward: World, enter: Enter) -> None:
    desk = enter("secretary")
    page, until = "/workspace/patients/ola/book", (datetime.now(OSLO) + timedelta(days=30)).date().isoformat()
    wait = {"role": "secretary-role", "type": "check", "do": "wait", "until": until, "words": "Helst før jul"}
    refused = await desk.post(page, data={**wait, "until": "snart"})
    assert refused.status_code == 422
    assert "Helst før jul" in refused.text
    done = await desk.post(page, data=wait)
    assert done.headers["location"].endswith("?did=wait")
    assert "venter på en ledig tid til" in (await desk.get(done.headers["location"])).text
    listed = (await desk.get(WAITING)).text
    assert "NORDMANN, Ola" in listed
    assert "Helst før jul" in listed
    assert "NORDMANN" not in (await enter("homenurse").get(WAITING)).text
    move = (await desk.get(f"{page}?move={id_of(done.headers['location'])}&from={DAY}")).text
    given = await desk.post(
        page, data=form("secretary", slots(move)[3], move=id_of(done.headers["location"]), version="1")
    )
    assert given.status_code == 303, given.text
    assert "NORDMANN, Ola" not in (await desk.get(WAITING)).text


async def test_who_came_without_a_time_is_called_in_by_number(ward: World, enter: Enter) -> None:
    desk = enter("nurse")
    draw = {"role": "nurse-role", "type": "walk-in", "do": "draw", "words": "Vaksine", "interpreter": "so"}
    assert "Gi nummer i køen" in (await desk.get(f"{PAGE}?type=walk-in")).text
    first = await desk.post(PAGE, data=draw)
    assert first.headers["location"].endswith("?did=draw")
    assert "står i kø" in (await desk.get(first.headers["location"])).text
    listed = unescape((await desk.get(WAITING)).text)
    assert re.search(r'<td class="num"[^>]*>1</td>', listed)
    assert "tolk: somali" in listed
    call = {"role": "nurse-role", "appointment": id_of(first.headers["location"]), "version": "1"}
    assert (await desk.post(WAITING, data={**call, "role": "x"})).status_code == 409
    assert (await desk.post(WAITING, data={**call, "with": "PractitionerRole/nobody"})).status_code == 409
    called = await desk.post(WAITING, data={**call, "with": "PractitionerRole/nurse-role"})
    assert called.headers["location"].endswith("?did=call"), called.text
    assert "Ingen står i kø." in (await desk.get(WAITING)).text
    again = await desk.post(WAITING, data={**call, "version": "2"})
    assert again.status_code == 409
    assert "alt kalt inn" in again.text
