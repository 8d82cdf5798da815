"""Hazard: a search for a person who was merged finds one half of the record, and looks whole."""

from __future__ import annotations

import pytest

from world import World, made, observation, patient, stay, to

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def merged(world: World) -> World:
    """Oksana was known by a D-number first: half of her record lies under each id."""
    await world.put(
        patient("oksana", "Bondar"),
        {**patient("oksana-d", "Bondar"), "link": [{"other": to("Patient/oksana"), "type": "replaced-by"}]},
        *(stay(f"{id_}-stay", id_) for id_ in ("oksana", "oksana-d")),
        *({**observation(id_), "id": f"{id_}-pulse", "encounter": to(f"Encounter/{id_}-stay")}
          for id_ in ("oksana", "oksana-d")),
        made("Group", "oksana", type="person", actual=True),
        {**made("Observation", "of-group", status="final", code={"text": "x"}), "subject": to("Group/oksana")},
    )  # fmt: skip
    await world.door.persons.refresh(world.pool)
    return world


@pytest.mark.parametrize("id_", ["oksana", "oksana-d"])
@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("Encounter?subject={id}", 2),
        ("Encounter?subject=Patient/{id}", 2),
        ("Encounter?subject:Patient={id}", 2),
        ("Encounter?patient={id}", 2),
        ("Observation?subject=Patient/{id}", 2),
        ("Observation?encounter.subject={id}", 2),
        ("Observation?_filter=subject re Patient/{id}", 2),
        ("Encounter?_filter=subject re {id}", 2),
    ],
)
async def test_whichever_id_is_asked_for_all_of_the_person_is_found(
    merged: World, query: str, count: int, id_: str
) -> None:
    async with await merged.client() as client:
        found = (await client.get(f"/{query.format(id=id_)}")).json()
    assert found["total"] == count, found


async def test_a_bare_id_still_means_whatever_has_it(merged: World) -> None:
    async with await merged.client() as client:
        found = (await client.get("/Observation?subject=oksana")).json()
    ids = {entry["resource"]["id"] for entry in found["entry"]}
    assert ids == {"oksana-pulse", "oksana-d-pulse", "of-group"}


async def test_a_bare_id_that_is_only_counted_is_a_look_all_the_same(merged: World) -> None:
    await merged.as_owner("TRUNCATE audit.look CASCADE")
    async with await merged.client("nurse") as client:
        assert (await client.get("/Observation?subject=oksana&_summary=count&code=nothing")).json()["total"] == 0
    looks = await merged.pool.fetch(
        "SELECT patient, patients FROM audit.look WHERE actor = 'nurse' AND action = 'search'"
    )
    assert len(looks) == 1
    assert looks[0]["patient"] or looks[0]["patients"]
