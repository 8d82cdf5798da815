"""Searches by number and everything of a patient go by an index: none reads all rows, whether few fit or many."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from samjournal.db.pool import Pool
from samjournal.fhir.definitions import load
from samjournal.fhir.keys import patient_key
from samjournal.store.everything import Narrowed, of_patients
from samjournal.store.search.sql import everything
from store.searching import find, plan, store
from world import as_owner

pytestmark = pytest.mark.anyio

UCUM = "http://unitsofmeasure.org"
ROWS, PATIENTS = 20_000, 500


def observation(number: int, random: Random) -> dict[str, Any]:
    kind = random.randrange(20)
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": f"o{number}",
        "code": {"coding": [{"system": "http://loinc.org", "code": f"c{kind}"}]},
        "subject": {"reference": f"Patient/p{number % PATIENTS}"},
    }
    if kind == 7:
        pressures = (("8480-6", random.randint(90, 200)), ("8462-4", random.randint(50, 120)))
        return {**made, "component": [_component(code, value) for code, value in pressures]}
    unit = ("mg/dL", "mmol/L", "/min", "kg")[kind % 4]
    return {**made, "valueQuantity": {"value": round(random.uniform(1, 300), 1), "system": UCUM, "code": unit}}


def _component(code: str, value: float) -> dict[str, Any]:
    coding = [{"system": "http://loinc.org", "code": code}]
    return {"code": {"coding": coding}, "valueQuantity": {"value": value, "system": UCUM, "code": "mm[Hg]"}}


@pytest.fixture(scope="module")
async def many(pool: Pool) -> Pool:
    random = Random(3)
    made = [observation(number, random) for number in range(ROWS)]
    for start in range(0, ROWS, 2000):
        await store(pool, made[start : start + 2000])
    await as_owner(pool, "VACUUM ANALYZE store.current, store.number, store.version")
    return pool


@pytest.mark.parametrize(
    ("pairs", "index"),
    [
        ([("value-quantity", "gt299")], "number_range"),
        ([("value-quantity", "gt5")], "number_range"),
        ([("value-quantity", "150.5||mg/dL")], "number_range"),
        ([("value-quantity", f"1505|{UCUM}|mg/L")], "number_range"),
        ([("value-quantity", "ne150")], "number_range"),
        ([("value-quantity", "ap150||kg,lt2||kg")], "number_range"),
        ([("combo-value-quantity", "ge299")], "number_range"),
        ([("code-value-quantity", "c3$gt299")], "number_range"),
        ([("component-code-value-quantity", "8480-6$gt198")], "number_range"),
        ([("combo-code-value-quantity", "8480-6$gt198")], "current_tokens"),
        ([("patient", "p7"), ("value-quantity", "gt299")], "current_of_patient"),
        ([("patient", "p7"), ("component-code-value-quantity", "8480-6$gt190")], "current_of_patient"),
        ([("patient", "p7"), ("_sort", "-value-quantity")], "current_of_patient"),
    ],
)
async def test_a_search_by_number_takes_an_index(many: Pool, pairs: list[tuple[str, str]], index: str) -> None:
    text = await plan(many, "Observation", pairs)
    assert "Seq Scan" not in text, text
    assert index in text, text


async def test_everything_of_a_patient_goes_by_his_index(many: Pool) -> None:
    text, values = of_patients(
        ["p7"],
        [patient_key("p7")],
        why=lambda *_: "'system'",
        may=everything,
        narrowed=Narrowed(tuple(sorted(load().resources))),
        after=None,
        count=5001,
        size=2**25,
    )
    async with many.snapshot() as db:
        # As where few patients have much each: to read all seems cheaper than to go to each row.
        await db.execute("SET LOCAL random_page_cost = 20")
        told = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {text}", *values))
    assert "Seq Scan on current" not in told, told
    assert "Seq Scan on version" not in told, told
    assert "current_of_patient" in told, told


async def test_a_page_is_the_same_whether_few_fit_or_many(many: Pool) -> None:
    every = await find(many, "Observation", [("value-quantity", "gt-1"), ("_count", "1000")])
    assert len(every) == 1001
    assert every == sorted(every)
    few = await find(many, "Observation", [("value-quantity", "gt295"), ("_count", "1000")])
    assert few == sorted(few)
    assert set(few) <= {f"o{number}" for number in range(ROWS)}
    both = await find(
        many, "Observation", [("value-quantity", "gt295"), ("value-quantity", "gt-1"), ("_count", "1000")]
    )
    assert both == few
