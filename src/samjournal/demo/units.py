"""The units of a region of so many inhabitants, and where each stands. hl7.org/fhir/R4/organization.html

Trusts, hospitals and municipalities have their real names; what lies below them is invented. A larger region has
more of all; region 0 is the smallest, and its units are in every other.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache, lru_cache

from samjournal.demo.hospitals import hospital_units
from samjournal.demo.municipalities import municipalities
from samjournal.demo.services import municipal_units, shared_units
from samjournal.demo.unit import Unit


@lru_cache(maxsize=4)
def units(region: int = 0) -> dict[str, Unit]:
    """Every unit by id; a unit comes after the one it is part of."""
    return {unit.id: unit for unit in _all(region)}


def _all(region: int) -> Iterator[Unit]:
    yield from hospital_units(region)
    for municipality in municipalities().values():
        yield from municipal_units(municipality, region)
    yield from shared_units(region)


@lru_cache(maxsize=4096)
def units_in(municipality: str, what: str, region: int = 0) -> tuple[Unit, ...]:
    """The units of a kind, in bokmål, that a municipality has: "Fastlegekontor", "Sykehjem", "Hjemmesykepleie"."""
    return _by_kind(region).get((municipality, what), ())


@lru_cache(maxsize=4)
def _by_kind(region: int) -> dict[tuple[str, str], tuple[Unit, ...]]:
    found: dict[tuple[str, str], list[Unit]] = {}
    for unit in units(region).values():
        found.setdefault((unit.municipality, unit.service), []).append(unit)
    return {key: tuple(some) for key, some in found.items()}


@cache
def serving(municipality: str, region: int = 0) -> tuple[Unit, Unit]:
    """The hospital and the out-of-hours clinic that serve a municipality."""
    here = municipalities()[municipality]
    return units(region)[here.hospital], units(region)[here.out_of_hours]
