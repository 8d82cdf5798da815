"""Hazard: an operation tells what a read of the same reader would not, or nobody learns that it was asked."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from samjournal import accounts
from samjournal.rest import Rest
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def ward(world: World) -> World:
    secret = {"tag": [{"system": "x", "code": "tag-of-ola"}]}
    await world.put(
        {**observation("ola"), "id": "of-ola", "meta": secret},
        {**observation("kari"), "id": "of-kari", "focus": [{"reference": "Observation/of-ola"}]},
        {**observation("kari"), "id": "about-both", "performer": [{"reference": "Patient/ola"}]},
        {"resourceType": "Practitioner", "id": "gp-of-elias", "name": [{"family": "Fjern"}]},
        {**patient("far", "Bort"), "generalPractitioner": [{"reference": "Organization/homecare"}]},
        {
            "resourceType": "RelatedPerson", "id": "mother", "patient": {"reference": "Patient/elias"},
            "address": [{"city": "Hemmelig"}],
            "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]},
        },
    )  # fmt: skip
    async with await world.client() as client:
        told = (await client.get("/Patient/elias")).json()
        told["generalPractitioner"] = [{"reference": "Practitioner/gp-of-elias"}]
        assert (await client.put("/Patient/elias", json=told)).status_code == 200
    return world


async def looks(world: World, action: str) -> list[tuple[object, ...]]:
    rows = await world.pool.fetch("SELECT actor, patient, patients, shown FROM audit.look WHERE action = $1", action)
    return [tuple(row) for row in rows]


async def test_a_patient_without_a_relation_is_not_opened_by_everything(ward: World) -> None:
    async with await ward.client("nurse") as client:
        answer = await client.get("/Patient/ola/$everything")
        assert answer.status_code == 403
        assert "reason" in answer.text
        assert (await client.get("/Encounter/ola-stay/$everything")).status_code == 404
    async with await ward.client("kari") as client:
        assert (await client.get("/Patient/ola/$everything")).status_code == 404


async def test_everything_brings_nothing_that_names_a_patient_whom_the_reader_may_not_see(ward: World) -> None:
    async with await ward.client("nurse") as client:
        found = (await client.get("/Patient/kari/$everything")).text
    assert "of-kari" in found
    assert "about-both" not in found
    assert '"id":"of-ola"' not in found


async def test_a_hidden_address_and_what_betrays_it_stay_hidden(ward: World) -> None:
    async with await ward.client("nurse") as client:
        everything = (await client.get("/Patient/elias/$everything")).text
        labels = (await client.get("/Patient/elias/$meta")).text
    assert "elias-stay" in everything
    for hidden in ("Hemmelig", "99999999", "gp-of-elias", "Fjern"):
        assert hidden not in everything
    assert "Skjult" not in labels
    async with await ward.client("elias") as client:
        own = (await client.get("/Patient/elias/$everything")).text
    assert "Skjult vei 1" in own
    assert "Fjern" in own


async def test_scopes_hold_within_everything(ward: World) -> None:
    async with await ward.client(scope="system/Patient.r system/Observation.r") as client:
        bundle = (await client.get("/Patient/kari/$everything")).json()
    assert {one["resource"]["resourceType"] for one in bundle["entry"]} == {"Patient", "Observation"}
    async with await ward.client(scope="system/Observation.rs") as client:
        assert (await client.get("/Patient/kari/$everything")).status_code == 403
        assert (await client.get("/$meta")).status_code == 200


async def test_the_last_observations_are_those_of_a_search(ward: World) -> None:
    async with await ward.client("nurse") as client:
        mine = (await client.get("/Observation/$lastn?patient=kari&max=9")).json()
        other = (await client.get("/Observation/$lastn?patient=ola")).json()
    assert [one["resource"]["id"] for one in mine["entry"]] == ["of-kari"]
    assert (other["total"], other.get("entry")) == (0, None)


async def test_labels_of_others_are_not_told(ward: World) -> None:
    async with await ward.client("nurse") as client:
        assert "tag-of-ola" not in (await client.get("/Observation/$meta")).text
        assert "tag-of-ola" not in (await client.get("/$meta")).text
        assert (await client.get("/Observation/of-ola/$meta")).status_code == 404
        sent = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"tag": [{"code": "x"}]}}]}
        assert (await client.post("/Observation/of-ola/$meta-add", json=sent)).status_code == 404
    async with await ward.client() as client:
        assert "tag-of-ola" in (await client.get("/$meta")).text


async def test_people_do_not_change_security_labels_by_an_operation(ward: World) -> None:
    label = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "V"}]}
    sent = {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": label}]}
    async with await ward.client("nurse") as client:
        for operation in ("$meta-add",):
            answer = await client.post(f"/Observation/of-kari/{operation}", json=sent)
            assert answer.status_code == 403
            assert "labels" in answer.text
        hidden = await client.post("/Patient/elias/$meta-delete", json={
            "resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": {"security": [
                {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}}]
        })  # fmt: skip
        assert hidden.status_code == 403


async def test_a_trial_tells_no_more_than_the_write_would(ward: World) -> None:
    async with await ward.client("nurse") as client:
        for id_ in ("of-ola", "not-there"):
            sent = {**observation("ola"), "id": id_}
            answer = await client.post(f"/Observation/{id_}/$validate?mode=update", json=sent)
            assert answer.json()["issue"][0]["diagnostics"] == f"There is no Observation/{id_} here."


async def test_what_is_answered_later_tells_no_more_than_at_once_and_is_logged(ward: World) -> None:
    rest = Rest(ward.door)
    token = await accounts.for_user(ward.pool, "nurse")
    sent = {"authorization": f"Bearer {token}", "prefer": "respond-async"}
    transport = httpx.ASGITransport(app=rest, root_path="/fhir")
    stopping = asyncio.Event()
    work = asyncio.create_task(rest.jobs.run(stopping))
    async with httpx.AsyncClient(transport=transport, base_url="http://test/fhir", headers=sent) as client:
        told = []
        for path in ("/Patient/ola/$everything", "/Observation?patient=ola", "/Patient/elias/$everything"):
            place = (await client.get(path)).headers["content-location"]
            async with asyncio.timeout(20):
                while (answer := await client.get(place)).status_code == 202:
                    assert answer.content == b""
            told.append(answer.json()["entry"][0])
    stopping.set()
    await work
    refused, none, hidden = told
    assert (refused["response"]["status"], "resource" in refused) == ("403 Forbidden", False)
    assert (none["resource"]["total"], "entry" in none["resource"]) == (0, False)
    assert "Hemmelig" not in str(hidden)
    assert "gp-of-elias" not in str(hidden)
    key = await ward.pool.fetchval("SELECT patient FROM access.person WHERE id = 'elias'")
    seen = await ward.pool.fetch("SELECT action FROM audit.look WHERE actor = 'nurse' AND patient = $1", key)
    assert {"everything", "async"} <= {row["action"] for row in seen}


async def test_each_operation_stands_in_the_citizens_log(ward: World) -> None:
    await ward.put(patient("liv", "Lie"), stay("liv-stay", "liv"), {**observation("liv"), "id": "of-liv"})
    async with await ward.client("nurse") as client:
        for path in (
            "/Patient/liv/$everything",
            "/Encounter/liv-stay/$everything",
            "/Observation/$lastn?patient=liv",
            "/Observation/of-liv/$meta",
            "/Patient/$everything",
        ):
            assert (await client.get(path)).status_code == 200
        sent = {**observation("liv"), "id": "of-liv"}
        assert (await client.post("/Observation/of-liv/$validate?mode=update", json=sent)).status_code == 200
    key = await ward.pool.fetchval("SELECT patient FROM access.person WHERE id = 'liv'")
    told = await ward.pool.fetch(
        "SELECT action, count(*) FROM audit.look WHERE actor = 'nurse' AND patient = $1 GROUP BY action", key
    )
    assert {row["action"]: row["count"] for row in told} == {
        "everything": 3,
        "lastn": 1,
        "read": 1,
        "validate": 1,
    }
