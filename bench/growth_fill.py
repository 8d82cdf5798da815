"""Fifty resources for each person of a region that has its register: what a chart holds, spread over five years."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from samjournal import access, accounts
from samjournal.db.pool import Pool
from samjournal.fhir.parsing import Parsed, compact_of
from samjournal.record import Arrival, Door, bulk, existing, open_door, take_in

EACH = 50
"""Resources of a person, the Patient among them."""
_AT_ONCE = 10
_FLIGHTS = 3
_LABS = ("1988-5", "718-7", "14682-9", "2823-3", "2951-2", "33762-6", "59261-8", "3016-3")
_PROBLEMS = ("I50.9", "J44.9", "E11.9", "I10", "M54.5", "F32.1", "K21.9", "J45.9")
_MEDICINES = ("C03CA01", "C07AB02", "N02BE01", "A10BA02", "R03AC02", "B01AC06", "C10AA05", "N06AB10")
_VACCINES = ("J07BB02", "J07BX03", "J07AM51")
Resource = dict[str, Any]


async def fill(pool: Pool) -> None:
    """Give every Patient who is stored his resources; those who have them are left alone."""
    installation = await accounts.installation(pool)
    assert installation is not None
    door = await open_door(pool, secret=installation.secret)
    ids = iter([row["id"] for row in await pool.fetch("SELECT id FROM access.person ORDER BY id")])
    async with bulk(door), asyncio.TaskGroup() as flights:
        for _ in range(_FLIGHTS):
            flights.create_task(_fill(door, ids))


async def _fill(door: Door, ids: Iterator[str]) -> None:
    permit = access.for_system("growth", scope=None, request="growth")
    while some := list(islice(ids, _AT_ONCE)):
        there = await existing(door, "Observation", [f"{id_}-{EACH - 2}" for id_ in some])
        charts = [one for id_ in some if f"{id_}-{EACH - 2}" not in there for one in _chart(id_)]
        await take_in(door, permit, [Arrival.of(Parsed(one, compact_of(one)), one["id"]) for one in charts])


def _chart(patient: str) -> Iterator[Resource]:
    """All but the Patient itself."""
    rng = random.Random(patient)
    subject = {"reference": f"Patient/{patient}"}
    numbers = iter(range(EACH))

    def made(type_: str, who: str = "subject", **elements: Any) -> Resource:
        return {"resourceType": type_, "id": f"{patient}-{next(numbers)}", who: subject, **elements}

    for _ in range(6):
        day = _day(rng)
        yield {**made("Encounter", status="finished", period={"start": day, "end": day}), "class": _AMBULATORY}
    for code in rng.sample(_PROBLEMS, 3):
        yield made("Condition", code=_code("http://hl7.org/fhir/sid/icd-10", code), recordedDate=_day(rng))
    for code in rng.sample(_MEDICINES, 4):
        medicine = _code("http://www.whocc.no/atc", code)
        yield made(
            "MedicationRequest",
            status="active",
            intent="order",
            medicationCodeableConcept=medicine,
            authoredOn=_day(rng),
        )
    for _ in range(3):
        yield made(
            "Composition",
            status="final",
            type={"text": "Notat"},
            title="Notat",
            date=_day(rng),
            author=[{"display": "Lege"}],
            section=[{"title": "Vurdering", "text": _NOTE}],
        )
    yield made("AllergyIntolerance", "patient", code={"text": "Penicillin"}, recordedDate=_day(rng))
    for code in _VACCINES:
        vaccine = _code("http://www.whocc.no/atc", code)
        yield made("Immunization", "patient", status="completed", vaccineCode=vaccine, occurrenceDateTime=_day(rng))
    yield made("ServiceRequest", status="active", intent="order", authoredOn=_day(rng), code={"text": "Henvisning"})
    for _ in range(10):
        pressure = [_part("8480-6", rng.randint(105, 165)), _part("8462-4", rng.randint(60, 100))]
        yield made("Observation", **_measured("85354-9", "vital-signs", rng), component=pressure)
    for number in range(EACH - 32):
        value = {"value": round(rng.uniform(1, 200), 1), "unit": "mmol/L", "system": _UCUM, "code": "mmol/L"}
        code = _LABS[number % len(_LABS)]
        yield made("Observation", **_measured(code, "laboratory", rng), valueQuantity=value)


_UCUM = "http://unitsofmeasure.org"
_AMBULATORY = {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"}
_NOTE = {
    "status": "generated",
    "div": '<div xmlns="http://www.w3.org/1999/xhtml"><p>Kontroll. Ingen nye plager, uendret behandling.</p></div>',
}
_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def _day(rng: random.Random) -> str:
    return (_NOW - timedelta(minutes=rng.randrange(5 * 365 * 24 * 60))).isoformat()


def _code(system: str, code: str) -> Resource:
    return {"coding": [{"system": system, "code": code, "display": code}]}


def _measured(code: str, category: str, rng: random.Random) -> Resource:
    return {
        "status": "final",
        "category": [_code("http://terminology.hl7.org/CodeSystem/observation-category", category)],
        "code": _code("http://loinc.org", code),
        "effectiveDateTime": _day(rng),
    }


def _part(code: str, value: int) -> Resource:
    return {
        "code": _code("http://loinc.org", code),
        "valueQuantity": {"value": value, "unit": "mm[Hg]", "system": _UCUM, "code": "mm[Hg]"},
    }
