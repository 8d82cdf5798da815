"""A new number for an old one: both are found, and nobody gets another's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx
import pytest

from samjournal import patients
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Forbidden, NumberHeld, Unprocessable
from samjournal.fhir.identifiers import DNR, FNR, with_check_digits
from workspace.test_pages import enter  # noqa: F401
from world import CONFIDENTIALITY, World, patient

pytestmark = pytest.mark.anyio
Enter = Callable[[str | None], httpx.AsyncClient]


def number(begin: str, *, nth: int = 0) -> str:
    found = [made for serial in range(500) if (made := with_check_digits(f"{begin}{serial:03}"))]
    return found[nth]


FIRST = number("510348")


async def new(world: World, id_: str, value: str = "", **more: Any) -> None:
    identifiers = [{"system": DNR, "value": value}, {"system": "urn:local", "value": id_}] if value else []
    await world.put({**patient(id_, "Dahl"), "birthDate": "1948-03-11", "identifier": identifiers, **more})


async def test_the_old_number_stays_with_its_end_and_both_are_found(world: World) -> None:
    old, fresh = number("510348", nth=1), number("110348")
    await new(world, "dan", old)
    done = await patients.renumber(world.door, await world.permit("secretary"), "dan", fresh[:6] + " " + fresh[6:])
    today = datetime.now(OSLO).date().isoformat()
    assert done.resource()["identifier"][0] == {"system": DNR, "value": old, "use": "old", "period": {"end": today}}
    assert done.resource()["identifier"][1] == {"system": "urn:local", "value": "dan"}
    assert done.resource()["identifier"][2]["value"] == fresh
    assert done.resource()["identifier"][2]["system"] == FNR
    async with await world.client() as client:
        for value in (old, fresh):
            assert [
                e["resource"]["id"] for e in (await client.get(f"/Patient?identifier={value}")).json()["entry"]
            ] == ["dan"]
    cards = await patients.find(world.door, world.system, old)
    assert [(card.id, card.number) for card in cards] == [("dan", fresh)]
    look = await world.pool.fetchrow("SELECT actor, why FROM audit.look WHERE action = 'renumber'")
    assert tuple(look) == ("secretary", "identity")


async def test_what_is_wrong_with_a_number_is_told(world: World) -> None:
    await new(world, "eva", number("510348", nth=2))
    await new(world, "eva-2", number("510348", nth=3))
    permit = await world.permit("secretary")
    for value, error in (
        ("11034800001", Unprocessable),
        (number("120348"), Unprocessable),
        (number("510348", nth=3), NumberHeld),
        (number("510348", nth=2), Conflict),
    ):
        with pytest.raises(error):
            await patients.renumber(world.door, permit, "eva", value)
    with pytest.raises(Forbidden):
        await patients.renumber(world.door, await world.permit("homenurse"), "eva", number("110348", nth=1))
    with pytest.raises(Forbidden):
        await patients.renumber(world.door, await world.permit("kari"), "kari", number("110348", nth=1))


async def test_two_who_give_the_same_number_at_once_give_it_once(world: World) -> None:
    names = [f"flo-{n}" for n in range(4)]
    for n, id_ in enumerate(names):
        await new(world, id_, number("510348", nth=10 + n))
    permit, value = await world.permit("secretary"), number("110348", nth=5)
    asked = [patients.renumber(world.door, permit, id_, value) for id_ in names]
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(not isinstance(one, BaseException) for one in done) == 1


async def test_a_protected_patient_gets_a_number_and_keeps_the_address(world: World) -> None:
    hidden = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}, "address": [{"city": "Hemmelig"}]}
    await new(world, "gro", number("510348", nth=20), **hidden)
    done = await patients.renumber(world.door, await world.permit("secretary"), "gro", number("110348", nth=6))
    assert done.version == 2
    async with await world.client() as client:
        assert (await client.get("/Patient/gro")).json()["address"] == [{"city": "Hemmelig"}]


async def test_systems_give_numbers_by_the_operation(world: World) -> None:
    await new(world, "hal", number("510348", nth=30))
    asked = {"resourceType": "Parameters", "parameter": [{"name": "number", "valueString": number("120348", nth=7)}]}
    async with await world.client() as client:
        answer = await client.post("/Patient/hal/$renumber", json=asked)
        assert answer.status_code == 200, answer.text
        assert answer.json()["identifier"][0]["use"] == "old"
        held = await client.post("/Patient/ola/$renumber", json=asked)
        assert held.status_code == 409
        assert held.json()["issue"][0]["details"]["coding"][0]["code"] == "number-held"
        assert (await client.post("/Patient/ola/$renumber", json={"resourceType": "Parameters"})).status_code == 400
    async with await world.client(scope="system/Patient.rs") as client:
        assert (await client.post("/Patient/hal/$renumber", json=asked)).status_code == 403
    async with await world.client("homenurse") as client:
        assert (await client.post("/Patient/hal/$renumber", json=asked)).status_code == 403


async def test_on_the_page_a_merge_is_offered_when_another_has_it(enter: Enter, world: World) -> None:  # noqa: F811
    await new(world, "ida", number("510348", nth=40))
    await new(world, "ida-2", number("510348", nth=41))
    page = "/workspace/identity/number"
    held = await enter("secretary").post(page, data={"one": "ida", "number": number("510348", nth=41)})
    assert held.status_code == 422
    assert "compare?one=ida&amp;other=ida-2" in held.text
    wrong = await enter("secretary").post(page, data={"one": "ida", "number": "123"})
    assert "kontrollsifrene" in wrong.text
    done = await enter("secretary").post(page, data={"one": "ida", "number": number("110348", nth=8)})
    assert done.headers["location"] == "/workspace/identity?done=numbered"
