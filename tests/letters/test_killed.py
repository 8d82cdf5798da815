"""Killed at any moment, nothing that was to be told is lost, and nothing that was delivered is sent again."""

from __future__ import annotations

import asyncio
import os
import random
import sys
from pathlib import Path

import pytest

from fuzz.profiles import only_when_asked_for
from letters.servers import SmsGateway, http
from letters.town import peopled, town_of, visit
from samjournal.record.feed import feed_place
from world import World

__all__ = ["peopled"]
pytestmark = [pytest.mark.drill, pytest.mark.anyio]
KILLS, EACH = 6, 4


class Counting(SmsGateway):
    """Counts how often each key was sent, and now and then hangs up after it took one."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self.chance, self.times = chance, dict[str, int]()

    async def __call__(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        key = headers["idempotency-key"]
        self.times[key] = self.times.get(key, 0) + 1
        await asyncio.sleep(self.chance.random() * 0.05)
        self.answers = [self.chance.choice((201, 201, 201, 503, 0))]
        return await super().__call__(method, path, headers, body)


@pytest.fixture(scope="module", autouse=True)
def asked_for(request: pytest.FixtureRequest) -> None:
    only_when_asked_for(request.config)


async def started(dsn: str, port: int) -> asyncio.subprocess.Process:
    here = Path(__file__).parent
    path = os.pathsep.join([str(here.parent), str(here.parents[1] / "src")])
    return await asyncio.create_subprocess_exec(
        sys.executable, str(here / "teller.py"), dsn, str(port), stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


async def test_nothing_is_lost_and_nothing_known_as_delivered_is_sent_again(peopled: World, database: str) -> None:
    chance = random.Random(int(os.environ.get("CHAOS_SEED", "8")))
    town, gateway = await town_of(peopled), Counting(chance)
    await feed_place(peopled.door, "notices")
    wanted: set[str] = set()
    async with http(gateway) as port:
        for kill in range(KILLS):
            child = await started(database, port)
            assert child.stdout is not None
            await child.stdout.readline()
            ids = [f"k-{kill}-{place}" for place in range(EACH)]
            for id_ in ids:
                await peopled.put(visit(id_, chance.choice(("kari", "jon", "mina"))))
                await asyncio.sleep(chance.random() * 0.1)
            wanted |= {f"Appointment/{id_}" for id_ in ids}
            await asyncio.sleep(chance.random() * 0.3)
            child.kill()
            await child.wait()
        child = await started(database, port)
        assert child.stdout is not None
        try:
            async with asyncio.timeout(90):
                while not await _all_told(town, wanted):
                    await child.stdout.readline()
        finally:
            child.kill()
            await child.wait()
    delivered = {str(row["id"]): row for row in await town.rows("sending")}
    assert all(row["state"] == "delivered" for row in delivered.values())
    assert set(gateway.sent) == set(delivered), "each message reached the gateway, under its own key alone"
    again = {key: times for key, times in gateway.times.items() if times > 1}
    assert all(times <= delivered[key]["attempts"] for key, times in again.items())


async def _all_told(town: object, wanted: set[str]) -> bool:
    rows = await town.rows("notice")  # type: ignore[attr-defined]
    sent = {row["id"] for row in await town.rows("sending") if row["state"] == "delivered"}  # type: ignore[attr-defined]
    told = {row["source"] for row in rows if row["state"] == "told" and row["sending"] in sent}
    assert len({row["id"] for row in rows}) == len({(row["person"], row["source"], row["version"]) for row in rows})
    return wanted <= told
