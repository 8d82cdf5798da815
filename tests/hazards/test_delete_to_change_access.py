"""Hazard: what people may not change is deleted and written anew without it: a label, a merge, a whole person."""

from __future__ import annotations

import pytest

from world import CONFIDENTIALITY, World, observation

pytestmark = pytest.mark.anyio
LABEL = {"security": [{"system": CONFIDENTIALITY, "code": "V"}]}


async def test_people_do_not_delete_a_patient(world: World) -> None:
    for login in ("doctor", "nurse", "secretary"):
        async with await world.client(login) as client:
            assert (await client.delete("/Patient/kari")).status_code == 403, login
    async with await world.client("doctor") as client:
        assert (await client.get("/Patient/kari")).status_code == 200


async def test_a_label_is_not_shaken_off_by_deleting(world: World) -> None:
    await world.put({**observation("kari"), "id": "labelled", "meta": LABEL})
    async with await world.client("nurse") as client:
        assert (await client.delete("/Observation/labelled")).status_code == 204
        bare = {**observation("kari"), "id": "labelled"}
        assert (await client.put("/Observation/labelled", json=bare)).status_code == 403


async def test_an_old_version_stays_protected_when_the_newest_is_not(world: World) -> None:
    await world.put({"resourceType": "Patient", "id": "elias", "name": [{"family": "Moe"}]})
    async with await world.client("nurse") as client:
        for path in ("/Patient/elias/_history", "/Patient/elias/_history/1"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert "Skjult vei" not in answer.text


async def test_only_systems_choose_ids_so_an_answer_tells_nothing_of_others(world: World) -> None:
    await world.put({**observation("ola"), "id": "taken"})
    async with await world.client("nurse") as client:
        for id_ in ("taken", "free"):
            body = {**observation("kari"), "id": id_}
            assert (await client.put(f"/Observation/{id_}", json=body)).status_code == 404, id_


async def test_the_number_of_versions_of_others_is_not_told(world: World) -> None:
    async with await world.client("homenurse") as client:
        answers = [(await client.get(f"/Patient/kari/_history/{version}")).status_code for version in (1, 2, 99)]
    assert answers == [403, 403, 403]
