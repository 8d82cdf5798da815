"""The register of the region: real municipalities and trusts; units, beds and staff in proportion; a tree."""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from samjournal.demo.endpoints import OUTSIDE
from samjournal.demo.hospitals import BEDS, hospital_units
from samjournal.demo.municipalities import expected, municipalities, total
from samjournal.demo.organisations import register
from samjournal.demo.personas import UNIT_NAMES
from samjournal.demo.places import places
from samjournal.demo.services import municipal_units
from samjournal.demo.staff import at_unit, named, staff
from samjournal.demo.units import units, units_in
from samjournal.fhir.structure import check

OFFICIAL = Path(__file__).parents[3] / "shared" / "norway" / "terminology" / "kommunenummer-3402.json"
SIZES = (0, 500, 20_000, 720_000)
WHOLE = 720_000


@cache
def made(size: int) -> list[dict[str, Any]]:
    return list(register(size))


def of(size: int, type_: str) -> list[dict[str, Any]]:
    return [resource for resource in made(size) if resource["resourceType"] == type_]


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the list of municipalities is not at ../shared")
def test_the_municipalities_are_the_65_real_ones_by_name_and_number() -> None:
    official = json.loads(OFFICIAL.read_text(encoding="utf-8"))
    real = {number: name for number, name in official.items() if number[:2] in ("15", "50")}
    assert len(real) == len(municipalities()) == 65
    assert set(real) == set(municipalities())
    # One of the official names tells of its county, and Sami names come and go: the Norwegian one is there.
    wrong = [name for number, name in real.items() if municipalities()[number].name not in name.split(" (")[0]]
    assert wrong == []


def test_sami_names_stand_beside_the_norwegian_ones() -> None:
    names = {found["id"]: found for found in of(0, "Organization")}
    assert names["snasa-kommune"]["alias"] == ["Snåase"]
    assert municipalities()["5043"].official == "Raarvihke - Røyrvik"


def test_every_municipality_has_a_centre_in_mid_norway_and_postal_towns() -> None:
    for found in municipalities().values():
        latitude, longitude = found.centre
        assert 61.9 < latitude < 65.3
        assert 5.4 < longitude < 14.0
        assert found.towns
        assert all(len(code) == 4 and code[0] in "67" for code, _ in found.towns)


@pytest.mark.parametrize("size", SIZES)
def test_a_region_of_any_size_has_some_of_everything_in_every_municipality(size: int) -> None:
    kinds = (
        "Kommune",
        "Hjemmesykepleie",
        "Helsestasjon",
        "Skolehelsetjeneste",
        "Sykehjem",
        "Sykehjemsavdeling",
        "Psykisk helse og rus",
        "Rehabilitering",
        "Tildeling",
        "Fastlegekontor",
    )
    for number in municipalities():
        assert [kind for kind in kinds if not units_in(number, kind, size)] == [], number
        assert at_unit(units_in(number, "Fastlegekontor", size)[0], "gp")
        assert at_unit(units_in(number, "Hjemmesykepleie", size)[0], "home-nurse")


@pytest.mark.parametrize("size", SIZES)
def test_no_unit_has_the_id_of_another(size: int) -> None:
    found = Counter(resource["id"] for resource in of(size, "Organization"))
    assert found.total() == len(found) == len(units(size)) + 2 * len(OUTSIDE) + 1
    assert sum(1 for _ in hospital_units(size)) == len({unit.id for unit in hospital_units(size)})
    for municipality in municipalities().values():
        some = [unit.id for unit in municipal_units(municipality, size)]
        assert len(some) == len(set(some))


@pytest.mark.parametrize("size", SIZES)
def test_three_trusts_run_the_eight_hospitals(size: int) -> None:
    trusts = {unit.id: unit for unit in units(size).values() if unit.what == "Helseforetak"}
    assert sorted(unit.name for unit in trusts.values()) == [
        "Helse Møre og Romsdal HF",
        "Helse Nord-Trøndelag HF",
        "St. Olavs hospital HF",
    ]
    hospitals = [unit for unit in units(size).values() if unit.service == "Sykehus"]
    assert len(hospitals) == 8
    assert {unit.part_of for unit in hospitals} == set(trusts)


@pytest.mark.parametrize("size", SIZES)
def test_the_units_of_the_personas_keep_their_ids_names_and_beds(size: int) -> None:
    here = units(size)
    assert {id_: here[id_].name for id_ in UNIT_NAMES} == UNIT_NAMES
    assert {ward: here[ward].beds for ward in BEDS} == BEDS
    people = {person.role.practitioner_role_id for person in staff(size)}
    assert {person.role.practitioner_role_id for person in named()} <= people


@pytest.mark.parametrize("size", [0, 100_000])
def test_what_a_resource_refers_to_came_before_it(size: int) -> None:
    seen: set[str] = set()
    for resource in made(size):
        for name in ("partOf", "managingOrganization", "providedBy", "organization", "practitioner"):
            if name in resource:
                assert resource[name]["reference"] in seen, resource["id"]
        name = f"{resource['resourceType']}/{resource['id']}"
        assert name not in seen
        seen.add(name)


@pytest.mark.parametrize("size", [0, 20_000])
def test_every_resource_of_the_register_is_valid(size: int) -> None:
    assert [(one["id"], str(issue)) for one in made(size) for issue in check(one)] == []


def test_ids_of_the_largest_region_are_valid_too() -> None:
    some = [*made(WHOLE)[::40], max(made(WHOLE), key=lambda one: len(one["id"]))]
    assert [(one["id"], str(issue)) for one in some for issue in check(one)] == []


def test_beds_lie_in_rooms_rooms_in_wards_or_at_sites_and_wards_in_hospitals_and_homes() -> None:
    places_by_id = {f"Location/{found['id']}": found for found in of(WHOLE, "Location")}
    above = {"bd": ("ro",), "ro": ("wa", "si"), "wa": ("si",)}
    for found in places_by_id.values():
        kind = found["physicalType"]["coding"][0]["code"]
        if kind in above:
            around = places_by_id[found["partOf"]["reference"]]
            assert around["physicalType"]["coding"][0]["code"] in above[kind], found["id"]
        else:
            assert found["position"]


def test_the_whole_region_has_beds_and_staff_as_the_real_one() -> None:
    here = units(WHOLE).values()
    hospital = sum(len(unit.beds) for unit in here if unit.what == "Sengepost")
    homes = sum(len(unit.beds) for unit in here if unit.service == "Sykehjemsavdeling")
    assert 1_400 < hospital < 2_200
    assert 5_000 < homes < 6_500
    roles = Counter(person.role.code for person in staff(WHOLE))
    assert 33_000 < sum(roles.values()) < 45_000
    assert 750 < roles["gp"] < 950
    assert min(roles[code] for code in ("nurse", "home-nurse", "care-worker", "doctor")) > 1_500


def test_a_small_region_has_a_small_register() -> None:
    assert len(made(500)) < 6_000


def test_professionals_and_bodies_have_numbers_of_their_own() -> None:
    found = of(WHOLE, "Practitioner") + of(WHOLE, "Organization")
    numbers = Counter(identifier["value"] for one in found for identifier in one.get("identifier", ()))
    assert [number for number, count in numbers.items() if count > 1] == []
    assert len(numbers) > 33_000


def test_who_works_somewhere_stays_when_the_region_grows() -> None:
    small, large = ({person.login: person.name for person in staff(size)} for size in (0, WHOLE))
    stay = {login for login in small if large.get(login) == small[login]}
    assert len(stay) > 0.95 * len(small)


def test_a_unit_of_the_smallest_region_is_found_by_its_id() -> None:
    assert {person.login for person in at_unit("medisin-3", "nurse")} >= {"ayla", "birgit", "linh", "tor-arne"}
    assert at_unit("steinkjer-tildeling")[0].login == "wenche"


def test_everybody_has_a_hospital_and_an_out_of_hours_clinic() -> None:
    for place in places(WHOLE):
        assert place.hospital.service == "Sykehus"
        assert at_unit(place.out_of_hours, "doctor")


def test_shares_of_the_municipalities_add_up_to_all_inhabitants() -> None:
    assert 700_000 < total() < 800_000
    for size in (100, 5_000, WHOLE):
        assert sum(expected(number, size) for number in municipalities()) == pytest.approx(size)
