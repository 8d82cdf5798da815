"""A search by patient finds what is about him, not all that lies in his record."""

from __future__ import annotations

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio


async def test_what_a_patient_measured_of_nobody_is_not_found_as_his(world: World) -> None:
    about = {**observation("kari"), "id": "home-about"}
    by = {name: value for name, value in observation("kari").items() if name != "subject"}
    await world.put(about, {**by, "id": "home-by", "performer": [{"reference": "Patient/kari"}]})
    async with await world.client() as client:
        for asked in ("patient=kari", "subject=Patient/kari", "patient=kari&code=8867-4", "patient=kari&_sort=-date"):
            entries = (await client.get(f"/Observation?{asked}")).json()["entry"]
            assert [entry["resource"]["id"] for entry in entries] == ["home-about"]
        (entry,) = (await client.get("/Observation?performer=Patient/kari")).json()["entry"]
    assert entry["resource"]["id"] == "home-by"
