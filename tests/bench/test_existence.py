"""What is compared when existence is timed: the statistic, and that all ways to ask get one answer for both."""

from __future__ import annotations

import random

import pytest

from bench.existence import compared


def test_times_that_are_alike_are_told_apart_by_nothing() -> None:
    rng = random.Random(1)
    one, other = ([rng.gauss(2.0, 0.3) for _ in range(2000)] for _ in range(2))
    longer, chance = compared(one, other)
    assert longer == pytest.approx(0.5, abs=0.03)
    assert chance > 0.01


def test_a_small_difference_is_found_in_either_direction() -> None:
    rng = random.Random(1)
    one, other = ([rng.gauss(mean, 0.3) for _ in range(2000)] for mean in (2.05, 2.0))
    longer, chance = compared(one, other)
    assert 0.52 < longer < 0.6
    assert chance < 0.0001
    shorter, same = compared(other, one)
    assert shorter == pytest.approx(1 - longer)
    assert same == pytest.approx(chance)


def test_equal_times_count_for_half() -> None:
    assert compared([1.0, 2.0], [1.0, 2.0]) == (0.5, pytest.approx(1.0))
    assert compared([1.0, 3.0], [1.0, 2.0])[0] == pytest.approx(0.625)
    assert compared([3.0] * 50, [1.0] * 50)[0] == 1.0
