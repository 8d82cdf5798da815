"""Hazard: a confidential address is betrayed by a page, a search, a total or a history. README §7 number 8."""

from __future__ import annotations

import re

import pytest

from samjournal import access
from samjournal.fhir.parsing import Parsed, compact_of
from samjournal.record import Change, change
from world import ACT, CONFIDENTIALITY, HIDDEN_ADDRESS, World, made, patient, stay, to

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    "path",
    [
        "/Patient/elias",
        "/Patient/elias/_history",
        "/Patient/elias/_history/1",
        "/Patient?_id=elias",
        "/Encounter?patient=elias&_include=Encounter:patient",
    ],
)
async def test_staff_with_a_relation_see_the_person_but_not_where_he_lives(world: World, path: str) -> None:
    async with await world.client("nurse") as client:
        answer = await client.get(path)
    assert answer.status_code == 200
    assert "Elias" in answer.text
    assert not HIDDEN_ADDRESS.search(answer.text)
    assert "REDACTED" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "address-city=Hemmelig",
        "address=Skjult",
        "address-postalcode=7777",
        "phone=99999999",
        "telecom=99999999",
    ],
)
async def test_a_search_for_the_address_finds_nothing_and_counts_nothing(world: World, query: str) -> None:
    async with await world.client("nurse") as client:
        assert (await client.get(f"/Patient?{query}&_total=accurate")).json()["total"] == 0
        assert (await client.get(f"/Patient?{query}&_summary=count")).json()["total"] == 0


async def test_a_system_that_may_sees_it_and_finds_it(world: World) -> None:
    async with await world.client() as client:
        assert "Skjult vei" in (await client.get("/Patient/elias")).text
        assert (await client.get("/Patient?address-city=hemmelig")).json()["total"] == 1


async def test_the_person_himself_sees_it(world: World) -> None:
    async with await world.client("elias") as client:
        assert "Skjult vei" in (await client.get("/Patient/elias")).text


async def test_somebody_who_cannot_see_it_cannot_take_it_away(world: World) -> None:
    async with await world.client("nurse") as client:
        seen = (await client.get("/Patient/elias")).json()
        assert (await client.put("/Patient/elias", json=seen)).status_code == 403
    async with await world.client() as client:
        assert "Skjult vei" in (await client.get("/Patient/elias")).text


LABELLED = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}}


async def _nora(world: World) -> None:
    """A person whose address stands wherever R4 lets it stand."""
    await world.put(
        {
            **patient("nora", "Nes"),
            **LABELLED,
            "contained": [{"resourceType": "Organization", "id": "gp", "name": "Hemmelig legesenter"}],
            "generalPractitioner": [{"reference": "#gp"}, {"reference": "Practitioner/hemmelig"}],
            "extension": [
                {"url": "http://x/shared-home", "extension": [{"url": "a", "valueAddress": {"city": "Hemmelig"}}]},
                {"url": "http://x/nationality", "valueString": "norsk"},
            ],
            "_birthDate": {"extension": [{"url": "http://x/birth-place", "valueAddress": {"city": "Hemmelig"}}]},
            "address": [{"city": "Hemmelig"}],
        },
        stay("nora-stay", "nora"),
    )


@pytest.mark.parametrize(
    "path",
    [
        "/Patient/nora",
        "/Patient/nora?_format=xml",
        "/Patient/nora?_elements=address,contained,extension,generalPractitioner",
        "/Patient/nora?_summary=data&_format=xml",
        "/Patient/nora/_history?_format=xml",
        "/Patient/_history",
        "/_history?_summary=true",
        "/Patient?family=Nes&_sort=-address-city&_elements=address",
    ],
)
async def test_no_shape_or_format_of_the_answer_tells_where_somebody_lives(world: World, path: str) -> None:
    await _nora(world)
    async with await world.client("nurse") as client:
        answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    assert "nora" in answer.text
    assert "emmelig" not in answer.text
    if path == "/Patient/nora":
        assert "norsk" in answer.text, "what tells of no place stays"


async def test_who_refers_to_a_doctor_is_not_told_of_the_protected(world: World) -> None:
    await _nora(world)
    await world.put({"resourceType": "Practitioner", "id": "hemmelig"})
    async with await world.client(scope="system/Practitioner.cruds system/Patient.rs") as client:
        answer = await client.delete("/Practitioner/hemmelig")
    assert answer.status_code == 409
    assert "nora" not in answer.text


async def test_a_label_that_was_written_with_escapes_rules_its_version_too(world: World) -> None:
    system = access.for_system("import", scope=None, request="test")
    labelled = {**patient("odd", "Odd"), **LABELLED, "address": [{"city": "Hemmelig"}]}
    for plain, escaped in ((b"/", rb"\/"), (b"v3-C", rb"\u00763-C")):
        written = compact_of(labelled).replace(plain, escaped)
        await change(world.door, system, [Change.received("update", Parsed(labelled, written), id_="odd")])
    await world.put(patient("odd", "Odd"))
    await world.put(stay("odd-stay", "odd"))
    async with await world.client("nurse") as client:
        for path in ("/Patient/odd/_history", "/Patient/odd/_history/1", "/Patient/odd/_history/2"):
            answer = await client.get(path)
            assert answer.status_code == 200
            assert "Hemmelig" not in answer.text, path


async def test_who_is_named_in_a_record_is_hidden_from_its_patient(world: World) -> None:
    """A former partner with a confidential address is no business of the one whose next of kin she was."""
    address = {"line": ["Skjult vei 2"], "city": "Gjemsel", "postalCode": "7778"}
    label = {"meta": {"security": [{"system": CONFIDENTIALITY, "code": "R"}]}, "address": [address]}
    await world.put(made("RelatedPerson", "former", patient=to("Patient/kari"), name=[{"text": "Eva"}], **label))
    async with await world.client("kari") as client:
        found = await client.get("/RelatedPerson?patient=kari&_total=accurate")
        assert found.json()["total"] == 1, "that she is there is no secret"
        for path in (
            "/RelatedPerson/former",
            "/RelatedPerson/former/_history",
            "/RelatedPerson/former/_history/1",
            "/Patient/kari/$everything",
            "/Patient?_revinclude=RelatedPerson:patient",
            "/RelatedPerson?_sort=address-city",
        ):
            answer = await client.get(path)
            assert answer.status_code == 200, path
            assert "Eva" in answer.text, path
            assert not re.search("Gjemsel|7778|Skjult", answer.text), path
        for query in (
            "RelatedPerson?address=Gjemsel",
            "RelatedPerson?address-city:contains=jemse",
            "RelatedPerson?address-postalcode=7778",
            "RelatedPerson?_filter=address-city eq Gjemsel",
            "Patient?_has:RelatedPerson:patient:address-city=Gjemsel",
            "RelatedPerson?_content=Gjemsel",
        ):
            assert (await client.get(f"/{query}&_total=accurate")).json()["total"] == 0, query
        assert (await client.get("/RelatedPerson?address:missing=true&_total=accurate")).json()["total"] == 1
        meta = {"name": "meta", "valueMeta": {"security": [{"system": ACT, "code": "PRS"}]}}
        kept = await client.post(
            "/RelatedPerson/former/$meta-add", json={"resourceType": "Parameters", "parameter": [meta]}
        )
        assert kept.status_code == 403, "what he cannot see he does not write"
