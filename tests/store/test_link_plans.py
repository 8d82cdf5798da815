"""What links lead to is found by an index: no search over links reads all rows, whether few fit or many."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from samjournal.db.pool import Pool
from samjournal.fhir import parameters
from samjournal.fhir.keys import patient_key
from samjournal.store.search import joining, sql
from samjournal.store.search.joining import Among, Joined, Reader, Refers, Under, tokens
from samjournal.store.search.query import Query, parse
from store.searching import store
from world import as_owner

pytestmark = pytest.mark.anyio
ROWS, PATIENTS, ENCOUNTERS = 20_000, 500, 2_000
READER = Reader(lambda _row, _arguments: "true", shows_protected=lambda _type: True, same_person=lambda id_: [id_])


def _observation(number: int, random: Random) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "id": f"o{number}",
        "code": {"coding": [{"code": f"c{random.randrange(20)}"}]},
        "subject": {"reference": f"Patient/p{number % PATIENTS}"},
        "encounter": {"reference": f"Encounter/e{number % ENCOUNTERS}"},
    }


@pytest.fixture(scope="module")
async def many(pool: Pool) -> Pool:
    random = Random(3)
    made = [_observation(number, random) for number in range(ROWS)]
    made += [{"resourceType": "Patient", "id": f"p{number}", "gender": "male"} for number in range(PATIENTS)]
    for start in range(0, len(made), 2000):
        await store(pool, made[start : start + 2000])
    await as_owner(pool, "VACUUM ANALYZE store.current, store.string, store.version")
    return pool


def _encounters(number: int) -> Refers:
    known = parameters.for_type("Observation")["encounter"]
    return Refers(tuple(tokens(known, [f"Encounter/e{one}" for one in range(number)], closed=True)))


def _patients(number: int) -> Under:
    known = parameters.for_type("Observation")["patient"]
    ids = [f"p{one}" for one in range(number)]
    wanted = tokens(known, [f"Patient/{id_}" for id_ in ids], closed=True)
    return Under(tuple(map(patient_key, ids)), tuple(wanted))


QUERIES = {
    "few encounters": (_encounters(3), 30),
    "some encounters": (_encounters(100), 1000),
    "many encounters": (_encounters(1000), 10_000),
    "a patient": (_patients(1), 40),
    "many patients": (_patients(300), 12_000),
    "listed": (Among(("o1", "o2")), 2),
}


@pytest.mark.parametrize("name", QUERIES)
@pytest.mark.parametrize("more", [[], [("_sort", "-_lastUpdated")], [("code", "c1")]])
async def test_a_page_over_links_takes_an_index(many: Pool, name: str, more: list[tuple[str, str]]) -> None:
    asked = parse("Observation", [*more, ("_count", "50")])
    found, expected = QUERIES[name]
    query = Query("Observation", filters=asked.filters, sort=asked.sort, count=50, beyond=(found,))
    made = joining.statement(query, READER)
    text = sql.page(query, made)
    async with many.acquire() as db:
        rows = await db.fetch(text, *made.arguments.values)
        plan = [row[0] for row in await db.fetch(f"EXPLAIN ANALYZE {text}", *made.arguments.values)]
    if not asked.filters:
        assert len(rows) == min(expected, 51)
    read = [line for line in plan if "Seq Scan on current" in line and "never executed" not in line]
    assert not read, "\n".join(plan)


@pytest.mark.parametrize("name", QUERIES)
async def test_a_count_over_links_counts_them_all(many: Pool, name: str) -> None:
    found, expected = QUERIES[name]
    made = joining.statement(Query("Observation", beyond=(found,)), READER)
    async with many.acquire() as db:
        assert await db.fetchval(sql.count(made), *made.arguments.values) == expected


async def test_joined_by_the_patient_it_finds_the_same_as_carried_over(many: Pool) -> None:
    inner = parse("Observation", [("code", "c1"), ("encounter", "Encounter/e7,Encounter/e8")])
    async with many.acquire() as db:
        made = joining.statement(inner, READER)
        homes = {row["patient"] for row in await db.fetch(joining.homes(made, most=1000), *made.arguments.values)}
        found = []
        for condition in (Joined(inner), Under(tuple(homes))):
            query = Query("Patient", beyond=(condition,), count=1000)
            made = joining.statement(query, READER)
            found.append([row["id"] for row in await db.fetch(sql.page(query, made), *made.arguments.values)])
    assert found[0] == found[1]
    assert {patient_key(id_) for id_ in found[0]} == homes != set()
