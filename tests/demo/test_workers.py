"""Who works in the health service has a number, and some of them live in the region: one person, by number and name."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import pytest

from demo.made import NOW, SEED, everybody, resources
from samjournal.demo.clock import clock
from samjournal.demo.organisations import register
from samjournal.demo.personas import PERSONAS
from samjournal.demo.region import Region, charts
from samjournal.demo.staff import named
from samjournal.demo.units import units
from samjournal.demo.workers import Workers, numbers, workers
from samjournal.fhir import identifiers
from samjournal.fhir.identifiers import FNR, HPR

TIME = clock(NOW)
WHOLE = 720_000


@cache
def known(seed: int = SEED) -> Workers:
    return workers(seed, TIME)


def number_of(resource: dict[str, Any]) -> str | None:
    return next((one["value"] for one in resource.get("identifier", ()) if one["system"] == FNR), None)


def practitioners() -> dict[str, dict[str, Any]]:
    return {number_of(one) or "": one for one in resources() if one["resourceType"] == "Practitioner"}


def called(resource: dict[str, Any]) -> tuple[str, list[str]]:
    name = next(iter(resource.get("name", ())), {})
    return name.get("family", ""), name.get("given", [])


@pytest.mark.parametrize("size", [0, WHOLE])
def test_everybody_at_work_has_a_valid_number_of_his_own(size: int) -> None:
    given = numbers(size, known())
    read = [identifiers.read(number) for number in given.values()]
    assert len({*given.values()}) == len(given)
    assert all(number is not None and number.synthetic and number.kind == "fnr" for number in read)
    born = [identifiers.birth_date(number) for number in read if number]
    assert all(day is not None and 18 < identifiers.age(day, TIME.today) < 70 for day in born)


def test_the_number_stands_beside_that_of_the_profession_and_tells_the_sex() -> None:
    found = {one["id"]: one for one in register(0, known()) if one["resourceType"] == "Practitioner"}
    assert all(number_of(one) for one in found.values())
    assert [one["system"] for one in found["henrik"]["identifier"]] == [HPR, FNR]
    assert int((number_of(found["henrik"]) or "")[8]) % 2 == 1
    assert int((number_of(found["ayla"]) or "")[8]) % 2 == 0


def test_some_are_inhabitants_by_the_same_number_and_name_and_nobody_else_has_it() -> None:
    at_work = practitioners()
    both = [chart for chart in everybody() if number_of(chart.patient) in at_work]
    assert 40 < len(both) < 90
    for chart in both:
        assert called(chart.patient) == called(at_work[number_of(chart.patient) or ""])
        assert chart.age >= 30
        assert "deceasedDateTime" not in chart.patient or chart.age >= 60
    numbers_here = Counter(number_of(chart.patient) for chart in everybody())
    assert max(count for number, count in numbers_here.items() if number) == 1


@pytest.mark.parametrize("seed", [SEED, 1, 2, 3])
def test_in_a_small_region_too_personas_have_colleagues_and_neighbours(seed: int) -> None:
    region = Region(500, seed, NOW, "register")
    list(region.cast())
    people = [(person, household) for person, household in region.people()]
    here = {person.id: person for person, _ in people}
    at_work = {post.login: here[id_] for id_, post in known(seed).posts.items() if id_ in here}
    assert {one.login for one in PERSONAS if one.practitioner_id} <= {*at_work}
    trust = [
        post for id_, post in known(seed).posts.items() if id_ in here and _top(post.role.organization_id) == TRUST
    ]
    assert len(trust) >= 15
    streets = Counter((person.home.street.rpartition(" ")[0], person.home.postal_code) for person, _ in people)
    near = [one for one in at_work.values() if streets[one.home.street.rpartition(" ")[0], one.home.postal_code] > 1]
    assert len(near) > len(at_work) / 2


TRUST = "helse-nord-trondelag"


def _top(unit: str) -> str:
    above = units()[unit].part_of
    return _top(above) if above else unit


def test_who_they_are_follows_from_the_seed_and_stays_when_the_region_grows() -> None:
    assert workers.__wrapped__(7, TIME) == workers.__wrapped__(7, TIME)
    assert known(1).posts != known(2).posts
    small, large = numbers(0, known()), numbers(WHOLE, known())
    assert all(large[post.login] == small[post.login] == known().numbers[post.login] for post in known().posts.values())
    few, many = (list(charts(size, SEED, NOW, "register")) for size in (90, 700))
    later = {chart.id: chart.patient for chart in many}
    assert [called(later[chart.id]) for chart in few] == [called(chart.patient) for chart in few]
    assert [number_of(later[chart.id]) for chart in few] == [number_of(chart.patient) for chart in few]


def test_nobody_is_at_home_with_a_namesake_nor_the_own_gp() -> None:
    region = Region(3_000, SEED, NOW, "register")
    list(region.cast())
    posts = known().posts
    for person, household in region.people():
        if person.id in posts:
            assert person.gp.login != posts[person.id].login
            assert sum(other.given == person.given for other in household) == 1
            assert sum(other.id in posts for other in household) == 1


def test_the_named_have_the_sex_that_their_names_tell() -> None:
    sexes = {person.login: person.woman for person in named()}
    assert (sexes["henrik"], sexes["tor-arne"], sexes["ayla"], sexes["linh"]) == (False, False, True, True)
