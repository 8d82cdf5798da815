"""DELETE of what is gone changes nothing and is no error. hl7.org/fhir/R4/http.html#delete"""

from __future__ import annotations

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio


async def test_a_delete_may_be_sent_again(world: World) -> None:
    await world.put({**observation("kari"), "id": "twice"})
    async with await world.client() as client:
        first, again = [await client.delete("/Observation/twice") for _ in range(2)]
        assert (first.status_code, first.headers["etag"]) == (204, 'W/"2"')
        assert (again.status_code, again.headers["etag"]) == (204, 'W/"2"'), "no version more"
        assert (await client.get("/Observation/twice")).status_code == 410
        assert (await client.get("/Observation/twice/_history")).json()["total"] == 2
        never = await client.delete("/Observation/never-was")
        assert (never.status_code, "etag" in never.headers) == (204, False)
        assert (await client.get("/Observation/never-was")).status_code == 404


async def test_it_does_not_undo_the_rest_of_a_transaction(world: World) -> None:
    await world.put(*({**observation("kari"), "id": id_} for id_ in ("gone", "stays")))
    async with await world.client() as client:
        assert (await client.delete("/Observation/gone")).status_code == 204
        entries = [
            {"request": {"method": "DELETE", "url": f"Observation/{id_}"}} for id_ in ("gone", "stays", "never-was")
        ]
        answer = await client.post("", json={"resourceType": "Bundle", "type": "transaction", "entry": entries})
        assert answer.status_code == 200, answer.text
        assert [one["response"]["status"][:3] for one in answer.json()["entry"]] == ["204"] * 3
        assert (await client.get("/Observation/stays")).status_code == 410


async def test_people_hear_of_what_never_was_as_of_what_they_may_not_see(world: World) -> None:
    await world.put({**observation("ola"), "id": "of-ola"}, {**observation("kari"), "id": "of-kari"})
    async with await world.client("doctor") as client:
        hidden, never = [await client.delete(f"/Observation/{id_}") for id_ in ("of-ola", "never-was")]
        assert (hidden.status_code, never.status_code) == (404, 404)
        first, again = [await client.delete("/Observation/of-kari") for _ in range(2)]
        assert (first.status_code, again.status_code) == (204, 204)


async def test_with_a_version_it_must_be_there(world: World) -> None:
    async with await world.client() as client:
        answer = await client.delete("/Observation/never-was", headers={"if-match": 'W/"1"'})
        assert answer.status_code in (404, 412)
