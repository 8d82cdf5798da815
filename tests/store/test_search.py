"""Search finds what fits and nothing else. hl7.org/fhir/R4/search.html"""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.record import query_of, search, search_count
from samjournal.store.search import string
from world import World, appointment, observation, patient

pytestmark = pytest.mark.anyio
FORM = {"content-type": "application/x-www-form-urlencoded"}

LOINC = "http://loinc.org"


@pytest.fixture(scope="module")
async def full(world: World) -> World:
    """Patients and observations with known values."""
    await world.put(
        {
            "resourceType": "Patient",
            "id": "asa",
            "active": True,
            "gender": "female",
            "birthDate": "1970-05",
            "name": [{"family": "Åsheim", "given": ["Åsa", "Marie"]}, {"text": "Dr. Müller-Þór"}],
            "identifier": [{"system": "urn:x", "value": "A,1"}, {"value": "bare"}],
            "address": [{"city": "Ørland", "line": ["100% vei_2"]}],
            "meta": {"tag": [{"system": "urn:t", "code": "one"}], "lastUpdated": "1999-01-01T00:00:00Z"},
            "generalPractitioner": [{"reference": "Organization/ward"}],
        },
        {
            "resourceType": "Patient",
            "id": "ben",
            "gender": "male",
            "birthDate": "1970-05-20",
            "name": [{"family": "Asheim"}],
            "telecom": [{"system": "email", "value": "Ben@Asheim.no"}],
        },
    )
    for number, (code, at) in enumerate(
        [("1", "2026-01-01T10:00:00+01:00"), ("1", "2026-06-15"), ("2", "2026-06"), ("2", "2027")]
    ):
        await world.put({**observation("asa", code=code, at=at), "id": f"o{number}"})
    return world


async def _ids(world: World, query: str) -> list[str]:
    async with await world.client() as client:
        answer = await client.get(f"/{query}")
    assert answer.status_code == 200, answer.text
    return [entry["resource"]["id"] for entry in answer.json().get("entry", [])]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("Patient?email=ben@asheim.no", ["ben"]),
        ("Patient?email=BEN@asheim.no", ["ben"]),
        ("Patient?telecom=Ben@Asheim.no,x", ["ben"]),
        ("Patient?telecom:not=ben@asheim.NO&gender=male", []),
        ("Patient?email=en@asheim.no", []),
        ("Patient?gender=female", ["asa"]),
        ("Patient?gender=http://hl7.org/fhir/administrative-gender|female", ["asa"]),
        ("Patient?gender=female,male", ["asa", "ben"]),
        ("Patient?gender:not=female&name=asheim", ["ben"]),
        ("Patient?active=true", ["asa"]),
        ("Patient?identifier=urn:x|A\\,1", ["asa"]),
        ("Patient?identifier=urn:x|", ["asa"]),
        ("Patient?identifier=bare", ["asa"]),
        ("Patient?identifier=|bare", ["asa"]),
        ("Patient?identifier=urn:y|bare", []),
        ("Patient?_tag=urn:t|one", ["asa"]),
        ("Patient?_id=asa,ben", ["asa", "ben"]),
        ("Patient?_id:not=ben&gender=male", []),
        # å is a letter of its own; ü is u with dots
        ("Patient?name=åsheim", ["asa"]),
        ("Patient?name=ÅSA", ["asa"]),
        ("Patient?family=asheim", ["ben"]),
        ("Patient?name=dr. muller", ["asa"]),
        ("Patient?given=marie", ["asa"]),
        ("Patient?given=arie", []),
        ("Patient?given:contains=rie", ["asa"]),
        ("Patient?family:exact=Åsheim", ["asa"]),
        ("Patient?family:exact=åsheim", []),
        ("Patient?address:contains=100%25", ["asa"]),
        ("Patient?address:contains=i_2", ["asa"]),
        ("Patient?address:contains=i%252", []),
        ("Patient?birthdate=1970", ["asa", "ben"]),
        ("Patient?birthdate=1970-05", ["asa", "ben"]),
        ("Patient?birthdate=1970-05-20", ["ben"]),
        ("Patient?birthdate=gt1970-05-20", ["asa"]),
        ("Patient?birthdate=lt1970-05-20&gender=female", ["asa"]),
        ("Patient?birthdate:missing=true&gender=female", []),
        ("Patient?gender:missing=false&family=asheim", ["ben"]),
        ("Patient?gender:missing=true&_id=asa,kari", ["kari"]),
        ("Patient?general-practitioner=Organization/ward", ["asa"]),
        ("Patient?general-practitioner:Organization=ward", ["asa"]),
        ("Patient?general-practitioner:Practitioner=ward", []),
        ("Patient?_lastUpdated=lt2000-01-01", []),
        ("Patient?_lastUpdated=ge2026-01-01&_id=asa", ["asa"]),
        ("Patient?family=asheim&family=none", []),
        ("Observation?patient=asa", ["o0", "o1", "o2", "o3"]),
        ("Observation?subject=Patient/asa&code=http://loinc.org|1", ["o0", "o1"]),
        ("Observation?patient=asa&code=1,2&date=2026-06", ["o1", "o2"]),
        ("Observation?patient=asa&date=2026-06-15", ["o1"]),
        ("Observation?patient=asa&date=ge2026-06-20", ["o2", "o3"]),
        ("Observation?patient=asa&date=sa2026-06", ["o3"]),
        ("Observation?patient=asa&date=eb2026-06-01", ["o0"]),
        ("Observation?patient=asa&date=ne2026", ["o3"]),
        ("Observation?patient=asa&date=2026-01-01T10:00:00%2B01:00", ["o0"]),
        ("Observation?patient=asa&date=2026-01-01T09:00Z", ["o0"]),
        ("Observation?patient=asa&date=ge2026-01-01&date=lt2026-02-01", ["o0"]),
        ("Observation?patient=asa&_sort=-date", ["o3", "o1", "o2", "o0"]),
        ("Observation?patient=asa&_sort=date&_count=2", ["o0", "o2"]),
        ("Patient?gender:missing=false&_sort=-family&_id=asa,ben", ["asa", "ben"]),
        ("Patient?_id=asa,ben&_sort=birthdate,-_id", ["asa", "ben"]),
        ("Observation?_id=o0&_include=Observation:patient", ["o0", "asa"]),
        ("Observation?_id=o0&_include=Observation:subject:Group", ["o0"]),
        ("Patient?_id=asa&_revinclude=Observation:patient", ["asa", "o0", "o1", "o2", "o3"]),
    ],
)
async def test_search(full: World, query: str, found: list[str]) -> None:
    assert await _ids(full, query) == found


async def test_totals(full: World) -> None:
    async with await full.client() as client:
        accurate = (await client.get("/Observation?patient=asa&_count=1&_total=accurate")).json()
        estimate = (await client.get("/Observation?patient=asa&_count=1&_total=estimate")).json()
        silent = (await client.get("/Observation?patient=asa&_count=1")).json()
        whole = (await client.get("/Observation?patient=asa")).json()
        none = (await client.get("/Observation?patient=asa&_total=none")).json()
        zero = (await client.get("/Observation?patient=asa&_count=0")).json()
    assert (accurate["total"], estimate["total"], whole["total"], zero["total"]) == (4, 4, 4, 4)
    assert "total" not in silent
    assert "total" not in none
    assert "entry" not in zero


async def test_a_search_by_post_is_the_same(full: World) -> None:
    async with await full.client() as client:
        answer = await client.post(
            "/Observation/_search",
            content="patient=asa&code=1",
            headers={"content-type": "application/x-www-form-urlencoded"},
        )
    assert len(answer.json()["entry"]) == 2


async def test_an_update_takes_the_old_values_out_of_the_index(full: World) -> None:
    await full.put({"resourceType": "Patient", "id": "moved", "name": [{"family": "Før"}], "gender": "male"})
    await full.put({"resourceType": "Patient", "id": "moved", "name": [{"family": "Etter"}], "gender": "other"})
    assert await _ids(full, "Patient?family=før") == []
    assert await _ids(full, "Patient?family=etter&gender=other") == ["moved"]
    assert await _ids(full, "Patient?_id=moved&gender=male") == []


async def test_a_deleted_resource_is_not_found(full: World) -> None:
    await full.put({"resourceType": "Patient", "id": "gone", "name": [{"family": "Borte"}]})
    async with await full.client() as client:
        await client.delete("/Patient/gone")
    assert await _ids(full, "Patient?family=borte") == []
    assert await _ids(full, "Patient?_id=gone") == []


async def test_what_names_two_patients_is_found_by_either(full: World) -> None:
    both = appointment("asa", "Patient/ben")
    await full.put({**both, "id": "for-two"})
    assert await _ids(full, "Appointment?patient=asa") == ["for-two"]
    assert await _ids(full, "Appointment?patient=ben") == ["for-two"]
    assert await _ids(full, "Appointment?actor=Patient/ben&date=2026-11-25") == ["for-two"]


async def test_pages_sorted_by_a_quantity_follow_one_another(full: World) -> None:
    values = (5, 5, 0.5, 1200, 3)
    for number, value in enumerate(values):
        await full.put({**observation("ben", value=value), "id": f"sorted-{number}"})
    seen: list[float | None] = []
    url: str | None = "/Observation?patient=ben&_sort=-value-quantity&_count=2"
    async with await full.client() as client:
        while url:
            bundle = (await client.get(url)).json()
            seen += [entry["resource"]["valueQuantity"]["value"] for entry in bundle.get("entry", [])]
            following = [link["url"] for link in bundle["link"] if link["relation"] == "next"]
            url = following[0].removeprefix("http://test/fhir") if following else None
    assert seen == sorted(values, reverse=True)


async def test_a_search_by_quantity_shows_only_what_the_permit_may_see(full: World) -> None:
    await full.put({**observation("kari", value=4321), "id": "on-the-ward"})
    await full.put({**observation("ola", value=4321), "id": "elsewhere"})
    async with await full.client("doctor") as client:
        answer = (await client.get("/Observation?value-quantity=4321&_total=accurate")).json()
    assert [entry["resource"]["id"] for entry in answer["entry"]] == ["on-the-ward"]
    assert answer["total"] == 1
    assert await _ids(full, "Observation?value-quantity=4321") == ["elsewhere", "on-the-ward"]
    assert await _ids(full, "Observation?code-value-quantity=8867-4$ge4321") == ["elsewhere", "on-the-ward"]


async def test_an_update_takes_the_old_number_out_of_the_index(full: World) -> None:
    await full.put({**observation("asa", value=9876), "id": "counted"})
    await full.put({**observation("asa", value=9877), "id": "counted"})
    assert await _ids(full, "Observation?value-quantity=9876") == []
    assert await _ids(full, "Observation?value-quantity=9877") == ["counted"]


async def test_references_are_found_by_their_identifiers(full: World) -> None:
    number = {"system": "urn:oid:2.16.578.1.12.4.1.4.4", "value": "9144900"}
    by_number = {**observation("asa"), "id": "by-number", "performer": [{"identifier": number}]}
    await full.put(by_number, {**observation("asa"), "id": "by-name", "performer": [{"display": "Ukjent lege"}]})
    for query in ("9144900", "urn:oid:2.16.578.1.12.4.1.4.4|9144900", "urn:oid:2.16.578.1.12.4.1.4.4|"):
        assert await _ids(full, f"Observation?performer:identifier={query}") == ["by-number"]
    assert await _ids(full, "Observation?performer:identifier=|9144900") == []
    assert await _ids(full, "Observation?performer=9144900") == []
    assert await _ids(full, "Observation?patient:identifier=asa") == []


async def test_somebody_is_found_by_name_and_birth_date_and_counted(world: World) -> None:
    same = [{**patient(f"same-day-{n}", "Nordby"), "birthDate": "1950-05-17" if n % 2 else "1951"} for n in range(6)]
    await world.put(*same)
    asked = [("family", "Nordby"), ("birthdate", "1950-05-17"), ("_total", "accurate"), ("_count", "2")]
    page = await search(world.door, world.system, query_of("Patient", asked))
    assert (len(page.matches), page.total) == (2, 3)
    assert await search_count(world.door, world.system, query_of("Patient", asked[:2])) == 3


async def test_long_texts_are_compared_to_their_end(world: World) -> None:
    long = "".join(f"{number} er et tall " for number in range(400))
    await world.put({"resourceType": "Organization", "id": "long", "name": long + "slutt"})
    async with await world.client() as client:

        async def found(**asked: str) -> bool:
            answer = await client.post(
                "/Organization/_search", content=urlencode({"_id": "long", **asked}), headers=FORM
            )
            assert answer.status_code == 200, answer.text
            return bool(answer.json().get("entry"))

        assert await found(name=long)
        assert not await found(name=long + "begynnelse")
        assert not await found(name=long[:300] + "x")
        assert await found(**{"name:exact": long + "slutt"})
        assert not await found(**{"name:exact": long})
        assert await found(**{"name:contains": "399 er et tall slutt"})


def test_a_value_longer_than_what_is_kept_is_refused() -> None:
    with pytest.raises(Invalid, match="at most 16384"):
        string.condition("x" * 20_000, "exact", "s", Arguments())
