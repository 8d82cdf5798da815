"""What a client has used, and how much of the costly kind it may have at once. RFC 6585"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from fuzz.site import serving
from samjournal import accounts
from samjournal.db.folder import until
from samjournal.rest import Rest
from world import World

pytestmark = pytest.mark.anyio


async def client(world: World, rest: Rest, name: str) -> httpx.AsyncClient:
    token = await accounts.for_system(world.pool, name)
    transport = httpx.ASGITransport(app=rest, root_path="/fhir")
    return httpx.AsyncClient(
        transport=transport, base_url="http://test/fhir", headers={"authorization": f"Bearer {token}"}
    )


def told(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    return {
        one["name"]: next(value for name, value in one.items() if name != "name") for one in answer.json()["parameter"]
    }


async def test_a_client_reads_what_it_has_used_itself(world: World) -> None:
    rest = Rest(world.door)
    async with await client(world, rest, "one") as one, await client(world, rest, "other") as other:
        await one.get("/Patient/kari")
        await one.get("/Patient/none")
        await one.get("/Patient", headers={"prefer": "respond-async"})
        await other.get("/Patient/kari")
        used = told(await one.get("/$usage"))
        assert (used["client"], used["requests"], used["failed"], used["refused"]) == ("one", 4, 1, 0)
        assert used["seconds"] > 0
        assert used["answeredLater"] == 1
        assert told(await other.get("/$usage"))["requests"] == 2
        assert (await one.get("/$usage?client=other")).status_code == 400


async def test_one_client_has_few_costly_operations_at_once(world: World) -> None:
    rest = Rest(world.door)
    async with await client(world, rest, "one") as one, await client(world, rest, "other") as other:
        async with world.pool.transaction() as db:
            await db.execute("LOCK TABLE store.current IN ACCESS EXCLUSIVE MODE")
            asked = [asyncio.create_task(one.get("/Patient/$everything")) for _ in range(4)]
            used = rest.usage.clients
            assert await until(lambda: ("system", "one") in used and used["system", "one"].costly == 4, patience=20)
            refused = await one.get("/Patient/$everything")
            waiting = asyncio.create_task(other.get("/Patient/$everything"))
            assert refused.status_code == 429
            assert int(refused.headers["retry-after"]) > 0
            assert "respond-async" in refused.text
            assert told(await one.get("/$usage"))["refused"] == 1
        assert {answer.status_code for answer in await asyncio.gather(*asked, waiting)} == {200}
        assert (await one.get("/Patient/$everything")).status_code == 200


async def test_the_operator_sees_systems_by_name_and_no_person(world: World, database: str) -> None:
    token = await accounts.for_system(world.pool, "laboratory")
    person = await accounts.for_user(world.pool, "nurse")
    async with serving(database) as site:
        for one in (token, person):
            async with site.client({"authorization": f"Bearer {one}"}) as http:
                assert (await http.get("/fhir/Patient/kari")).status_code == 200
        async with site.client() as http:
            shown = (await http.get("/metrics")).text
    assert 'samjournal_client_requests{client="laboratory"} 1.0' in shown
    assert 'samjournal_client_requests{client="staff"} 1.0' in shown
    assert "nurse" not in shown
