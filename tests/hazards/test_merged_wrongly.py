"""Hazard: two people's records are made one, and one is treated by the other's allergies and medicines."""

from __future__ import annotations

import pytest

from patients.test_merging import keeper
from samjournal import accounts, patients
from samjournal.fhir.errors import FhirError, Forbidden
from world import World, patient, stay

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module", autouse=True)
async def twins(world: World) -> None:
    """Twins of one name, in two beds; only one of them is allergic."""
    async with world.pool.transaction() as db:
        await accounts.add(db, [keeper("gerd"), keeper("jon")])
    for id_, number in (("tor-1", "11834826226"), ("tor-2", "13116900216")):
        same = {"name": [{"family": "Vik", "given": ["Tor"]}], "multipleBirthBoolean": True}
        await world.put({**patient(id_, "Vik", number=number), **same}, stay(f"{id_}-stay", id_, unit="ward"))
    allergy = {"resourceType": "AllergyIntolerance", "id": "penicillin", "patient": {"reference": "Patient/tor-1"}}
    await world.put({**allergy, "code": {"text": "Penicillin"}})


async def allergies(world: World, id_: str) -> int:
    async with await world.client("nurse") as client:
        total: int = (await client.get(f"/AllergyIntolerance?patient={id_}")).json()["total"]
    return total


async def test_nothing_merges_twins_by_itself(world: World) -> None:
    asked = {"resourceType": "Patient", "name": [{"family": "Vik", "given": ["Tor"]}], "birthDate": "1948-03-11"}
    found = await patients.match(world.door, await world.permit("secretary"), asked)
    assert [one.likeness.grade for one in found] == ["possible", "possible"]
    assert await allergies(world, "tor-2") == 0


async def test_whoever_decides_is_told_what_speaks_against_it(world: World) -> None:
    told = await patients.compare(world.door, await world.permit("gerd"), "tor-1", "tor-2")
    assert {"number-other", "twin", "overlap"} <= set(told.against)


async def test_one_alone_cannot_do_it_and_two_can_take_it_back(world: World) -> None:
    reason = "Samme navn og fødselsdato"
    task = await patients.propose(world.door, await world.permit("gerd"), "tor-1", "tor-2", reason)
    with pytest.raises(Forbidden):
        await patients.confirm(world.door, await world.permit("gerd"), task.id)
    assert await allergies(world, "tor-2") == 0
    await patients.confirm(world.door, await world.permit("jon"), task.id)
    assert await allergies(world, "tor-2") == 1
    await patients.undo(world.door, await world.permit("jon"), "tor-1", "Tvillinger, hver sin journal")
    assert await allergies(world, "tor-2") == 0
    assert await allergies(world, "tor-1") == 1


async def test_no_other_way_leads_to_it(world: World) -> None:
    link = [{"type": "replaced-by", "other": {"reference": "Patient/tor-2"}}]
    async with await world.client("doctor") as client:
        stands = (await client.get("/Patient/tor-1")).json()
        assert (await client.put("/Patient/tor-1", json={**stands, "link": link})).status_code == 403
        patch = [{"op": "add", "path": "/link", "value": link}]
        headers = {"content-type": "application/json-patch+json"}
        assert (await client.patch("/Patient/tor-1", json=patch, headers=headers)).status_code == 403
    for login in ("doctor", "nurse", "secretary", "homenurse", "kari"):
        with pytest.raises(FhirError):
            await patients.undo(world.door, await world.permit(login), "tor-1", "Tvillinger, hver sin journal")
    assert await allergies(world, "tor-2") == 0
