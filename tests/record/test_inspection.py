"""`doctor`'s comparison finds a projection that drifted, and sets it right."""

from __future__ import annotations

import pytest

from samjournal.record import compare_projections
from world import World

pytestmark = pytest.mark.anyio


async def _wrong(world: World, *, rebuild: bool = False) -> list[str]:
    found = [drift async for drift in compare_projections(world.door, world.system, rebuild=rebuild)]
    assert sum(drift.compared for drift in found) >= 8
    return [reference for drift in found for reference in drift.wrong]


async def test_what_was_just_stored_agrees(world: World) -> None:
    assert await _wrong(world) == []


@pytest.mark.parametrize(
    ("damage", "found"),
    [
        ("DELETE FROM access.relation WHERE source = 'Encounter/kari-stay'", "Encounter/kari-stay"),
        ("UPDATE access.unit SET part_of = NULL WHERE id = 'Organization/ward'", "Organization/ward"),
        ("DELETE FROM access.person WHERE id = 'ola'", "Patient/ola"),
    ],
)
async def test_damage_is_found_and_mended(world: World, damage: str, found: str) -> None:
    await world.pool.execute(damage)
    assert await _wrong(world, rebuild=True) == [found]
    assert await _wrong(world) == []
