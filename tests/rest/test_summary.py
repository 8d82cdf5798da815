"""Parts of resources: `_summary` and `_elements`. hl7.org/fhir/R4/search.html#summary"""

from __future__ import annotations

from typing import Any

import pytest

from world import World, observation, patient

pytestmark = pytest.mark.anyio
TAG = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
WHOLE: dict[str, Any] = {
    **observation("kari"),
    "id": "whole",
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Puls</div>'},
    "category": [{"text": "vital"}],
    "note": [{"text": "sitting"}],
    "component": [{"code": {"text": "a"}, "interpretation": [{"text": "high"}], "valueString": "x"}],
}
ALWAYS = {"resourceType", "id", "meta", "status", "code"}


@pytest.fixture(scope="module")
async def stored(world: World) -> World:
    await world.put(WHOLE)
    return world


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("_summary=true", {"subject", "effectiveDateTime", "valueQuantity", "component"}),
        ("_summary=text", {"text"}),
        (
            "_summary=data",
            {"category", "note", "component", "subject", "effectiveDateTime", "valueQuantity"},
        ),
        ("_elements=note,value", {"note", "valueQuantity"}),
        ("_elements=Observation.note,value[x]", {"note", "valueQuantity"}),
        ("_elements=status", set()),
        ("_elements=resourceType,id,meta,note", {"note"}),
    ],
)
@pytest.mark.parametrize("path", ["Observation/whole?", "Observation/whole/_history/1?", "Observation?_id=whole&"])
async def test_a_part_has_what_was_asked_for_and_what_must_be_there(
    stored: World, query: str, names: set[str], path: str
) -> None:
    async with await stored.client() as client:
        answer = await client.get(f"/{path}{query}")
    assert answer.status_code == 200, answer.text
    found = answer.json()
    part = found["entry"][0]["resource"] if found["resourceType"] == "Bundle" else found
    assert part.keys() == ALWAYS | names
    assert TAG in part["meta"]["tag"]
    assert part["meta"]["versionId"] == "1"


async def test_a_summary_goes_into_backbones_but_keeps_values_as_written(world: World) -> None:
    sent = b"""{"resourceType":"Observation","status":"final","code":{"text":"w"},
        "subject":{"reference":"Patient/kari"},
        "valueQuantity":{"value":1.00,"extension":[{"url":"urn:x","valueString":"y"}]},
        "component":[{"code":{"text":"c"},"interpretation":[{"text":"i"}],"valueQuantity":{"value":2.50}}]}"""
    async with await world.client() as client:
        made = await client.post("/Observation", content=sent)
        part = await client.get(f"/Observation/{made.json()['id']}?_summary=true")
    assert '"component":[{"code":{"text":"c"},"valueQuantity":{"value":2.50}}]' in part.text
    assert '"value":1.00,"extension"' in part.text


@pytest.mark.parametrize("path", ["Observation/whole?_summary=false", "Observation/whole"])
async def test_the_whole_is_sent_as_it_lies(stored: World, path: str) -> None:
    async with await stored.client() as client:
        answer = await client.get(f"/{path}")
    assert "SUBSETTED" not in answer.text
    assert answer.json()["note"] == [{"text": "sitting"}]


@pytest.mark.parametrize(
    "path",
    [
        "Observation?_summary=some",
        "Observation?_summary=true&_elements=note",
        "Observation?_summary=true&_summary=true",
        "Observation?_elements=nothing",
        "Observation?_elements=",
        "Observation?_summary=text&_include=Observation:subject",
        "Observation/whole?_summary=count",
        "_history?_elements=note",
    ],
)
async def test_what_cannot_be_a_part_is_refused(stored: World, path: str) -> None:
    async with await stored.client() as client:
        answer = await client.get(f"/{path}")
    assert answer.status_code == 400, answer.text
    assert answer.json()["resourceType"] == "OperationOutcome"


async def test_the_nearest_element_is_told(stored: World) -> None:
    async with await stored.client() as client:
        answer = await client.get("/Observation?_elements=notes")
    assert "Did you mean “note”" in answer.text


async def test_what_is_brought_along_is_whole_with_elements_and_a_summary_with_summary(stored: World) -> None:
    await stored.put({**patient("shown", "Shown"), "maritalStatus": {"text": "married"}})
    await stored.put({**WHOLE, "id": "with", "subject": {"reference": "Patient/shown"}})
    query = "/Observation?_id=with&_include=Observation:subject&"
    async with await stored.client() as client:
        elements = (await client.get(f"{query}_elements=status")).json()["entry"]
        summary = (await client.get(f"{query}_summary=true")).json()["entry"]
    assert [entry["search"]["mode"] for entry in elements] == ["match", "include"]
    assert "maritalStatus" in elements[1]["resource"]
    assert "maritalStatus" not in summary[1]["resource"]


async def test_the_links_of_a_page_keep_the_shape(stored: World) -> None:
    await stored.make(WHOLE)
    async with await stored.client() as client:
        first = (await client.get("/Observation?_summary=true&_count=1")).json()
        links = {link["relation"]: link["url"] for link in first["link"]}
        second = (await client.get(links["next"].removeprefix("http://test/fhir"))).json()
    assert "_summary=true" in links["self"]
    assert TAG in second["entry"][0]["resource"]["meta"]["tag"]


async def test_a_part_does_not_overwrite_the_whole(stored: World) -> None:
    await stored.put({**WHOLE, "id": "guarded"})
    async with await stored.client() as client:
        part = (await client.get("/Observation/guarded?_elements=status")).json()
        answer = await client.put("/Observation/guarded", json=part)
        assert answer.status_code == 422
        assert "SUBSETTED" in answer.text
        assert "note" in (await client.get("/Observation/guarded")).json()


async def test_a_part_of_a_protected_patient_shows_no_more_than_the_whole(world: World) -> None:
    async with await world.client("nurse") as client:
        for query in ("_elements=address,name", "_summary=true", "_summary=data"):
            answer = await client.get(f"/Patient/elias?{query}")
            assert answer.status_code == 200
            assert "Skjult vei" not in answer.text, query


async def test_the_etag_is_that_of_the_version(stored: World) -> None:
    async with await stored.client() as client:
        answer = await client.get("/Observation/whole?_summary=true")
        again = await client.get("/Observation/whole?_summary=true", headers={"if-none-match": answer.headers["etag"]})
    assert again.status_code == 304
