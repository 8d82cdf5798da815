"""The whole demo region as a stream of resources: the register, then the personas, then everybody else."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from samjournal.demo.chance import chance
from samjournal.demo.chart import Chart, Resource
from samjournal.demo.clock import Clock, clock
from samjournal.demo.elias import elias
from samjournal.demo.histories import life
from samjournal.demo.inhabitants import households
from samjournal.demo.mina import mina_and_odin
from samjournal.demo.organisations import register
from samjournal.demo.ragnhild import ragnhild
from samjournal.demo.rare import rare
from samjournal.demo.stays import admit, beds, fits


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
    """One chart for each Patient; somebody who was merged has two and counts as one."""
    time, used = clock(now), set[str]()
    made = 0
    for chart in _cast(time, seed, used):
        made += "link" not in chart.patient or chart.patient["active"]
        yield chart
    waiting = beds()
    for people in households(seed, time, used):
        household = {person.id: person for person in people}
        for person in people:
            if made >= inhabitants:
                return
            made += 1
            rng = chance(seed, "life", person.id)
            chart = life(person, time, rng, household=household)
            place = next((free for free in waiting if fits(free[0], chart, person)), None)
            if place and rng.random() < 0.4:
                waiting.remove(place)
                admit(chart, person, *place, rng)
            yield chart


def _cast(time: Clock, seed: int, used: set[str]) -> Iterator[Chart]:
    """Everybody who is written by hand."""
    yield ragnhild(time, chance(seed, "ragnhild"), used)
    yield from mina_and_odin(time, chance(seed, "odin"), used)
    yield elias(time, chance(seed, "elias"), used)
    yield from rare(time, chance(seed, "rare"), used)
