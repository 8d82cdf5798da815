"""What is typed: slips of the finger are refused, what is rare is asked about, another unit is recognised."""

from __future__ import annotations

import pytest

from samjournal.vitals import KINDS, entered
from samjournal.vitals.entering import _number


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_both_ends_of_what_is_possible_are_taken_and_what_lies_beyond_is_not(kind) -> None:  # type: ignore[no-untyped-def]
    step = 1 if not kind.decimals else 0.1
    low, high = kind.possible
    assert _number(f"{low:g}", kind) == low
    assert _number(f"{high:g}", kind) == high
    assert not isinstance(_number(f"{high + step:g}", kind), float)
    if low - step >= 0:
        assert not isinstance(_number(f"{low - step:g}", kind), float)


@pytest.mark.parametrize("text", ["-1", "1e2", "12o", "١٢٠", "1.234", "NaN", "12 0", "99999", "+5", "0x10"])
def test_what_is_no_plain_number_is_not_read(text: str) -> None:
    assert entered({"pulse": text}).faults["pulse"].why == "number"


def test_a_comma_or_a_point_is_a_comma() -> None:
    assert entered({"temperature": "37,2"}).values == entered({"temperature": " 37.2 "}).values == {"temperature": 37.2}


@pytest.mark.parametrize(("field", "text", "why", "perhaps"), [
    ("temperature", "98.6", "unit", 37.0),
    ("temperature", "372", "comma", 37.2),
    ("height", "1,75", "unit", 175.0),
    ("glucose", "99", "unit", 5.5),
    ("pulse", "700", "range", 0),
    ("pulse", "70,5", "whole", 0),
    ("saturation", "101", "range", 0),
])  # fmt: skip
def test_another_unit_or_a_lost_comma_is_told(field: str, text: str, why: str, perhaps: float) -> None:
    fault = entered({field: text}).faults[field]
    assert (fault.why, fault.perhaps) == (why, perhaps)


def test_half_a_blood_pressure_is_none() -> None:
    assert entered({"systolic": "120"}).faults["diastolic"].why == "both"
    assert entered({"systolic": "80", "diastolic": "120"}).faults["diastolic"].why == "lower"


def test_what_is_rare_is_asked_about_once_for_that_value() -> None:
    (doubt,) = entered({"pulse": "190"}).doubts
    assert entered({"pulse": "190"}, sure=[doubt.said]).doubts == ()
    assert entered({"pulse": "195"}, sure=[doubt.said]).doubts != ()


def test_pounds_are_noticed_by_the_weight_before() -> None:
    (doubt,) = entered({"weight": "154"}, last_weight=70).doubts
    assert (doubt.why, doubt.before) == ("jump", 70)
    assert entered({"weight": "71,5"}, last_weight=70).doubts == ()


def test_consciousness_is_one_of_five_letters() -> None:
    assert entered({"consciousness": "c"}).values == {"consciousness": "C"}
    assert entered({"consciousness": "X"}).faults["consciousness"].why == "letter"
