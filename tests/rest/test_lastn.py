"""`Observation/$lastn` over HTTP. hl7.org/fhir/R4/observation-operation-lastn.html"""

from __future__ import annotations

from typing import Any

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio
PULSE, WEIGHT = "8867-4", "29463-7"
NLK = {"system": "urn:oid:2.16.578.1.12.4.1.1.7280", "code": "NPU1"}


@pytest.fixture(scope="module")
async def measured(world: World) -> World:
    def made(id_: str, kind: str, day: int, **more: Any) -> dict[str, Any]:
        return {**observation("kari", code=kind, at=f"2026-11-{day:02}T08:00:00Z"), "id": id_, **more}

    both = {"coding": [{"system": "http://loinc.org", "code": WEIGHT}, NLK]}
    await world.put(
        made("p1", PULSE, 1), made("p2", PULSE, 2), made("p3", PULSE, 3),
        made("wrong", PULSE, 9, status="entered-in-error"),
        made("w1", WEIGHT, 1), made("w2", "", 2, code=both), made("w3", "", 3, code={"coding": [NLK]}),
        made("t1", "", 1, code={"text": "Humør"}), made("t2", "", 2, code={"text": "HUMØR"}),
        {**observation("ola"), "id": "ola"},
    )  # fmt: skip
    return world


async def ids(world: World, asked: str) -> list[str]:
    async with await world.client() as client:
        answer = await client.get(f"/Observation/$lastn?{asked}")
    assert answer.status_code == 200, answer.text
    return [one["resource"]["id"] for one in answer.json().get("entry", ())]


async def test_the_newest_of_each_code_come_newest_first(measured: World) -> None:
    assert set(await ids(measured, "patient=kari")) == {"p3", "w3", "t2"}
    assert await ids(measured, f"patient=kari&code={PULSE}&max=2") == ["p3", "p2"]
    assert await ids(measured, "subject=Patient/kari&max=9&date=lt2026-11-02") == ["p1", "t1", "w1"]


async def test_observations_that_share_one_coding_are_one_kind(measured: World) -> None:
    assert await ids(measured, f"patient=kari&max=9&code={WEIGHT},NPU1") == ["w3", "w2", "w1"]
    assert await ids(measured, f"patient=kari&code={WEIGHT},NPU1") == ["w3"]


async def test_what_no_search_knows_is_left_out_and_told_when_the_client_is_lenient(measured: World) -> None:
    asked = f"/Observation/$lastn?patient=kari&code={PULSE}&cdoe=x"
    async with await measured.client() as client:
        strict = await client.get(asked)
        lenient = (await client.get(asked, headers={"prefer": "handling=lenient"})).json()
    assert strict.status_code == 400
    assert [one["search"]["mode"] for one in lenient["entry"]] == ["match", "outcome"]
    assert (lenient["total"], "cdoe" in lenient["link"][0]["url"]) == (1, False)


async def test_what_was_entered_in_error_is_the_last_only_for_who_asks_for_it(measured: World) -> None:
    assert "wrong" not in await ids(measured, "patient=kari&max=100")
    assert await ids(measured, "patient=kari&status=entered-in-error") == ["wrong"]


async def test_it_is_asked_by_parameters_too(measured: World) -> None:
    asked = {"resourceType": "Parameters", "parameter": [
        {"name": "subject", "valueString": "Patient/kari"}, {"name": "max", "valuePositiveInt": 1},
        {"name": "code", "valueString": PULSE},
    ]}  # fmt: skip
    async with await measured.client() as client:
        answer = await client.post("/Observation/$lastn", json=asked)
    assert [one["resource"]["id"] for one in answer.json()["entry"]] == ["p3"]
    assert answer.json()["total"] == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("code=x", "patient"),
        ("patient:missing=true", "patient"),
        ("patient=kari&max=0", "max"),
        ("patient=kari&max=x", "max"),
        ("patient=kari&_count=3", "_count"),
        ("patient=kari&_sort=date", "_sort"),
        ("patient=kari&nothing=3", "nothing"),
        ("patient=kari&_include=Observation:subject", "_include"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_words(measured: World, asked: str, told: str) -> None:
    async with await measured.client() as client:
        answer = await client.get(f"/Observation/$lastn?{asked}")
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]
