"""Households of synthetic people: who lives with whom, what they are called and which GP they have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache
from random import Random

from samjournal.demo.chance import chance, identity
from samjournal.demo.clock import Clock
from samjournal.demo.households import Member, household
from samjournal.demo.illnesses import Both
from samjournal.demo.names import FAMILIES, ORIGINS, Origin, first_names
from samjournal.demo.numbers import Numbers
from samjournal.demo.people import Home
from samjournal.demo.places import Place, home, place
from samjournal.demo.staff import Staff, at_unit
from samjournal.fhir.identifiers import age


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody before the record knows of illness: `parents` and `partner` are ids in the same household."""

    id: str
    given: str
    family: str
    woman: bool
    born: date
    number: str
    home: Home
    place: Place
    gp: Staff
    language: str
    phone: str | None = None
    partner: str | None = None
    parents: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.given} {self.family}"


EARLY = 190
"""The first so many households live mostly where the personas do."""

_NORWEGIAN = Origin(1.0, "", (), (), FAMILIES)
_SAMI_COUNTRY = {"5041", "5043", "5042", "5044", "5025"}


def households(seed: int, clock: Clock, numbers: Numbers, region: int = 0) -> Iterator[list[Person]]:
    """Households without end, each from its own random numbers: more inhabitants never change the first ones.

    Only which GPs there are to choose from depends on how many live in the region.
    """
    number = 0
    while True:
        number += 1
        rng = chance(seed, "household", number)
        where = place(rng, early=number <= EARLY, region=region)
        yield _people(rng, f"{seed}/{number}", clock, numbers, where)


def _people(rng: Random, key: str, clock: Clock, numbers: Numbers, where: Place) -> list[Person]:
    members = household(rng, clock)
    lives = home(rng, where)
    origin = _origin(rng, where, age(members[0].born, clock.today))
    family = rng.choice(origin.families)
    doctors = (gp_for(rng, where), gp_for(rng, where))
    own = rng.random() < 0.4
    alone = len(members) == 1
    found: list[Person] = []
    for position, member in enumerate(members):
        takes = member.child or position == 0 or rng.random() < 0.6
        temporary = alone and bool(origin.women) and age(member.born, clock.today) < 50 and rng.random() < 0.15
        found.append(
            Person(
                id=identity(key, position),
                given=_given(rng, origin, member, {other.given.split()[0] for other in found}),
                family=family if takes else rng.choice(origin.families),
                woman=member.woman,
                born=member.born,
                number=numbers.take(member.born, woman=member.woman, temporary=temporary),
                home=lives,
                place=where,
                gp=doctors[own and position == 1],
                language=origin.language or where.language,
                phone=f"+479990{rng.randint(0, 9999):04}" if age(member.born, clock.today) >= 12 else None,
            )
        )
    return _tied(found, members, clock)


def _tied(people: list[Person], members: list[Member], clock: Clock) -> list[Person]:
    """Partners know of each other, and children of their parents."""
    adults = [person for person, member in zip(people, members, strict=True) if not member.child]
    ids = tuple(person.id for person in adults)
    if len(adults) == 2:
        people[0] = replace(people[0], partner=ids[1])
        people[1] = replace(people[1], partner=ids[0])
    for position in range(len(adults), len(people)):
        if age(people[position].born, clock.today) < 18:
            people[position] = replace(people[position], parents=ids)
    return people


def _given(rng: Random, origin: Origin, member: Member, at_home: set[str]) -> str:
    """A given name of the time of birth that nobody at home has; every third Norwegian has two."""
    if origin.women:
        own = origin.women if member.woman else origin.men
        return rng.choice([name for name in own if name not in at_home] or own)
    names = [name for name in first_names(woman=member.woman, birth_year=member.born.year) if name not in at_home]
    if rng.random() < 0.35:
        return " ".join(rng.sample(names, 2))
    return rng.choice(names)


def _origin(rng: Random, where: Place, oldest: int) -> Origin:
    """Sami names are at home in the inner north; those who came from abroad are mostly younger."""
    drawn = rng.random()
    for origin in ORIGINS:
        share = origin.share * (15 if origin.language == "sma" and where.code in _SAMI_COUNTRY else 1)
        if drawn < share and (origin.language == "sma" or oldest < 67):
            return origin
        drawn -= share
        if drawn < 0:
            break
    return _NORWEGIAN


def gp_for(rng: Random, where: Place) -> Staff:
    """A GP in the municipality; several share a municipality."""
    here = _gps(where)
    return here[int(rng.random() * len(here))]


@lru_cache(maxsize=512)
def _gps(where: Place) -> tuple[Staff, ...]:
    return tuple(doctor for office in where.units("Fastlegekontor") for doctor in at_unit(office, "gp"))


def say(person: Person, both: Both) -> str:
    """The sentence in the written language of the municipality: that of whoever writes the note."""
    return both[1] if person.place.language == "nn" else both[0]
