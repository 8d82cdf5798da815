"""The curve over earlier results: where each point, line and band lies, for an SVG the template writes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from math import ceil, floor, log10

WIDE, NARROW = 660, 320
LEFT, TOP, BOTTOM = 44.0, 26.0, 196.0
LEGEND = 70.0
"""Room on the right for the word beside the band."""


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float
    value: float
    day: date
    last: bool
    dated: bool


@dataclass(frozen=True, slots=True)
class Line:
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Band:
    y: float
    height: float

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Trend:
    """`path` is the polyline through the points, `band` the usual range, `decimals` what the axis needs."""

    width: int
    right: float
    points: tuple[Point, ...]
    path: str
    lines: tuple[Line, ...]
    band: Band | None
    decimals: int


def draw(
    series: Sequence[tuple[date, float]],
    *,
    low: float | None = None,
    high: float | None = None,
    width: int = WIDE,
) -> Trend | None:
    """Two or more results, oldest first; one result is a number and needs no curve."""
    if len(series) < 2:
        return None
    values = [value for _, value in series]
    shown = [*values, *(limit for limit in (low, high) if limit is not None)]
    step = _step(min(shown), max(shown))
    bottom = floor(min(shown) / step) * step
    if min(values) >= 0 and bottom <= 2 * step:
        bottom = 0.0
    top = max(ceil(max(shown) / step) * step, bottom + step)

    def height(value: float) -> float:
        return round(BOTTOM - (value - bottom) / (top - bottom) * (BOTTOM - TOP), 1)

    right = width - LEGEND
    first, span = series[0][0], max((series[-1][0] - series[0][0]).days, 1)
    room = right - LEFT - 48
    xs = [LEFT + 24 + (day - first).days / span * room for day, _ in series]
    if any(after - before < 40 for before, after in pairwise(xs)):
        # Samples within days of each other would lie on top of each other: each gets a place of its own.
        xs = [LEFT + 24 + n / (len(series) - 1) * room for n in range(len(series))]
    dated = _dated(xs)
    points = tuple(
        Point(round(x, 1), height(value), value, day, n == len(series) - 1, n in dated)
        for n, (x, (day, value)) in enumerate(zip(xs, series, strict=True))
    )
    count = round((top - bottom) / step)
    return Trend(
        width=width,
        right=right,
        points=points,
        path=" ".join(f"{p.x},{p.y}" for p in points),
        lines=tuple(Line(height(bottom + n * step), bottom + n * step) for n in range(count + 1)),
        band=_band(low, high, bottom, top, height),
        decimals=max(0, -floor(log10(step))),
    )


def _step(low: float, high: float) -> float:
    """A round step that gives three to six lines."""
    rough = max(high - low, abs(high) * 0.2, 0.1) / 4
    power = 10.0 ** floor(log10(rough))
    return float(next(nice * power for nice in (1, 2, 5, 10) if nice * power >= rough))


def _band(
    low: float | None, high: float | None, bottom: float, top: float, height: Callable[[float], float]
) -> Band | None:
    if low is None and high is None:
        return None
    upper = height(min(top, high if high is not None else top))
    lower = height(max(bottom, low if low is not None else bottom))
    return Band(upper, round(lower - upper, 1))


def _dated(xs: Sequence[float]) -> set[int]:
    """Which points have room for a date below: the last one always, then as many as do not collide."""
    chosen = [len(xs) - 1]
    for n in range(len(xs) - 2, -1, -1):
        if xs[chosen[-1]] - xs[n] >= 96:
            chosen.append(n)
    return set(chosen)
