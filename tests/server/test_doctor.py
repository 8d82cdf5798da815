"""What `samjournal doctor` tells, line by line."""

from __future__ import annotations

import pytest

from samjournal.server.doctor import examine
from world import World, observation

pytestmark = pytest.mark.anyio


async def _told(world: World, capsys: pytest.CaptureFixture[str], *, rebuild: bool = False, quick: bool = False) -> str:
    await examine(world.pool, data_dir=None, rebuild=rebuild, quick=quick)
    return capsys.readouterr().out


async def test_references_that_lead_nowhere_are_listed_and_are_no_fault(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    lost = {"encounter": {"reference": "Encounter/lost"}}
    await world.put(*({**observation("kari"), **lost, "id": f"lost-{number}"} for number in range(103)))
    told = await _told(world, capsys)
    assert "note  reference: Observation/lost-0 Observation.encounter → Encounter/lost leads nowhere." in told
    assert told.count("→ Encounter/lost") == 100
    assert "note  references: 3 more from Observation lead nowhere." in told
    assert "references lead nowhere.\n" in told
    assert "WRONG reference" not in told


async def test_what_search_has_wrong_is_set_right_by_rebuild_alone(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    await world.put({**observation("kari"), "id": "drifted"})
    await world.pool.execute("UPDATE store.current SET tokens = '{}' WHERE id = 'drifted'")
    assert "search of Observation" not in await _told(world, capsys)
    assert "1 differ (Observation/drifted): set right." in await _told(world, capsys, rebuild=True)
    assert "WRONG search" not in await _told(world, capsys, rebuild=True)


async def test_quick_leaves_out_what_reads_the_whole_record(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    told = await _told(world, capsys, quick=True)
    assert "database" in told
    assert "reference" not in told
    assert "relations" not in told
