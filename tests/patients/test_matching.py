"""How alike two people are: nothing but a number makes it certain, and twins are told apart."""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.fhir.identifiers import DNR, FNR, with_check_digits
from samjournal.patients.looking import searches
from samjournal.patients.matching import liken


def number(begin: str) -> str:
    """The first number that begins so and whose check digits are right."""
    return next(found for serial in range(1000) if (found := with_check_digits(f"{begin}{serial:03}")))


KARI, OTHER, DNUMBER = "11834826226", number("118348"), number("518348")


def person(family: str = "Moen", given: str = "Kari", **more: Any) -> dict[str, Any]:
    name = [{"family": family, "given": given.split()}]
    return {"resourceType": "Patient", "name": name, "birthDate": "1948-03-11", "gender": "female", **more}


def with_number(value: str, system: str = FNR, **more: Any) -> dict[str, Any]:
    return {"identifier": [{"system": system, "value": value, **more}]}


def test_the_same_number_birth_date_and_name_are_certain() -> None:
    found = liken(person(**with_number(KARI)), person(**with_number(KARI)))
    assert (found.grade, found.score, found.reasons) == ("certain", 1.0, ("number", "birth", "name"))


def test_a_d_number_that_was_replaced_is_as_good() -> None:
    known = person(identifier=[{"system": DNR, "value": DNUMBER, "use": "old"}, {"system": FNR, "value": KARI}])
    found = liken(person(**with_number(DNUMBER, DNR)), known)
    assert found.grade == "certain"
    assert "number-old" in found.reasons


def test_a_d_number_and_a_birth_number_do_not_speak_against_each_other() -> None:
    assert liken(person(**with_number(DNUMBER, DNR)), person(**with_number(KARI))).grade == "probable"


@pytest.mark.parametrize("known", [
    person(),
    person(**with_number(KARI)),
    person(multipleBirthBoolean=True),
    person(**with_number(OTHER)),
])  # fmt: skip
def test_without_a_common_number_nothing_is_certain_twins_of_the_same_name_least(known: dict[str, Any]) -> None:
    assert liken(person(), known).grade in ("probable", "possible")


def test_twins_of_the_same_name_are_no_more_than_possible() -> None:
    one, other = person(**with_number(KARI), multipleBirthBoolean=True), person(**with_number(OTHER))
    assert liken(one, other).grade == "possible"
    assert liken(person(multipleBirthInteger=2), person()).grade == "possible"


@pytest.mark.parametrize("given", ["Siri", "Liv"])
def test_a_twin_of_another_name_is_somebody_else_or_at_most_possible(given: str) -> None:
    assert liken(person(given="Kari"), person(given=given)).grade == "certainly-not"
    assert liken(person(**with_number(KARI)), person(given=given, **with_number(OTHER))).grade == "certainly-not"


def test_the_number_of_another_with_another_name_and_birth_date_is_possible_only() -> None:
    somebody = person("Hansen", "Per", birthDate="1990-01-01", gender="male", **with_number(KARI))
    assert liken(person(**with_number(KARI)), somebody).grade == "possible"


@pytest.mark.parametrize(("family", "given", "grade"), [
    ("MOEN", "Kari", "probable"),
    ("Kari", "Moen", "probable"),
    ("Möen", "Kari Anne", "probable"),
    ("Moe", "Kari", "possible"),
    ("Hansen", "Kari", "possible"),
    ("Moen", "Kair", "possible"),
    ("Hansen", "Berit", "certainly-not"),
])  # fmt: skip
def test_names_are_folded_and_slips_are_seen(family: str, given: str, grade: str) -> None:
    assert liken(person(), person(family, given)).grade == grade


@pytest.mark.parametrize(("birth", "grade"), [
    ("1948-03-11", "probable"),
    ("1948-11-03", "possible"),
    ("1948-03-12", "possible"),
    ("1948", "possible"),
    ("1958-03-11", "possible"),
    ("1990-12-24", "certainly-not"),
])  # fmt: skip
def test_birth_dates_nearly_the_same_are_possible(birth: str, grade: str) -> None:
    assert liken(person(), person(birthDate=birth)).grade == grade


def test_a_number_with_wrong_check_digits_counts_for_nothing() -> None:
    wrong = KARI[:-1] + str((int(KARI[-1]) + 1) % 10)
    assert liken(person(**with_number(wrong)), person(**with_number(wrong))).grade == "probable"


def test_it_does_not_matter_who_is_asked_about_whom() -> None:
    some = [person(), person(**with_number(KARI)), person("Moe"), person(birthDate="1948"), person(gender="male")]
    for one in some:
        for other in some:
            assert liken(one, other).grade == liken(other, one).grade


def test_who_is_alike_is_searched_for_by_number_and_by_birth_date_and_name() -> None:
    found = searches(person("Li, Moen", **with_number(KARI)))
    assert [("identifier", KARI)] in found
    assert [("birthdate", "1948-03-11"), ("name", "Kari")] in found
    assert searches({"resourceType": "Patient"}) == []
