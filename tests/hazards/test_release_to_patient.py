"""Hazard: the patient reads of cancer or of a gene alone at night, before anybody has talked about it; or what was held
back by decision is found by another way in. Requirement 2.7, pasient- og brukerrettighetsloven section 5-1.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from samjournal.db import migrate
from samjournal.fhir.release import NOPAT, RELEASED
from samjournal.record import Want, compare_projections, open_chart
from world import Resource, World, made, observation, patient, to

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


# What a report lists is shown with it.

GENE = [{"coding": [{"system": "http://loinc.org", "code": "51969-4"}]}]


def value(id_: str, **rest: object) -> Resource:
    return {**observation("kari"), "id": id_, **rest}


async def seen_of(world: World, login: str, *ids: str) -> set[str]:
    """The Observations that a reader is shown; each of them in every way, and none of the others in any."""
    snapshot = await open_chart(world.door, await world.permit(login), "kari", [Want("values", "Observation")])
    on_pages = {one["id"] for one in snapshot.lists["values"]} & {*ids}
    async with await world.client(login) as client:
        listed = (await client.get(f"/Observation?_id={','.join(ids)}&_total=accurate&_count=50")).json()
        seen = {entry["resource"]["id"] for entry in listed.get("entry", ())}
        assert listed["total"] == len(seen)
        assert on_pages == seen
        history = (await client.get("/Observation/_history?_count=200")).json()
        assert {entry["fullUrl"].rpartition("/")[2] for entry in history.get("entry", ())} & {*ids} == seen
        everything = (await client.get("/Patient/kari/$everything?_count=500")).json()
        assert {entry["resource"]["id"] for entry in everything["entry"]} & {*ids} == seen
        many = (await client.get("/?_type=Observation,Condition&_count=200")).json()
        assert {entry["resource"]["id"] for entry in many.get("entry", ())} & {*ids} == seen
        along = (await client.get("/DiagnosticReport?_count=100&_include=*")).json()
        assert {entry["resource"]["id"] for entry in along.get("entry", ())} & {*ids} <= seen
        batch = {"resourceType": "Bundle", "type": "batch",
                 "entry": [{"request": {"method": "GET", "url": f"Observation/{id_}"}} for id_ in ids]}  # fmt: skip
        answers = (await client.post("", json=batch)).json()["entry"]
        assert {
            id_ for id_, one in zip(ids, answers, strict=True) if one["response"]["status"].startswith("200")
        } == seen
        for id_ in ids:
            for path in ("", "/_history", "/_history/1", "/$meta"):
                assert ((await client.get(f"/Observation/{id_}{path}")).status_code == 200) is (id_ in seen), (
                    id_,
                    path,
                )
            alone = (await client.get(f"/Observation?code=8867-4,51969-4&_id={id_}&_summary=count")).json()
            assert alone["total"] == (id_ in seen)
            chained = (await client.get(f"/Observation?patient.name=Nordmann&_id={id_}")).json()
            assert chained["total"] == (id_ in seen)
        for last in ((await client.get("/Observation/$lastn?patient=kari&max=50")).json(),):
            assert {entry["resource"]["id"] for entry in last.get("entry", ())} & {*ids} == seen
    return seen


@pytest.mark.parametrize("first", ["report", "values", "together"])
async def test_values_are_held_back_with_their_report_whichever_came_first(world: World, first: str) -> None:
    values = [value(f"{first}-a"), value(f"{first}-b")]
    ids = tuple(one["id"] for one in values)
    held = report(f"{first}-gene", "GE", result=[to(f"Observation/{id_}") for id_ in ids])
    if first == "together":
        await world.put(*values, held)
    else:
        for part in ([held], values) if first == "report" else (values, [held]):
            async with await world.client() as client:
                for one in part:
                    url = f"/{one['resourceType']}/{one['id']}"
                    answer = await client.put(url, json=one, headers={"prefer": "handling=lenient"})
                    assert answer.status_code == 201, answer.text
    assert await seen_of(world, "kari", *ids) == set()
    assert await seen_of(world, "doctor", *ids) == {*ids}
    await world.put({**held, "meta": {"tag": [RELEASED]}})
    assert await seen_of(world, "kari", *ids) == {*ids}
    await world.put(held)
    assert await seen_of(world, "kari", *ids) == set()
    await world.put({**held, "result": [to(f"Observation/{ids[0]}")]})
    assert await seen_of(world, "kari", *ids) == {ids[1]}, "what the report no longer lists goes by its own rules"


@pytest.mark.parametrize(
    ("service", "more", "shown"),
    [
        ("LAB", {}, True),
        ("LAB", {"status": "partial"}, False),
        ("LAB", {"meta": {"security": [NOPAT]}}, False),
        ("SP", {"days_ago": 13}, False),
        ("SP", {"days_ago": 15}, True),
        ("GE", {"days_ago": 400}, False),
        ("GE", {"status": "entered-in-error"}, False),
        ("GE", {"meta": {"tag": [RELEASED]}}, True),
        ("GE", {"meta": {"tag": [RELEASED]}, "status": "partial"}, False),
    ],
)
async def test_a_value_is_shown_when_its_report_is(world: World, service: str, more: Resource, shown: bool) -> None:
    await world.put(value("followed"), report("rules", service, result=[to("Observation/followed")], **more))
    assert await seen_of(world, "kari", "followed") == ({"followed"} if shown else set())


async def test_a_report_released_before_its_time_shows_values_that_a_rule_holds_and_no_decision(world: World) -> None:
    gene = value("gene-value", code=GENE[0])
    secret = {**value("secret-value", code=GENE[0]), "meta": {"security": [NOPAT]}}
    named = [to("Observation/gene-value"), to("Observation/secret-value")]
    await world.put(gene, secret, report("gene-report", "GE", result=named))
    assert await seen_of(world, "kari", "gene-value", "secret-value") == set()
    await world.put(report("gene-report", "GE", result=named, meta={"tag": [RELEASED]}))
    assert await seen_of(world, "kari", "gene-value", "secret-value") == {"gene-value"}
    # A report that no rule is about does not show what a rule holds, and of two reports the one held back goes before.
    await world.put(report("gene-report", "LAB", result=named, meta={"tag": [RELEASED]}))
    assert await seen_of(world, "kari", "gene-value", "secret-value") == set()
    await world.put(
        report("gene-report", "GE", result=named, meta={"tag": [RELEASED]}),
        report("other-report", "LAB", status="partial", result=named[:1]),
    )
    assert await seen_of(world, "kari", "gene-value", "secret-value") == set()
    async with await world.client() as client:
        assert (await client.delete("/DiagnosticReport/other-report")).status_code == 204
    assert await seen_of(world, "kari", "gene-value", "secret-value") == {"gene-value"}


async def test_members_of_a_panel_are_shown_with_the_report_of_the_panel(world: World) -> None:
    panel = value("panel", hasMember=[to("Observation/inner"), to("Observation/panel")])
    inner = value("inner", hasMember=[to("Observation/innermost")])
    await world.put(value("innermost"), inner, panel)
    ids = ("panel", "inner", "innermost")
    assert await seen_of(world, "kari", *ids) == {*ids}
    await world.put(report("of-panel", "GE", result=[to("Observation/panel")]))
    assert await seen_of(world, "kari", *ids) == set()
    await world.put(report("of-panel", "GE", result=[to("Observation/panel")], meta={"tag": [RELEASED]}))
    assert await seen_of(world, "kari", *ids) == {*ids}
    await world.put({**panel, "meta": {"security": [NOPAT]}})
    assert await seen_of(world, "kari", *ids) == set(), "what is held back by decision takes its members along"
    await world.put(panel)


async def test_nobody_elses_report_rules_and_every_id_of_the_person_does(world: World) -> None:
    await world.put(value("mine"))
    gene = {**report("of-another", "GE", result=[to("Observation/mine")]), "subject": to("Patient/ola")}
    await world.put(patient("ola", "Nordmann"), gene)
    assert await seen_of(world, "kari", "mine") == {"mine"}
    before = {**patient("kari-before", "Nordmann"), "link": [{"other": to("Patient/kari"), "type": "replaced-by"}]}
    await world.put(before, {**gene, "id": "of-herself", "subject": to("Patient/kari-before")})
    await world.door.persons.refresh(world.pool)
    async with await world.client("kari") as client:
        assert (await client.get("/Observation/mine")).status_code == 404
    await world.put(patient("kari-before", "Nordmann"))
    await world.door.persons.refresh(world.pool)
    assert await seen_of(world, "kari", "mine") == {"mine"}


async def test_doctor_finds_and_sets_right_what_reports_list(world: World) -> None:
    await world.put(value("kept"), report("keeps", "GE", result=[to("Observation/kept")]))
    await world.pool.execute("DELETE FROM access.result")
    assert await seen_of(world, "kari", "kept") == {"kept"}
    drifts = {one.type: one.differing async for one in compare_projections(world.door, world.system, rebuild=True)}
    assert drifts["DiagnosticReport"] > 0
    assert drifts["Observation"] > 0
    assert await seen_of(world, "kari", "kept") == set()
    drifts = {one.type: one.differing async for one in compare_projections(world.door, world.system)}
    assert drifts["DiagnosticReport"] == drifts["Observation"] == 0


async def test_a_record_of_an_earlier_build_holds_results_back_once_it_is_migrated(world: World) -> None:
    named = [to("Observation/earlier/_history/1"), {"display": "x"}, to("Observation/later")]
    await world.put(value("earlier"), value("later"), report("earlier-build", "GE", result=named))
    await world.pool.execute("DELETE FROM access.result")
    (migration,) = (Path(migrate.__file__).parent / "migrations").glob("0022_*.sql")
    _, _, backfill = migration.read_text(encoding="utf-8").rpartition("INSERT INTO access.result")
    await world.as_owner(f"INSERT INTO access.result {backfill.partition(';')[0]}")
    assert await seen_of(world, "kari", "earlier", "later") == set()
    compared = compare_projections(world.door, world.system)
    wrong = {reference async for one in compared for reference in one.wrong}
    assert "DiagnosticReport/earlier-build" not in wrong
