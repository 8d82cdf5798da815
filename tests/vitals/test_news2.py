"""NEWS2 at each edge of its chart, and never from half a set. Royal College of Physicians, 2017"""

from __future__ import annotations

import pytest

from samjournal.vitals import news2
from samjournal.vitals.news2 import applies, points, scored

CALM = {
    "respiration": 16.0,
    "saturation": 97.0,
    "oxygen": 0.0,
    "systolic": 120.0,
    "pulse": 70.0,
    "consciousness": "A",
    "temperature": 37.0,
}
EDGES = {
    "respiration": [(8, 3), (9, 1), (11, 1), (12, 0), (20, 0), (21, 2), (24, 2), (25, 3)],
    "saturation": [(91, 3), (92, 2), (93, 2), (94, 1), (95, 1), (96, 0), (100, 0)],
    "oxygen": [(0, 0), (0.5, 2), (15, 2)],
    "systolic": [(90, 3), (91, 2), (100, 2), (101, 1), (110, 1), (111, 0), (219, 0), (220, 3)],
    "pulse": [(40, 3), (41, 1), (50, 1), (51, 0), (90, 0), (91, 1), (110, 1), (111, 2), (130, 2), (131, 3)],
    "consciousness": [("A", 0), ("C", 3), ("V", 3), ("P", 3), ("U", 3)],
    "temperature": [(35.0, 3), (35.1, 1), (36.0, 1), (36.1, 0), (38.0, 0), (38.1, 1), (39.0, 1), (39.1, 2)],
}
SCALE_2_AIR = [(83, 3), (84, 2), (85, 2), (86, 1), (87, 1), (88, 0), (92, 0), (93, 0), (97, 0), (100, 0)]
SCALE_2_OXYGEN = [(83, 3), (84, 2), (86, 1), (88, 0), (92, 0), (93, 1), (94, 1), (95, 2), (96, 2), (97, 3), (100, 3)]


@pytest.mark.parametrize(("part", "value", "expected"), [(p, v, n) for p, some in EDGES.items() for v, n in some])
def test_each_edge_has_its_points(part: str, value: float | str, expected: int) -> None:
    assert points({**CALM, part: value})[part] == expected


@pytest.mark.parametrize(("oxygen", "value", "expected"), [
    *((0, value, expected) for value, expected in SCALE_2_AIR),
    *((2, value, expected) for value, expected in SCALE_2_OXYGEN),
])  # fmt: skip
def test_scale_2_counts_what_is_above_the_aim_only_on_oxygen(oxygen: float, value: float, expected: int) -> None:
    found = points({**CALM, "saturation": float(value), "oxygen": oxygen}, scale_2=True)
    assert found["saturation"] == expected


def test_a_calm_set_is_nothing() -> None:
    found = scored(CALM)
    assert (found.total, found.band) == (0, "low")


@pytest.mark.parametrize(("changed", "total", "band"), [
    ({"pulse": 91.0}, 1, "low"),
    ({"consciousness": "C"}, 3, "single"),
    ({"respiration": 21.0, "oxygen": 2.0}, 4, "low"),
    ({"respiration": 25.0, "pulse": 91.0}, 4, "single"),
    ({"respiration": 21.0, "oxygen": 2.0, "pulse": 91.0}, 5, "medium"),
    ({"respiration": 25.0, "consciousness": "V"}, 6, "medium"),
    ({"respiration": 25.0, "consciousness": "V", "temperature": 38.1}, 7, "high"),
])  # fmt: skip
def test_the_band_follows_the_sum_and_the_worst_part(changed: dict[str, float | str], total: int, band: str) -> None:
    found = scored({**CALM, **changed})
    assert (found.total, found.band) == (total, band)


@pytest.mark.parametrize("part", news2.PARTS)
def test_a_set_without_one_part_has_no_score_and_says_what_is_missing(part: str) -> None:
    found = scored({name: value for name, value in CALM.items() if name != part})
    assert (found.total, found.missing, found.band) == (None, (part,), "")


def test_what_is_there_says_already_that_it_is_serious() -> None:
    found = scored({"respiration": 25.0, "saturation": 90.0, "systolic": 120.0, "pulse": 131.0})
    assert (found.total, found.least, found.band) == (None, 9, "high")


def test_above_the_aim_nothing_is_said_while_air_or_oxygen_is_not() -> None:
    without = {name: value for name, value in CALM.items() if name != "oxygen"}
    found = scored(without, scale_2=True)
    assert found.missing == ("oxygen",)
    assert "saturation" not in found.points


@pytest.mark.parametrize(("age", "pregnant", "why"), [
    (15, False, "child"), (16, False, ""), (0, False, "child"), (None, False, ""), (30, True, "pregnant"),
])  # fmt: skip
def test_children_and_pregnant_women_are_not_scored(age: int | None, pregnant: bool, why: str) -> None:
    assert applies(age, pregnant=pregnant) == why
