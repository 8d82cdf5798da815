"""Why people are admitted, how it goes, and what the signs do meanwhile. The courses are in `courses_*`."""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.demo.illnesses import Both, Drug

Pair = tuple[float, float]
"""A value on arrival, and when it goes better."""


@dataclass(frozen=True, slots=True)
class Course:
    """One way through a ward. `icpc`: the illness on the GP's list that it belongs to, needed to have it.

    `started` is the plan on arrival, `better` the round when it turns, `home` how it ends. `leaves` are medicines to
    take at home for a while, `pauses` the beginnings of ATC codes that wait meanwhile.
    """

    icd: str
    name: Both
    field: str
    ages: tuple[int, int]
    often: float
    days: tuple[int, int]
    story: Both
    found: Both
    started: Both
    better: Both
    home: Both
    pulse: Pair = (88, 74)
    systolic: Pair = (132, 128)
    temperature: Pair = (37.0, 36.8)
    respiration: Pair = (18, 16)
    saturation: Pair = (96, 97)
    crp: Pair = (12, 6)
    leucocytes: Pair = (8.4, 7.2)
    haemoglobin: Pair = (13.0, 12.8)
    sodium: Pair = (139, 140)
    creatinine: Pair = (86, 80)
    drugs: tuple[Drug, ...] = ()
    instead: Drug | None = None  # for those who do not tolerate penicillin
    leaves: tuple[Drug, ...] = ()
    procedure: Both | None = None
    ongoing: tuple[Both, ...] = ()
    pauses: tuple[str, ...] = ()
    icpc: str | None = None
    hinders: frozenset[str] = frozenset()
    planned: bool = False
    women_only: bool = False
    men_only: bool = False
    after: int = 14  # days until the GP sees the patient
