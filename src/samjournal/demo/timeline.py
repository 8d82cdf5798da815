"""A life as it goes on: what is known so far, what happens next, and in which order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from random import Random

from samjournal.demo.chart import Chart
from samjournal.demo.illnesses import Both, Known
from samjournal.demo.inhabitants import Person, say
from samjournal.demo.medication import Medicines
from samjournal.demo.moments import visit_time
from samjournal.demo.writing import in_season

Event = Callable[["Life", datetime], None]


@dataclass(slots=True)
class Life:
    """One inhabitant while the years are told; `chart.clock` stands at today, or at the moment of death.

    `before`: the ICPC-2 codes of illnesses that began before what is told.
    `died`: the clock stands at death, and nothing is booked for afterwards.
    """

    person: Person
    chart: Chart
    rng: Random
    household: Mapping[str, Person]
    medicines: Medicines
    known: dict[str, Known] = field(default_factory=dict)
    before: frozenset[str] = frozenset()
    allergic: str | None = None
    died: bool = False
    seen: set[str] = field(default_factory=set)
    smokes: Both | None = None
    weight: float = 75
    away_until: datetime | None = None
    _said: dict[Both, tuple[int, int]] = field(default_factory=dict)  # how often, and at which draw the last time
    _drawn: int = 0
    _queue: list[tuple[datetime, int, Event, bool]] = field(default_factory=list)
    _planned: int = 0

    @property
    def codes(self) -> set[str]:
        """The illnesses on the list, as the GP codes them."""
        return set(self.before) | set(self.known)

    def say(self, both: Both) -> str:
        """A sentence in the written language of the municipality."""
        return say(self.person, both)

    def draw(self, sentences: Sequence[Both], when: datetime) -> Both:
        """One of the sentences that may be said in that season: seldom said until now, and not the last one again."""
        fits = [each for each in sentences if in_season(each[0], when.month)] or list(sentences)
        said = {each: self._said.get(each, (0, 0)) for each in fits}
        last = max(turn for _, turn in said.values())
        others = [each for each in fits if not last or said[each][1] != last] or fits
        least = min(said[each][0] for each in others)
        drawn = self.rng.choice([each for each in others if said[each][0] == least])
        self._drawn += 1
        self._said[drawn] = (least + 1, self._drawn)
        return drawn

    def age(self, when: datetime | date) -> int:
        """Whole years at a time."""
        born = self.chart.born
        return when.year - born.year - ((when.month, when.day) < (born.month, born.day))

    def day(self, back: int) -> date:
        """The date so many days before the end of what is told."""
        return self.chart.clock.day(-back)

    def began(self, years: float) -> date:
        """The first day of the last years, or the first days of life for somebody younger."""
        return max(self.chart.born + timedelta(days=21), self.day(round(years * 365)))

    def at_office(self, day: date) -> datetime:
        """A time in opening hours at or before a day."""
        return visit_time(self.chart.clock, day, self.rng)

    def plan(self, when: datetime, event: Event, *, later: bool = False) -> None:
        """Let something happen at a time; what lies ahead of the clock never comes to pass.

        `later`: when it cannot happen then, because somebody lies in a ward, it does so some weeks after.
        """
        self._planned += 1
        heappush(self._queue, (when, self._planned, event, later))

    def run(self) -> None:
        """Tell everything until now in the order of time. Who lies in a ward comes to nothing else meanwhile."""
        now = self.chart.clock.now
        while self._queue and self._queue[0][0] < now - timedelta(hours=1):
            when, _, event, later = heappop(self._queue)
            if self.away_until is None or when > self.away_until:
                event(self, when)
            elif later and self.away_until < now - timedelta(days=30):
                self.plan(self.at_office(self.away_until.date() + timedelta(days=24)), event, later=True)
