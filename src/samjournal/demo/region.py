"""The whole demo region as a stream of resources: the register, then the personas, then everybody else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Literal, TypeAlias

from samjournal.demo.beds import Beds, Lying
from samjournal.demo.chance import chance
from samjournal.demo.chart import Chart, Resource, family
from samjournal.demo.clock import Clock, clock
from samjournal.demo.dialysis import FROM, gunnhild
from samjournal.demo.elias import elias
from samjournal.demo.histories import begin, life, number_system
from samjournal.demo.inbox import acknowledgements
from samjournal.demo.inhabitants import Person, households
from samjournal.demo.mina import mina_and_odin
from samjournal.demo.numbers import Numbers
from samjournal.demo.organisations import register
from samjournal.demo.ragnhild import ragnhild
from samjournal.demo.rare import rare
from samjournal.demo.referred import referred
from samjournal.demo.workers import workers

Depth = Literal["register", "years"]
"""How much there is of each inhabitant: the population register and the GP list, or years of history with it."""

Household: TypeAlias = "list[Person]"


def generate(inhabitants: int, seed: int, now: datetime, depth: Depth = "years") -> Iterator[Resource]:
    """Every resource of the demo; the same values give the same resources in the same order.

    No inhabitants gives an empty stream. The personas and the rare cases are always there with their histories, so
    that a small number still makes a whole demo. What is referred to has come before, or is in the same chart.
    """
    if inhabitants < 1:
        return
    yield from register(inhabitants, workers(seed, clock(now)))
    for chart in charts(inhabitants, seed, now, depth):
        yield from chart.resources


def charts(inhabitants: int, seed: int, now: datetime, depth: Depth = "years") -> Iterator[Chart]:
    """One chart for each Patient; somebody who was merged has two and counts as one."""
    region = Region(inhabitants, seed, now, depth)
    yield from region.cast()
    for person, people in region.people():
        yield region.chart(person, people)


class Region:
    """The people of one region, and their charts one at a time: nobody is kept once told of.

    First the `cast`, of `by_hand` people, then `people` in their order with a `chart` for each. Somebody's chart may
    be left out, as when it is stored already: who lies in which bed is settled as `people` goes by.
    """

    def __init__(self, inhabitants: int, seed: int, now: datetime, depth: Depth) -> None:
        self._inhabitants, self._seed, self._depth = inhabitants, seed, depth
        self._clock = clock(now)
        self._used: set[str] = set()
        self.by_hand = 0
        self._beds = Beds()
        self._lying: dict[str, Lying] = {}
        self._lists: Counter[str] = Counter()
        self._turn: dict[str, int] = {}

    def cast(self) -> Iterator[Chart]:
        """Everybody who is written by hand."""
        for chart in _cast(self._clock, self._seed, self._used, self._inhabitants):
            acknowledgements(chart)
            referred(chart)
            self.by_hand += "link" not in chart.patient or chart.patient["active"]
            yield chart

    def people(self) -> Iterator[tuple[Person, Household]]:
        """Everybody else, each with those who live together."""
        known = workers(self._seed, self._clock)
        some = map(known.at_home, households(self._seed, self._clock, Numbers(self._used), self._inhabitants))
        everybody = ((person, people) for people in some for person in people)
        for person, people in islice(everybody, max(0, self._inhabitants - self.by_hand)):
            lying = self._beds.give(person, self._clock) if self._depth == "years" else None
            if lying:
                self._lying[person.id] = lying
            if self._depth == "years":
                self._turn[person.id] = self._lists[person.gp.login]
                self._lists[person.gp.login] += 1
            yield person, people

    def chart(self, person: Person, people: Household) -> Chart:
        """What the record has of somebody."""
        if self._depth == "register":
            return _enrolled(person, people, self._clock)
        rng = chance(self._seed, "life", person.id)
        household = {one.id: one for one in people}
        chart = life(
            person,
            self._clock,
            rng,
            household=household,
            lying=self._lying.pop(person.id, None),
            turn=self._turn.pop(person.id, 0),
        )
        acknowledgements(chart)
        referred(chart)
        return chart


def _enrolled(person: Person, people: Household, time: Clock) -> Chart:
    """The Patient as the population register and the GP list give it, and a child's parents."""
    chart = begin(person, time)
    for parent in (one for one in people if one.id in person.parents):
        relation, code = ("Mor", "MTH") if parent.woman else ("Far", "FTH")
        number = {"system": number_system(parent.number), "value": parent.number}
        family(
            chart, relation, parent.given, parent.family, code=code, phone=parent.phone, number=number, responsible=True
        )
    return chart


def _cast(time: Clock, seed: int, used: set[str], inhabitants: int) -> Iterator[Chart]:
    yield ragnhild(time, chance(seed, "ragnhild"), used)
    yield from mina_and_odin(time, chance(seed, "odin"), used)
    yield elias(time, chance(seed, "elias"), used)
    yield from rare(time, chance(seed, "rare"), used)
    if inhabitants >= FROM:
        yield gunnhild(time, chance(seed, "gunnhild"), used, inhabitants)
