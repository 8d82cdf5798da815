"""Those who come at about the same time are taken together; whoever is alone waits for nobody."""

from __future__ import annotations

import asyncio

import pytest

from samjournal.db.gathering import MOST, gathered

pytestmark = pytest.mark.anyio


async def _come(waiting: list[int], turns: int) -> None:
    """Somebody who comes every other turn of the loop, so many times."""
    for turn in range(turns):
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.append(turn)


async def test_whoever_is_alone_goes_though_nothing_else_happens() -> None:
    waiting = [0]
    await gathered(waiting)
    assert waiting == [0]


async def test_who_comes_turn_after_turn_goes_along() -> None:
    waiting: list[int] = []
    coming = asyncio.create_task(_come(waiting, 10))
    await gathered(waiting)
    assert len(waiting) == 10
    await coming


async def test_those_who_are_enough_do_not_wait_for_more() -> None:
    waiting: list[int] = []
    coming = asyncio.create_task(_come(waiting, 10 * MOST))
    await gathered(waiting)
    assert len(waiting) == MOST
    coming.cancel()
