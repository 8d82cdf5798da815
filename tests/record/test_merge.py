"""Two records of one person: read as one after a merge, apart again when it is undone. House rule 8."""

from __future__ import annotations

import pytest

from samjournal.record import Want, open_chart
from world import World, observation, patient, stay

pytestmark = pytest.mark.anyio
WANTS = [Want("pulse", "Observation")]


async def _values(world: World, login: str, patient_id: str) -> list[float]:
    snapshot = await open_chart(world.door, await world.permit(login), patient_id, WANTS)
    return sorted(one["valueQuantity"]["value"] for one in snapshot.lists["pulse"])


@pytest.fixture(scope="module")
async def twice(world: World) -> World:
    """Nina is registered twice; the second record lies on the ward, each has a pulse."""
    await world.put(patient("nina", "Moen"), patient("nina-2", "Moen"), stay("nina-stay", "nina-2"))
    await world.make(observation("nina", value=60))
    await world.make(observation("nina-2", value=90))
    return world


def _merged(into: str | None) -> dict[str, object]:
    link = [{"type": "replaced-by", "other": {"reference": f"Patient/{into}"}}]
    return {**patient("nina", "Moen"), **({"link": link, "active": False} if into else {})}


async def test_apart_each_is_a_person_of_its_own(twice: World) -> None:
    assert await _values(twice, "nurse", "nina-2") == [90]


async def test_merged_the_chart_holds_both_under_either_id(twice: World) -> None:
    await twice.put(_merged("nina-2"))
    assert await _values(twice, "nurse", "nina-2") == [60, 90]
    assert await _values(twice, "nurse", "nina") == [60, 90]
    async with await twice.client("nurse") as client:
        found = (await client.get("/Observation?patient=nina-2&_sort=date")).json()
    assert len(found["entry"]) == 2


async def test_undone_they_are_apart_again_and_nothing_was_rewritten(twice: World) -> None:
    from samjournal.fhir.errors import ReasonNeeded

    await twice.put(_merged(None))
    assert await _values(twice, "nurse", "nina-2") == [90]
    with pytest.raises(ReasonNeeded):
        await _values(twice, "nurse", "nina")
    versions = await twice.pool.fetchval(
        "SELECT max(version) FROM store.version WHERE body LIKE '%\"value\":60%'::bytea"
    )
    assert versions == 1


async def test_a_chain_of_merges_ends_at_the_record_that_stays(twice: World) -> None:
    await twice.put(patient("nina-0", "Moen"))
    first = {**patient("nina-0", "Moen"), "link": [{"type": "replaced-by", "other": {"reference": "Patient/nina"}}]}
    await twice.put(first)
    await twice.put(_merged("nina-2"))
    assert await _values(twice, "nurse", "nina-0") == [60, 90]
