"""`_pretty`, gzip, HEAD and OPTIONS over HTTP. hl7.org/fhir/R4/http.html#pretty"""

from __future__ import annotations

import gzip

import httpx
import pytest

from samjournal.fhir import xml
from samjournal.fhir.parsing import parse
from samjournal.rest.routes import ROUTES
from world import World, observation

pytestmark = pytest.mark.anyio
DIV = '<div xmlns="http://www.w3.org/1999/xhtml"><div>Vekt &lt; 5</div> og <b>mer</b><br/> enn det</div>'


async def raw(client: httpx.AsyncClient, url: str, **headers: str) -> tuple[httpx.Response, bytes]:
    """The answer, and its body as it came."""
    async with client.stream("GET", url, headers=headers) as answer:
        return answer, b"".join([piece async for piece in answer.aiter_raw()])


async def test_pretty_json_means_the_same_with_numbers_as_they_were(world: World) -> None:
    async with await world.client() as client:
        start = '{"resourceType":"Observation","id":"exact","status":"final","code":{"text":"x"}'
        sent = start + ',"valueQuantity":{"value":1.00}}'
        assert (await client.put("/Observation/exact", content=sent)).status_code == 201
        plain = await client.get("/Observation/exact")
        pretty = await client.get("/Observation/exact?_pretty=true")
        assert (await client.get("/Observation/exact?_pretty=false")).content == plain.content
        errors = await client.get("/Observation/none?_pretty=true")
    assert pretty.json() == plain.json()
    assert '\n  "valueQuantity": {\n    "value": 1.00\n  }' in pretty.text
    assert errors.text.startswith('{\n  "resourceType"')


async def test_pretty_xml_means_the_same_with_its_narrative_untouched(world: World) -> None:
    text = {"status": "generated", "div": DIV}
    await world.put({**observation("kari"), "id": "told", "text": text, "note": [{"text": "a > b\nc"}]})
    async with await world.client() as client:
        for url in ("/Observation/told", "/Observation?_id=told", "/Observation/told/_history"):
            both = "&" if "?" in url else "?"
            plain = (await client.get(f"{url}{both}_format=xml")).content
            pretty = (await client.get(f"{url}{both}_format=xml&_pretty=true")).content
            assert DIV.encode() in pretty
            assert b"\n  <id value=" in pretty or b"\n  <type value=" in pretty
            same, told = xml.read(plain).resource, xml.read(pretty).resource
            for one in (same, told):
                one.pop("meta", None)
                one.pop("link", None)
            assert told == same


async def test_pretty_is_true_or_false(world: World) -> None:
    async with await world.client() as client:
        answer = await client.get("/Observation?_pretty=yes")
    assert answer.status_code == 400
    assert "_pretty" in answer.text


async def test_large_answers_are_packed_for_who_takes_it_and_small_ones_are_not(world: World) -> None:
    await world.put(*({**observation("kari"), "id": f"many-{place}"} for place in range(300)))
    url = "/Observation?patient=kari&_count=300"
    async with await world.client() as client:
        whole, body = await raw(client, url, **{"accept-encoding": "identity"})
        packed, small = await raw(client, url, **{"accept-encoding": "br, gzip;q=0.5"})
        refused, same = await raw(client, url, **{"accept-encoding": "gzip;q=0, *;q=0"})
        little, _ = await raw(client, "/Patient/kari", **{"accept-encoding": "gzip"})
        head = await client.head(url, headers={"accept-encoding": "gzip"})
    assert packed.headers["content-encoding"] == "gzip"
    assert len(small) < len(body) / 5
    assert parse(gzip.decompress(small)).resource["entry"] == parse(body).resource["entry"]
    assert packed.headers["vary"] == whole.headers["vary"] == "Accept-Encoding"
    assert ("content-encoding" in refused.headers, len(same)) == (False, len(body))
    assert "content-encoding" not in little.headers
    assert (head.content, head.headers["content-encoding"]) == (b"", "gzip")


async def test_head_answers_as_get_wherever_there_is_one(world: World) -> None:
    await world.put({**observation("kari"), "id": "head"})
    urls = ("/metadata", "/Observation/head", "/Observation/head/_history", "/Observation/head/_history/1", "/_history",
            "/Observation?_id=head", "/Observation/_history", "/Patient/kari/$everything", "/Observation/head/$meta",
            "/Observation/$lastn?patient=kari", "/Observation/none")  # fmt: skip
    async with await world.client() as client:
        for url in urls:
            got, told = await client.get(url), await client.head(url)
            assert (told.status_code, told.content) == (got.status_code, b""), url
            assert told.headers["content-type"] == got.headers["content-type"]
            assert told.headers.get("etag") == got.headers.get("etag")


async def test_options_tells_what_an_address_answers_and_asks_for_no_token(world: World) -> None:
    async with world.anonymous() as client:
        told = {}
        for path in ("", "/metadata", "/Patient", "/Patient/kari", "/Patient/kari/$everything", "/Patient/$validate"):
            answer = await client.options(path)
            assert (answer.status_code, answer.content) == (204, b"")
            told[path] = answer.headers["allow"]
        assert (await client.options("/Nothing")).status_code == 404
    assert told == {
        "": "GET, HEAD, OPTIONS, POST",
        "/metadata": "GET, HEAD, OPTIONS",
        "/Patient": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
        "/Patient/kari": told["/Patient/kari"],
        "/Patient/kari/$everything": "GET, HEAD, OPTIONS, POST",
        "/Patient/$validate": "OPTIONS, POST",
    }
    methods = {route.method for route in ROUTES if route.shape == (None, None)}
    assert set(told["/Patient/kari"].split(", ")) == {*methods, "HEAD", "OPTIONS"}
