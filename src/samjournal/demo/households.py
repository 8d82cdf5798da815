"""Who lives together: ages and sexes as they are in Norway, before anybody has a name. ssb.no/en/befolkning"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

from samjournal.demo.clock import Clock


@dataclass(frozen=True, slots=True)
class Member:
    """One of a household; `child` of the adults in it."""

    born: date
    woman: bool
    child: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of household: its share, the ages of the oldest adult, how many adults, whether with children."""

    share: float
    ages: tuple[int, int, int]
    adults: int
    children: bool = False


# The middle one of the ages is the commonest.
_KINDS = (
    _Kind(0.160, (19, 34, 20), 1),
    _Kind(0.140, (31, 66, 52), 1),
    _Kind(0.070, (21, 38, 28), 2),
    _Kind(0.155, (47, 69, 63), 2),
    _Kind(0.110, (67, 90, 70), 2),
    _Kind(0.120, (67, 101, 77), 1),
    _Kind(0.190, (0, 0, 0), 2, children=True),
    _Kind(0.055, (0, 0, 0), 1, children=True),
)
_SHARES = list(accumulate(kind.share for kind in _KINDS))
_SIBLINGS = list(accumulate((0.36, 0.44, 0.16, 0.04)))
_SAME_SEX = 0.015
_TWINS = 0.016
_MOVED_OUT = 20


def household(rng: Random, clock: Clock) -> list[Member]:
    """The adults, the mother or the older one first, then the children from the youngest on."""
    kind = rng.choices(_KINDS, cum_weights=_SHARES)[0]
    return _with_children(rng, clock, kind.adults) if kind.children else _adults(rng, clock, kind)


def _adults(rng: Random, clock: Clock, kind: _Kind) -> list[Member]:
    low, high, common = kind.ages
    years = int(rng.triangular(low, high + 1, common))
    alone = kind.adults == 1
    woman = rng.random() < (0.5 if years < 67 or not alone else 0.66)
    found = [Member(_born(rng, clock, years), woman)]
    if not alone:
        other = max(19, years - max(-2, min(12, round(rng.gauss(2.5, 3.5)))))
        found.append(Member(_born(rng, clock, other), woman if rng.random() < _SAME_SEX else not woman))
    return found


def _with_children(rng: Random, clock: Clock, adults: int) -> list[Member]:
    children = _children(rng, clock)
    oldest = (clock.today - children[-1].born).days // 365
    youngest = (clock.today - children[0].born).days // 365
    at_first = min(round(max(19.0, min(42.0, rng.gauss(29.5, 4.8)))), 46 - (oldest - youngest))
    years = oldest + max(20, at_first)
    mother = adults == 2 or rng.random() < 0.8
    found = [Member(_born(rng, clock, years), mother)]
    if adults == 2:
        other = max(oldest + 20, years + round(rng.gauss(2.3, 4.0)))
        found.append(Member(_born(rng, clock, other), rng.random() < _SAME_SEX))
    return found + children


def _children(rng: Random, clock: Clock) -> list[Member]:
    """Sisters and brothers still at home, the youngest first: more than a year apart, or twins."""
    years = int(_MOVED_OUT * rng.random() ** 1.25)
    found = [Member(_born(rng, clock, years), rng.random() < 0.487, child=True)]
    for _ in range(rng.choices((0, 1, 2, 3), cum_weights=_SIBLINGS)[0]):
        if rng.random() < _TWINS:
            found.append(Member(found[-1].born, rng.random() < 0.487, child=True))
            continue
        years += rng.choices((2, 3, 4, 5), (0.4, 0.35, 0.15, 0.1))[0]
        if years >= _MOVED_OUT:
            break
        found.append(Member(_born(rng, clock, years), rng.random() < 0.487, child=True))
    return found


def _born(rng: Random, clock: Clock, years: int) -> date:
    """A birth date of somebody who is so many years today."""
    today = clock.today
    return date(today.year - years, today.month, min(today.day, 28)) - timedelta(days=rng.randint(1, 364))
