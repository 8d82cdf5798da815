"""Requests that are answered later outlive the server that took them. hl7.org/fhir/R4/async.html"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import httpx
import pytest

from fuzz.site import Site, serving
from samjournal import accounts
from world import World, observation

pytestmark = pytest.mark.anyio


async def fetched(client: httpx.AsyncClient, path: str) -> httpx.Response:
    async with asyncio.timeout(30):
        while (answer := await client.get(path)).status_code == 202:
            assert answer.headers["x-progress"]
    return answer


async def test_what_was_asked_before_a_restart_is_answered_after_it(world: World, database: str) -> None:
    await world.put(*({**observation("kari", value=value), "id": f"o{value}"} for value in range(50)))
    token = await accounts.for_user(world.pool, "nurse")
    headers = {"authorization": f"Bearer {token}"}

    def client(site: Site) -> httpx.AsyncClient:
        return site.client(headers)

    async with serving(database) as site, client(site) as http:
        asked = [
            await http.get("/fhir/Patient/kari/$everything", headers={"prefer": "respond-async"}) for _ in range(5)
        ]
        assert {answer.status_code for answer in asked} == {202}
        paths = [urlsplit(answer.headers["content-location"]).path for answer in asked]
    async with serving(database) as site, client(site) as http:
        for path in paths:
            (entry,) = (await fetched(http, path)).json()["entry"]
            assert entry["response"]["status"] == "200 OK"
            assert entry["resource"]["total"] >= 52
    looked = await world.pool.fetchval("SELECT count(*) FROM audit.look WHERE action = 'everything'")
    assert looked >= 5
