"""When people are seen: days in a life, and the opening hours of an office."""

from __future__ import annotations

from datetime import date, datetime
from random import Random

from samjournal.demo.chart import (
    Chart,
)
from samjournal.demo.clock import Clock


def past_day(chart: Chart, rng: Random, at_most: int, at_least: int = 20) -> date:
    """A day in the person's life, at most so many days ago."""
    lived = (chart.clock.today - chart.born).days
    return chart.clock.day(-rng.randint(min(at_least, max(1, lived - 1)), max(1, min(at_most, lived - 1))))


def visit_time(clock: Clock, day: date, rng: Random) -> datetime:
    """A time in the opening hours of a working day at or before a day, always in the past."""
    days = (day - clock.today).days
    return clock.weekday(min(days, -1), rng.randint(8, 14), rng.choice((0, 15, 20, 30, 40, 45)))
