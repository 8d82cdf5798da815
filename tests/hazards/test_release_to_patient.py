"""Hazard: the patient reads of cancer or of a gene alone at night, before anybody has talked about it; or what was held
back by decision is found by another way in. Requirement 2.7, pasient- og brukerrettighetsloven section 5-1.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from samjournal.fhir.release import NOPAT, RELEASED
from samjournal.record import Want, open_chart
from world import Resource, World, made, observation, to

pytestmark = pytest.mark.anyio
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"


def report(id_: str, service: str, *, days_ago: int = 0, status: str = "final", **rest: object) -> Resource:
    issued = (datetime.now(UTC) - timedelta(days=days_ago)).isoformat(timespec="seconds")
    return made(
        "DiagnosticReport",
        id_,
        status=status,
        category=[{"coding": [{"system": SERVICE, "code": service}]}],
        code={"text": id_},
        subject=to("Patient/kari"),
        issued=issued,
        conclusion="Svaret",
        **rest,
    )


@pytest.fixture(scope="module")
async def reported(world: World) -> World:
    await world.put(
        report("lab", "LAB"),
        report("unfinished", "LAB", status="partial"),
        report("new-biopsy", "SP", days_ago=13),
        report("old-biopsy", "SP", days_ago=15),
        report("gene", "GE", days_ago=400),
        report("told-gene", "GE", meta={"tag": [RELEASED]}),
        report("held-back", "LAB", meta={"security": [NOPAT]}),
        {**observation("kari"), "id": "reported", "meta": {"security": [NOPAT]}},
        report("names-it", "LAB", result=[to("Observation/reported")]),
    )
    return world


SHOWN = {"lab", "old-biopsy", "told-gene", "names-it"}
HELD = {"unfinished", "new-biopsy", "gene", "held-back"}


async def test_the_patient_sees_what_is_released_and_staff_all(reported: World) -> None:
    for login, sees in (("kari", SHOWN), ("doctor", SHOWN | HELD), (None, SHOWN | HELD)):
        async with await reported.client(login) as client:
            found = (await client.get("/DiagnosticReport?patient=kari&_total=accurate&_count=50")).json()
            assert {entry["resource"]["id"] for entry in found["entry"]} == sees, login
            assert found["total"] == len(sees)
            for id_ in SHOWN | HELD:
                for path in ("", "/_history", "/_history/1"):
                    answer = await client.get(f"/DiagnosticReport/{id_}{path}")
                    assert (answer.status_code == 200) is (id_ in sees), (login, id_, path)
            counted = (await client.get("/DiagnosticReport?category=GE&_summary=count")).json()
            assert counted["total"] == len({"gene", "told-gene"} & sees)


async def test_nor_does_it_come_along_with_something_else(reported: World) -> None:
    async with await reported.client("kari") as client:
        page = (await client.get("/DiagnosticReport?_id=names-it&_include=*")).json()
        assert {entry["resource"]["id"] for entry in page["entry"]} == {"names-it", "kari"}
        everything = (await client.get("/Patient/kari/$everything?_count=200")).json()
        told = {entry["resource"]["id"] for entry in everything["entry"]}
        assert told.isdisjoint(HELD | {"reported"})
        assert told >= SHOWN
        chained = await client.get("/DiagnosticReport?result.code=8867-4")
        assert chained.json().get("total", 0) == 0
        last = (await client.get("/Observation/$lastn?patient=kari")).json()
        assert "reported" not in {entry["resource"]["id"] for entry in last.get("entry", ())}
        history = (await client.get("/DiagnosticReport/_history?_count=100")).json()
        assert {entry["resource"]["id"] for entry in history["entry"]} == SHOWN
    snapshot = await open_chart(
        reported.door, await reported.permit("kari"), "kari", [Want("reports", "DiagnosticReport")]
    )
    assert {one["id"] for one in snapshot.lists["reports"]} == SHOWN


async def test_it_is_shown_when_it_is_released(reported: World) -> None:
    await reported.put(report("gene", "GE", meta={"tag": [RELEASED]}))
    await reported.put(report("unfinished", "LAB"))
    async with await reported.client("kari") as client:
        assert (await client.get("/DiagnosticReport/gene")).status_code == 200
        assert (await client.get("/DiagnosticReport/unfinished")).status_code == 200
    await reported.put(report("gene", "GE"), report("unfinished", "LAB", status="partial"))
    async with await reported.client("kari") as client:
        assert (await client.get("/DiagnosticReport/gene")).status_code == 404
