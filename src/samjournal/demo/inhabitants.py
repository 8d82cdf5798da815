"""Households of synthetic people: who lives with whom, what they are called and which GP they have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from samjournal.demo.chance import chance, identity
from samjournal.demo.clock import Clock
from samjournal.demo.illnesses import Both
from samjournal.demo.names import FAMILIES, ORIGINS, first_names
from samjournal.demo.numbers import birth_number
from samjournal.demo.people import Home
from samjournal.demo.places import Place, home, place
from samjournal.demo.staff import Staff, at_unit, units
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


@dataclass(frozen=True, slots=True)
class _Origin:
    language: str
    women: tuple[str, ...]
    men: tuple[str, ...]
    families: tuple[str, ...]


# Share of households, then the ages of the adults from and to, how many adults, and children.
_KINDS = (
    (0.12, (19, 34), 1, False),
    (0.14, (35, 66), 1, False),
    (0.06, (24, 40), 2, False),
    (0.20, (48, 67), 2, False),
    (0.20, (30, 54), 2, True),
    (0.05, (27, 52), 1, True),
    (0.13, (67, 86), 2, False),
    (0.10, (68, 96), 1, False),
)


def households(seed: int, clock: Clock, used: set[str]) -> Iterator[list[Person]]:
    """Households without end, each from its own random numbers: more inhabitants never change the first ones."""
    number = 0
    while True:
        number += 1
        yield _household(chance(seed, "household", number), f"{seed}/{number}", clock, used)


def _household(rng: Random, key: str, clock: Clock, used: set[str]) -> list[Person]:
    _, ages, adults, children = rng.choices(_KINDS, [kind[0] for kind in _KINDS])[0]
    where = place(rng)
    oldest, lives = rng.randint(*ages), home(rng, where)
    origin = _origin(rng, where, oldest)
    family, gp = rng.choice(origin.families), gp_for(rng, where)
    people: list[Person] = []
    first_is_woman = rng.random() < (0.5 if oldest < 67 else 0.6)
    for position in range(adults):
        people.append(
            _person(
                rng,
                f"{key}/{position}",
                clock,
                used,
                origin,
                where=where,
                lives=lives,
                gp=gp,
                years=max(19, oldest - 3 * position),
                woman=first_is_woman ^ (position == 1),
                family=family if position == 0 or rng.random() < 0.6 else rng.choice(origin.families),
            )
        )
    if adults == 2:
        first, second = people
        people = [_with(first, partner=second.id), _with(second, partner=first.id)]
    if children:
        youngest_parent = min(age(parent.born, clock.today) for parent in people)
        for position in range(rng.choices((1, 2, 3), (0.3, 0.5, 0.2))[0]):
            years = rng.randint(max(0, youngest_parent - 43), min(17, youngest_parent - 22))
            child = _person(
                rng,
                f"{key}/child/{position}",
                clock,
                used,
                origin,
                where=where,
                lives=lives,
                gp=gp,
                years=years,
                woman=rng.random() < 0.49,
                family=family,
            )
            people.append(_with(child, parents=tuple(p.id for p in people[:adults])))
    return people


def _person(
    rng: Random,
    key: str,
    clock: Clock,
    used: set[str],
    origin: _Origin,
    *,
    where: Place,
    lives: Home,
    gp: Staff,
    years: int,
    woman: bool,
    family: str,
) -> Person:
    born = clock.day(-1 - rng.randint(0, 363)).replace(day=rng.randint(1, 28))
    born = born.replace(year=born.year - years)
    if born >= clock.today:
        born -= timedelta(days=31)
    names = list(origin.women if woman else origin.men) or first_names(woman=woman, birth_year=born.year)
    given = rng.choice(names)
    if not origin.women and rng.random() < 0.35:
        given = f"{given} {rng.choice([name for name in names if name != given])}"
    phone = f"+479990{rng.randint(0, 9999):04}" if years >= 12 else None
    return Person(
        id=identity(key, "person"),
        given=given,
        family=family,
        woman=woman,
        born=born,
        number=birth_number(rng, born, woman=woman, used=used),
        home=lives,
        place=where,
        gp=gp,
        language=origin.language or where.language,
        phone=phone,
    )


def _with(person: Person, *, partner: str | None = None, parents: tuple[str, ...] = ()) -> Person:
    return replace(person, partner=partner, parents=parents)


def _origin(rng: Random, where: Place, oldest: int) -> _Origin:
    """Sami names are more common in Snåsa; those who came from abroad are mostly younger."""
    drawn = rng.random() / (4 if where.name == "Snåsa" else 1)
    for share, language, women, men, families in ORIGINS:
        if drawn < share and (language == "sma" or oldest < 67):
            return _Origin(language, tuple(women.split()), tuple(men.split()), tuple(families.split()))
        drawn -= share
    return _Origin("", (), (), tuple(FAMILIES))


def gp_for(rng: Random, where: Place) -> Staff:
    """A GP in the municipality; several share a municipality."""
    here = [
        doctor
        for unit in units().values()
        if unit.municipality == where.code and unit.what == "Fastlegekontor"
        for doctor in at_unit(unit.id, "gp")
    ]
    return rng.choice(here)


def say(person: Person, both: Both) -> str:
    """The sentence in the written language of the municipality: that of whoever writes the note."""
    return both[1] if person.place.language == "nn" else both[0]
