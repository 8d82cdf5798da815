"""`$meta`, `$meta-add` and `$meta-delete` over HTTP. hl7.org/fhir/R4/resource-operation-meta.html"""

from __future__ import annotations

import json
from typing import Any

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio
TAG = {"system": "urn:x", "code": "follow-up"}
OTHER = {"system": "urn:x", "code": "study"}


def meta(**labels: Any) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": [{"name": "meta", "valueMeta": labels}]}


def told(answer: Any) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["parameter"][0]["valueMeta"]
    return found


async def test_labels_are_added_and_taken_away_each_as_a_version(world: World) -> None:
    await world.put({**observation("kari"), "id": "one", "meta": {"profile": ["http://p"], "source": "urn:s"}})
    async with await world.client() as client:
        first = told(await client.post("/Observation/one/$meta-add", json=meta(tag=[TAG, OTHER], profile=["http://q"])))
        assert (first["versionId"], first["profile"], first["tag"]) == ("2", ["http://p", "http://q"], [TAG, OTHER])
        again = told(await client.post("/Observation/one/$meta-add", json=meta(tag=[TAG])))
        assert again["versionId"] == "2"
        less = told(await client.post("/Observation/one/$meta-delete", json=meta(tag=[TAG], profile=["http://p"])))
        assert (less["versionId"], less["profile"], less["tag"]) == ("3", ["http://q"], [OTHER])
        assert less["source"] == "urn:s"
        assert told(await client.get("/Observation/one/$meta")) == less
        assert (await client.get("/Observation?_tag=urn:x|study")).json()["total"] == 1
        assert (await client.get("/Observation/one/_history")).json()["total"] == 3


async def test_the_rest_of_the_resource_stays_as_it_was_sent(world: World) -> None:
    sent = json.dumps({**observation("kari"), "id": "exact"}).replace('"value": 72', '"value": 72.00')
    async with await world.client() as client:
        assert (await client.put("/Observation/exact", content=sent)).status_code == 201
        told(await client.post("/Observation/exact/$meta-add", json=meta(tag=[TAG])))
        assert '"value":72.00' in (await client.get("/Observation/exact")).text


async def test_a_version_that_somebody_was_before_is_refused(world: World) -> None:
    await world.put({**observation("kari"), "id": "two"})
    async with await world.client() as client:
        stale = await client.post("/Observation/two/$meta-add", json=meta(tag=[TAG]), headers={"if-match": 'W/"7"'})
        assert stale.status_code == 412
        assert "parameter" not in (await client.get("/Observation/two/$meta")).json() or "tag" not in told(
            await client.get("/Observation/two/$meta")
        )


async def test_the_labels_of_a_type_and_of_everything_are_gathered_once_each(world: World) -> None:
    await world.put(
        {**observation("kari"), "id": "a", "meta": {"tag": [TAG]}},
        {**observation("ola"), "id": "b", "meta": {"tag": [TAG], "profile": ["http://here"]}},
        {"resourceType": "Organization", "id": "tagged", "name": "T", "meta": {"tag": [{"code": "only-here"}]}},
    )
    async with await world.client() as client:
        of_type = told(await client.get("/Observation/$meta"))
        of_all = told(await client.get("/$meta"))
    assert of_type["tag"].count(TAG) == 1
    assert "http://here" in of_type["profile"]
    assert {"code": "only-here"} not in of_type["tag"]
    assert {"code": "only-here"} in of_all["tag"]


@pytest.mark.parametrize(
    ("body", "word"),
    [
        (meta(versionId="4"), "versionId"),
        (meta(tag="x"), "tag"),
        (meta(nothing=[]), "nothing"),
        ({"resourceType": "Parameters"}, "meta"),
        (observation("kari"), "Parameters"),
        ({"resourceType": "Parameters", "parameter": [{"name": "other", "valueString": "x"}]}, "other"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_words(world: World, body: dict[str, Any], word: str) -> None:
    await world.put({**observation("kari"), "id": "three"})
    async with await world.client() as client:
        answer = await client.post("/Observation/three/$meta-add", json=body)
        assert answer.status_code == 400
        assert word in answer.text
        assert (await client.get("/Observation/three/$meta-add")).status_code == 405
