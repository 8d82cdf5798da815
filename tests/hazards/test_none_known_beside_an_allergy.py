"""Hazard: «no known allergies» stands beside an allergy, and somebody reads only the one. Requirement 7.15"""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from samjournal import problems
from samjournal.fhir.errors import Conflict
from samjournal.problems import AllergyStands, Coded, Reaction
from samjournal.problems.allergies import is_current, says_none
from samjournal.record import query_of, search
from world import World, patient, stay

pytestmark = pytest.mark.anyio
PEOPLE = [f"p{number}" for number in range(6)]


@pytest.fixture(scope="module", autouse=True)
async def people(world: World) -> None:
    for id_ in ("per", *PEOPLE):
        await world.put(patient(id_, "Berg"), stay(f"{id_}-stay", id_))


async def state(world: World, whose: str) -> tuple[int, int]:
    """How many allergies hold, and how many say that there is none."""
    page = await search(world.door, world.system, query_of("AllergyIntolerance", [("patient", whose)]))
    found = [one.resource() for one in page.matches if is_current(one.resource())]
    none = sum(map(says_none, found))
    return len(found) - none, none


async def test_an_allergy_takes_it_away_and_it_is_refused_beside_one(world: World) -> None:
    door, permit = world.door, await world.permit("nurse")
    await problems.none_known(door, permit, "per")
    await problems.none_known(door, permit, "per")
    assert await state(world, "per") == (0, 1)
    await problems.record_allergy(door, permit, "per", Coded("Penicillin"), Reaction())
    assert await state(world, "per") == (1, 0)
    with pytest.raises(AllergyStands):
        await problems.none_known(door, permit, "per")
    assert await state(world, "per") == (1, 0)


@pytest.mark.parametrize("whose", PEOPLE)
async def test_two_who_write_at_once_do_not_make_it_so(world: World, whose: str) -> None:
    door, permit = world.door, await world.permit("nurse")

    async def allergy() -> Any:
        return await problems.record_allergy(door, permit, whose, Coded("Penicillin"), Reaction())

    async def none() -> Any:
        return await problems.none_known(door, permit, whose)

    done = await asyncio.gather(allergy(), none(), none(), allergy(), return_exceptions=True)
    assert all(isinstance(one, Conflict) for one in done if isinstance(one, Exception)), done
    assert await state(world, whose) in ((1, 0), (0, 1))
