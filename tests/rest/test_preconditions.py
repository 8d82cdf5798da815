"""If-Match and If-None-Match: `*`, lists, weak and strong, for every write. RFC 9110 section 13.1"""

from __future__ import annotations

import pytest

from samjournal.fhir.errors import Invalid
from samjournal.record import condition
from samjournal.record.preconditions import is_among
from world import Resource, World, observation, to

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("match", "none_match", "version", "there", "is_done"),
    [
        ('W/"3"', None, 3, True, True),
        ('"3"', None, 3, True, True),
        ('W/"2"', None, 3, True, False),
        ('W/"1", "3"', None, 3, True, True),
        (', "1",, W/"2" ,', None, 3, True, False),
        ('W/"03"', None, 3, True, False),
        ('"of-another-server"', None, 3, True, False),
        ('W/"0"', None, 0, False, False),
        ("*", None, 3, True, True),
        ("*", None, 3, False, False),
        ("*", None, 0, False, False),
        ('"*"', None, 3, True, False),
        (None, "*", 0, False, True),
        (None, "*", 3, False, True),
        (None, " * ", 3, True, False),
        (None, 'W/"2", "3"', 3, True, False),
        (None, 'W/"2", "4"', 3, True, True),
        ("*", 'W/"2"', 3, True, True),
        ("*", 'W/"3"', 3, True, False),
    ],
)
def test_a_write_is_done_when_the_version_that_stands_fits(
    match: str | None, none_match: str | None, version: int, there: bool, is_done: bool
) -> None:
    asked = condition(match, none_match)
    assert asked is not None
    assert (asked.failing(version, there=there) is None) is is_done


@pytest.mark.parametrize("text", ["", "3", "W/3", 'w/"3"', '"3', '"3" "4"', '*, "3"', '"a b"', "x", '"3";q=1'])
def test_what_is_no_list_of_etags_is_refused(text: str) -> None:
    for asked in ((text, None), (None, text)):
        with pytest.raises(Invalid, match="commas between"):
            condition(*asked)


def test_a_read_passes_over_what_is_no_etag() -> None:
    assert is_among('x, W/"3"', 3)
    assert is_among("*", 3)
    assert not is_among('W/"13", 3', 3)


async def sent(world: World, method: str, path: str, body: Resource | None = None, **headers: str) -> int:
    async with await world.client() as client:
        answer = await client.request(
            method, path, json=body, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )
    return answer.status_code


async def test_a_star_asks_whether_anything_is_there(world: World) -> None:
    body = {**observation("kari"), "id": "starred"}
    path = "/Observation/starred"
    assert await sent(world, "PUT", path, body, if_match="*") == 412
    assert await sent(world, "PUT", path, body, if_none_match="*") == 201
    assert await sent(world, "PUT", path, body, if_none_match="*") == 412
    assert await sent(world, "PUT", path, body, if_match="*") == 200
    assert await sent(world, "DELETE", path, if_match="*") == 204
    assert await sent(world, "PUT", path, body, if_match="*") == 412
    assert await sent(world, "PUT", path, body, if_none_match="*") == 201


async def test_a_list_names_several_versions(world: World) -> None:
    body = {**observation("kari"), "id": "listed"}
    path = "/Observation/listed"
    await world.put(body)
    patch = {
        "resourceType": "Parameters",
        "parameter": [
            {
                "name": "operation",
                "part": [
                    {"name": "type", "valueCode": "replace"},
                    {"name": "path", "valueString": "Observation.status"},
                    {"name": "value", "valueCode": "amended"},
                ],
            }
        ],
    }
    tag = {
        "resourceType": "Parameters",
        "parameter": [{"name": "meta", "valueMeta": {"tag": [{"system": "urn:t", "code": "listed"}]}}],
    }
    assert await sent(world, "PUT", path, body, if_match='W/"7", W/"8"') == 412
    assert await sent(world, "PUT", path, body, if_match='W/"7", "1"') == 200
    assert await sent(world, "PATCH", path, patch, if_match='"1"') == 412
    assert await sent(world, "PATCH", path, patch, if_none_match='W/"2"') == 412
    assert await sent(world, "PATCH", path, patch, if_match='"1", "2"') == 200
    assert await sent(world, "POST", f"{path}/$meta-add", tag, if_match='W/"2"') == 412
    assert await sent(world, "POST", f"{path}/$meta-add", tag, if_match='W/"2", W/"3"') == 200
    assert await sent(world, "GET", path, if_none_match='"4"') == 304
    assert await sent(world, "GET", path, if_none_match='W/"3", W/"5"') == 200
    assert await sent(world, "DELETE", path, if_match='W/"3"') == 412
    assert await sent(world, "DELETE", path, if_match='W/"3"') == 412
    assert await sent(world, "DELETE", path, if_match="nothing") == 400
    assert await sent(world, "DELETE", path, if_match='W/"4"') == 204


async def test_a_header_on_several_lines_is_one_list(world: World) -> None:
    body = {**observation("kari"), "id": "lines"}
    await world.put(body)
    async with await world.client() as client:
        lines = [("if-match", 'W/"1"'), ("if-match", 'W/"9"'), ("prefer", "return=minimal"), ("prefer", "x")]
        answer = await client.put("/Observation/lines", json=body, headers=[*client.headers.multi_items(), *lines])
    assert (answer.status_code, answer.content) == (200, b"")


async def test_what_a_bundle_says_of_versions_is_read_alike(world: World) -> None:
    body = {**observation("kari"), "id": "bundled", "subject": to("Patient/kari")}
    await world.put(body)

    def entry(method: str, **conditions: str) -> Resource:
        request = {"method": method, "url": "Observation/bundled", **conditions}
        return {"request": request, **({"resource": body} if method == "PUT" else {})}

    asked = [
        entry("PUT", ifNoneMatch="*"),
        entry("PUT", ifNoneMatch='W/"1"'),
        entry("PUT", ifMatch="one"),
        entry("PUT", ifMatch='W/"5", W/"1"'),
        entry("PUT", ifMatch="*", ifNoneMatch='W/"1"'),
        entry("DELETE", ifMatch="*"),
        entry("DELETE", ifNoneMatch="*"),
    ]
    async with await world.client() as client:
        answer = await client.post("", json={"resourceType": "Bundle", "type": "batch", "entry": asked})
    told = [one["response"]["status"][:3] for one in answer.json()["entry"]]
    assert told == ["412", "412", "400", "200", "200", "204", "400"]
