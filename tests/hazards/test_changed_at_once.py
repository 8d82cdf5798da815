"""Hazard: of many who change the same at once some are told that it does not exist, and what they wrote is lost.

A statement that waits for a row sees it as it is after the wait, and all else as it was before.
"""

from __future__ import annotations

import asyncio

import pytest

from world import World, observation

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("login", ["nurse", None])
async def test_all_who_update_the_same_at_once_do_so_in_turn(world: World, login: str | None) -> None:
    id_ = f"at-once-{login}"
    await world.put({**observation("kari"), "id": id_})
    async with await (world.client(login) if login else world.client()) as client:
        bodies = [{**observation("kari"), "id": id_, "note": [{"text": str(place)}]} for place in range(16)]
        answers = await asyncio.gather(*(client.put(f"/Observation/{id_}", json=body) for body in bodies))
        assert [answer.status_code for answer in answers] == [200] * len(bodies), answers[0].text
        assert sorted(int(answer.json()["meta"]["versionId"]) for answer in answers) == list(range(2, 18))
