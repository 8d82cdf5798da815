"""How the long illnesses and the short ones are told: what each needs to know for a believable course.

Shares are rough and by age: enough for a list that looks like a Norwegian GP's, no source for statistics.
The illnesses themselves stand in `lasting` and `lasting_more`, the short ones in `complaints`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from samjournal.demo import measures as m
from samjournal.demo.chart import Resource

Both = tuple[str, str]
"""The same sentence in bokmål and nynorsk."""


@dataclass(frozen=True, slots=True)
class Drug:
    """A medicine as it is usually prescribed for an illness; `share` of those who have it get it.

    `child` is the dose before the age of twelve, where it is another.
    """

    atc: str
    name: str
    dosage: Both
    share: float = 1.0
    as_needed: bool = False
    child: Both | None = None

    def at(self, years: int) -> Drug:
        """As it is prescribed at an age."""
        return replace(self, dosage=self.child) if self.child and years < 12 else self


@dataclass(frozen=True, slots=True)
class Track:
    """The value an illness is followed by: where it starts, what is good enough, what a step of treatment does.

    `effect` is taken from the value at each step; below zero where the value should go up.
    """

    measure: m.Measure
    first: tuple[float, float]
    goal: float
    effect: float
    noise: float

    def is_poor(self, value: float) -> bool:
        """Whether treatment should be stepped up."""
        return value > self.goal if self.effect > 0 else value < self.goal


@dataclass(frozen=True, slots=True)
class Illness:
    """A long illness: ICPC-2 code as the GP writes it, ICD-10 as hospitals do; `shares` from what age.

    `drugs` are given from the start, `steps` one by one when it goes poorly; a step with a medicine that is
    taken already is a new dose. `well` and `poor` are what people tell, `exam` what is found either way,
    `exam_well` and `exam_poor` what is found when it goes well or poorly.
    """

    icpc: str
    icd: str
    name: Both
    shares: tuple[tuple[int, float], ...]
    drugs: tuple[Drug, ...] = ()
    steps: tuple[Drug, ...] = ()
    well: tuple[Both, ...] = ()
    poor: tuple[Both, ...] = ()
    exam: tuple[Both, ...] = ()
    exam_well: tuple[Both, ...] = ()
    exam_poor: tuple[Both, ...] = ()
    track: Track | None = None
    tests: tuple[tuple[m.Measure, float, float], ...] = ()
    women: float = 1.0  # factor on the share
    men: float = 1.0
    unless: frozenset[str] = frozenset()  # ICPC-2 codes that it does not go with here
    refer: str | None = None  # the field of the clinic that knows more
    seldom: bool = False  # no controls of its own at the GP


@dataclass(slots=True)
class Known:
    """An illness somebody has: its Condition, since when, how far treatment has come and the last value."""

    illness: Illness
    condition: Resource
    since: date
    value: float | None = None
    step: int = 0
    seen: date | None = None
    referred: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """One way that a short illness goes, from what is told to what is agreed. Drawn words stand in braces.

    `unless`: ICPC-2 codes of illnesses that it does not go with; `until`: the oldest it happens to.
    """

    told: Both
    found: Both
    plan: Both
    drug: Drug | None = None
    crp: tuple[int, int] | None = None
    test: tuple[m.Measure, float, float] | None = None
    again: int = 0  # a new appointment after so many days
    again_told: Both | None = None
    refer: str | None = None
    unless: frozenset[str] = frozenset()
    until: int = 130


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something short that brings people to the doctor; `ages` from and to, `often` by comparison."""

    icpc: str
    name: Both
    ages: tuple[int, int]
    often: float
    cases: tuple[Case, ...]
    women_only: bool = False
    men_only: bool = False
    urgent: bool = False


def share(illness: Illness, age: int, *, woman: bool) -> float:
    """How likely somebody of that age and sex has the illness."""
    found = 0.0
    for start, likely in illness.shares:
        if age >= start:
            found = likely
    return found * (illness.women if woman else illness.men)


def daily(dose: str, nb: str = "", nn: str | None = None) -> Both:
    """Once a day, with words about when."""
    return (f"{dose} × 1{nb}", f"{dose} × 1{nb if nn is None else nn}")


MORNING = (" om morgenen", " om morgonen")
EVENING = (" om kvelden", " om kvelden")
