"""Hazard: a search that goes over what the reader may not see tells of it: by a chain, `_has`, an include, a list, a
compartment, a filter, a total or an order. House rule 2."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.fhir.keys import patient_key
from world import CONFIDENTIALITY, World, observation, patient, stay, to

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]


def _provenance(id_: str, *targets: str) -> Resource:
    return {
        "resourceType": "Provenance",
        "id": id_,
        "target": [to(one) for one in targets],
        "recorded": "2026-11-20T08:00:00Z",
        "agent": [{"who": to("Practitioner/lie")}],
    }


@pytest.fixture(scope="module")
async def hidden(world: World) -> World:
    """Kari lies on the ward; Ola is nobody's; Elias is on the ward, and where he lives and who his doctor is, is
    protected. Each has what would tell of him."""
    await world.put(
        {"resourceType": "Practitioner", "id": "lie", "name": [{"family": "Lie"}]},
        {"resourceType": "Organization", "id": "secret-clinic", "name": "Hemmelig klinikk"},
        {
            **patient("elias", "Moe"),
            "meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]},
            "address": [{"city": "Hemmelig"}],
            "telecom": [{"system": "phone", "value": "99999999"}],
            "generalPractitioner": [to("Practitioner/lie")],
            "managingOrganization": to("Organization/secret-clinic"),
        },
        stay("ola-stay", "ola", unit="homecare"),
        {
            **observation("ola", code="hiv"),
            "id": "ola-test",
            "encounter": to("Encounter/ola-stay"),
            "performer": [to("Practitioner/lie")],
        },
        {**observation("kari", code="seen"), "id": "kari-test", "performer": [to("Practitioner/lie")]},
        {**observation("elias", code="seen"), "id": "elias-test"},
        # Kari's result refers to one of Ola's.
        {**observation("kari", code="shared"), "id": "kari-linked", "hasMember": [to("Observation/ola-test")]},
        {
            "resourceType": "List",
            "id": "ola-list",
            "status": "current",
            "mode": "working",
            "subject": to("Patient/ola"),
            "entry": [{"item": to("Observation/kari-test")}],
        },
        {
            "resourceType": "List",
            "id": "kari-list",
            "status": "current",
            "mode": "working",
            "subject": to("Patient/kari"),
            "entry": [{"item": to("Observation/kari-test")}, {"item": to("Observation/ola-test")}],
        },
    )
    return world


async def _answer(world: World, query: str, login: str = "nurse") -> dict[str, Any]:
    async with await world.client(login) as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _ids(answer: dict[str, Any]) -> list[str]:
    return [one["resource"]["id"] for one in answer.get("entry", [])]


UNSEEN = [
    # Of Ola, through what the reader may see himself
    "Practitioner?_has:Observation:performer:patient=ola",
    "Practitioner?_has:Observation:performer:code=hiv",
    "Organization?_has:Encounter:service-provider:patient.name=ola&_id=homecare",
    "Observation?patient.name=Ola",
    "Observation?patient._id=ola",
    "Encounter?patient.name=Ola",
    "Encounter?_has:Observation:encounter:code=hiv",
    "Patient?_has:Observation:patient:code=hiv",
    "Patient?_has:Encounter:patient:_has:Observation:encounter:code=hiv",
    "Observation?has-member:Observation.code=hiv",
    "Observation?patient._has:Observation:patient:code=hiv",
    "Patient/ola/Observation",
    "Patient/ola/*",
    "Encounter/ola-stay/Observation",
    "Observation?_list=ola-list",
    "Observation?_list=kari-list&code=hiv",
    "?_type=Observation,Encounter&patient=ola",
    "?_type=Observation&code=hiv",
    "Observation?_filter=patient.name eq Ola",
    "Observation?_filter=code eq hiv or patient re Patient/ola",
    "Patient?_filter=_has:Observation:patient:code eq hiv",
    # Of where Elias lives and who his doctor is
    "Encounter?patient.address-city=Hemmelig",
    "Encounter?patient.phone=99999999",
    "Encounter?patient.organization.name=Hemmelig",
    "Encounter?patient.organization=Organization/secret-clinic",
    "Encounter?patient.general-practitioner.name=Lie",
    "Patient?general-practitioner.name=Lie",
    "Patient?organization.name=Hemmelig",
    "Practitioner?_has:Patient:general-practitioner:name=Elias",
    "Practitioner?_has:Patient:general-practitioner:_id=elias",
    "Organization?_has:Patient:organization:name=Elias",
    "Practitioner/lie/Patient",
    "Patient?_filter=address-city co hemmelig or phone eq 99999999",
    "Patient?_filter=general-practitioner pr true",
    'Encounter?_filter=patient.organization.name eq "hemmelig klinikk"',
]


@pytest.mark.parametrize("query", UNSEEN)
async def test_nothing_is_found_and_nothing_is_counted(hidden: World, query: str) -> None:
    more = "&" if "?" in query else "?"
    assert _ids(await _answer(hidden, query)) == []
    assert (await _answer(hidden, f"{query}{more}_count=1&_total=accurate"))["total"] == 0
    assert (await _answer(hidden, f"{query}{more}_summary=count"))["total"] == 0


@pytest.mark.parametrize("query", UNSEEN)
async def test_it_is_there_for_a_system_that_may_see_it(hidden: World, query: str) -> None:
    """Else the test above would prove nothing."""
    async with await hidden.client() as client:
        answer = await client.get(f"/{query}")
    assert _ids(answer.json()), query


@pytest.mark.parametrize(
    "query",
    [
        "Practitioner?_id=lie&_revinclude=Patient:general-practitioner",
        "Practitioner?_id=lie&_revinclude=*",
        "Practitioner?_id=lie&_revinclude=Patient:*",
        "Organization?_id=secret-clinic&_revinclude=Patient:organization",
        "Organization?_id=secret-clinic&_revinclude:iterate=*",
        "Organization?_id=homecare&_revinclude=Encounter:service-provider",
        "Organization?_id=homecare&_revinclude:iterate=*",
        "Encounter?_id=elias-stay&_include=Encounter:patient&_include:iterate=Patient:*",
        "Encounter?_id=elias-stay&_include:iterate=*",
        "Observation?_id=kari-test&_include=*&_revinclude:iterate=*",
        "List?_id=kari-list&_include=List:item",
    ],
)
async def test_nothing_is_brought_along(hidden: World, query: str) -> None:
    async with await hidden.client("nurse") as client:
        text = (await client.get(f"/{query}")).text
        among = [
            (one["resource"]["resourceType"], one["resource"]["id"])
            for one in (await client.get(f"/{query}")).json().get("entry", [])
        ]
    assert "hiv" not in text
    assert "ola" not in {id_.partition("-")[0] for _, id_ in among}
    if "lie&" in query or "secret-clinic" in query:
        assert ("Patient", "elias") not in among
    if "elias-stay" in query:
        assert ("Practitioner", "lie") not in among
        assert ("Organization", "secret-clinic") not in among


async def test_who_may_see_all_of_it_finds_all_of_it(hidden: World) -> None:
    async with await hidden.client() as client:
        there = await client.get("/Encounter?patient.address-city=Hemmelig")
        gp = await client.get("/Practitioner?_id=lie&_revinclude=Patient:general-practitioner")
    assert _ids(there.json()) == ["elias-stay"]
    assert "elias" in _ids(gp.json())
    assert _ids(await _answer(hidden, "Encounter?patient.address-city=Hemmelig", "elias")) == ["elias-stay"]


async def test_staff_find_what_they_may_see_over_the_same_links(hidden: World) -> None:
    assert _ids(await _answer(hidden, "Observation?patient.name=Kari")) == ["kari-linked", "kari-test"]
    assert _ids(await _answer(hidden, "Encounter?patient.name=Elias")) == ["elias-stay"]
    assert _ids(await _answer(hidden, "Patient?_has:Observation:patient:code=seen")) == ["elias", "kari"]
    assert _ids(await _answer(hidden, "Observation?_list=kari-list")) == ["kari-test"]
    assert _ids(await _answer(hidden, "Patient/kari/Observation")) == ["kari-linked", "kari-test"]
    assert (await _answer(hidden, "Observation?patient.name=Kari,Ola&_total=accurate&_count=1"))["total"] == 2


async def test_a_type_that_the_reader_may_never_search_is_no_link(hidden: World) -> None:
    await hidden.put(_provenance("signed", "Observation/kari-test"))
    async with await hidden.client("nurse") as client:
        by_link = await client.get("/Observation?_has:Provenance:target:agent=Practitioner/lie")
        brought = await client.get("/Observation?_id=kari-test&_revinclude=Provenance:target")
        every = await client.get("/Observation?_id=kari-test&_revinclude=*")
    assert by_link.status_code == 403
    assert _ids(brought.json()) == ["kari-test"]
    assert _ids(every.json()) == ["kari-test", "kari-list"]
    async with await hidden.client(scope="system/Observation.rs") as client:
        assert (await client.get("/Observation?patient.name=Kari")).status_code == 403
        assert (await client.get("/Observation?_list=kari-list")).status_code == 403
        assert (await client.get("/Patient/kari/Observation")).status_code == 200
        assert {one["resource"]["resourceType"] for one in (await client.get("/?_id=kari-test")).json()["entry"]} == {
            "Observation"
        }


@pytest.mark.parametrize(
    "query",
    [
        "Observation?patient._id=kari&code=none",
        "Observation?encounter.patient=kari&code=none",
        "Encounter?_has:Observation:encounter:patient=Patient/kari",
        "Observation?patient.identifier=11834826226&code=none",
        "Patient/kari/Observation?code=none",
        "Observation?_list=kari-list&code=none",
        "?_type=Observation&patient=kari&code=none",
    ],
)
async def test_whom_a_link_names_has_been_looked_at_though_nothing_was_found(hidden: World, query: str) -> None:
    """That there is nothing of the kind is an answer too."""
    before = await _looks_at_kari(hidden)
    assert _ids(await _answer(hidden, query)) == []
    assert await _looks_at_kari(hidden) == before + 1


async def _looks_at_kari(world: World) -> int:
    count: int = await world.pool.fetchval(
        "SELECT count(*) FROM audit.look WHERE patient = $1 AND action = 'search'", patient_key("kari")
    )
    return count


async def test_an_older_version_that_a_reference_names_is_shown_by_the_labels_of_today(hidden: World) -> None:
    """It was written before the address was protected."""
    before = {**patient("late", "Sen"), "address": [{"city": "Hemmelig"}]}
    label = {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}
    named = {**stay("late-stay", "late"), "subject": to("Patient/late/_history/1")}
    await hidden.put(before)
    await hidden.put({**before, "meta": label}, named)
    query = "/Encounter?_id=late-stay&_include=Encounter:patient"
    async with await hidden.client("nurse") as client:
        seen = await client.get(query)
    async with await hidden.client() as client:
        whole = await client.get(query)
    for answer in (seen, whole):
        assert answer.json()["entry"][1]["resource"]["meta"]["versionId"] == "1"
    assert "Hemmelig" not in seen.text
    assert "Hemmelig" in whole.text
