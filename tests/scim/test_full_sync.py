"""A full sync of all who work in the region: at a decent rate, with flat memory, and nothing written the second night.

Told in docs/reference/scim.md. `SYNC` says how many people, 40,000 when it does not.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx
import pytest

from fuzz.profiles import only_when_asked_for
from scim.directory import at, directory, operations, user
from world import World

pytestmark = [pytest.mark.drill, pytest.mark.anyio]
PEOPLE = int(os.environ.get("SYNC", "40000"))
AT_ONCE = 8
GROWS = 60
"""Megabytes that the process may grow by, whoever is synced, after the first thousandth."""


def resident() -> int:
    """Megabytes that this process holds."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGESIZE") // 2**20


async def everybody(name: str, act: Callable[[int], Awaitable[httpx.Response]]) -> None:
    """Do it for all, some at once, and tell how fast it went."""
    numbers, begun = iter(range(PEOPLE)), time.monotonic()

    async def some() -> None:
        for number in numbers:
            answer = await act(number)
            assert answer.status_code in (200, 201), answer.text

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    seconds = time.monotonic() - begun
    print(f"{name}: {PEOPLE} in {seconds:.0f} s, {PEOPLE / seconds:.0f} a second, {resident()} MB")


async def test_all_who_work_in_the_region_are_synced(world: World, request: pytest.FixtureRequest) -> None:
    only_when_asked_for(request.config)
    iam, ids = await directory(world), [""] * PEOPLE

    def body(number: int) -> dict[str, object]:
        unit = ("ward", "homecare")[number % 2]
        numbers = {"hprNumber": str(2_000_000 + number)}
        return user(f"person{number}.lund", at("nurse", unit), externalId=f"e-{number}", staff=numbers)

    async def come(number: int) -> httpx.Response:
        found = await iam.get("/Users", params={"filter": f'userName eq "person{number}.lund"'})
        assert found.json()["totalResults"] == 0
        answer = await iam.post("/Users", json=body(number))
        ids[number] = answer.json()["id"]
        return answer

    async def stay(number: int) -> httpx.Response:
        answer = await iam.put(f"/Users/{ids[number]}", json=body(number))
        assert answer.headers["etag"] == 'W/"1"'
        return answer

    async def leave(number: int) -> httpx.Response:
        off = operations({"op": "Replace", "path": "active", "value": "False"})
        return await iam.patch(f"/Users/{ids[number]}", json=off)

    for number in range(PEOPLE // 1000):
        await iam.get("/Users", params={"filter": f'userName eq "nobody{number}"'})
    before = resident()
    await everybody("look up and create", come)
    await everybody("the same again", stay)
    await everybody("all leave", leave)
    assert resident() - before < GROWS
