"""Binary is read and written in its own media type, and as a resource. hl7.org/fhir/R4/binary.html#rest"""

from __future__ import annotations

from base64 import b64encode

import pytest

from samjournal.rest.request import LARGE
from world import World

pytestmark = pytest.mark.anyio
PICTURE = bytes(range(256)) * 8
FHIR = {"accept": "application/fhir+json"}


async def test_what_is_sent_as_it_is_comes_back_as_it_is_and_as_a_resource(world: World) -> None:
    async with await world.client() as client:
        sent = {"content-type": "image/png", "x-security-context": "Patient/kari", **FHIR}
        made = await client.post("/Binary", content=PICTURE, headers=sent)
        assert made.status_code == 201, made.text
        where = f"/Binary/{made.json()['id']}"
        as_resource = (await client.get(where, headers=FHIR)).json()
        for accept in ("image/png", "*/*", "image/*, */*;q=0.1", "text/plain"):
            content = await client.get(where, headers={"accept": accept})
            assert (content.status_code, content.content) == (200, PICTURE), accept
            assert content.headers["content-type"] == "image/png"
            assert content.headers["etag"] == 'W/"1"'
            assert content.headers["x-content-type-options"] == "nosniff"
            assert "sandbox" in content.headers["content-security-policy"]
        version = await client.get(f"{where}/_history/1", headers={"accept": "image/png"})
        assert version.content == PICTURE
        assert (await client.get(where, headers={"accept": "*/*", "if-none-match": 'W/"1"'})).status_code == 304
    assert as_resource["contentType"] == "image/png"
    assert as_resource["data"] == b64encode(PICTURE).decode()
    assert as_resource["securityContext"] == {"reference": "Patient/kari"}


@pytest.mark.parametrize(
    ("accept", "query"),
    [
        ("application/fhir+json", ""),
        ("application/json", ""),
        ("*/*, application/fhir+xml;q=0.1", ""),
        ("*/*", "?_format=json"),
        ("*/*", "?_elements=contentType"),
    ],
)
async def test_who_names_a_format_of_fhir_gets_the_resource(world: World, accept: str, query: str) -> None:
    await world.put({"resourceType": "Binary", "id": "note", "contentType": "text/plain", "data": "aGVp"})
    async with await world.client() as client:
        answer = await client.get(f"/Binary/note{query}", headers={"accept": accept})
    assert answer.status_code == 200
    assert "Binary" in answer.text
    assert "fhir+" in answer.headers["content-type"]


async def test_an_update_is_of_the_same_binary_and_may_be_large(world: World) -> None:
    await world.put({"resourceType": "Binary", "id": "large", "contentType": "text/plain", "data": "aGVp"})
    large = b"x" * (2 * LARGE)
    async with await world.client() as client:
        changed = await client.put("/Binary/large", content=large, headers={"content-type": "text/csv; charset=utf-8"})
        content = await client.get("/Binary/large", headers={"accept": "text/csv"})
        found = await client.get("/Binary?_id=large", headers={"accept": "*/*"})
    assert changed.status_code == 200, changed.text
    assert (content.content, content.headers["content-type"]) == (large, "text/csv; charset=utf-8")
    assert found.json()["entry"][0]["resource"]["contentType"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("odd", ["none", "text/plain; name=å", "text/plain; a=b;c", "text/plain;x"])
async def test_a_media_type_that_no_header_can_hold_is_not_sent(world: World, odd: str) -> None:
    await world.put({"resourceType": "Binary", "id": "odd", "contentType": odd, "data": "aGVp"})
    async with await world.client() as client:
        answer = await client.get("/Binary/odd", headers={"accept": "*/*"})
    assert (answer.content, answer.headers["content-type"]) == (b"hei", "application/octet-stream")


async def test_what_has_no_content_is_empty_and_what_is_not_there_is_told_in_fhir(world: World) -> None:
    await world.put({"resourceType": "Binary", "id": "empty", "contentType": "text/plain"})
    async with await world.client() as client:
        empty = await client.get("/Binary/empty", headers={"accept": "*/*"})
        never = await client.get("/Binary/never", headers={"accept": "image/png"})
        untyped = await client.post("/Binary", content=b"x", headers={"content-type": ""})
        wrong = await client.post("/Binary", content=b"x", headers={"content-type": "nothing"})
        other = await client.post("/Observation", content=b"x", headers={"content-type": "image/png"})
    assert (empty.status_code, empty.content) == (200, b"")
    assert (never.status_code, never.json()["resourceType"]) == (404, "OperationOutcome")
    assert [one.status_code for one in (untyped, wrong, other)] == [415, 400, 415]


async def test_in_a_bundle_it_is_a_resource(world: World) -> None:
    await world.put({"resourceType": "Binary", "id": "entry", "contentType": "text/plain", "data": "aGVp"})
    entries = [{"request": {"method": "GET", "url": "Binary/entry"}}]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": entries})
    assert answer.json()["entry"][0]["resource"]["data"] == "aGVp"
