"""Places in work: never more than there are, shared fairly, and none ever lost."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir.errors import Busy, FhirError, TooMany
from samjournal.server.gate import Budget, Gate, Place

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def place(gate: Gate, client: object, most: int) -> AsyncIterator[Place]:
    """A place that is given back at the end."""
    taken = await gate.take(client, most)
    try:
        yield taken
    finally:
        gate.give(client, taken)


async def test_lines_are_served_in_turn_so_that_who_asks_much_waits_behind_himself() -> None:
    gate = Gate(in_work=1, waiting=10, patience=5)
    served: list[str] = []

    async def ask(client: str) -> None:
        async with place(gate, client, 9):
            served.append(client)

    async with place(gate, "first", 9):
        asked = [asyncio.create_task(ask(client)) for client in ("much", "much", "much", "little")]
        await _all_wait(gate, 4)
    await asyncio.gather(*asked)
    assert served == ["much", "little", "much", "much"]


async def test_who_holds_as_much_as_one_may_is_told_to_wait_for_answers() -> None:
    gate = Gate(in_work=9, waiting=9, patience=5)
    async with place(gate, "a", 2), place(gate, "a", 2), place(gate, "b", 2):
        with pytest.raises(TooMany):
            async with place(gate, "a", 2):
                pass
    async with place(gate, "a", 2):
        assert gate.in_work == 1


async def test_who_waits_longer_than_there_is_patience_is_told_that_the_server_is_busy() -> None:
    gate = Gate(in_work=1, waiting=9, patience=0.01)
    async with place(gate, "a", 9):
        with pytest.raises(Busy):
            async with place(gate, "b", 9):
                pass
        assert (gate.in_work, gate.waiting) == (1, 0)


async def test_in_a_full_house_the_last_of_the_longest_line_makes_room() -> None:
    gate = Gate(in_work=1, waiting=3, patience=5)

    async def ask(client: str) -> str:
        try:
            async with place(gate, client, 9):
                return "served"
        except FhirError as error:
            return type(error).__name__

    async with place(gate, "first", 9):
        asked = [asyncio.create_task(ask("much")) for _ in range(3)]
        await _all_wait(gate, 3)
        asked.append(asyncio.create_task(ask("little")))
        await asked[2]
        assert await ask("much") == "Busy"
    assert await asyncio.gather(*asked) == ["served", "served", "TooMany", "served"]


async def test_who_left_his_place_for_the_network_comes_back_before_those_who_have_not_begun() -> None:
    gate = Gate(in_work=1, waiting=9, patience=5)
    order: list[str] = []

    async def ask() -> None:
        async with place(gate, "new", 9):
            order.append("new")

    async def come_back() -> None:
        await mine.back()
        order.append("back")
        mine.leave()

    async with place(gate, "slow", 9) as mine:
        mine.leave()
        async with place(gate, "between", 9):
            new = asyncio.create_task(ask())
            await _all_wait(gate, 1)
            back = asyncio.create_task(come_back())
            await _all_wait(gate, 2)
        await asyncio.gather(new, back)
    assert order == ["back", "new"]
    assert (gate.in_work, gate.waiting) == (0, 0)


async def test_the_turn_of_somebody_who_goes_away_at_that_moment_is_not_lost() -> None:
    gate = Gate(in_work=1, waiting=9, patience=5)

    async def ask() -> None:
        async with place(gate, "x", 9):
            pass

    async with AsyncExitStack() as held:
        await held.enter_async_context(place(gate, "a", 9))
        going = asyncio.create_task(ask())
        await _all_wait(gate, 1)
        await held.aclose()
        going.cancel()
        await asyncio.wait([going])
    assert going.cancelled()
    assert (gate.in_work, gate.waiting) == (0, 0)


@given(seed=st.integers(0, 2**32), places=st.integers(1, 4))
async def test_whatever_comes_and_goes_there_are_never_too_many_and_in_the_end_none(seed: int, places: int) -> None:
    chance = random.Random(seed)
    gate = Gate(in_work=places, waiting=8, patience=0.002)

    async def visit() -> None:
        async with place(gate, chance.choice("abc"), 6) as mine:
            for _ in range(chance.randrange(3)):
                assert gate.in_work <= places
                await asyncio.sleep(0)
                if chance.random() < 0.3:
                    mine.leave()
                    await asyncio.sleep(0)
                    await mine.back()

    visits = [asyncio.create_task(visit()) for _ in range(40)]
    await asyncio.sleep(0)
    for one in chance.sample(visits, 8):
        one.cancel()
    ended = await asyncio.gather(*visits, return_exceptions=True)
    assert {type(one) for one in ended} <= {type(None), Busy, TooMany, asyncio.CancelledError}
    assert (gate.in_work, gate.waiting) == (0, 0)
    assert not gate._held


async def test_a_budget_serves_first_come_first_served_and_lets_the_largest_through_alone() -> None:
    budget = Budget(10)
    order: list[int] = []

    async def use(size: int) -> None:
        await budget.take(size)
        order.append(size)
        await asyncio.sleep(0)
        budget.give(size)

    await asyncio.gather(*(use(size) for size in (6, 99, 1, 3)))
    assert order == [6, 99, 1, 3]


async def test_a_budget_goes_on_when_somebody_who_waited_went_away() -> None:
    budget = Budget(10)
    await budget.take(8)
    going, staying = asyncio.create_task(budget.take(5)), asyncio.create_task(budget.take(2))
    await asyncio.sleep(0)
    going.cancel()
    await staying
    assert going.cancelled()


async def test_a_budget_tells_when_nobody_uses_any_of_it() -> None:
    budget = Budget(10)
    await budget.take(99)
    waiting = asyncio.create_task(budget.take(4))
    await asyncio.sleep(0)
    budget.give(0)
    budget.give(99)
    await waiting
    assert (budget.is_free, budget.freed.is_set()) == (False, False)
    budget.give(4)
    assert (budget.is_free, budget.freed.is_set()) == (True, True)


async def _all_wait(gate: Gate, count: int) -> None:
    for _ in range(100):
        if gate.waiting >= count:
            return
        await asyncio.sleep(0)
    raise AssertionError(gate.waiting)
