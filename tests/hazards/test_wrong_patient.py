"""Hazard: something is written in the wrong patient's record, and both are treated by it. House rule 8"""

from __future__ import annotations

import pytest

from samjournal import patients
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio
WHY = "Skrevet i journalen til naboen i neste seng"


@pytest.fixture(scope="module", autouse=True)
async def neighbours(world: World) -> None:
    await world.put(patient("per", "Berg"), patient("pal", "Dahl"), stay("per-stay", "per"), stay("pal-stay", "pal"))


async def allergies(world: World, id_: str) -> list[str]:
    async with await world.client("nurse") as client:
        found = (await client.get(f"/AllergyIntolerance?patient={id_}&verification-status:not=entered-in-error")).json()
    return [one["resource"]["code"]["text"] for one in found.get("entry", ())]


async def test_an_allergy_of_the_neighbour_is_his_after_all(world: World) -> None:
    allergy = {"resourceType": "AllergyIntolerance", "id": "w", "code": {"text": "Penicillin"}}
    await world.put({**allergy, "patient": {"reference": "Patient/per"}})
    assert (await allergies(world, "per"), await allergies(world, "pal")) == (["Penicillin"], [])
    await patients.move(world.door, await world.permit("nurse"), "AllergyIntolerance/w", "pal", WHY)
    assert (await allergies(world, "per"), await allergies(world, "pal")) == ([], ["Penicillin"])


async def test_the_subject_of_what_is_stored_is_not_changed_by_hand(world: World) -> None:
    await world.put({**observation("per"), "id": "w-hand"})
    async with await world.client("nurse") as client:
        answer = await client.put("/Observation/w-hand", json={**observation("pal"), "id": "w-hand"})
    assert answer.status_code == 422


async def test_after_a_merge_was_undone_what_belongs_to_the_other_is_moved(world: World) -> None:
    from patients.test_merging import keeper
    from samjournal import accounts

    async with world.pool.transaction() as db:
        await accounts.add(db, [keeper("gerd"), keeper("jon")])
    task = await patients.propose(world.door, await world.permit("gerd"), "per", "pal", "Samme navn, trodde vi")
    await patients.confirm(world.door, await world.permit("jon"), task.id)
    await world.put({**observation("pal", value=111), "id": "w-after"})
    since = await patients.written_since(world.door, await world.permit("jon"), "per")
    assert [one.id for one in since.lines] == ["w-after"]
    await patients.undo(world.door, await world.permit("jon"), "per", "Det var to ulike personer")
    moved = await patients.move(world.door, await world.permit("nurse"), "Observation/w-after", "per", WHY)
    assert moved.resource()["subject"] == {"reference": "Patient/per"}


async def test_nothing_is_left_half_done_when_those_who_saw_it_cannot_be_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.put({**observation("per"), "id": "w-half"})

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("the machine went away")

    with monkeypatch.context() as patched:
        patched.setattr("samjournal.audit.write", broken)
        with pytest.raises(RuntimeError):
            await patients.move(world.door, await world.permit("nurse"), "Observation/w-half", "pal", WHY)
    async with await world.client("nurse") as client:
        assert (await client.get("/Observation/w-half")).json()["status"] == "final"
        assert (await client.get("/Observation?patient=pal&value-quantity=72&status=final")).json()["total"] == 0
