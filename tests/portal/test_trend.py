"""The curve over earlier results. samjournal.portal.trend"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.portal import trend

DAY = date(2024, 11, 20)


def test_one_result_needs_no_curve() -> None:
    assert trend.draw([(DAY, 5.1)]) is None


def test_points_far_apart_lie_by_their_dates() -> None:
    drawn = trend.draw([(DAY, 2.0), (DAY + timedelta(days=100), 3.0), (DAY + timedelta(days=400), 4.0)])
    assert drawn is not None
    first, second, third = (point.x for point in drawn.points)
    assert (second - first) * 3 == pytest.approx(third - second, abs=1)


def test_results_of_the_same_day_do_not_lie_on_top_of_each_other() -> None:
    drawn = trend.draw([(DAY, 2.0), (DAY, 3.0), (DAY, 4.0)])
    assert drawn is not None
    assert len({point.x for point in drawn.points}) == 3


def test_a_higher_value_lies_higher() -> None:
    drawn = trend.draw([(DAY, 2.0), (DAY + timedelta(days=9), 3.0)])
    assert drawn is not None
    assert drawn.points[1].y < drawn.points[0].y


def test_the_band_reaches_the_edge_where_there_is_no_limit() -> None:
    drawn = trend.draw([(DAY, 88.0), (DAY + timedelta(days=1), 112.0)], high=5)
    assert drawn is not None
    assert drawn.band is not None
    assert drawn.band.y + drawn.band.height == pytest.approx(trend.BOTTOM, abs=0.2)


def test_without_limits_there_is_no_band() -> None:
    drawn = trend.draw([(DAY, 88.0), (DAY, 112.0)])
    assert drawn is not None
    assert drawn.band is None


@given(
    values=st.lists(st.floats(-1e6, 1e6, allow_nan=False), min_size=2, max_size=12),
    width=st.sampled_from([trend.WIDE, trend.NARROW]),
    high=st.none() | st.floats(-1e6, 1e6, allow_nan=False),
)
def test_every_point_lies_inside_the_drawing(values: list[float], width: int, high: float | None) -> None:
    drawn = trend.draw([(DAY + timedelta(days=n), v) for n, v in enumerate(values)], high=high, width=width)
    assert drawn is not None
    assert all(trend.LEFT <= p.x <= drawn.right and trend.TOP - 1 <= p.y <= trend.BOTTOM + 1 for p in drawn.points)
    assert 2 <= len(drawn.lines) <= 12
