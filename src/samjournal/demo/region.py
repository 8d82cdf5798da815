"""The whole demo region as a stream of resources: the register first, then the personas, then everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

from samjournal.demo.chart import Chart, Resource
from samjournal.demo.clock import clock
from samjournal.demo.histories import life
from samjournal.demo.inhabitants import households
from samjournal.demo.organisations import register
from samjournal.demo.ragnhild import ragnhild


def generate(inhabitants: int, seed: int, now: datetime) -> Iterator[Resource]:
    """Every resource of the demo; the same three values give the same resources in the same order.

    No inhabitants gives an empty stream. The personas and the rare cases are always there, so that a small
    number still makes a whole demo. What is referred to has come before, or is in the same chart.
    """
    if inhabitants < 1:
        return
    yield from register()
    for chart in charts(inhabitants, seed, now):
        yield from chart.resources


def charts(inhabitants: int, seed: int, now: datetime) -> Iterator[Chart]:
    """One chart for each Patient."""
    time, used = clock(now), set[str]()
    yield ragnhild(time, Random(f"{seed}/ragnhild"), used)
    made = 1
    for people in households(seed, time, used):
        household = {person.id: person for person in people}
        for person in people:
            if made >= inhabitants:
                return
            made += 1
            yield life(person, time, Random(f"{seed}/life/{person.id}"), household=household)
