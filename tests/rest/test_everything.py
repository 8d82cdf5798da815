"""`$everything` over HTTP. hl7.org/fhir/R4/patient-operation-everything.html"""

from __future__ import annotations

import sys
from typing import Any

import httpx
import pytest

from world import FNR, World, appointment, observation, patient, stay

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def kari(world: World) -> World:
    """A record of some kinds, and what it refers to."""
    await world.put(
        {"resourceType": "Practitioner", "id": "dr", "name": [{"family": "Lund"}]},
        {"resourceType": "Medication", "id": "pill", "code": {"text": "Paracet"}},
        {"resourceType": "Binary", "id": "scan", "contentType": "text/plain", "data": "aGVp"},
        {**observation("kari", at="2026-11-20T08:00:00Z"), "id": "new", "performer": [{"reference": "Practitioner/dr"}],
         "encounter": {"reference": "Encounter/kari-stay"}},
        {**observation("kari", at="2020-01-01T08:00:00Z"), "id": "old"},
        {**observation("kari", at="2026-11-21T08:00:00Z"), "id": "seen-by",
         "hasMember": [{"reference": "Observation/new"}]},
        {
            "resourceType": "MedicationStatement", "id": "takes", "status": "active", "effectiveDateTime": "2026-11-01",
            "medicationReference": {"reference": "Medication/pill"}, "subject": {"reference": "Patient/kari"},
        },
        {
            "resourceType": "DocumentReference", "id": "letter", "status": "current",
            "subject": {"reference": "Patient/kari"}, "content": [{"attachment": {"url": "Binary/scan"}}],
        },
        {**observation("ola"), "id": "of-ola"},
        # A note about Ola, told by Kari: in her compartment, under his record.
        {**observation("ola"), "id": "told-by-kari", "performer": [{"reference": "Patient/kari"}]},
        {**appointment("kari"), "id": "both", "participant": [
            {"actor": {"reference": f"Patient/{id_}"}, "status": "accepted"} for id_ in ("kari", "ola")
        ]},
    )  # fmt: skip
    return world


def named(answer: httpx.Response, mode: str | None = None) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [
        f"{one['resource']['resourceType']}/{one['resource']['id']}"
        for one in answer.json().get("entry", ())
        if mode in (None, one["search"]["mode"])
    ]


async def test_all_of_a_patient_comes_with_the_patient_first_and_what_it_refers_to(kari: World) -> None:
    async with await kari.client() as client:
        answer = await client.get("/Patient/kari/$everything")
    bundle = answer.json()
    assert named(answer)[0] == "Patient/kari"
    assert set(named(answer, "match")) == {
        "Patient/kari", "Encounter/kari-stay", "Observation/new", "Observation/old", "Observation/seen-by",
        "MedicationStatement/takes", "DocumentReference/letter", "Observation/told-by-kari", "Appointment/both",
    }  # fmt: skip
    assert set(named(answer, "include")) == {
        "Organization/ward", "Practitioner/dr", "Medication/pill", "Binary/scan"
    }  # fmt: skip
    assert (bundle["type"], bundle["total"]) == ("searchset", 9)
    assert [link["relation"] for link in bundle["link"]] == ["self"]
    assert bundle["entry"][0]["fullUrl"] == "http://test/fhir/Patient/kari"


async def test_nobody_elses_record_comes_with_it_though_it_is_referred_to(kari: World) -> None:
    async with await kari.client() as client:
        assert "Patient/ola" not in named(await client.get("/Patient/kari/$everything"))


async def test_post_takes_the_same_as_parameters(kari: World) -> None:
    asked = {"resourceType": "Parameters", "parameter": [
        {"name": "_type", "valueCode": "Observation,Encounter"}, {"name": "start", "valueDate": "2026-01-01"}
    ]}  # fmt: skip
    async with await kari.client() as client:
        by_get = await client.get("/Patient/kari/$everything?_type=Observation,Encounter&start=2026-01-01")
        by_post = await client.post("/Patient/kari/$everything", json=asked)
        with_nothing = await client.post("/Patient/kari/$everything")
    assert named(by_post) == named(by_get)
    assert "Observation/new" in named(by_get)
    assert {name.partition("/")[0] for name in named(by_get)} == {"Observation", "Encounter"}
    assert len(named(with_nothing)) == 13


async def test_times_narrow_what_has_a_date_and_leave_what_has_none(kari: World) -> None:
    async with await kari.client() as client:
        early = named(await client.get("/Patient/kari/$everything?end=2020-12-31"), "match")
        late = named(await client.get("/Patient/kari/$everything?start=2026-11-21&_type=Observation"))
        none = await client.get("/Patient/kari/$everything?_since=2999-01-01T00:00:00Z")
    assert {"Patient/kari", "Observation/old", "DocumentReference/letter"} == set(early)
    # What is of that time refers to what was before, which comes along.
    assert set(late) == {"Observation/seen-by", "Observation/new"}
    assert (named(none), none.json()["total"]) == ([], 0)


async def test_pages_hold_all_of_it_once_while_others_write(kari: World) -> None:
    async with await kari.client() as client:
        whole = named(await client.get("/Patient/kari/$everything"), "match")
        seen: list[str] = []
        url: str | None = "/Patient/kari/$everything?_count=2"
        while url:
            answer = await client.get(url)
            page = named(answer, "match")
            assert len(page) <= 2
            seen += page
            url = next((one["url"] for one in answer.json()["link"] if one["relation"] == "next"), None)
            if len(seen) == 2:
                await kari.put({**observation("kari"), "id": "0-first"})
    assert set(seen) == {*whole, "Observation/0-first"}
    assert len(seen) == len(set(seen))
    await kari.make({**observation("kari")})


async def test_an_encounter_brings_its_own_and_its_patient(kari: World) -> None:
    async with await kari.client() as client:
        answer = await client.get("/Encounter/kari-stay/$everything")
        assert (await client.get("/Encounter/none/$everything")).status_code == 404
    assert named(answer, "match") == ["Encounter/kari-stay", "Observation/new"]
    assert set(named(answer, "include")) == {"Patient/kari", "Organization/ward", "Practitioner/dr"}


async def test_all_ids_of_a_merged_person_count(kari: World) -> None:
    await kari.put(
        {**patient("kari-2", "Nordmann"), "identifier": [{"system": FNR, "value": "2"}],
         "link": [{"type": "replaced-by", "other": {"reference": "Patient/merged"}}]},
        patient("merged", "Nordmann"),
        {**observation("kari-2"), "id": "of-the-second"},
    )  # fmt: skip
    async with await kari.client() as client:
        for id_ in ("merged", "kari-2"):
            found = named(await client.get(f"/Patient/{id_}/$everything"))
            assert found[0] == f"Patient/{id_}"
            assert set(found) == {"Patient/merged", "Patient/kari-2", "Observation/of-the-second"}


async def test_all_patients_come_by_patient_as_far_as_the_reader_sees(kari: World) -> None:
    await kari.put(patient("zoe", "Aas"), {**observation("zoe"), "id": "of-zoe"}, stay("zoe-stay", "zoe"))

    async def walk(client: httpx.AsyncClient, url: str) -> list[str]:
        found: list[str] = []
        following: str | None = url
        while following:
            answer = await client.get(following)
            page = named(answer, "match")
            urls = [one["fullUrl"] for one in answer.json().get("entry", ())]
            assert len(urls) == len(set(urls))
            patients = [name for name in page if name.startswith("Patient/")]
            assert len(patients) <= 1 or len(page) - 1 < 3 + 20
            found += page
            following = next((one["url"] for one in answer.json()["link"] if one["relation"] == "next"), None)
        return found

    async with await kari.client("nurse") as client:
        related = await walk(client, "/Patient/$everything?_count=3")
        assert {name for name in related if name.startswith("Patient/")} == {
            "Patient/kari", "Patient/elias", "Patient/zoe"
        }  # fmt: skip
    async with await kari.client("kari") as client:
        mine = await walk(client, "/Patient/$everything")
        assert mine[0] == "Patient/kari"
        assert "Observation/new" in mine
        assert not [name for name in mine if "ola" in name or "zoe" in name]
    async with await kari.client() as client:
        everybody = await walk(client, "/Patient/$everything?_type=Patient")
        assert set(everybody) == {f"Patient/{one}" for one in ("kari", "ola", "elias", "kari-2", "merged", "zoe")}


@pytest.mark.parametrize(
    ("path", "status", "told"),
    [
        ("/Patient/nobody/$everything", 404, "no Patient/nobody"),
        ("/Patient/kari/$everything?_type=Nothing", 400, "_type"),
        ("/Patient/kari/$everything?start=yesterday", 400, "start"),
        ("/Patient/kari/$everything?_count=0", 400, "_count"),
        ("/Patient/kari/$everything?name=x", 400, "name"),
        ("/Patient/kari/$everything?_cursor=AAAA", 400, "link"),
        ("/Observation/new/$everything", 404, "$everything"),
        ("/$everything", 404, "$everything"),
        ("/Patient/$everything?_cursor=WzEsMl0", 400, "link"),
    ],
)
async def test_what_cannot_be_meant_is_refused_in_words(kari: World, path: str, status: int, told: str) -> None:
    async with await kari.client() as client:
        answer = await client.get(path)
    assert answer.status_code == status
    assert told in answer.json()["issue"][0]["diagnostics"]


async def test_what_it_does_not_take_is_left_out_and_told_when_the_client_is_lenient(kari: World) -> None:
    async with await kari.client() as client:
        answer = await client.get("/Patient/kari/$everything?nmae=x", headers={"prefer": "handling=lenient"})
        strict = await client.get("/Patient/kari/$everything?typ=x")
    found = answer.json()
    assert found["entry"][-1]["search"] == {"mode": "outcome"}
    assert "“nmae”" in found["entry"][-1]["resource"]["issue"][0]["diagnostics"]
    assert "nmae" not in found["link"][0]["url"]
    told = strict.json()["issue"][0]
    assert (strict.status_code, told["code"]) == (400, "not-supported")
    assert "Did you mean" in told["diagnostics"] or "it takes" in told["diagnostics"]


async def test_other_methods_are_told_what_can_be_done(kari: World) -> None:
    async with await kari.client() as client:
        answer = await client.delete("/Patient/kari/$everything")
        whatever: Any = await client.post("/Patient/kari/$everything", json=patient("x", "y"))
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS, POST")
    assert whatever.status_code == 400


async def test_a_deleted_patient_is_gone(kari: World) -> None:
    await kari.put(patient("left", "Ut"))
    async with await kari.client() as client:
        assert (await client.delete("/Patient/left")).status_code == 204
        assert (await client.get("/Patient/left/$everything")).status_code == 410


@pytest.mark.parametrize(("limit", "most"), [("MOST", 3), ("MOST_BYTES", 1500)])
async def test_what_is_too_much_for_one_bundle_comes_in_pages(
    kari: World, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(sys.modules["samjournal.record.everything"], limit, most)
    seen: list[str] = []
    async with await kari.client() as client:
        url: str | None = "/Patient/kari/$everything"
        pages = 0
        while url:
            answer = await client.get(url)
            assert "total" not in answer.json()
            seen += named(answer, "match")
            pages += 1
            url = next((one["url"] for one in answer.json()["link"] if one["relation"] == "next"), None)
        of_all: list[str] = []
        url = "/Patient/$everything"
        while url:
            answer = await client.get(url)
            of_all += named(answer, "match")
            url = next((one["url"] for one in answer.json()["link"] if one["relation"] == "next"), None)
    assert pages > 2
    assert len(seen) == len(set(seen)) >= 9
    assert set(seen) <= set(of_all)
    assert {"Patient/ola", "Observation/of-ola", "Patient/zoe"} <= set(of_all)


async def test_no_page_goes_through_more_patients_than_a_hundred(kari: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["samjournal.record.everything"], "_PATIENTS", 2)
    url: str | None = "/Patient/$everything?_type=MedicationStatement"
    pages = []
    async with await kari.client() as client:
        while url:
            answer = await client.get(url)
            pages.append(named(answer))
            url = next((one["url"] for one in answer.json()["link"] if one["relation"] == "next"), None)
    assert [page for page in pages if page] == [["MedicationStatement/takes"]]
    assert len(pages) >= 3


async def test_an_encounter_of_nobody_is_its_units(kari: World) -> None:
    group = {**stay("of-group", "x"), "subject": {"reference": "Group/g"}}
    noted = {
        **observation("x"), "id": "of-the-group", "subject": {"reference": "Group/g"},
        "encounter": {"reference": "Encounter/of-group"}, "performer": [{"reference": "Organization/ward"}],
    }  # fmt: skip
    await kari.put(group, noted)
    async with await kari.client("nurse") as client:
        found = named(await client.get("/Encounter/of-group/$everything"))
    assert found == ["Encounter/of-group", "Observation/of-the-group", "Organization/ward"]
    async with await kari.client("homenurse") as client:
        assert (await client.get("/Encounter/of-group/$everything")).status_code == 404
