"""Who lies where today: beds in wards and rooms in nursing homes, each given to one person only.

Asked for every inhabitant in their order, also when a resumed run leaves out the charts that are stored already: then
the beds are the same as in a run that was never cut off.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from samjournal.demo.chance import chance
from samjournal.demo.chart import Resource
from samjournal.demo.clock import Clock
from samjournal.demo.deaths import died
from samjournal.demo.inhabitants import Person
from samjournal.demo.organisations import bed
from samjournal.demo.sites import ward
from samjournal.demo.unit import Unit
from samjournal.demo.units import units
from samjournal.fhir.identifiers import age


@dataclass(frozen=True, slots=True)
class Lying:
    """A bed or a room that somebody has today, and since when."""

    unit: Unit
    place: Resource
    since: date

    @property
    def at_home(self) -> bool:
        """Whether it is a room to live in."""
        return self.unit.service == "Sykehjemsavdeling"


_CAST = {("medisin-3", "311 vindu"), ("medisin-2", "209 dør"), ("barsel", "503")}
"""Where those lie who are written by hand."""
_FIRST = (
    "medisin-3",
    "medisin-3",
    "medisin-3",
    "medisin-2",
    "medisin-3",
    "ortopedi-1",
    "medisin-3",
    "medisin-2",
    "medisin-3",
)
"""The personas' wards are filled first, so that a small region has patients to look at."""

# Age from, then the share that is in a ward today, and that lives in a nursing home.
_SHARES = (
    (0, 0.0006, 0.0),
    (18, 0.0009, 0.0),
    (60, 0.0035, 0.0),
    (75, 0.008, 0.035),
    (80, 0.012, 0.08),
    (85, 0.014, 0.17),
    (90, 0.014, 0.32),
)
_FIELDS = (
    "medicine",
    "medicine",
    "medicine",
    "heart",
    "heart",
    "lung",
    "stroke",
    "surgery",
    "surgery",
    "bones",
    "bones",
)


class Beds:
    """The free beds of a region."""

    def __init__(self) -> None:
        self._free: dict[str, Iterator[str]] = {}
        self._first = list(_FIRST)

    def give(self, person: Person, clock: Clock) -> Lying | None:
        """The bed somebody has today; None for almost everybody."""
        if died(person, clock):
            return None
        years, rng = age(person.born, clock.today), chance("lies", person.id)
        drawn = rng.random()
        _, in_ward, in_home = next(row for row in reversed(_SHARES) if years >= row[0])
        if person.partner is None and drawn < in_home:
            wards = person.place.units("Sykehjemsavdeling")
            return self._take(rng.choice(wards), clock.day(-rng.randint(30, 1500))) if wards else None
        since = clock.day(-rng.randint(1, 4))
        if self._first and years >= 58 and person.place.language == "nb" and drawn > 0.6 and _near(person):
            return self._take(units(person.place.region)[self._first.pop(0)], since)
        if drawn > 1 - in_ward:
            field = "children" if years < 16 else rng.choice(_FIELDS)
            return self._take(ward(person, field), since)
        return None

    def _take(self, unit: Unit, since: date) -> Lying | None:
        """The next free bed of a unit; None when all are taken."""
        if unit.id not in self._free:
            self._free[unit.id] = iter([place for place in unit.beds if (unit.id, place) not in _CAST])
        place = next(self._free[unit.id], None)
        return Lying(unit, bed(unit.id, place), since) if place else None


def _near(person: Person) -> bool:
    return person.place.hospital.id == "fjordheim-sykehus"
