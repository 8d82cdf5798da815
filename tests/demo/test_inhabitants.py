"""Who lives in the region: numbers of their own, ages, households and GP lists as in Norway, at any size."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import islice, pairwise

import pytest

from demo.made import NOW, SEED
from samjournal.demo.clock import clock
from samjournal.demo.inhabitants import Person, households
from samjournal.demo.municipalities import expected, municipalities
from samjournal.demo.numbers import Numbers
from samjournal.demo.region import charts, generate
from samjournal.demo.staff import at_unit
from samjournal.demo.units import units_in
from samjournal.fhir import identifiers
from samjournal.fhir.identifiers import age
from samjournal.fhir.structure import check

TIME = clock(NOW)
WHOLE = 720_000
Household = list[Person]


def living(region: int, seed: int = SEED) -> Iterator[Household]:
    return households(seed, TIME, Numbers(set()), region)


@cache
def some() -> list[Household]:
    return list(islice(living(WHOLE), 12_000))


@cache
def people() -> list[Person]:
    return [person for household in some() for person in household]


def years(person: Person) -> int:
    return age(person.born, TIME.today)


def test_ages_are_spread_as_in_norway() -> None:
    """Shares in hundredths, rounded, by age; give or take a fifth and half a hundredth."""
    real = {(0, 6): 6.0, (6, 13): 8.0, (13, 18): 6.0, (18, 25): 8.7, (25, 35): 12.8, (35, 45): 12.7, (45, 55): 12.9}
    real |= {(55, 67): 15.3, (67, 80): 12.5, (80, 90): 4.4, (90, 120): 0.9}
    for (low, high), share in real.items():
        found = 100 * sum(low <= years(person) < high for person in people()) / len(people())
        assert found == pytest.approx(share, rel=0.2, abs=0.5), (low, high)


def test_more_than_one_in_three_lives_alone_and_half_are_women() -> None:
    sizes = Counter(len(household) for household in some())
    assert 0.36 < sizes[1] / len(some()) < 0.46
    assert 1.9 < len(people()) / len(some()) < 2.3
    assert 0.49 < sum(person.woman for person in people()) / len(people()) < 0.54


def test_nobody_shares_a_number_and_each_tells_birth_and_sex() -> None:
    numbers = [identifiers.read(person.number) for person in people()]
    assert len({number.value for number in numbers if number}) == len(people())
    for person, number in zip(people(), numbers, strict=True):
        assert number is not None
        assert number.synthetic
        assert identifiers.birth_date(number) == person.born
        assert (int(number.value[8]) % 2 == 0) == person.woman


def test_some_who_came_lately_have_a_d_number_and_no_child_depends_on_it() -> None:
    temporary = [household for household in some() for person in household if person.number[0] in "4567"]
    assert 0.002 < len(temporary) / len(people()) < 0.02
    assert all(len(household) == 1 for household in temporary)


def test_a_d_number_is_said_to_be_one() -> None:
    found = [i for c in charts(3000, SEED, NOW, "register") for i in c.patient.get("identifier", ())]
    kinds = {identifiers.SYSTEMS[number.kind]: i for i in found if (number := identifiers.read(i["value"]))}
    assert all(identifiers.SYSTEMS[identifiers.read(i["value"]).kind] == i["system"] for i in found)  # type: ignore[union-attr]
    assert set(kinds) == {identifiers.FNR, identifiers.DNR}


def test_children_live_with_parents_old_enough_and_are_born_far_enough_apart() -> None:
    for household in some():
        by_id = {person.id: person for person in household}
        children = sorted((person for person in household if person.parents), key=lambda person: person.born)
        for child in children:
            assert years(child) < 18
            for parent in child.parents:
                assert by_id[parent].home == child.home
                assert years(by_id[parent]) - years(child) >= 18
        for older, younger in pairwise(children):
            assert older.born == younger.born or (younger.born - older.born).days > 300


def test_partners_know_of_each_other() -> None:
    for household in some():
        for person in household:
            if person.partner:
                other = next(one for one in household if one.id == person.partner)
                assert other.partner == person.id


def test_people_live_where_people_live() -> None:
    counts = Counter(person.place.code for person in people())
    assert set(counts) == set(municipalities())
    for number in ("5001", "1508", "1506", "5035"):
        assert counts[number] / len(people()) == pytest.approx(expected(number, WHOLE) / WHOLE, rel=0.15)


def test_addresses_and_gps_are_in_the_own_municipality() -> None:
    for person in people():
        assert person.home.municipality_code == person.place.code
        assert (person.home.postal_code, person.home.town) in person.place.towns
        offices = {unit.id for unit in person.place.units("Fastlegekontor")}
        assert person.gp.role.organization_id in offices
        assert person.gp.role.code == "gp"


def test_no_gp_has_more_than_1100_on_the_list() -> None:
    """There are as many GPs as the lists need, and chance makes none of them too long."""
    for number in municipalities():
        gps = sum(len(at_unit(unit, "gp")) for unit in units_in(number, "Fastlegekontor", WHOLE))
        assert expected(number, WHOLE) / gps <= 900, number
    lists = Counter(p.gp.login for household in islice(living(30_000), 15_000) for p in household)
    assert max(lists.values()) < 1_100


def test_names_of_many_origins_are_met_and_sami_ones_at_home() -> None:
    languages = Counter(person.language for person in people())
    assert languages["pl"] > languages["vi"] > 0
    inner = [person for person in people() if person.place.code in ("5041", "5043")]
    assert any(person.language == "sma" for household in islice(living(WHOLE), 400) for person in household) or inner
    assert languages["nn"] > languages["pl"]


def test_a_larger_region_begins_with_the_same_people() -> None:
    few, many = (list(islice((p for h in living(size) for p in h), 300)) for size in (500, WHOLE))
    assert [(p.id, p.name, p.number, p.home) for p in few] == [(p.id, p.name, p.number, p.home) for p in many]


@pytest.mark.parametrize("seed", [1, 2])
def test_the_register_alone_is_the_same_for_the_same_seed_and_valid(seed: int) -> None:
    first, second = (list(generate(150, seed, NOW, "register")) for _ in range(2))
    assert first == second
    assert [(one["id"], str(issue)) for one in first for issue in check(one)] == []


def test_the_register_alone_has_people_with_parents_and_gps_but_no_histories() -> None:
    cast = {"ragnhild", "mina", "odin", "elias"}
    found = [chart for chart in charts(400, SEED, NOW, "register") if chart.id not in cast][20:]
    assert {one["resourceType"] for chart in found for one in chart.resources} == {"Patient", "RelatedPerson"}
    assert all(chart.patient["generalPractitioner"] for chart in found)
    children = [chart for chart in found if chart.age < 18]
    assert children
    assert all(len(chart.resources) > 1 for chart in children)


def test_both_depths_tell_of_the_same_people() -> None:
    register, histories = ({c.id: c.patient for c in charts(80, SEED, NOW, depth)} for depth in ("register", "years"))
    assert set(register) == set(histories)
    names = [(register[id_]["name"], register[id_].get("identifier")) for id_ in register]
    assert names == [(histories[id_]["name"], histories[id_].get("identifier")) for id_ in register]
