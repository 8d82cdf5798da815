"""What shows nothing is held until the next tick. samjournal.rest.holding"""

from __future__ import annotations

import time

import anyio
import pytest

from samjournal.rest import holding
from world import World, observation, patient

pytestmark = pytest.mark.anyio


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Until when answers were held, since each began: 3 ms have gone when they are ready."""
    until: list[float] = []
    moments = iter(float(n) + after for n in range(1000) for after in (0.0, 0.003))

    async def alarm(moment: float) -> None:
        until.append(moment % 1)

    monkeypatch.setattr(holding, "clock", lambda: next(moments))
    monkeypatch.setattr(holding, "alarm", alarm)
    return until


@pytest.fixture(scope="module", autouse=True)
async def closed(world: World) -> None:
    await world.put(patient("closed", "Stengt"), {**observation("closed"), "id": "closed-pulse"})


@pytest.mark.parametrize("login", ["nurse", "kari"])
@pytest.mark.parametrize(
    "path",
    [
        "Observation/closed-pulse",
        "Observation/absent",
        "Observation/closed-pulse/_history/1",
        "Observation/closed-pulse/_history",
        "Observation?_id=closed-pulse",
        "Observation?_id=closed-pulse&_summary=count",
        "Observation?_id=absent",
    ],
)
async def test_what_shows_nothing_to_a_person_ends_on_a_tick(
    world: World, held: list[float], login: str, path: str
) -> None:
    async with await world.client(login) as client:
        answer = await client.get(f"/{path}")
    assert "closed-pulse" not in str(answer.json().get("entry", ""))
    assert held == [pytest.approx(holding.TICK)]


@pytest.mark.parametrize("path", ["Observation/absent", "Observation?_id=absent"])
async def test_a_system_that_sees_everything_does_not_wait(world: World, held: list[float], path: str) -> None:
    async with await world.client() as client:
        await client.get(f"/{path}")
    assert held == []


async def test_what_is_shown_does_not_wait(world: World, held: list[float]) -> None:
    await world.put({**observation("kari"), "id": "own-pulse"})
    async with await world.client("kari") as client:
        assert (await client.get("/Observation/own-pulse")).status_code == 200
        assert (await client.get("/Observation?_id=own-pulse")).json()["total"] == 1
    assert held == []


async def test_alarms_ring_in_the_order_of_their_moments() -> None:
    now, rung = time.monotonic(), list[int]()

    async def wait(name: int, moment: float) -> None:
        await holding.alarm(moment)
        assert time.monotonic() >= moment
        rung.append(name)

    async with anyio.create_task_group() as group:
        for name, after in enumerate((0.09, 0.06, 0.03, -1.0)):
            group.start_soon(wait, name, now + after)
    assert rung == [3, 2, 1, 0]


async def test_who_gave_up_is_not_waited_for() -> None:
    now = time.monotonic()
    with anyio.move_on_after(0.01) as given_up:
        await holding.alarm(now + 0.5)
    assert given_up.cancelled_caught
    await holding.alarm(now + 0.6)
    assert time.monotonic() >= now + 0.6
