"""The visit types of a unit: what is said is what is read again. samjournal.scheduling.visit_rules"""

from __future__ import annotations

from dataclasses import replace

import pytest

from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.fhir.structure import check
from samjournal.scheduling.visit_rules import put_visit_type, reason, written
from samjournal.scheduling.visits import Need, VisitType, read_visit, visit_type, visit_types
from world import World, to

pytestmark = pytest.mark.anyio
WARD = to("Organization/ward")
CONTROL = VisitType(
    id="",
    unit=WARD,
    names={"nb": "Kontroll", "nn": "Kontroll hjå lege", "en": "Check-up"},
    minutes=20,
    before=5,
    after=10,
    step=30,
    who=("citizen", "staff"),
    ways=("in-person", "video"),
    notice=4,
    horizon=60,
    cancel_until=48,
    fee={"value": 1053, "currency": "NOK"},
    reasons=(reason("Pasienten er syk"), reason("Legen er borte")),
    needs=(Need("person", (to("PractitionerRole/doctor-role"),)), Need("room")),
    places=1,
    instruction="Ta med medisinlisten.",
)


def test_what_is_written_is_read_again() -> None:
    service = written(CONTROL, {"comment": "stays", "extension": [{"url": "urn:other", "valueString": "stays"}]})
    assert check({**service, "id": "x"}) == []
    assert (service["comment"], service["extension"][0]["url"]) == ("stays", "urn:other")
    assert read_visit({**service, "id": "x"}) == replace(CONTROL, id="x")
    group = replace(CONTROL, places=8, drop_in=True, active=False, fee=None, needs=(), reasons=())
    assert read_visit({**written(group, service), "id": "x"}) == replace(group, id="x")


def test_a_reason_has_a_code_of_its_words() -> None:
    assert reason(" Været er  dårlig ")["text"] == "Været er dårlig"
    assert reason("Været er dårlig")["coding"][0]["code"] == "vaeret-er-darlig"
    assert reason("?")["coding"][0]["code"] == "annet"


async def test_a_unit_has_visit_types_of_its_own(world: World) -> None:
    desk = await world.permit("secretary")
    id_ = (await put_visit_type(world.door, desk, CONTROL, (((480, 960),),) * 5 + ((), ()))).id
    stored = await visit_type(world.door, desk, id_)
    assert (stored.minutes, stored.reasons, stored.unit["reference"]) == (20, CONTROL.reasons, "Organization/ward")
    assert stored.hours is not None
    assert [one.id for one in await visit_types(world.door, desk, unit="ward")] == [id_]
    with pytest.raises(Conflict):
        await put_visit_type(world.door, desk, replace(CONTROL, names={"nb": "kontroll"}))
    await put_visit_type(world.door, desk, replace(stored, minutes=25))
    assert (await visit_type(world.door, desk, id_)).minutes == 25
    assert (await visit_type(world.door, desk, id_)).hours == stored.hours
    with pytest.raises(VersionMoved):
        await put_visit_type(world.door, desk, replace(stored, minutes=30))


@pytest.mark.parametrize(
    "wrong",
    [
        {"minutes": 0},
        {"names": {"nb": " "}},
        {"ways": ()},
        {"who": ("anybody",)},
        {"places": 0},
        {"needs": (Need("bed"),)},
        {"horizon": 9999},
    ],
)
async def test_what_cannot_be_is_refused_in_words(world: World, wrong: dict[str, object]) -> None:
    with pytest.raises(Invalid, match=f"^{'name' if 'names' in wrong else next(iter(wrong))}: "):
        await put_visit_type(world.door, await world.permit("secretary"), replace(CONTROL, **wrong))  # type: ignore[arg-type]


async def test_who_does_not_plan_the_unit_changes_nothing(world: World) -> None:
    """The way to harm: rules that anybody changes are no rules, and the wrong person is booked for the wrong thing."""
    with pytest.raises(Forbidden):
        await put_visit_type(world.door, await world.permit("doctor"), CONTROL)
    elsewhere = await world.make(written(replace(CONTROL, unit=to("Organization/homecare"))))
    theirs, desk = await visit_type(world.door, world.system, elsewhere.id), await world.permit("secretary")
    with pytest.raises(NotFound):
        await put_visit_type(world.door, desk, replace(theirs, names={"nb": "Vår"}))
