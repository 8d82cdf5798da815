"""The children's vaccination programme: what was given, what comes, what is not there. samjournal.portal.programme"""

from __future__ import annotations

from datetime import date

from samjournal.portal.programme import Given, against, standing

BORN = date(2026, 2, 10)


def states(given: list[Given], today: date, born: date = BORN, sex: str = "female") -> dict[str, str]:
    return {f"{one.dose.codes[0]}-{one.dose.number}": one.state for one in standing(born, sex, given, today)}


def test_the_doses_of_the_same_age_come_next_together() -> None:
    found = states([Given("J07BH01", "2026-03-24", 1)], date(2026, 4, 1))
    assert found["J07BH-1"] == "given"
    assert {key for key, state in found.items() if state == "next"} == {"J07BH-2", "J07CA09-1", "J07AL-1"}


def test_what_is_not_there_when_its_time_is_over_is_missing_and_not_to_come() -> None:
    found = states([], date(2027, 3, 1))
    assert found["J07CA09-1"] == "missing"
    assert found["J07CA09-3"] == "next"


def test_doses_without_numbers_are_counted_by_their_days() -> None:
    given = [Given("J07CA09", "2026-07-10"), Given("J07CA09", "2026-05-12")]
    found = {
        one.dose.number: one.day for one in standing(BORN, "female", given, date(2026, 8, 1)) if one.state == "given"
    }
    assert found == {1: "2026-05-12", 2: "2026-07-10"}


def test_one_dose_counts_once_and_another_vaccine_does_not_count() -> None:
    found = states([Given("J07CA02", "2033-09-10", 4), Given("J07BB02", "2033-10-01", 1)], date(2033, 10, 1))
    assert (found["J07CA09-4"], found["J07CA09-3"]) == ("given", "missing")


def test_hpv_is_for_boys_from_those_born_in_2006() -> None:
    assert "J07BM-1" not in states([], date(2016, 1, 1), date(2005, 5, 5), "male")
    assert "J07BM-1" in states([], date(2016, 1, 1), date(2005, 5, 5))
    assert "J07BM-1" in states([], date(2016, 1, 1), date(2006, 5, 5), "male")


def test_the_longest_code_that_is_known_says_what_it_is_against() -> None:
    assert against("J07CA09") == "difteri, stivkrampe, kikhoste, polio, Hib og hepatitt B"
    assert against("J07BM03") == "livmorhalskreft og annen kreft (HPV)"
    assert against("C01AA05") is None
