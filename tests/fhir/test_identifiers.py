"""Norwegian numbers: which are valid, what they tell, and made-up ones for made-up people."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir import identifiers
from samjournal.fhir.identifiers import PersonNumber, read

VECTORS = Path(__file__).parents[3] / "shared/norway/identity/number-test-vectors.json"


def test_the_numbers_of_the_test_vectors_are_judged_as_they_say() -> None:
    if not VECTORS.exists():
        pytest.skip(f"the number vectors are not here: {VECTORS}")
    for row in json.loads(VECTORS.read_bytes())["rows"]:
        if row["kind"] == "not a date and not FH range":
            assert read(row["value"]) is None, row
            continue
        expected = "today" if row["valid_today"] else "2032" if row["valid_2032"] else None
        found = read(row["value"])
        assert (found.rule if found else None) == expected, row


@pytest.mark.parametrize(
    ("value", "kind", "synthetic", "rule"),
    [
        ("13116900216", "fnr", False, "today"),
        ("131169 00216", "fnr", False, "today"),
        ("30108299939", "fnr", False, "2032"),
        ("53097248016", "dnr", False, "today"),
        ("13527248013", "hnr", False, "today"),
        ("10915596784", "fnr", True, "today"),
        ("50846202355", "dnr", True, "today"),
        ("01813299921", "fnr", True, "2032"),
        ("15720255178", "fnr", True, "today"),
        ("80000000098", "fhn", False, "today"),
    ],
)
def test_kinds_of_numbers(value: str, kind: str, synthetic: bool, rule: str) -> None:
    found = read(value)
    assert found is not None
    assert (found.kind, found.synthetic, found.rule) == (kind, synthetic, rule)


@pytest.mark.parametrize(
    "value", ["", "13097248032", "1311690021", "131169002160", "1311690021x", "１３１１６９００２１６"]
)
def test_what_is_no_number(value: str) -> None:
    assert read(value) is None


@given(st.dates(date(1900, 1, 1), date(2039, 12, 31)), st.integers(0, 499))
def test_synthetic_numbers_are_valid_synthetic_and_tell_the_birth_date(birth: date, step: int) -> None:
    value = identifiers.synthetic(birth, identifiers.serials(birth.year)[step])
    if value is not None:
        found = read(value)
        assert found == PersonNumber(value, "fnr", True, "today")
        assert identifiers.birth_date(found) == birth


@given(st.integers(0, 999_999_999))
def test_the_rule_of_2032_gives_at_least_as_many_numbers(number: int) -> None:
    nine = f"{number:09}"
    today = identifiers.with_check_digits(nine)
    later = identifiers.with_check_digits(nine, rule="2032")
    assert today is None or today == later


def test_d_numbers_tell_the_birth_date_and_numbers_of_2032_do_not() -> None:
    for value, expected in [("53097248016", date(1972, 9, 13)), ("30108299939", None), ("80000000098", None)]:
        found = read(value)
        assert found is not None
        assert identifiers.birth_date(found) == expected


@pytest.mark.parametrize(
    ("value", "valid"),
    [
        ("974760673", True),
        ("974 760 673", True),
        ("974760674", False),
        ("123456785", False),
        ("97476067", False),
    ],
)
def test_organization_numbers(value: str, valid: bool) -> None:
    assert identifiers.is_organization_number(value) is valid


@pytest.mark.parametrize(
    ("value", "valid"), [("9144889", True), ("123456", False), ("1234567890", False), ("x", False)]
)
def test_hpr_numbers(value: str, valid: bool) -> None:
    assert identifiers.is_hpr_number(value) is valid


def test_numbers_are_spaced_as_people_read_them() -> None:
    assert identifiers.spaced("13116900216") == "131169 00216"
    assert identifiers.spaced("974760673") == "974 760 673"
    assert identifiers.spaced("HNR-7") == "HNR-7"


@pytest.mark.parametrize(
    ("birth", "on", "years"),
    [
        ("1948-05-17", date(2026, 5, 16), 77),
        ("1948-05-17", date(2026, 5, 17), 78),
        ("1948-05", date(2026, 4, 30), 77),
        ("1948", date(2026, 1, 1), 78),
        (date(2024, 2, 29), date(2025, 2, 28), 0),
        (date(2024, 2, 29), date(2025, 3, 1), 1),
        (date(2026, 11, 22), date(2026, 11, 22), 0),
    ],
)
def test_age_in_whole_years(birth: date | str, on: date, years: int) -> None:
    assert identifiers.age(birth, on) == years
