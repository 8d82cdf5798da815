"""`$validate` over HTTP: what a write would say, without the write. hl7.org/fhir/R4/resource-operation-validate.html"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from world import World, observation, patient

pytestmark = pytest.mark.anyio


def said(answer: httpx.Response) -> list[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"
    return [(one["severity"], one["diagnostics"]) for one in answer.json()["issue"]]


async def count(world: World) -> tuple[int, int]:
    return await world.pool.fetchval("SELECT count(*) FROM store.version"), await world.pool.fetchval(
        "SELECT count(*) FROM store.feed"
    )


async def test_a_sound_resource_is_said_to_be_so_and_is_not_stored(world: World) -> None:
    before = await count(world)
    async with await world.client() as client:
        assert [
            severity for severity, _ in said(await client.post("/Observation/$validate", json=observation("kari")))
        ] == ["information"]
        sent: dict[str, Any] = {"resourceType": "Parameters", "parameter": [
            {"name": "mode", "valueCode": "create"}, {"name": "resource", "resource": observation("kari")}
        ]}  # fmt: skip
        assert said(await client.post("/Observation/$validate", json=sent))[0][0] == "information"
    assert await count(world) == before


async def test_all_that_is_wrong_is_told_as_a_write_would(world: World) -> None:
    wrong = {**observation("kari"), "status": "finished", "nothing": 1}
    async with await world.client() as client:
        validated = (await client.post("/Observation/$validate", json=wrong)).json()["issue"]
        written = (await client.post("/Observation", json=wrong)).json()["issue"]
    assert [one["expression"] for one in validated] == [one["expression"] for one in written]
    assert {one["severity"] for one in validated} == {"error"}


async def test_a_mode_tells_what_the_record_would_refuse_and_changes_nothing(world: World) -> None:
    await world.put({**observation("kari"), "id": "there"})
    moved = {**observation("ola"), "id": "there"}
    before = await count(world)
    async with await world.client() as client:
        (moving,) = said(await client.post("/Observation/there/$validate?mode=update", json=moved))
        assert moving[0] == "error"
        assert "another patient" in moving[1]
        assert said(await client.post("/Observation/there/$validate?mode=delete"))[0][0] == "information"
        (referred,) = said(await client.post("/Patient/kari/$validate?mode=delete"))
        assert "refers to Patient/kari" in referred[1]
        (nothing,) = said(await client.post("/Observation/none/$validate?mode=delete"))
        assert nothing[0] == "information", "a delete of what is not there changes nothing"
        assert (await client.get("/Observation/there")).status_code == 200
    assert await count(world) == before


async def test_people_are_told_what_their_role_may_not_do(world: World) -> None:
    async with await world.client("secretary") as client:
        (told,) = said(await client.post("/Observation/$validate?mode=create", json=observation("kari")))
        assert "may not create" in told[1]
    async with await world.client("nurse") as client:
        (told,) = said(await client.post("/Observation/$validate?mode=create", json=observation("ola")))
        assert "relation" in told[1]


async def test_the_address_and_the_resource_must_be_of_one_kind(world: World) -> None:
    async with await world.client() as client:
        assert "Patient" in said(await client.post("/Observation/$validate", json=patient("x", "X")))[0][1]
        sent = {**observation("kari"), "id": "x"}
        assert "must be y" in said(await client.post("/Observation/y/$validate", json=sent))[0][1]


@pytest.mark.parametrize(
    ("path", "word"),
    [
        ("?profile=http://x", "Profiles"),
        ("?mode=profile", "Profiles"),
        ("?mode=x", "mode"),
        ("?mode=update", "$validate"),
        ("?other=x", "other"),
    ],
)
async def test_what_cannot_be_done_is_refused_in_words(world: World, path: str, word: str) -> None:
    async with await world.client() as client:
        answer = await client.post(f"/Observation/$validate{path}", json=observation("kari"))
        assert answer.status_code == 400
        assert word in answer.text
        assert (await client.post("/Observation/$validate", headers={"content-length": "0"})).status_code == 400
