"""What shows nothing is held until the next tick. samjournal.rest.holding"""

from __future__ import annotations

import pytest

from samjournal.rest import holding
from world import World, observation, patient

pytestmark = pytest.mark.anyio


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that answers were held, while the clock stands at 3 ms after each began."""
    seconds: list[float] = []
    moments = iter(n * 1.0 + after for n in range(1000) for after in (0.0, 0.003))

    async def sleep(delay: float) -> None:
        seconds.append(delay)

    monkeypatch.setattr(holding, "clock", lambda: next(moments))
    monkeypatch.setattr(holding.asyncio, "sleep", sleep)
    return seconds


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
    assert [pytest.approx(0.007)] == [seconds for seconds in held if seconds > 0]


@pytest.mark.parametrize("path", ["Observation/absent", "Observation?_id=absent"])
async def test_a_system_that_sees_everything_does_not_wait(world: World, held: list[float], path: str) -> None:
    async with await world.client() as client:
        await client.get(f"/{path}")
    assert [seconds for seconds in held if seconds > 0] == []


async def test_what_is_shown_does_not_wait(world: World, held: list[float]) -> None:
    await world.put({**observation("kari"), "id": "own-pulse"})
    async with await world.client("kari") as client:
        assert (await client.get("/Observation/own-pulse")).status_code == 200
        assert (await client.get("/Observation?_id=own-pulse")).json()["total"] == 1
    assert [seconds for seconds in held if seconds > 0] == []
