"""The pages on which a unit says what can be booked, over HTTP. Row 5.5"""

from __future__ import annotations

import pytest

from samjournal.scheduling import planning
from samjournal.scheduling.visits import visit_type, visit_types
from scheduling.test_planning import post
from workspace.test_pages import Enter, enter
from world import World, made, to

pytestmark = pytest.mark.anyio
__all__ = ["enter"]
PAGE = "/workspace/visit-types"
ROOM = {"coding": [{"system": planning.PHYSICAL, "code": "ro"}]}
FORM: dict[str, str | list[str]] = {
    "role": "secretary-role",
    "version": "0",
    "name-nb": "Kontroll",
    "name-nn": "Kontroll",
    "name-en": "Check-up",
    "active": "1",
    "minutes": "20",
    "before": "0",
    "after": "10",
    "step": "0",
    "notice": "4",
    "horizon": "90",
    "cancel_until": "24",
    "fee": "1 053,50",
    "places": "1",
    "who": ["citizen", "staff"],
    "way": ["in-person", "video"],
    "need0": "person",
    "any0": ["PractitionerRole/doctor-role", "Location/room-7"],
    "need1": "room",
    "reasons": "Legen er borte\n\n Pasienten er syk \nLegen er borte",
    "instruction": "Ta med medisinlisten.",
    "day0": "8-11.30, 12-15",
}


@pytest.fixture(scope="module")
async def unit(world: World) -> World:
    await world.put(
        post("secretary"),
        post("doctor"),
        made(
            "Location",
            "room-7",
            status="active",
            name="Rom 7",
            physicalType=ROOM,
            managingOrganization=to("Organization/ward"),
        ),
    )
    return world


async def test_a_visit_type_is_made_of_a_form_and_stands_in_it_again(unit: World, enter: Enter) -> None:
    desk = enter("secretary")
    saved = await desk.post(f"{PAGE}/new", data=FORM)
    assert saved.headers["location"] == f"{PAGE}?did=type"
    (stored,) = await visit_types(unit.door, unit.system, unit="ward")
    assert (stored.minutes, stored.after, stored.who, stored.ways) == (
        20,
        10,
        ("citizen", "staff"),
        ("in-person", "video"),
    )
    assert stored.fee == {"value": 1053.5, "currency": "NOK"}
    assert [(need.kind, [one["reference"] for one in need.any]) for need in stored.needs] == [
        ("person", ["PractitionerRole/doctor-role"]),
        ("room", []),
    ]
    assert [one["text"] for one in stored.reasons] == ["Legen er borte", "Pasienten er syk"]
    assert "Kontroll" in (await desk.get(saved.headers["location"])).text
    page = (await desk.get(f"{PAGE}/{stored.id}")).text
    for said in (
        'value="1053,50"',
        "08.00–11.30, 12.00–15.00",
        "Ta med medisinlisten.",
        'value="PractitionerRole/doctor-role" checked',
    ):
        assert said in page
    again = {**FORM, "version": str(stored.version), "minutes": "25", "day0": ""}
    assert (await desk.post(f"{PAGE}/{stored.id}", data=again)).status_code == 303
    changed = await visit_type(unit.door, unit.system, stored.id)
    assert (changed.minutes, changed.hours) == (25, None)
    late = await desk.post(f"{PAGE}/{stored.id}", data={**again, "minutes": "45"})
    assert late.status_code == 409
    assert 'value="45"' in late.text
    assert "en annen har endret dette" in late.text


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name-nb", " ", "navn på bokmål"),
        ("minutes", "tjue", "5 til 1440"),
        ("fee", "gratis", "gebyret i kroner"),
        ("fee", "NaN", "gebyret i kroner"),
        ("day0", "stengt", "Mandag: skriv tidene"),
        ("way", [], "minst én måte"),
        ("who", [], "hvem som kan bestille"),
        ("role", "other-role", "byttet rolle"),
        ("name-nb", "kontroll", "navnet"),
    ],
)
async def test_what_cannot_be_saved_stands_on_the_page_with_what_is_wrong(
    unit: World,
    enter: Enter,
    field: str,
    value: str,
    told: str,
) -> None:
    answer = await enter("secretary").post(f"{PAGE}/new", data={**FORM, "instruction": "Skrevet her", field: value})
    assert answer.status_code in (409, 422)
    assert told in answer.text
    assert "Skrevet her" in answer.text


async def test_hours_are_set_by_the_office_and_read_by_all(unit: World, enter: Enter) -> None:
    desk, of = enter("secretary"), "PractitionerRole/doctor-role"
    form = {"role": "secretary-role", "of": of, "version": "1", **{f"day{n}": "8-16" for n in range(5)}}
    assert 'value="PractitionerRole/doctor-role"' in (await desk.get(f"{PAGE}/hours?of={of}")).text
    assert (await desk.post(f"{PAGE}/hours", data=form)).headers["location"] == f"{PAGE}/hours?did=hours"
    page = (await enter("doctor").get(f"{PAGE}/hours")).text
    assert "mandag til fredag" in page
    assert "Det er kontoret og lederen" in page
    assert '<form class="planform"' not in page
    refused = await desk.post(f"{PAGE}/hours", data={**form, "day2": "16-8"})
    assert refused.status_code == 422
    assert "Onsdag" in refused.text
    assert 'value="16-8"' in refused.text
    assert (await desk.post(f"{PAGE}/hours", data=form)).status_code == 409
    assert (await enter("doctor").post(f"{PAGE}/hours", data={**form, "role": "doctor-role"})).status_code == 403


async def test_rooms_are_added_and_taken_out_of_use(unit: World, enter: Enter) -> None:
    desk, form = enter("secretary"), {"role": "secretary-role", "name": "Rom 8"}
    assert (await desk.post(f"{PAGE}/rooms", data={**form, "do": "room"})).status_code == 303
    same = await desk.post(f"{PAGE}/rooms", data={**form, "do": "room"})
    assert same.status_code == 422
    assert "alt et med det navnet" in same.text
    room = next(
        one for one in (await planning.plan(unit.door, await unit.permit("secretary"))).rooms if "8" in one.name
    )
    gone = {"role": "secretary-role", "reference": room.reference, "version": "1", "do": "close"}
    assert (await desk.post(f"{PAGE}/rooms", data=gone)).headers["location"] == f"{PAGE}/rooms?did=closed"
    assert "<b>Rom 8</b>" not in (await desk.get(f"{PAGE}/rooms")).text
