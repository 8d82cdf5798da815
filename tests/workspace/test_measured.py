"""Measurements: nothing is called high or low without a ground, and old values say that they are old."""

from __future__ import annotations

from datetime import timedelta

import pytest

from samjournal.workspace.measured import NEWS2, Measure, labs, score, spark, vitals
from workspace.charts import NOW, Resource, lab, pressure, reader

WEEK = timedelta(days=7)
DAY = timedelta(days=1)


def at(hours: float) -> str:
    return (NOW - timedelta(hours=hours)).isoformat()


def pressures(*observations: Resource, adult: bool = True) -> Measure:
    return vitals(observations, reader(), adult=adult, window=WEEK, stale=DAY)[0]


def test_the_last_blood_pressure_stands_with_both_values() -> None:
    assert pressures(pressure(131, 80, at(30)), pressure(118, 68, at(1))).value == "118/68"


def test_a_missing_part_of_a_blood_pressure_is_not_invented() -> None:
    half = pressure(118, 68, at(1))
    half["component"].pop()
    assert pressures(half).value == "118/?"


@pytest.mark.parametrize(("systolic", "mark"), [(95, "lav"), (100, ""), (150, ""), (151, "høy")])
def test_a_blood_pressure_outside_the_usual_is_marked(systolic: float, mark: str) -> None:
    assert pressures(pressure(systolic, 60, at(1))).mark == mark


def test_a_child_is_not_measured_by_adults() -> None:
    found = pressures(pressure(90, 50, at(2)), pressure(85, 50, at(1)), adult=False)
    assert found.mark == ""
    assert found.spark is not None
    assert found.spark.band_top is None


def test_an_old_value_says_how_old() -> None:
    assert pressures(pressure(118, 68, at(26))).old == "26 t gammel"


def test_the_laboratory_s_own_flag_goes_before_its_range() -> None:
    flagged = lab("2823-3", 4.0, at(1), flag="H", referenceRange=[{"low": {"value": 3.6}, "high": {"value": 4.6}}])
    ranged = lab("2951-2", 150, at(1), referenceRange=[{"low": {"value": 137}, "high": {"value": 145}}])
    bare = lab("718-7", 2, at(1))
    found = {each.name: each.mark for each in labs([flagged, ranged, bare], reader(), window=WEEK)}
    assert found == {"Kalium": "høy", "Natrium": "høy", "Hemoglobin": ""}


def test_a_critical_flag_is_kept_apart_from_a_high_one() -> None:
    (found,) = labs([lab("2823-3", 6.4, at(1), flag="HH")], reader(), window=WEEK)
    assert found.critical


def test_a_value_below_the_method_s_limit_keeps_its_sign() -> None:
    small = lab("1988-5", 5, at(1))
    small["valueQuantity"]["comparator"] = "<"
    (found,) = labs([small], reader(), window=WEEK)
    assert found.value == "<5"


def test_a_test_that_was_not_taken_with_the_newest_has_its_own_day() -> None:
    found = labs([lab("2823-3", 4, at(1)), lab("3016-3", 2, at(24))], reader(), window=WEEK)
    assert [each.apart for each in found] == ["", "i går"]


def test_the_trend_stands_in_words_beside_the_drawing() -> None:
    (found,) = labs([lab("718-7", 12.4, at(24)), lab("718-7", 11.2, at(1))], reader(), window=WEEK)
    assert found.trend == "fra 12,4 i går til 11,2"


def test_a_drawing_stays_inside_its_box() -> None:
    drawn = spark([(NOW - WEEK, 3.0), (NOW - DAY, 900.0), (NOW, 5.0)], (0.0, 5.0))
    ys = [float(point.split(",")[1]) for point in drawn.line.split()]
    assert all(0 <= y <= 16 for y in ys)
    assert drawn.x == 52.0


def test_the_score_tells_where_it_came_from() -> None:
    found = score([_score(9, at(40)), _score(4, at(1))], reader())
    assert found is not None
    assert (found.value, found.level, found.words) == (4, "low", "lav, ned fra 9")


def test_an_old_score_is_no_score() -> None:
    assert score([_score(9, at(72))], reader()) is None


def test_one_part_with_three_points_is_as_red_as_a_high_score() -> None:
    single = {**_score(3, at(1)), "interpretation": [{"coding": [{"code": "single"}]}]}
    found = score([single], reader())
    assert found is not None
    assert (found.value, found.level, found.words) == (3, "high", "én verdi gir 3 poeng")


def test_a_score_of_a_struck_value_is_no_score() -> None:
    """As when it was moved to the right patient, which does not know of scores."""
    computed = {**_score(9, at(1)), "derivedFrom": [{"reference": "Observation/p"}]}
    part = {"id": "p", "status": "final"}
    assert score([computed], reader(), [part]) is not None
    assert score([computed], reader(), [{**part, "status": "entered-in-error"}]) is None


def _score(value: int, when: str) -> Resource:
    return {
        "status": "final",
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": NEWS2}]},
        "effectiveDateTime": when,
        "valueInteger": value,
    }
