"""`_contained` and `_containedType` over HTTP. hl7.org/fhir/R4/search.html#contained"""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from world import Resource, World, stay

pytestmark = pytest.mark.anyio
ATC = "http://www.whocc.no/atc"


def medication(id_: str, code: str, **more: Any) -> Resource:
    return {"resourceType": "Medication", "id": id_, "code": {"coding": [{"system": ATC, "code": code}]}, **more}


def prescription(id_: str, patient: str, *inside: Resource, **more: Any) -> Resource:
    return {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": "active",
        "intent": "order",
        "subject": {"reference": f"Patient/{patient}"},
        "medicationReference": {"reference": f"#{inside[0]['id']}"},
        "contained": list(inside),
        **more,
    }


@pytest.fixture(scope="module")
async def held(world: World) -> World:
    """Medicines for themselves and in prescriptions, of Kari and of Ola."""
    await world.put(
        medication("stands", "N02BE01"),
        prescription("one", "kari", medication("m1", "N02BE01", batch={"expirationDate": "2027-03-01"})),
        prescription(
            "two", "kari", medication("a", "N02BE01"),
            medication("b", "N02AA01", batch={"expirationDate": "2028-01-01"}),
        ),
        prescription("three", "ola", medication("m1", "N02BE01")),
        {
            "resourceType": "Observation", "id": "with-device", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/kari"}, "device": {"reference": "#d"},
            "contained": [{"resourceType": "Device", "id": "d", "url": "https://devices.example/model/7",
                           "deviceName": [{"name": "Omron M7", "type": "model-name"}]}],
        },
        {
            "resourceType": "Observation", "id": "with-specimen", "status": "final", "code": {"text": "x"},
            "subject": {"reference": "Patient/kari"}, "specimen": {"reference": "#s"},
            "contained": [{"resourceType": "Specimen", "id": "s", "subject": {"reference": "Patient/kari"},
                           "collection": {"collectedDateTime": "2026-11-20T10:00:00+01:00"}}],
        },
    )  # fmt: skip
    return world


async def search(world: World, query: str, login: str | None = None) -> httpx.Response:
    async with await world.client(login) as client:
        return await client.get(f"/{query}")


def told(answer: httpx.Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [entry["fullUrl"].partition("/fhir/")[2] for entry in answer.json().get("entry", ())]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Medication?code=N02BE01", ["Medication/stands"]),
        ("Medication?code=N02BE01&_contained=false", ["Medication/stands"]),
        (
            "Medication?code=N02BE01&_contained=true",
            ["MedicationRequest/one", "MedicationRequest/three", "MedicationRequest/two"],
        ),
        (
            f"Medication?code={ATC}|N02BE01&_contained=true&_containedType=contained",
            ["MedicationRequest/one#m1", "MedicationRequest/three#m1", "MedicationRequest/two#a"],
        ),
        (
            "Medication?code=N02BE01&_contained=both&_containedType=contained",
            ["MedicationRequest/one#m1", "MedicationRequest/three#m1", "MedicationRequest/two#a", "Medication/stands"],
        ),
        ("Medication?code=N02BE01,N02AA01&_contained=true&expiration-date=ge2028", ["MedicationRequest/two"]),
        ("Medication?code=N02BE01&expiration-date=ge2028&_contained=true", []),
        ("Medication?code:not=N02BE01&_contained=true&_containedType=contained", ["MedicationRequest/two#b"]),
        (
            "Medication?expiration-date:missing=false&_contained=true&_containedType=contained",
            ["MedicationRequest/one#m1", "MedicationRequest/two#b"],
        ),
        ("Device?device-name=omron&_contained=true", ["Observation/with-device"]),
        ("Device?device-name=philips&_contained=true", []),
        ("Device?url=https://devices.example/model/7&_contained=true", ["Observation/with-device"]),
        ("Specimen?collected=2026-11-20&_contained=true&patient=kari", ["Observation/with-specimen"]),
        ("Specimen?collected=2026-11-20&_contained=true&patient=ola", []),
        ("Specimen?collected=lt2026-11-20&_contained=true", []),
    ],
)
async def test_what_is_contained_is_found_by_what_it_says(held: World, query: str, found: list[str]) -> None:
    answer = await search(held, query)
    assert told(answer) == found
    assert answer.json()["total"] == len(found)
    for entry in answer.json().get("entry", ()):
        assert entry["search"]["mode"] == "match"
        if "#" in entry["fullUrl"]:
            assert entry["resource"]["id"] == entry["fullUrl"].partition("#")[2]
    counted = await search(held, f"{query}&_summary=count")
    assert counted.json()["total"] == len(found)


async def test_pages_tell_each_once(held: World) -> None:
    seen: list[str] = []
    where: str | None = "Medication?code=N02BE01&_contained=both&_containedType=contained&_count=2"
    async with await held.client() as client:
        while where:
            answer = await client.get(where if "://" in where else f"/{where}")
            seen += told(answer)
            where = next((link["url"] for link in answer.json()["link"] if link["relation"] == "next"), None)
    assert seen == [
        "MedicationRequest/one#m1",
        "MedicationRequest/three#m1",
        "MedicationRequest/two#a",
        "Medication/stands",
    ]


async def test_a_container_is_seen_by_those_for_whom_it_is(held: World) -> None:
    kind = "Medication?code=N02BE01&_contained=true"
    assert told(await search(held, kind, "kari")) == ["MedicationRequest/one", "MedicationRequest/two"]
    assert told(await search(held, kind, "homenurse")) == []
    looks = await held.pool.fetch("SELECT shown, why FROM audit.look WHERE actor = 'kari' AND action = 'search'")
    assert [tuple(row) for row in looks] == [("MedicationRequest/one,two", "self")], "the log names the containers"


async def test_what_is_protected_in_a_container_betrays_nothing(held: World) -> None:
    secret = {
        "resourceType": "Patient", "id": "hidden", "name": [{"family": "Skjult"}],
        "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]},
        "managingOrganization": {"reference": "#o"},
        "contained": [{"resourceType": "Organization", "id": "o", "identifier": [{"value": "refuge-1"}],
                       "address": [{"city": "Skjulestad"}]}],
    }  # fmt: skip
    await held.put(secret, stay("hidden-stay", "hidden"))
    assert (await search(held, "Patient/hidden", "nurse")).status_code == 200
    for query in ("identifier=refuge-1", "address-city=Skjulestad"):
        assert told(await search(held, f"Organization?{query}&_contained=true")) == ["Patient/hidden"]
        assert told(await search(held, f"Organization?{query}&_contained=true", "nurse")) == []


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("Medication?_contained=yes", "is not true, false or both"),
        ("Medication?_contained=true&_containedType=all", "is not container or contained"),
        ("Medication?_contained=true&_contained=both", "stand once each"),
        ("Medication?_contained=true&_id=m1", "not with _id"),
        ("Medication?_contained=true&code:text=para", "not with code:text"),
        ("Medication?_contained=true&_sort=expiration-date", "not with _sort"),
        ("Medication?_contained=true&_include=*", "not with _include"),
        ("Medication?_contained=true&manufacturer.name=x", "not with a chain"),
        ("Medication?_contained=true&cood=x", "code"),
        ("Medication?_contained=true&_cursor=WyIjIiwiYSIsImIiXQ", "page link is broken"),
        ("?_type=Medication,Device&_contained=true", "for searches of one type"),
    ],
)
async def test_what_cannot_be_asked_is_refused_in_words(held: World, query: str, said: str) -> None:
    answer = await search(held, query)
    assert answer.status_code == 400, answer.text
    assert said in answer.json()["issue"][0]["diagnostics"]


async def test_too_many_containers_are_refused_and_a_code_narrows_them(
    held: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("samjournal.record.contained.MOST", 2)
    assert (await search(held, "Medication?_contained=true")).status_code == 400
    assert told(await search(held, "Medication?_contained=true&code=N02AA01")) == ["MedicationRequest/two"]


async def test_many_contained_in_few_are_refused_too(held: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samjournal.record.contained.MOST_INSIDE", 2)
    answer = await search(held, "Medication?_contained=true")
    assert answer.status_code == 400
    assert "contain more than 2 resources" in answer.json()["issue"][0]["diagnostics"]
