"""Search parameters that an administrator adds: judged, activated, indexed beside the traffic, searched, taken away."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest

from samjournal.fhir import parameters
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.parsing import parse
from samjournal.record import Arrival, Change, activate, compare_search, open_door, renewal, searched, take_in
from samjournal.record.change import apply, prepare
from samjournal.store import added, renewing
from world import CONFIDENTIALITY, World, observation, patient, search_parameter

pytestmark = pytest.mark.anyio
EXTENSION = "http://example.org/fhir/StructureDefinition/"


async def indexed(world: World, *, batch: int = 100) -> None:
    """Do what the job does until it has nothing to do."""
    while await world.pool.fetchval("SELECT count(*) FROM store.renewal WHERE ready < wanted"):
        await renewal.step(world.door, batch=batch, learnt=timedelta(0))


async def make_active(world: World, resource: dict[str, Any]) -> None:
    await world.put(resource)
    await activate(world.door, world.system, resource["id"])
    await indexed(world)


async def found(world: World, query: str, *, scope: str | None = None, login: str | None = None) -> list[str]:
    async with await world.client(login, scope=scope) as client:
        answer = await client.get(f"/{query}&_count=1000")
        assert answer.status_code == 200, answer.text
        return sorted(entry["resource"]["id"] for entry in answer.json().get("entry", []))


async def refused(world: World, query: str) -> httpx.Response:
    async with await world.client() as client:
        return await client.get(f"/{query}")


def told(answer: httpx.Response) -> str:
    text: str = answer.json()["issue"][0]["diagnostics"]
    return text


async def test_a_parameter_is_searched_once_it_is_active_and_everything_is_indexed(world: World) -> None:
    extended = [{"url": f"{EXTENSION}shoe", "valueString": "Førtitre"}]
    await world.put({**patient("before", "B"), "extension": extended})
    expression = f"Patient.extension.where(url = '{EXTENSION}shoe').value"
    await world.put(search_parameter("shoe", "string", expression))
    await searched.refresh_if_changed(world.pool)
    answer = await refused(world, "Patient?shoe=fort")
    assert (answer.status_code, "stored as SearchParameter/shoe, but it is not active" in told(answer)) == (400, True)
    async with await world.client() as client:
        assert (await client.get("/SearchParameter/shoe/$status")).json()["parameter"][0]["valueBoolean"] is False
        made = await client.post("/SearchParameter/shoe/$activate")
        assert made.status_code == 200, made.text
    answer = await refused(world, "Patient?shoe=fort")
    assert (answer.status_code, "as soon as everything is indexed" in told(answer)) == (503, True)
    await world.put({**patient("meanwhile", "M"), "extension": extended})
    await indexed(world)
    await world.put({**patient("after", "A"), "extension": extended})
    assert await found(world, "Patient?shoe=førti") == ["after", "before", "meanwhile"]
    assert await found(world, "Patient?shoe:exact=Førtitre&family=b") == ["before"]
    assert len(await found(world, "Patient?shoe:missing=true")) >= 3
    await world.put(patient("before", "B"))
    assert await found(world, "Patient?shoe=førti") == ["after", "meanwhile"]
    async with await world.client() as client:
        status = (await client.get("/SearchParameter/shoe/$status")).json()
        named = (await client.get("/metadata")).json()["rest"][0]["resource"]
    (base,) = [one["part"] for one in status["parameter"] if one["name"] == "base"]
    assert {"name": "searched", "valueBoolean": True} in base
    (of_patients,) = [one["searchParam"] for one in named if one["type"] == "Patient"]
    assert ("shoe", "string") in [(one["name"], one["type"]) for one in of_patients]


async def test_what_is_deactivated_is_searched_no_more_and_its_rows_go(world: World) -> None:
    await world.put({**patient("leaves", "L"), "extension": [{"url": f"{EXTENSION}hat", "valueString": "Stråhatt"}]})
    await make_active(
        world, search_parameter("hat", "string", f"Patient.extension.where(url = '{EXTENSION}hat').value")
    )
    rows = "SELECT count(*) FROM store.string WHERE written = 'Stråhatt'"
    assert await world.pool.fetchval(rows) == 1
    async with await world.client() as client:
        assert (await client.post("/SearchParameter/hat/$deactivate")).status_code == 200
    assert (await refused(world, "Patient?hat=strå")).status_code == 400
    await indexed(world)
    assert await world.pool.fetchval(rows) == 0
    assert await found(world, "Patient?family=l") == ["leaves"]
    async with await world.client() as client:
        assert (await client.post("/SearchParameter/hat/$deactivate")).status_code == 200, "twice is once"
        assert (await client.post("/SearchParameter/none/$deactivate")).status_code == 404


@pytest.mark.parametrize(
    ("kind", "expression", "value", "fits", "fits_not"),
    [
        ("token", "Patient.extension('{u}').value", {"valueBoolean": True}, ["true"], ["false"]),
        (
            "token",
            "Patient.extension('{u}').value",
            {"valueCoding": {"system": "urn:s", "code": "c"}},
            ["c", "urn:s|c", "urn:s|"],
            ["d", "|c"],
        ),
        ("token", "Patient.extension('{u}').value is boolean", {"valueBoolean": False}, ["true"], ["false"]),
        ("string", "Patient.extension('{u}').value", {"valueString": "Ål i gelé"}, ["ål", "ÅL I GELE"], ["gel"]),
        (
            "date",
            "Patient.extension('{u}').value",
            {"valueDateTime": "2024-05-06T07:08:09Z"},
            ["2024-05", "ge2024"],
            ["2023", "gt2024-06"],
        ),
        (
            "date",
            "(Patient.extension('{u}').value as Period)",
            {"valuePeriod": {"start": "2020", "end": "2021"}},
            ["ap2020-06"],
            ["2022"],
        ),
        ("number", "Patient.extension('{u}').value", {"valueDecimal": 2.5}, ["2.5", "gt2"], ["4", "lt2"]),
        ("number", "Patient.extension('{u}').value.length()", {"valueString": "four"}, ["4"], ["5"]),
        (
            "quantity",
            "Patient.extension('{u}').value",
            {"valueQuantity": {"value": 5, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}},
            ["5", "5000|http://unitsofmeasure.org|mg"],
            ["6", "5|http://unitsofmeasure.org|mg"],
        ),
        ("uri", "Patient.extension('{u}').value", {"valueUri": "http://a/b"}, ["http://a/b"], ["http://a"]),
        (
            "reference",
            "Patient.extension('{u}').value",
            {"valueReference": {"reference": "Organization/ward"}},
            ["Organization/ward"],
            ["Organization/x"],
        ),
        (
            "reference",
            "Patient.extension('{u}').value.where(resolve() is Organization)",
            {"valueReference": {"reference": "Organization/ward"}},
            ["Organization/ward"],
            ["Practitioner/x"],
        ),
    ],
)
async def test_every_type_of_parameter_finds_what_its_expression_gives(
    world: World, kind: str, expression: str, value: dict[str, Any], fits: Sequence[str], fits_not: Sequence[str]
) -> None:
    url = f"{EXTENSION}{kind}"
    await world.put({**patient("kinds", "K"), "extension": [{"url": url, **value}]})
    more = {"target": ["Organization", "Practitioner"]} if kind == "reference" else {}
    await make_active(world, search_parameter(f"x-{kind}", kind, expression.replace("{u}", url), **more))
    for text in fits:
        assert "kinds" in await found(world, f"Patient?x-{kind}={text}"), text
    for text in fits_not:
        assert "kinds" not in await found(world, f"Patient?x-{kind}={text}"), text
    if kind in ("string", "date", "number", "quantity"):
        assert "kinds" in await found(world, f"Patient?_sort=x-{kind}&_id=kinds")
    if kind == "reference":
        async with await world.client() as client:
            answer = await client.get(f"/Patient?_id=kinds&_include=Patient:x-{kind}")
        assert "ward" in [entry["resource"]["id"] for entry in answer.json()["entry"]]


async def test_one_parameter_may_be_of_several_types_and_a_code_has_the_system_of_its_value_set(world: World) -> None:
    expression = "Observation.status | Encounter.status"
    await make_active(world, search_parameter("state", "token", expression, "Observation", "Encounter"))
    await world.put(observation("kari") | {"id": "stated"})
    assert await found(world, "Observation?_id=stated&state=http://hl7.org/fhir/observation-status|final") == ["stated"]
    assert "kari-stay" in await found(world, "Encounter?state=in-progress")


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"code": "name"}, "R4 has a parameter “name” of Patient already"),
        (
            {"code": "_id", "expression": "Resource.id"},
            "R4 has a parameter “_id” of Patient already, and a search by it needs",
        ),
        (
            {"code": "patient", "base": ["Patient", "Specimen"], "expression": "Specimen.subject"},
            "R4 has a parameter “patient” of Specimen already",
        ),
        ({"code": "_id2"}, "The code is a letter"),
        ({"code": "a:b"}, "The code is a letter"),
        ({"code": "subject"}, "tells under which patient"),
        ({"type": "composite", "expression": "Patient"}, "Parameters of the type composite are not added"),
        ({"type": "special"}, "Parameters of the type special are not added"),
        ({"expression": "Patient.nam"}, "Patient has no element “nam”"),
        ({"expression": "Patient.name["}, "ends too early"),
        ({"expression": "Patient.name", "type": "date"}, "gives HumanName, which is not searched as date"),
        ({"expression": "Observation.status"}, "finds nothing in Patient"),
        ({"expression": "Patient.birthDate < today()"}, "is another tomorrow"),
        ({"expression": "Patient.generalPractitioner.resolve().name"}, "looks into what is referred to"),
        ({"base": ["Resource"]}, "The base Resource is no type that is stored"),
        ({"status": "retired"}, "It is retired"),
        ({"expression": "Patient.name.given" + " | Patient.name.given" * 200}, "longer than"),
    ],
)
async def test_what_cannot_be_searched_is_refused_with_the_reason(
    world: World, changed: dict[str, Any], why: str
) -> None:
    await world.put({**search_parameter("wrong", "token", "Patient.name.given"), **changed})
    async with await world.client() as client:
        answer = await client.post("/SearchParameter/wrong/$activate")
    assert answer.status_code == 422, answer.text
    assert why in told(answer)


async def test_a_code_that_another_has_is_refused(world: World) -> None:
    await make_active(world, search_parameter("taken", "token", "Patient.gender"))
    await world.put({**search_parameter("taker", "token", "Patient.active"), "code": "taken"})
    async with await world.client() as client:
        answer = await client.post("/SearchParameter/taker/$activate")
    assert (answer.status_code, "SearchParameter/taken is active" in told(answer)) == (409, True)


async def test_who_may_not_decide_what_is_searched_by_is_refused(world: World) -> None:
    await world.put(search_parameter("mine", "token", "Patient.gender"))
    async with await world.client("doctor") as client:
        assert (await client.post("/SearchParameter/mine/$activate")).status_code == 403
    async with await world.client(scope="system/*.cruds") as client:
        assert (await client.post("/SearchParameter/mine/$activate")).status_code == 403
    async with await world.client(scope="system/*.cruds search.change") as client:
        assert (await client.post("/SearchParameter/mine/$activate")).status_code == 200
        assert (await client.post("/SearchParameter/none/$activate")).status_code == 404
        assert (await client.post("/Patient/kari/$activate")).status_code == 404
    with pytest.raises(Forbidden):
        await activate(world.door, await world.permit("doctor"), "mine")


async def test_what_was_activated_stays_so_until_it_is_activated_again(world: World) -> None:
    await make_active(world, search_parameter("kept", "token", "Patient.gender"))
    await world.put(search_parameter("kept", "token", "Patient.active"))
    await world.put({**patient("kept-1", "K"), "gender": "other"})
    assert await found(world, "Patient?kept=other") == ["kept-1"]
    async with await world.client() as client:
        status = (await client.get("/SearchParameter/kept/$status")).json()["parameter"]
        assert {"name": "changed", "valueBoolean": True} in status
        await client.post("/SearchParameter/kept/$activate")
    await indexed(world)
    await world.put({**patient("kept-1", "K"), "active": True})
    assert await found(world, "Patient?kept=true") == ["kept-1"]
    async with await world.client() as client:
        await client.delete("/SearchParameter/kept")
    assert await found(world, "Patient?kept=true") == ["kept-1"]


async def test_what_only_protected_fields_give_is_found_by_those_alone_who_see_them(world: World) -> None:
    await make_active(world, search_parameter("town", "token", "Patient.address.city | Patient.name.family"))
    await make_active(world, search_parameter("street", "string", "Patient.address.line"))
    await make_active(world, search_parameter("moved", "date", "Patient.address.period"))
    await make_active(world, search_parameter("home", "string", "Patient.extension.value.city"))
    secret = {"line": ["Bakveien 2"], "city": "Skjulestad", "period": {"start": "2020"}}
    await world.put(
        {
            **patient("hidden", "Åpen"),
            "meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]},
            "address": [secret],
            "extension": [{"url": "http://x/home", "valueAddress": secret}],
        }
    )
    for query in ("town=Skjulestad", "street=bakveien", "home=skjule"):
        assert await found(world, f"Patient?{query}") == ["hidden"], query
        assert await found(world, f"Patient?{query}", scope="system/*.cruds") == [], query
    assert await found(world, "Patient?town=Åpen", scope="system/*.cruds") == ["hidden"]
    assert "hidden" not in await found(world, "Patient?moved=ge2019", scope="system/*.cruds")
    assert "hidden" not in await found(world, "Patient?street:missing=false", scope="system/*.cruds")


async def test_a_relation_is_needed_as_for_every_search(world: World) -> None:
    await make_active(world, search_parameter("sex", "token", "Patient.gender"))
    await world.put({**patient("ola", "Nordmann"), "gender": "other"})
    assert await found(world, "Patient?sex=other&_id=ola") == ["ola"]
    assert await found(world, "Patient?sex=other&_id=ola", login="doctor") == []


async def test_pages_loads_and_rebuilds_index_alike(world: World) -> None:
    await make_active(world, search_parameter("liked", "token", "Patient.communication.preferred"))
    spoken = {"communication": [{"language": {"text": "x"}, "preferred": True}]}
    arrivals = [
        Arrival.of(parse(json.dumps({**patient(f"in-{n}", "I"), **spoken}).encode()), f"in-{n}") for n in range(30)
    ]
    await take_in(world.door, world.system, arrivals)
    await world.make({**patient("x", "I"), **spoken})
    assert len(await found(world, "Patient?liked=true")) == 31
    drifts = [drift async for drift in compare_search(world.door)]
    assert all(drift.differing == 0 for drift in drifts), drifts


async def test_writes_during_the_indexing_are_found_as_they_were_written_last(world: World) -> None:
    people = [{**patient(f"busy-{number}", "Busy"), "gender": "male"} for number in range(120)]
    await world.put(*people)
    await world.put(search_parameter("busy", "token", "Patient.gender"))
    await activate(world.door, world.system, "busy")

    async def change(first: int) -> None:
        for number in range(first, 120, 4):
            await world.put({**people[number], "gender": "female"})

    async with anyio.create_task_group() as group:
        for first in range(2):
            group.start_soon(change, first)
        group.start_soon(lambda: indexed(world, batch=7))
    assert len(await found(world, "Patient?busy=female&family=busy")) == 60
    assert len(await found(world, "Patient?busy=male&family=busy")) == 60
    assert await world.pool.fetchval("SELECT max(version) FROM store.version WHERE id LIKE 'busy-%'") == 2


async def test_two_who_index_at_once_do_it_once_and_right(world: World) -> None:
    await world.put(*({**patient(f"twice-{number}", "Twice"), "gender": "male"} for number in range(90)))
    await world.put(search_parameter("twice", "token", "Patient.gender"))
    await activate(world.door, world.system, "twice")
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(lambda: indexed(world, batch=10))
    assert len(await found(world, "Patient?twice=male&family=twice")) == 90
    drifts = [drift async for drift in compare_search(world.door)]
    assert all(drift.differing == 0 for drift in drifts), drifts


async def test_who_learnt_too_slowly_does_not_forget_what_another_learnt_meanwhile(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    await world.put(search_parameter("learnt-late", "token", "Patient.gender"))
    await activate(world.door, world.system, "learnt-late")
    before, learnt, reading = await added.renewals(world.pool), anyio.Event(), anyio.Event()

    async def slowly(_: object) -> list[added.Renewal]:
        monkeypatch.undo()
        reading.set()
        await learnt.wait()
        return before

    monkeypatch.setattr(added, "renewals", slowly)
    async with anyio.create_task_group() as group:
        group.start_soon(searched.refresh, world.pool)
        await reading.wait()
        await indexed(world)
        learnt.set()
    assert await found(world, "Patient?learnt-late=male&family=nobody") == []


async def test_what_a_program_stored_that_did_not_know_yet_is_looked_after(world: World) -> None:
    await world.put(search_parameter("late", "token", "Patient.gender"))
    before = dict(parameters.ADDED)
    await activate(world.door, world.system, "late")
    after = dict(parameters.ADDED)
    while (
        await world.pool.fetchval("SELECT walked FROM store.renewal WHERE walked IS NOT NULL AND ready < wanted")
        is not None
    ):
        await renewal.step(world.door, learnt=timedelta(0))
    _know(before)
    await world.put({**patient("late-1", "Late"), "gender": "unknown"})
    _know(after)
    await indexed(world)
    assert await found(world, "Patient?late=unknown") == ["late-1"]
    _know(before)
    await world.put({**patient("late-2", "Late"), "gender": "unknown"})
    await searched.refresh(world.pool)
    assert await found(world, "Patient?late=unknown") == ["late-1"]
    await world.pool.execute("UPDATE store.renewal SET looked = looked - interval '2 minutes'")
    while await renewal.step(world.door):
        pass
    assert await found(world, "Patient?late=unknown") == ["late-1", "late-2"]


def _know(what: dict[str, parameters.Added]) -> None:
    parameters.ADDED.clear()
    parameters.ADDED.update(what)


async def test_a_type_is_not_ready_while_somebody_writes_who_began_before(world: World) -> None:
    await world.put(search_parameter("slow", "token", "Patient.gender"))
    async with world.pool.transaction() as db:
        await db.execute("INSERT INTO store.claim (key) VALUES ('slow')")
        await activate(world.door, world.system, "slow")
        for _ in range(20):
            await renewal.step(world.door, learnt=timedelta(0))
        assert (await refused(world, "Patient?slow=male")).status_code == 503
    await indexed(world)
    assert (await refused(world, "Patient?slow=male")).status_code == 200


async def test_another_program_learns_of_it_without_a_restart(world: World) -> None:
    await make_active(world, search_parameter("learnt", "token", "Patient.gender"))
    _know({})
    assert await searched.refresh_if_changed(world.pool) is False
    searched._Known.mark = None
    assert await searched.refresh_if_changed(world.pool) is True
    assert "learnt" in parameters.for_type("Patient")
    assert await searched.refresh_if_changed(world.pool) is False


async def test_a_type_without_added_parameters_is_indexed_as_ever(world: World) -> None:
    stored = await world.make({"resourceType": "Basic", "code": {"text": "x"}})
    assert await world.pool.fetchval("SELECT indexed FROM store.current WHERE id = $1", stored.id) == 0
    assert "Basic" not in parameters.ADDED


async def test_a_door_that_is_opened_knows_what_is_active(world: World) -> None:
    await make_active(world, search_parameter("opened", "token", "Patient.gender"))
    _know({})
    await open_door(world.pool, secret=b"x")
    assert "opened" in parameters.for_type("Patient")


async def test_what_was_prepared_before_is_stored_by_the_newest_set(world: World) -> None:
    prepared = prepare(world.system, Change.update({**patient("prepared", "P"), "gender": "other"}), checked=False)
    await world.put(search_parameter("newest", "token", "Patient.gender"))
    await activate(world.door, world.system, "newest")
    async with world.pool.transaction() as db:
        await apply(world.system, [prepared], db, None, None)
    wanted = await world.pool.fetchval("SELECT max(since) FROM store.parameter WHERE code = 'newest'")
    assert await world.pool.fetchval("SELECT indexed FROM store.current WHERE id = 'prepared'") == wanted


async def test_very_many_are_told_as_the_planner_thinks_and_large_ones_are_taken_one_by_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(renewing, "_COUNTED", 5)
    monkeypatch.setattr(renewing, "_MOST", 1)
    await world.put(*({**patient(f"large-{number}", "Large"), "gender": "male"} for number in range(12)))
    await world.pool.execute("ANALYZE store.current")
    await world.put(search_parameter("large", "token", "Patient.gender"))
    await activate(world.door, world.system, "large")
    await renewal.step(world.door)
    assert await world.pool.fetchval("SELECT total FROM store.renewal WHERE ready < wanted") >= 12
    await renewal.step(world.door)
    assert await world.pool.fetchval("SELECT done FROM store.renewal WHERE ready < wanted") == 1
    await indexed(world)
    assert len(await found(world, "Patient?large=male&family=large")) == 12


async def test_an_expression_that_cannot_be_carried_through_keeps_nothing_from_being_stored(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    await make_active(world, search_parameter("single", "string", "Patient.name.given.single()"))
    for number in range(2):
        await world.put({**patient(f"single-{number}", "S"), "name": [{"given": ["A", "B"]}]})
    await world.put({**patient("single-2", "S"), "name": [{"given": ["Alene"]}]})
    assert await found(world, "Patient?single=alene") == ["single-2"]
    assert sum("cannot be read" in one.message for one in caplog.records) == 1


async def test_a_later_version_that_says_the_same_is_taken_over_without_indexing_anew(world: World) -> None:
    await make_active(world, search_parameter("same", "token", "Patient.gender"))
    await world.put({**search_parameter("same", "token", "Patient.gender"), "description": "Better words"})
    assert [one.changed for one in await searched.all_standing(world.pool) if one.id == "same"] == [True]
    sets = await world.pool.fetchval("SELECT sum(wanted) FROM store.renewal")
    assert (await activate(world.door, world.system, "same")).changed is False
    assert await world.pool.fetchval("SELECT sum(wanted) FROM store.renewal") == sets


async def test_what_no_database_can_hold_is_not_indexed(world: World) -> None:
    spoilt = "Patient.name.family & '\\u0000' | Patient.name.family & '\\ud800' | Patient.name.family"
    await make_active(world, search_parameter("spoilt", "string", spoilt))
    await make_active(world, search_parameter("spoilt-too", "token", spoilt))
    await world.put(patient("spoilt-1", "Hel"))
    assert await found(world, "Patient?spoilt=hel") == ["spoilt-1"]
    assert await found(world, "Patient?spoilt-too=Hel") == ["spoilt-1"]
