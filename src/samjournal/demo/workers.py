"""Who of the inhabitants works in the health service: one person, as Patient and as Practitioner, by number and name.

    workers(seed, clock)                   who of the first households works where; the same for regions of any size
    numbers(region, workers) -> dict       a national number for everybody at work, by login
    Workers.at_home(people) -> list        a household, in which those who work there are who they are

A worker has the name that the post has always had, and the birth date that the household has always had. Those who
are no inhabitants live elsewhere. All have numbers of a series of their own (month + 65), so that no inhabitant's is
among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from itertools import islice
from random import Random

from samjournal.demo.chance import chance
from samjournal.demo.clock import Clock
from samjournal.demo.inhabitants import Person, households
from samjournal.demo.numbers import Numbers
from samjournal.demo.staff import Staff, named, staff
from samjournal.demo.unit import Unit
from samjournal.demo.units import units
from samjournal.fhir.identifiers import NHN, age, serials, with_check_digits

HOUSEHOLDS = 2_000
"""So many are looked through: enough for all who are named and for some hundred others, and done in a third of a
second before anything is stored."""
_AGES = range(30, 65)
_SHARE, _SHARE_OF_NAMED = 0.16, 0.5
_LANGUAGES = ("nb", "nn")
_ELSEWHERE = (1962, 1997)
"""The years in which those were born who live elsewhere."""


@dataclass(frozen=True, slots=True)
class Workers:
    """Who works where by the inhabitant's id; their numbers by login."""

    posts: dict[str, Staff]
    numbers: dict[str, str]

    def at_home(self, people: list[Person]) -> list[Person]:
        """The same people, by the names and numbers that they have at work."""
        return [self._as_at_work(one, self.posts[one.id]) if one.id in self.posts else one for one in people]

    def _as_at_work(self, one: Person, post: Staff) -> Person:
        return replace(one, given=post.given, family=post.family, number=self.numbers[post.login])


NOBODY = Workers({}, {})


@lru_cache(maxsize=2)
def workers(seed: int, clock: Clock) -> Workers:
    """Who of the first households works where: somebody of the same sex, where the own municipality or hospital is."""
    free = _Free()
    posts: dict[str, Staff] = {}
    born: dict[str, date] = {}
    for people in islice(households(seed, clock, Numbers(set())), HOUSEHOLDS):
        for one in people:
            if age(one.born, clock.today) not in _AGES or one.number[0] in "4567" or one.language not in _LANGUAGES:
                continue
            post = free.take(one, people, chance(seed, "works", one.id))
            if post is not None:
                posts[one.id], born[post.login] = post, one.born
                break  # Two of the same house are rare, and one is enough.
    taken: set[str] = set()
    given = {post.login: _number(post, born[post.login], taken) for post in posts.values()}
    return Workers(posts, given)


class _Free:
    """Who has no home yet, by where one may live and sex: those with a name of their own first."""

    def __init__(self) -> None:
        self._named: dict[tuple[str, bool], list[Staff]] = {}
        self._others: dict[tuple[str, bool], list[Staff]] = {}
        first = {person.login for person in named()}
        for person in _each(staff()):
            some = self._named if person.login in first else self._others
            some.setdefault((_area(units()[person.role.organization_id]), person.woman), []).append(person)

    def take(self, one: Person, people: Sequence[Person], rng: Random) -> Staff | None:
        """Somebody who may live here, and is nobody at home already by name, nor the own GP."""
        areas = [(_area(one.place.hospital), one.woman), (one.place.code, one.woman)]
        rng.shuffle(areas)
        for share, some in ((_SHARE_OF_NAMED, self._named), (_SHARE, self._others)):
            if rng.random() >= share:
                continue
            for area in areas:
                for place, found in enumerate(some.get(area, ())):
                    if found.login != one.gp.login and not any(found.given == other.given for other in people):
                        return some[area].pop(place)
        return None


def _each(some: Iterator[Staff]) -> Iterator[Staff]:
    """Everybody once, though he has several roles."""
    seen: set[str] = set()
    for person in some:
        if person.login not in seen:
            seen.add(person.login)
            yield person


def _area(unit: Unit) -> str:
    """Where those live who work at a unit: the trust whose hospitals serve them, or the municipality."""
    top = unit
    while top.part_of is not None:
        top = units()[top.part_of]
    return top.id if top.what == "Helseforetak" else unit.municipality


def numbers(region: int, known: Workers) -> dict[str, str]:
    """A number for everybody at work in a region of so many inhabitants, by login; nobody's twice."""
    given = dict(known.numbers)
    taken = set(given.values())
    for person in _each(staff(region)):
        if person.login not in given:
            rng = chance("born", person.login)
            born = date(rng.randint(*_ELSEWHERE), rng.randint(1, 12), rng.randint(1, 28))
            given[person.login] = _number(person, born, taken)
    return given


def _number(person: Staff, born: date, taken: set[str]) -> str:
    """The next free number of the series that tells birth date and sex; from then on it is taken."""
    start = f"{born.day:02}{born.month + NHN:02}{born.year % 100:02}"
    for serial in serials(born.year):
        number = with_check_digits(f"{start}{serial:03}") if (serial % 2 == 0) == person.woman else None
        if number is not None and number not in taken:
            taken.add(number)
            return number
    raise ValueError(f"Every synthetic number of {born} is taken.")
