"""Chains and `_has` follow references to any depth, both ways. hl7.org/fhir/R4/search.html#chaining"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.record import links
from world import FNR, World, made, observation, patient, stay, to

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]


@pytest.fixture(scope="module")
async def linked(world: World) -> World:
    """Two hospitals, three patients with their doctors, stays and measurements, and a form with an answer."""
    asa = patient("asa", "Hansen", number="01017012345")
    subject = {"subject": to("Patient/asa")}
    await world.put(
        made("Organization", "south", name="Sørsykehuset", identifier=[{"value": "974"}]),
        made("Organization", "clinic", name="Klinikken", partOf=to("Organization/south")),
        made("Practitioner", "lie", name=[{"family": "Lie"}], gender="female"),
        {**asa, "gender": "female", "managingOrganization": to("Organization/clinic")},
        {**patient("bo", "Hansen"), "gender": "male", "generalPractitioner": [to("Practitioner/lie")]},
        {**patient("cy", "Berg"), "gender": "male", "managingOrganization": to("Organization/south")},
        stay("asa-stay", "asa"),
        {**stay("bo-stay", "bo", status="finished"), "diagnosis": [{"condition": to("Condition/bo-flu")}]},
        made("Condition", "bo-flu", subject=to("Patient/bo"), code={"text": "flu", "coding": [{"code": "J10"}]}),
        {**observation("asa", code="1", value=5), "id": "a1", "encounter": to("Encounter/asa-stay/_history/1")},
        {**observation("asa", code="2", value=50), "id": "a2", "performer": [to("Practitioner/lie")]},
        {**observation("bo", code="1", value=500), "id": "b1", "encounter": to("Encounter/bo-stay")},
        {**observation("cy", code="3"), "id": "c3", "performer": [to("Organization/south")]},
        made("Group", "g", type="person", actual=True, code={"coding": [{"code": "flock"}]}),
        {**observation("x"), "id": "of-group", "subject": to("Group/g")},
        made("Questionnaire", "form", url="http://x/form", version="2", title="Nyresvikt", status="active"),
        made("QuestionnaireResponse", "answer", questionnaire="http://x/form|2", status="completed", **subject),
        made(
            "Provenance",
            "signed",
            target=[to("Observation/a1")],
            recorded="2026-11-20T08:00:00Z",
            agent=[{"who": to("Practitioner/lie")}],
        ),
    )
    return world


async def ids(world: World, query: str, *, login: str | None = None) -> list[str]:
    async with await world.client(login) as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


QUERIES = [
    ("Observation?subject:Patient.name=hansen", ["a1", "a2", "b1"]),
    ("Observation?subject.name=hansen", ["a1", "a2", "b1"]),
    ("Observation?patient.name=hansen&code=1", ["a1", "b1"]),
    ("Observation?patient.name:exact=hansen", []),
    ("Observation?patient.gender:not=female&patient.name=hansen", ["b1"]),
    ("Observation?patient.name=hansen&patient.gender=male", ["b1"]),
    (f"Observation?patient.identifier={FNR}|01017012345", ["a1", "a2"]),
    ("Observation?patient._id=bo", ["b1"]),
    ("Observation?patient.general-practitioner=Practitioner/lie", ["b1"]),
    ("Observation?patient.general-practitioner.family=lie", ["b1"]),
    ("Observation?patient.general-practitioner:missing=true&patient.family=hansen", ["a1", "a2"]),
    ("Observation?patient.organization.name=klinikken", ["a1", "a2"]),
    ("Observation?patient.organization.partof.name=sør", ["a1", "a2"]),
    ("Observation?patient.organization.partof.identifier=974", ["a1", "a2"]),
    ("Observation?patient.organization.partof.partof.name=sør", []),
    ("Observation?patient.birthdate=lt1950&code=3", ["c3"]),
    ("Observation?subject:Group.code=flock", ["of-group"]),
    ("Observation?encounter.status=finished", ["b1"]),
    ("Observation?encounter.status=in-progress", ["a1"]),
    ("Observation?encounter.diagnosis:Condition.code=J10", ["b1"]),
    ("Observation?performer.name=lie,sør", ["a2", "c3"]),
    ("Observation?performer:Practitioner.name=sør", []),
    ("Observation?performer.gender=female", ["a2"]),
    ("Encounter?patient.name=hansen&status=finished", ["bo-stay"]),
    ("QuestionnaireResponse?questionnaire.title=nyre", ["answer"]),
    ("Provenance?target:Observation.patient.family=hansen", ["signed"]),
    ("Patient?_has:Observation:patient:code=1", ["asa", "bo"]),
    ("Patient?_has:Observation:patient:code=1,3&name=hansen", ["asa", "bo"]),
    ("Patient?_has:Observation:patient:code=1&_has:Observation:patient:code=2", ["asa"]),
    ("Patient?_has:Observation:subject:value-quantity=gt100", ["bo"]),
    ("Patient?_has:Observation:patient:code:not=1&family=hansen", ["asa"]),
    ("Patient?_has:Observation:patient:_has:Provenance:target:agent=Practitioner/lie", ["asa"]),
    ("Patient?_has:Encounter:patient:diagnosis:Condition.code=J10", ["bo"]),
    ("Encounter?_has:Observation:encounter:code=1", ["asa-stay", "bo-stay"]),
    ("Encounter?_has:Observation:encounter:value-quantity=5", ["asa-stay"]),
    ("Practitioner?_has:Patient:general-practitioner:name=hansen", ["lie"]),
    ("Practitioner?_has:Observation:performer:patient.name=hansen", ["lie"]),
    ("Organization?_has:Patient:organization:name=berg", ["south"]),
    ("Organization?_has:Organization:partof:_has:Patient:organization:name=hansen", ["south"]),
    ("Questionnaire?_has:QuestionnaireResponse:questionnaire:patient=asa", ["form"]),
    ("Observation?patient._has:Observation:patient:code=2", ["a1", "a2"]),
    ("Observation?encounter._has:Observation:encounter:value-quantity=500", ["b1"]),
    ("Condition?patient._has:Observation:patient:code=1", ["bo-flu"]),
    ("Observation?_has:Provenance:target:agent.name=lie", ["a1"]),
    ("Patient?link:Patient.name=x", []),
]


@pytest.mark.parametrize(("query", "found"), QUERIES)
async def test_a_link_leads_to_what_is_there(linked: World, query: str, found: list[str]) -> None:
    assert await ids(linked, query) == found


FROM_OUTSIDE = [(query, found) for query, found in QUERIES if "&" in query or "patient" in query.lower()]


@pytest.mark.parametrize(("query", "found"), FROM_OUTSIDE)
@pytest.mark.parametrize("most", [0, 1])
async def test_it_leads_to_the_same_from_whichever_end_it_is_followed(
    linked: World, query: str, found: list[str], most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With no room to carry anything over, it is joined by the patient or said to be too much, never something else."""
    monkeypatch.setattr(links, "MAX_FOUND", most)
    async with await linked.client() as client:
        answer = await client.get(f"/{query}")
    if answer.status_code == 200:
        assert [entry["resource"]["id"] for entry in answer.json().get("entry", [])] == found
    else:
        assert "more than is followed at once" in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Observation?patient=bo&encounter.status=finished", ["b1"]),
        ("Observation?code=1&encounter.status=finished,in-progress", ["a1", "b1"]),
        ("Encounter?_id=asa-stay&_has:Observation:encounter:code=1,2,3", ["asa-stay"]),
        ("Practitioner?_id=lie&_has:Patient:general-practitioner:gender=male,female", ["lie"]),
        ("Observation?code=1&encounter.subject:Patient.family=hansen", ["a1", "b1"]),
        ("Observation?code=1&encounter.diagnosis:Condition.code:missing=false", ["b1"]),
    ],
)
async def test_what_is_too_much_from_its_far_end_is_followed_from_the_near_one(
    linked: World, query: str, found: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        await linked.put(stay(f"other-{number}", "cy"), {**observation("cy", code="9"), "id": f"more-{number}"})
    monkeypatch.setattr(links, "MAX_FOUND", 2)
    monkeypatch.setattr(links, "MAX_READ", 2)
    assert await ids(linked, query) == found


async def test_a_merged_person_is_reached_by_either_record(linked: World) -> None:
    await linked.put(
        {**patient("eva-2", "Nygård"), "gender": "female"},
        {**patient("eva", "Gammelgård"), "link": [{"type": "replaced-by", "other": to("Patient/eva-2")}]},
        {**observation("eva", code="77"), "id": "eva-old"},
        {**observation("eva-2", code="78"), "id": "eva-new"},
    )
    assert await ids(linked, "Observation?patient.name=nygård") == ["eva-new", "eva-old"]
    assert await ids(linked, "Observation?patient.name=gammelgård") == ["eva-new", "eva-old"]
    assert await ids(linked, "Patient?_has:Observation:patient:code=77") == ["eva", "eva-2"]


async def test_joined_by_the_patient_a_merged_person_is_reached_too(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MAX_FOUND", 0)
    await test_a_merged_person_is_reached_by_either_record(linked)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("Observation?pasient.name=x", "Observation has no search parameter “pasient”. Did you mean “patient”?"),
        ("Observation?patient.nme=x", "Patient has no search parameter “nme”. Did you mean “name”?"),
        ("Observation?patient.name:exakt=x", "Did you mean “exact”?"),
        ("Observation?subject:Pasient.name=x", "“Pasient” is not a resource type. Did you mean “Patient”?"),
        ("Observation?subject:Encounter.status=x", "Observation.subject never refers to Encounter; it refers to"),
        ("Observation?code.name=x", "Observation.code is a token, and only references are followed"),
        ("Observation?subject.nme=x", "none of Group, Device, Patient, Location has a search parameter “nme”"),
        ("Provenance?target._id=x", "name the one that is meant, such as target:"),
        ("Patient?_has:Observation:patient", "“_has:Observation:patient” is not whole"),
        ("Patient?_has=x", "is not whole"),
        ("Patient?_has:Obervation:patient:code=x", "Did you mean “Observation”?"),
        ("Patient?_has:Observation:pasient:code=x", "Did you mean “patient”?"),
        ("Patient?_has:Observation:encounter:code=x", "Observation.encounter never refers to Patient."),
        ("Patient?_has:Observation:patient:kode=x", "Observation has no search parameter “kode”. Did you mean “code”?"),
        ("Patient?_has:Observation:patient:code:nott=x", "Did you mean “not”?"),
        ("Organization?partof.partof.partof.partof.partof.partof.name=x", "at most 5 links"),
        ("Patient?hasmember.name=x", "Patient has no search parameter “hasmember”"),
        ("Observation?patient.birthdate=yesterday", "is not a date"),
        ("Observation?patient.name=", "has an empty value"),
    ],
)
async def test_what_is_not_understood_is_told_in_words(linked: World, query: str, told: str) -> None:
    async with await linked.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]


async def test_a_link_works_in_a_criterion_and_in_pages(linked: World) -> None:
    async with await linked.client() as client:
        made = await client.put("/Observation?patient.family=berg&code=3", json={**observation("cy"), "id": "c3"})
        assert made.status_code == 200, made.text
        one = (await client.get("/Observation?patient.name=hansen&_count=2&_total=accurate")).json()
        assert (one["total"], [entry["resource"]["id"] for entry in one["entry"]]) == (3, ["a1", "a2"])
        following = next(link["url"] for link in one["link"] if link["relation"] == "next")
        two = (await client.get(following)).json()
        counted = (await client.get("/Observation?patient.name=hansen&_summary=count")).json()
    assert [entry["resource"]["id"] for entry in two["entry"]] == ["b1"]
    assert counted["total"] == 3
