"""`doctor` finds what drifted from the record and sets it right, and tells where references lead nowhere."""

from __future__ import annotations

import pytest

from samjournal.record import compare_projections, compare_search, unresolved
from samjournal.server.doctor import Finding, references
from samjournal.store.search.display import CODES, display
from world import World, observation

pytestmark = pytest.mark.anyio
LONG = "Målt liggende etter ti minutters hvile, på begge armer, med mansjett i rett størrelse."


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
    await world.as_owner(damage)
    assert await _wrong(world, rebuild=True) == [found]
    assert await _wrong(world) == []


async def _drifted(world: World, *, rebuild: bool = False) -> list[str]:
    found = [drift async for drift in compare_search(world.door, rebuild=rebuild)]
    assert sum(drift.compared for drift in found) >= 8
    return [reference for drift in found for reference in drift.wrong]


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE store.current SET tokens = tokens[2:] WHERE id = 'found-by'",
        "UPDATE store.current SET lo = NULL WHERE id = 'found-by'",
        "UPDATE store.current SET others = '{}' WHERE id = 'found-by'",
        "INSERT INTO store.date SELECT patient, 1, type, id, now(), now() FROM store.current WHERE id = 'found-by'",
        "DELETE FROM store.number WHERE id = 'found-by'",
        "INSERT INTO store.string SELECT patient, 1, type, id, 'x', '', false FROM store.current WHERE id = 'found-by'",
        "DELETE FROM store.text WHERE id = 'found-by'",
        "UPDATE store.text SET digest = 0 WHERE id = 'found-by'",
    ],
)
async def test_what_search_has_wrong_is_found_and_mended(world: World, damage: str) -> None:
    assert await _drifted(world) == []
    await world.put(
        {
            **observation("kari"),
            "performer": [{"reference": "Patient/ola"}],
            "id": "found-by",
            "note": [{"text": LONG}],
        }
    )
    before = await _rows(world)
    await world.as_owner(damage)
    assert await _rows(world) != before
    assert await _drifted(world, rebuild=True) == ["Observation/found-by"]
    assert await _drifted(world) == []
    assert await _rows(world) == before


async def _rows(world: World) -> list[object]:
    found: list[object] = []
    for table in ("current", "string", "date", "number", "text"):
        rows = await world.pool.fetch(f"SELECT * FROM store.{table} WHERE id = 'found-by'")
        found.append(sorted(repr(sorted(dict(row).items(), key=lambda one: one[0])) for row in rows))
    return found


async def test_what_was_stored_before_texts_were_searched_is_found_once_search_is_made_anew(world: World) -> None:
    made = {**observation("kari"), "id": "older", "note": [{"text": f"Kjevesmerter. {LONG}"}], "method": {"text": "x"}}
    made["code"] = {"coding": [{"system": "urn:x", "code": "1", "display": "Måling av gammelt"}]}
    await world.put(made)
    with_texts = await world.pool.fetchval("SELECT tokens FROM store.current WHERE id = 'older'")
    _, token = display("Observation.code", "Måling av gammelt", CODES)
    assert token in with_texts
    await world.pool.execute("UPDATE store.current SET tokens = array_remove(tokens, $1) WHERE id = 'older'", token)
    await world.pool.execute("DELETE FROM store.text WHERE id = 'older'")
    await world.as_owner("DELETE FROM store.display WHERE folded = 'måling av gammelt'")
    for query in ("code:text=gammelt", "_content=smerter"):
        assert await _found(world, query) == []
    assert await _drifted(world, rebuild=True) == ["Observation/older"]
    for query in ("code:text=gammelt", "_content=smerter"):
        assert await _found(world, query) == ["older"]
    assert await world.pool.fetchval("SELECT tokens FROM store.current WHERE id = 'older'") == with_texts


async def _found(world: World, query: str) -> list[str]:
    async with await world.client() as client:
        answer = await client.get(f"/Observation?{query}")
    return [one["resource"]["id"] for one in answer.json().get("entry", ())]


async def test_the_protection_of_a_patient_is_not_lost_when_search_is_made_anew(world: World) -> None:
    await world.pool.execute("UPDATE store.current SET tokens = '{}' WHERE id = 'elias'")
    assert await _drifted(world, rebuild=True) == ["Patient/elias"]
    assert await world.pool.fetchval("SELECT protected FROM store.current WHERE id = 'elias'") is True


async def test_references_that_lead_nowhere_are_told_with_place_and_target(world: World) -> None:
    away = {
        "encounter": {"reference": "Encounter/nowhere"},
        "hasMember": [{"reference": "Observation/none/_history/1"}],
    }
    await world.put({**observation("kari"), **away, "id": "pointing"})
    elsewhere = {"performer": [{"reference": "http://elsewhere.example/fhir/Practitioner/1"}]}
    await world.put({**observation("kari"), **elsewhere, "id": "abroad"})
    found = [one async for _, _, many in unresolved(world.door) for one in many]
    told = {(one.source, one.path, one.target) for one in found if one.source.startswith("Observation/")}
    assert told == {
        ("Observation/pointing", "Observation.encounter", "Encounter/nowhere"),
        ("Observation/pointing", "Observation.hasMember[0]", "Observation/none/_history/1"),
    }
    findings: list[Finding] = [finding async for finding in references(world.pool)]
    assert all(finding.right for finding in findings)
    assert any("Observation.encounter → Encounter/nowhere" in finding.text for finding in findings)
    assert findings[-1].text.endswith(f"{len(found)} references lead nowhere.")


async def test_a_reference_to_what_was_deleted_leads_nowhere(world: World) -> None:
    await world.put({**observation("kari"), "id": "target"})
    await world.put({**observation("kari"), "id": "left", "hasMember": [{"reference": "Observation/target"}]})
    async with await world.client() as client:
        assert (await client.delete("/Observation/target?_force=true")).status_code == 204
    found = [one.target async for _, _, many in unresolved(world.door) for one in many if one.source.endswith("/left")]
    assert found == ["Observation/target"]
