"""X-Provenance: who did it, stored with what it is of. hl7.org/fhir/R4/provenance.html#header"""

from __future__ import annotations

import json

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio
TOLD = {
    "resourceType": "Provenance",
    "recorded": "2026-11-29T08:00:00+01:00",
    "agent": [{"who": {"display": "Pumpe 7 på rom 3"}}],
}


def header(**more: object) -> dict[str, str]:
    return {"x-provenance": json.dumps({**TOLD, **more})}


async def of(world: World, reference: str) -> list[str]:
    async with await world.client() as client:
        answer = await client.get(f"/Provenance?target={reference}")
    return [one["resource"]["agent"][0]["who"]["display"] for one in answer.json().get("entry", ())]


async def test_what_is_told_of_a_create_is_stored_with_it(world: World) -> None:
    async with await world.client() as client:
        made = await client.post("/Observation", json=observation("kari"), headers=header())
    assert made.status_code == 201, made.text
    assert made.json()["resourceType"] == "Observation"
    assert await of(world, f"Observation/{made.json()['id']}") == ["Pumpe 7 på rom 3"]


@pytest.mark.parametrize("path", ["/Observation/told", "/Observation?_id=told"])
async def test_so_is_what_is_told_of_an_update(world: World, path: str) -> None:
    await world.put({**observation("kari"), "id": "told"})
    before = len(await of(world, "Observation/told"))
    async with await world.client() as client:
        body = {**observation("kari"), "id": "told"}
        stale = await client.put(path, json=body, headers={**header(), "if-match": 'W/"99"'})
        changed = await client.put(path, json=body, headers=header())
    assert (stale.status_code, changed.status_code) == (412, 200)
    assert len(await of(world, "Observation/told")) == before + 1


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        ({"x-provenance": "gibberish"}, "X-Provenance: The body is not JSON"),
        ({"x-provenance": '{"resourceType":"Basic","code":{"text":"x"}}'}, "is a Provenance as JSON"),
        (header(target=[{"reference": "Observation/1"}]), "without target"),
        (header(recorded="today"), "X-Provenance: 'today' does not fit"),
        ({**header(), "if-none-exist": "_id=none"}, "does not go with If-None-Exist"),
    ],
)
async def test_what_cannot_be_told_stores_nothing(world: World, sent: dict[str, str], told: str) -> None:
    body = observation("kari", code="untold")
    async with await world.client() as client:
        answer = await client.post("/Observation", json=body, headers=sent)
        found = await client.get("/Observation?code=untold&_summary=count")
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]
    assert found.json()["total"] == 0


async def test_people_tell_by_the_log_and_not_by_a_header(world: World) -> None:
    async with await world.client("doctor") as client:
        answer = await client.post("/Observation", json=observation("kari", code="by-a-doctor"), headers=header())
    assert answer.status_code == 403
