"""What a search brings along: all that the includes lead to, once. hl7.org/fhir/R4/search.html#revinclude"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.record import includes
from world import World, made, observation, patient, stay, to

pytestmark = pytest.mark.anyio
Resource = dict[str, Any]


@pytest.fixture(scope="module")
async def linked(world: World) -> World:
    """A pulse that leads to a patient, a stay, a doctor and three organisations, the last part of the first."""
    await world.put(
        made("Organization", "top", name="Øverst v1"),
        made("Organization", "middle", partOf=to("Organization/top")),
        made("Organization", "bottom", partOf=to("Organization/middle")),
        made("Practitioner", "lie", name=[{"family": "Lie"}]),
        {**patient("asa", "Hansen"), "managingOrganization": to("Organization/bottom")},
        stay("asa-stay", "asa"),
        {
            **observation("asa"),
            "id": "pulse",
            "encounter": to("Encounter/asa-stay"),
            "performer": [to("Practitioner/lie"), to("Organization/middle")],
            "hasMember": [to("Observation/member")],
        },
        {**observation("asa", code="1"), "id": "member", "derivedFrom": [to("Observation/pulse")]},
        made(
            "Provenance",
            "signed",
            target=[to("Observation/pulse")],
            recorded="2026-11-20T08:00:00Z",
            agent=[{"who": to("Practitioner/lie")}],
        ),
        made(
            "Provenance",
            "of-signed",
            target=[to("Provenance/signed")],
            recorded="2026-11-20T08:00:00Z",
            agent=[{"who": to("Practitioner/lie")}],
        ),
        made("Questionnaire", "form-1", url="http://x/form", version="1", status="retired"),
        made("Questionnaire", "form-2", url="http://x/form", version="2", status="active"),
        made(
            "QuestionnaireResponse",
            "answer-1",
            questionnaire="http://x/form|1",
            status="completed",
            subject=to("Patient/asa"),
        ),
        made(
            "QuestionnaireResponse",
            "answer-any",
            questionnaire="http://x/form",
            status="completed",
            subject=to("Patient/asa"),
        ),
    )
    await world.put(made("Organization", "top", name="Øverst v2", partOf=to("Organization/bottom")))
    return world


async def brought(world: World, query: str, *, login: str | None = None) -> list[str]:
    async with await world.client(login) as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    entries = answer.json().get("entry", [])
    found = [
        f"{one['resource']['resourceType']}/{one['resource']['id']}"
        for one in entries
        if one["search"]["mode"] == "include"
    ]
    assert len(found) == len(set(found))
    return sorted(found)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Observation?_id=pulse&_include=Observation:subject", ["Patient/asa"]),
        ("Observation?_id=pulse&_include=Observation:performer", ["Organization/middle", "Practitioner/lie"]),
        ("Observation?_id=pulse&_include=Observation:performer:Practitioner", ["Practitioner/lie"]),
        (
            "Observation?_id=pulse&_include=Observation:subject&_include=Observation:encounter",
            ["Encounter/asa-stay", "Patient/asa"],
        ),
        (
            "Observation?_id=pulse&_include=*",
            ["Encounter/asa-stay", "Observation/member", "Organization/middle", "Patient/asa", "Practitioner/lie"],
        ),
        ("Observation?_id=pulse&_include=Observation:*:Organization", ["Organization/middle"]),
        (
            "Observation?_id=pulse&_include=Observation:subject&_include:iterate=Patient:organization",
            ["Organization/bottom", "Patient/asa"],
        ),
        ("Patient?_id=asa&_include=Patient:organization&_include=Patient:link", ["Organization/bottom"]),
        # middle → top → bottom → middle is a circle
        ("Organization?_id=middle&_include:iterate=Organization:partof", ["Organization/bottom", "Organization/top"]),
        ("Organization?_id=middle&_include=Organization:partof", ["Organization/top"]),
        (
            "Observation?_id=pulse&_include:iterate=Observation:has-member&_include:iterate=Observation:derived-from",
            ["Observation/member"],
        ),
        ("Patient?_id=asa&_revinclude=Observation:subject", ["Observation/member", "Observation/pulse"]),
        ("Patient?_id=asa&_revinclude=Observation:subject:Patient", ["Observation/member", "Observation/pulse"]),
        ("Patient?_id=asa&_revinclude=Encounter:*", ["Encounter/asa-stay"]),
        ("Observation?_id=pulse&_revinclude=*", ["Observation/member", "Provenance/signed"]),
        ("Observation?_id=pulse&_revinclude=Provenance:target", ["Provenance/signed"]),
        ("Observation?_id=pulse&_revinclude:iterate=Provenance:target", ["Provenance/of-signed", "Provenance/signed"]),
        (
            "Encounter?_id=asa-stay&_revinclude=Observation:encounter&_include:iterate=Observation:performer",
            ["Observation/pulse", "Organization/middle", "Practitioner/lie"],
        ),
        (
            "Encounter?_id=asa-stay&_revinclude=Observation:encounter&_revinclude:iterate=Provenance:target",
            ["Observation/pulse", "Provenance/of-signed", "Provenance/signed"],
        ),
        ("QuestionnaireResponse?_id=answer-1&_include=QuestionnaireResponse:questionnaire", ["Questionnaire/form-1"]),
        (
            "QuestionnaireResponse?_id=answer-any&_include=*",
            ["Patient/asa", "Questionnaire/form-1", "Questionnaire/form-2"],
        ),
        (
            "Questionnaire?_id=form-2&_revinclude=*",
            ["QuestionnaireResponse/answer-any"],
        ),
        (
            "Questionnaire?_id=form-2&_revinclude=QuestionnaireResponse:questionnaire",
            ["QuestionnaireResponse/answer-any"],
        ),
        ("Patient?_id=none&_revinclude=*", []),
    ],
)
async def test_what_is_named_comes_along_once(linked: World, query: str, found: list[str]) -> None:
    assert await brought(linked, query) == found


async def test_a_reference_to_a_version_brings_that_version(linked: World) -> None:
    await linked.put(made("Organization", "of-old", partOf=to("Organization/top/_history/1")))
    async with await linked.client() as client:
        old = (await client.get("/Organization?_id=of-old&_include=Organization:partof")).json()["entry"][1]
        new = (await client.get("/Organization?_id=middle&_include=Organization:partof")).json()["entry"][1]
        both = (await client.get("/Organization?_id=of-old,middle&_include=Organization:partof")).json()["entry"]
    assert (old["resource"]["meta"]["versionId"], old["resource"]["name"]) == ("1", "Øverst v1")
    assert (new["resource"]["meta"]["versionId"], new["resource"]["name"]) == ("2", "Øverst v2")
    assert [one["resource"]["name"] for one in both[2:]] == ["Øverst v1", "Øverst v2"]


async def test_what_refers_to_a_merged_person_comes_whichever_record_it_names(linked: World) -> None:
    await linked.put(
        patient("eva-2", "Nygård"),
        {**patient("eva", "Gammel"), "link": [{"type": "replaced-by", "other": to("Patient/eva-2")}]},
        {**observation("eva"), "id": "eva-old"},
        {**observation("eva-2"), "id": "eva-new"},
    )
    found = await brought(linked, "Patient?_id=eva-2&_revinclude=Observation:patient")
    assert found == ["Observation/eva-new", "Observation/eva-old"]
    assert await brought(linked, "Observation?_id=eva-old&_include=Observation:patient") == ["Patient/eva"]


async def test_more_than_is_brought_along_is_refused_not_cut_off(
    linked: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(includes, "MAX_INCLUDED", 1)
    async with await linked.client() as client:
        few = await client.get("/Observation?_id=pulse&_include=Observation:subject")
        many = await client.get("/Observation?_id=pulse&_include=*")
        levels = await client.get("/Organization?_id=middle&_include:iterate=Organization:partof")
    assert (few.status_code, many.status_code, levels.status_code) == (200, 400, 400)
    assert "brings along more than 1 resources" in many.text


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("Observation?_include=Observation:subjekt", "Did you mean “subject”?"),
        ("Observation?_include=Obserwation:subject", "Did you mean “Observation”?"),
        ("Observation?_include=Observation:subject:Pasient", "Did you mean “Patient”?"),
        ("Observation?_include=Observation:subject:Encounter", "never refers to Encounter; it refers to"),
        ("Observation?_include=Observation", "name a reference parameter, such as Observation:"),
        ("Observation?_include=Patient:organization", "it is _include:iterate=Patient:organization"),
        ("Observation?_include:recurse=Observation:subject", "write _include:iterate"),
        ("Observation?_include:iterat=Observation:subject", "Did you mean “iterate”?"),
        ("Patient?_revinclude=Observation:encounter", "Observation.encounter never refers to Patient"),
        ("Patient?_revinclude=Observation:subject:Group", "Observation.subject never refers to Patient"),
        ("Patient?" + "&".join(["_revinclude=Observation:subject"] * 31), "at most 30 includes"),
    ],
)
async def test_what_is_not_understood_is_told_in_words(linked: World, query: str, told: str) -> None:
    async with await linked.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 400
    assert told in answer.json()["issue"][0]["diagnostics"]
