"""What others refer to is not deleted by oversight. hl7.org/fhir/R4/http.html#delete"""

from __future__ import annotations

from typing import Any

import pytest

from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio


def during(encounter: str, **more: Any) -> dict[str, Any]:
    return {**observation("kari"), "encounter": {"reference": f"Encounter/{encounter}"}, **more}


async def met(world: World, id_: str) -> str:
    """A stay of Kari's that one observation refers to; the observation's id is the stay's with -o."""
    await world.put(stay(id_, "kari"))
    await world.put(during(id_, id=f"{id_}-o"))
    return id_


async def test_what_is_referred_to_is_not_deleted_and_the_answer_names_what_refers(world: World) -> None:
    await met(world, "kept")
    async with await world.client() as client:
        answer = await client.delete("/Encounter/kept")
        assert answer.status_code == 409
        assert "Observation/kept-o refers to Encounter/kept" in answer.text
        assert "_force=true" in answer.text
        assert (await client.get("/Encounter/kept")).status_code == 200


async def test_forced_it_is_deleted_and_the_log_says_so(world: World) -> None:
    await met(world, "forced")
    async with await world.client() as client:
        assert (await client.delete("/Encounter/forced?_force=maybe")).status_code == 400
        assert (await client.delete("/Encounter/forced?_force=true")).status_code == 204
        assert (await client.get("/Observation/forced-o")).json()["encounter"]["reference"] == "Encounter/forced"
    logged = await world.pool.fetch("SELECT shown FROM audit.look WHERE action = 'delete-forced'")
    assert [row["shown"] for row in logged] == ["Encounter/forced"]


async def test_when_what_refers_is_gone_it_is_deleted(world: World) -> None:
    await met(world, "after")
    async with await world.client() as client:
        assert (await client.delete("/Observation/after-o")).status_code == 204
        assert (await client.delete("/Encounter/after")).status_code == 204


async def test_what_is_deleted_or_changed_in_the_same_transaction_does_not_count(world: World) -> None:
    for id_ in ("both", "moved", "still"):
        await met(world, id_)
    delete = {"request": {"method": "DELETE", "url": "Encounter/both"}}
    also = {"request": {"method": "DELETE", "url": "Observation/both-o"}}
    async with await world.client() as client:
        assert (await client.post("", json=_transaction(delete, also))).status_code == 200

        delete = {"request": {"method": "DELETE", "url": "Encounter/moved"}}
        freed = {**observation("kari"), "id": "moved-o"}
        change = {"resource": freed, "request": {"method": "PUT", "url": "Observation/moved-o"}}
        assert (await client.post("", json=_transaction(delete, change))).status_code == 200

        delete = {"request": {"method": "DELETE", "url": "Encounter/still"}}
        change = {
            "resource": during("still", id="still-o"),
            "request": {"method": "PUT", "url": "Observation/still-o"},
        }
        answer = await client.post("", json=_transaction(delete, change))
        assert answer.status_code == 409
        assert "Observation/still-o refers" in answer.text


async def test_a_delete_in_a_bundle_can_be_forced(world: World) -> None:
    await met(world, "in-bundle")
    plain = {"request": {"method": "DELETE", "url": "Encounter/in-bundle"}}
    forced = {"request": {"method": "DELETE", "url": "Encounter/in-bundle?_force=true"}}
    async with await world.client() as client:
        assert (await client.post("", json=_transaction(plain))).status_code == 409
        assert (await client.post("", json=_transaction(forced))).status_code == 200


async def test_a_conditional_delete_is_refused_as_a_whole_and_can_be_forced(world: World) -> None:
    await met(world, "by-criterion")
    async with await world.client() as client:
        assert (await client.delete("/Encounter?_id=by-criterion")).status_code == 409
        assert (await client.delete("/Encounter?_id=by-criterion&_force=true")).status_code == 204


async def test_a_contained_reference_counts_and_one_to_itself_does_not(world: World) -> None:
    await world.put(patient("pointed", "Pointed"))
    inside = {"resourceType": "Provenance", "target": [{"reference": "Patient/pointed"}], "recorded": "2026-01-01"}
    inside |= {"recorded": "2026-01-01T00:00:00Z", "agent": [{"who": {"reference": "Patient/pointed"}}], "id": "p"}
    held = {"resourceType": "List", "id": "holds", "status": "current", "mode": "working", "contained": [inside]}
    await world.put({**held, "note": [{"text": "x"}], "entry": [{"item": {"reference": "#p"}}]})
    itself = {**stay("itself", "kari"), "partOf": {"reference": "Encounter/itself"}}
    await world.put(itself)
    async with await world.client() as client:
        assert "List/holds" in (await client.delete("/Patient/pointed")).text
        assert (await client.delete("/Encounter/itself")).status_code == 204


async def test_what_tells_of_it_does_not_keep_it(world: World) -> None:
    await world.put(stay("told-of", "kari"))
    tells = {
        "resourceType": "Provenance",
        "target": [{"reference": "Encounter/told-of"}],
        "recorded": "2026-01-01T00:00:00Z",
        "agent": [{"who": {"display": "somebody"}}],
    }
    await world.make(tells)
    async with await world.client() as client:
        assert (await client.delete("/Encounter/told-of")).status_code == 204


async def test_what_the_reader_cannot_see_is_not_named(world: World) -> None:
    await world.put(stay("shared", "kari"))
    await world.put({**observation("ola"), "id": "of-ola", "encounter": {"reference": "Encounter/shared"}})
    async with await world.client("nurse") as client:
        answer = await client.delete("/Encounter/shared")
    assert answer.status_code == 409
    assert "of-ola" not in answer.text
    assert "Something that you cannot see" in answer.text


async def test_many_referrers_are_named_in_part(world: World) -> None:
    await world.put(stay("busy", "kari"))
    await world.put(*(during("busy", id=f"busy-{number}") for number in range(30)))
    async with await world.client() as client:
        text = (await client.delete("/Encounter/busy")).json()["issue"][0]["diagnostics"]
    assert text.count("Observation/busy-") == 5
    assert "and others" in text


def _transaction(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}
