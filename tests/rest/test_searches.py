"""Searches of several types, of compartments and of lists; what may be left out, and what is refused.

hl7.org/fhir/R4/http.html#search
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from samjournal.db.pool import connect
from samjournal.fhir import parameters, xml
from samjournal.fhir.compartments import COMPARTMENTS, members
from samjournal.fhir.dates import OSLO
from samjournal.fhir.structure import check
from world import World, observation, patient, stay, to

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]
FORM = {"content-type": "application/x-www-form-urlencoded"}
LENIENT = {"prefer": "handling=lenient"}


@pytest.fixture(scope="module")
async def full(world: World) -> World:
    """Two patients with a stay, measurements and a list, and a doctor."""
    await world.put(
        {"resourceType": "Practitioner", "id": "lie", "name": [{"family": "Lie"}]},
        {**patient("asa", "Hansen"), "generalPractitioner": [to("Practitioner/lie")]},
        patient("bo", "Hansen"),
        stay("asa-stay", "asa"),
        {**observation("asa", code="1"), "id": "a1", "encounter": to("Encounter/asa-stay")},
        {**observation("asa", code="2"), "id": "a2", "performer": [to("Practitioner/lie")]},
        {**observation("bo", code="1"), "id": "b1"},
        {
            "resourceType": "List",
            "id": "chosen",
            "status": "current",
            "mode": "working",
            "subject": to("Patient/asa"),
            "entry": [
                {"item": to("Observation/a1")},
                {"item": to("Observation/b1/_history/1")},
                {"item": to("Patient/bo")},
                {"item": to("Observation/a2"), "deleted": True},
                {"item": {"display": "Noe annet"}},
            ],
        },
    )
    return world


async def found(world: World, query: str, *, login: str | None = None) -> list[str]:
    async with await world.client(login) as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    entries = answer.json().get("entry", [])
    return [f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in entries]


@pytest.mark.parametrize("reference", ["Patient/asa", "Patient/asa/_history/1", "asa"])
async def test_a_patient_is_named_with_a_version_or_without(full: World, reference: str) -> None:
    assert sorted(await found(full, f"Observation?subject={reference}")) == ["Observation/a1", "Observation/a2"]
    assert sorted(await found(full, f"Observation?patient:Patient={reference}&status=final")) == [
        "Observation/a1",
        "Observation/a2",
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("Patient/asa/Observation", ["Observation/a1", "Observation/a2"]),
        ("Patient/asa/Observation?code=2", ["Observation/a2"]),
        ("Patient/asa/Observation?patient.family=hansen&code=2", ["Observation/a2"]),
        ("Patient/asa/Patient", ["Patient/asa"]),
        ("Patient/none/Observation", []),
        ("Encounter/asa-stay/Observation", ["Observation/a1"]),
        ("Encounter/asa-stay/Encounter", ["Encounter/asa-stay"]),
        ("Practitioner/lie/Observation", ["Observation/a2"]),
        ("Practitioner/lie/Patient", ["Patient/asa"]),
        ("Practitioner/lie/*", ["Observation/a2", "Patient/asa", "Practitioner/lie"]),
        ("Patient/asa/*", ["Encounter/asa-stay", "List/chosen", "Observation/a1", "Observation/a2", "Patient/asa"]),
        ("Patient/asa/*?_type=Observation,Encounter", ["Encounter/asa-stay", "Observation/a1", "Observation/a2"]),
        ("Patient/asa/Observation?_include=Observation:performer&code=2", ["Observation/a2", "Practitioner/lie"]),
        ("Observation?_list=chosen", ["Observation/a1", "Observation/b1"]),
        ("Observation?_list=List/chosen&patient=asa", ["Observation/a1"]),
        ("Patient?_list=chosen,none", ["Patient/bo"]),
        ("Patient?_list=none", []),
        ("?_type=Patient,Observation&_id=asa,a1", ["Observation/a1", "Patient/asa"]),
        ("?_type=Observation,Encounter&patient=asa", ["Encounter/asa-stay", "Observation/a1", "Observation/a2"]),
        (
            "?_type=Observation,Encounter&patient.family=hansen&patient.name=asa&_summary=true",
            ["Encounter/asa-stay", "Observation/a1", "Observation/a2"],
        ),
        ("?_id=asa,lie", ["Patient/asa", "Practitioner/lie"]),
        (
            "?_type=Observation&code=2&_include=Observation:performer&_revinclude=Provenance:target",
            ["Observation/a2", "Practitioner/lie"],
        ),
    ],
)
async def test_it_finds_what_lies_there(full: World, query: str, expected: list[str]) -> None:
    assert await found(full, query) == expected


@pytest.mark.parametrize("sort", ["", "&_sort=_lastUpdated", "&_sort=-_lastUpdated", "&_sort=_id", "&_sort=-_id"])
async def test_pages_of_several_types_hold_everything_once(full: World, sort: str) -> None:
    seen: list[Resource] = []
    url: str | None = f"/?_type=Encounter,Observation,Patient&_count=2&_total=accurate{sort}"
    async with await full.client() as client:
        while url:
            bundle = (await client.get(url)).json()
            seen += [one["resource"] for one in bundle.get("entry", [])]
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
        counted = (await client.get("/?_type=Encounter,Observation,Patient&_summary=count")).json()["total"]
    assert bundle["total"] == counted == len(seen)
    assert len({(one["resourceType"], one["id"]) for one in seen}) == len(seen)
    if sort:
        keys = [one["id"] if "_id" in sort else one["meta"]["lastUpdated"] for one in seen]
        assert keys == sorted(keys, reverse="-" in sort)


async def test_the_same_by_post(full: World) -> None:
    async with await full.client() as client:
        everything = await client.post("/_search", content="_type=Patient&_id=asa", headers=FORM)
        within = await client.post("/Patient/asa/Observation/_search", content="code=2", headers=FORM)
    assert [one["resource"]["id"] for one in everything.json()["entry"]] == ["asa"]
    assert [one["resource"]["id"] for one in within.json()["entry"]] == ["a2"]
    assert within.json()["link"][0]["url"].endswith("/Patient/asa/Observation?code=2")


@pytest.mark.parametrize(
    ("method", "path", "can"),
    [
        ("GET", "/_search", "OPTIONS, POST"),
        ("PUT", "/_search", "OPTIONS, POST"),
        ("DELETE", "/_search", "OPTIONS, POST"),
        ("GET", "/Patient/_search", "OPTIONS, POST"),
        ("DELETE", "/Patient/_search", "OPTIONS, POST"),
        ("GET", "/Patient/asa/Observation/_search", "OPTIONS, POST"),
        ("POST", "/_history", "GET, HEAD, OPTIONS"),
        ("PUT", "/Patient/_history", "GET, HEAD, OPTIONS"),
        ("POST", "/Patient/asa/_history", "GET, HEAD, OPTIONS"),
        ("DELETE", "/Patient/asa/_history/1", "GET, HEAD, OPTIONS"),
        ("DELETE", "/Patient/asa/Observation", "GET, HEAD, OPTIONS"),
        ("POST", "/Patient/asa", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("POST", "/metadata", "GET, HEAD, OPTIONS"),
        ("GET", "/Patient/$match", "OPTIONS, POST"),
        ("PUT", "/Patient/asa/$everything", "GET, HEAD, OPTIONS, POST"),
        ("POST", "/SearchParameter/x/$status", "GET, HEAD, OPTIONS"),
        ("PUT", "", "GET, HEAD, OPTIONS, POST"),
    ],
)
async def test_what_an_address_does_not_take_is_told_with_what_it_does(
    full: World, method: str, path: str, can: str
) -> None:
    async with await full.client() as client:
        answer = await client.request(method, path)
        assert (await client.options(path)).headers["allow"] == can
    assert (answer.status_code, answer.headers["allow"]) == (405, can)


async def test_as_entries_of_a_batch(full: World) -> None:
    urls = ("?_type=Patient&_id=asa", "Patient/asa/Observation?code=2", "Patient/asa/*?_type=Encounter")
    batch = {
        "resourceType": "Bundle",
        "type": "batch",
        "entry": [{"request": {"method": "GET", "url": url}} for url in urls],
    }
    async with await full.client() as client:
        entries = (await client.post("/", json=batch)).json()["entry"]
    assert [one["resource"]["entry"][0]["resource"]["id"] for one in entries] == ["asa", "a2", "asa-stay"]


@pytest.mark.parametrize("compartment", COMPARTMENTS)
def test_what_puts_something_in_a_compartment_is_a_reference_to_what_it_is_of(compartment: str) -> None:
    for type_, codes in members(compartment).items():
        known = parameters.for_type(type_)
        for code in codes:
            if code == "_id":
                assert type_ == compartment
            else:
                assert known[code].type == "reference"
                assert not known[code].targets or compartment in known[code].targets, (type_, code)


@pytest.mark.parametrize(
    ("query", "status", "told"),
    [
        ("Patient/asa/Organization", 400, "A Organization never lies in the compartment of a Patient."),
        ("Organization/ward/Patient", 404, "Organization has no compartment; Device, Encounter, Patient"),
        ("Patient/asa/Obsevation", 404, "is not a resource type"),
        ("?_type=Pasient", 400, "Did you mean “Patient”?"),
        ("?_type=Patient,Observation&family=x", 400, "Observation has no search parameter “family”."),
        ("?patient=asa", 400, "Name the types that are meant: _type="),
        ("?_type=Patient,Observation&_sort=birthdate", 400, "cannot be sorted"),
        ("?_type=Observation&_sort=date", 400, "is sorted by _id or _lastUpdated"),
        ("?_type=Patient&_elements=name", 400, "_elements names elements of one type"),
        ("Observation?_list=$current-problems", 400, "this server keeps no such list"),
        ("Observation?_list=a/b/c", 400, "is not the id of a List"),
        ("Observation?_list:not=a", 400, "does not take the modifier"),
        ("Patient?" + "&".join(f"name=x{n}" for n in range(61)), 400, "more than 60 conditions"),
        ("Patient?_type=Patient", 400, "It is for searches of several types"),
        ("Patient?_sort=" + ",".join(["name"] * 11), 400, "at most 10 are sorted by"),
    ],
)
async def test_what_cannot_be_meant_is_told_in_words(full: World, query: str, status: int, told: str) -> None:
    async with await full.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == status
    assert told in answer.json()["issue"][0]["diagnostics"]


async def test_a_lenient_search_leaves_out_what_is_unknown_and_says_so(full: World) -> None:
    query = "/Patient?_id=asa&favourite=x&patient.name=y&_has:Observation:pasient:code=z"
    async with await full.client() as client:
        strict = await client.get(query)
        told_strict = await client.get(query, headers={"prefer": "handling=strict"})
        answer = await client.get(query, headers=LENIENT)
        counted = await client.get(f"{query}&_summary=count", headers=LENIENT)
    assert (strict.status_code, told_strict.status_code, answer.status_code) == (400, 400, 200)
    match, outcome = answer.json()["entry"]
    assert (match["search"]["mode"], match["resource"]["id"]) == ("match", "asa")
    assert outcome["search"]["mode"] == "outcome"
    issues = outcome["resource"]["issue"]
    assert {one["severity"] for one in issues} == {"warning"}
    assert [
        next(
            name
            for name in ("favourite", "patient.name", "_has:Observation:pasient:code")
            if f"“{name}”" in one["diagnostics"]
        )
        for one in issues
    ] == ["favourite", "patient.name", "_has:Observation:pasient:code"]
    assert answer.json()["link"] == [{"relation": "self", "url": "http://test/fhir/Patient?_id=asa"}]
    assert (counted.json()["total"], counted.json()["entry"][0]["search"]["mode"]) == (1, "outcome")


async def test_what_was_left_out_is_said_in_xml_too(full: World) -> None:
    async with await full.client() as client:
        answer = await client.get("/Patient?_id=asa&favourite=x&_format=xml", headers=LENIENT)
    bundle = xml.read(answer.content).resource
    assert check(bundle) == []
    assert bundle["entry"][1]["resource"]["resourceType"] == "OperationOutcome"


async def test_a_lenient_search_of_several_types_leaves_out_what_one_of_them_does_not_know(full: World) -> None:
    async with await full.client() as client:
        answer = (await client.get("/?_type=Patient,Practitioner&_id=asa&birthdate=1900", headers=LENIENT)).json()
    assert [one["search"]["mode"] for one in answer["entry"]] == ["match", "outcome"]
    assert "birthdate" not in answer["link"][0]["url"]


@pytest.mark.parametrize(
    "query",
    ["Patient?name:exakt=x", "Patient?birthdate=x", "Patient?_sort=x", "Patient?_include=x", "Patient?_count=x"],
)
async def test_a_lenient_search_forgives_no_wrong_value_and_no_wrong_modifier(full: World, query: str) -> None:
    async with await full.client() as client:
        assert (await client.get(f"/{query}", headers=LENIENT)).status_code == 400


async def test_a_search_that_takes_too_long_says_what_to_narrow(full: World, database: str) -> None:
    """With five hundred patterns to compare each of thirty thousand names with, it does."""
    await full.pool.execute(
        "INSERT INTO store.string SELECT patient, param, type, id, repeat(folded, 40), written, closed"
        " FROM store.string, generate_series(1, 3000)"
    )
    hasty = await connect(database, size=2, statement_timeout=0.4)
    slow = World(replace(full.door, pool=hasty), hasty)
    patterns = ",".join(f"ans{n}" for n in range(500))
    async with await slow.client() as client:
        answer = await client.get(f"/Patient?name:contains={patterns}")
        fine = await client.get("/Patient?_id=asa")
    await hasty.close()
    assert (answer.status_code, fine.status_code) == (503, 200)
    assert "Narrow it: name a patient" in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(("days", "found"), [(1000, True), (905, True), (895, False), (1095, True), (1105, False)])
async def test_about_a_date_is_a_tenth_of_the_time_since(full: World, days: int, found: bool) -> None:
    """R4 recommends a tenth of the gap between the date and now: of a day a thousand days ago, some hundred days."""
    now = datetime.now(UTC)
    id_ = f"about-{days}"
    await full.put({**observation("asa", code="about", at=(now - timedelta(days=days)).isoformat()), "id": id_})
    asked = (now - timedelta(days=1000)).astimezone(OSLO).date()
    async with await full.client() as client:
        answer = await client.get(f"/Observation?_id={id_}&date=ap{asked}")
        exactly = await client.get(f"/Observation?_id={id_}&date={asked}")
    assert bool(answer.json().get("entry")) is found
    assert bool(exactly.json().get("entry")) is (days == 1000)


@pytest.mark.parametrize("asked", ["ap0001-01-01", "ap9999-12-31", "ap2026"])
async def test_about_the_ends_of_the_calendar_is_no_fault(full: World, asked: str) -> None:
    async with await full.client() as client:
        answer = await client.get(f"/Observation?date={asked}")
    assert answer.status_code == 200


async def test_what_overlaps_is_a_word_of_filters_alone(full: World) -> None:
    async with await full.client() as client:
        answer = await client.get("/Observation?date=po2026")
    assert answer.status_code == 400
    assert "is not a date" in answer.json()["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("08:15:30.500Z", True),
        ("08:15:30.5000000Z", True),
        ("09:15:30.500000%2B01:00", True),
        ("08:15:30.5000001Z", False),
        ("08:15:30.501Z", False),
        ("08:15:30Z", True),
    ],
)
async def test_noughts_after_the_milliseconds_say_nothing(full: World, asked: str, found: bool) -> None:
    await full.put({**observation("asa", code="moment", at="2026-11-22T08:15:30.500Z"), "id": "moment"})
    async with await full.client() as client:
        answer = await client.get(f"/Observation?_id=moment&date=2026-11-22T{asked}")
    assert bool(answer.json().get("entry")) is found
