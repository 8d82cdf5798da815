"""Synthetic numbers: valid, unique, and never a real person's or body's."""

from __future__ import annotations

from datetime import date
from random import Random

import pytest

from samjournal.demo.numbers import birth_number, organisation_number
from samjournal.fhir.identifiers import read


def test_a_day_has_numbers_for_many_and_then_says_so() -> None:
    used: set[str] = set()
    with pytest.raises(ValueError, match="spread the births"):
        _take(300, used)
    assert len(used) > 150


def _take(count: int, used: set[str]) -> None:
    for _ in range(count):
        birth_number(Random(1), date(1980, 5, 17), woman=True, used=used)


def test_a_temporary_number_is_a_d_number() -> None:
    number = read(birth_number(Random(1), date(1985, 1, 30), woman=True, used=set(), temporary=True))
    assert number is not None
    assert (number.kind, number.synthetic) == ("dnr", True)


def test_organisation_numbers_are_outside_the_real_range_and_differ() -> None:
    numbers = {organisation_number(f"unit {position}") for position in range(60)}
    assert len(numbers) == 60
    assert all(number.startswith("3") and len(number) == 9 for number in numbers)
