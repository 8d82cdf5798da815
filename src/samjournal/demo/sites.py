"""Where somebody is treated and by whom: the ward, clinic or service for where one lives, and who works there."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from samjournal.demo.chart import Resource
from samjournal.demo.inhabitants import Person
from samjournal.demo.staff import Staff, at_unit
from samjournal.demo.unit import Unit
from samjournal.demo.units import serving, units

# Words in the names of the wards and clinics of a field, the best first.
_WARDS = {
    "medicine": ("medisin", "infeksjon", "geriatri"),
    "heart": ("hjertemedisin", "hjerte", "medisin"),
    "lung": ("lunge", "medisin"),
    "stroke": ("slag", "nevrologi", "medisin"),
    "surgery": ("gastrokirurgi", "kirurgi", "ortopedi"),
    "bones": ("ortoped", "kirurgi"),
    "birth": ("barsel", "føde"),
    "women": ("gynekologi", "kirurgi", "ortopedi"),
    "children": ("barn",),
}
_CLINICS = {
    "heart": ("hjertepoliklinikk", "medisinsk poliklinikk", "poliklinikk"),
    "lung": ("lungepoliklinikk", "medisinsk poliklinikk", "poliklinikk"),
    "kidney": ("dialyse", "medisinsk poliklinikk", "poliklinikk"),
    "stomach": ("medisinsk poliklinikk", "kirurgisk poliklinikk", "poliklinikk"),
    "bowel": ("kirurgisk poliklinikk", "medisinsk poliklinikk", "poliklinikk"),
    "urine": ("urologi", "kirurgisk poliklinikk", "poliklinikk"),
    "bones": ("ortopedisk poliklinikk", "revmatologi", "kirurgisk poliklinikk", "poliklinikk"),
    "nerve": ("nevropoliklinikk", "medisinsk poliklinikk", "poliklinikk"),
    "mind": ("dps", "voksenp", "poliklinikk"),
    "young mind": ("bup", "dps", "barnepoliklinikk"),
    "children": ("barnepoliklinikk", "poliklinikk"),
    "ear": ("øre-nese-hals", "kirurgisk poliklinikk", "poliklinikk"),
    "eye": ("øyepoliklinikk", "auge", "kirurgisk poliklinikk", "poliklinikk"),
    "women": ("kvinnepoliklinikk", "gynekologi", "barsel", "poliklinikk"),
    "imaging": ("radiologi", "røntgen", "bildediagnostikk"),
    "laboratory": ("biokjemi", "laborator"),
}
_NEXT = {
    "namsos": ("fjordheim-sykehus",),
    "kristiansund": ("hjelset", "alesund"),
    "hjelset": ("alesund",),
    "volda": ("alesund", "hjelset"),
    "alesund": ("hjelset",),
}
_MAIN = ("st-olavs", "fjordheim-sykehus")
"""Where somebody goes when the own hospital has no such place: within the trust, then to the university hospital.
A small region has some clinics at the personas' hospital alone."""


def ward(person: Person, field: str) -> Unit:
    """The ward for a field of medicine: at the own hospital, or at the nearest that has one."""
    return _place(person.place.code, "Sengepost", _WARDS[field], person.place.region)


def clinic(person: Person, field: str) -> Unit:
    """The outpatient clinic, laboratory or department for a field."""
    return _place(person.place.code, "", _CLINICS[field], person.place.region)


def service(person: Person, what: str) -> Unit:
    """The municipality's unit of a kind; where there are several, the one nearest home."""
    found = person.place.units(what)
    return found[_nearest(person) % len(found)]


def fields_of(unit: Unit) -> set[str]:
    """The fields of medicine that a ward takes, by its name."""
    name = unit.name.lower()
    return {field for field, words in _WARDS.items() if any(word in name for word in words)}


def reference(unit: Unit) -> Resource:
    """A reference to a unit."""
    return {"reference": f"Organization/{unit.id}", "display": unit.name}


def someone(unit: Unit, code: str, rng: Random) -> Staff:
    """Somebody at work there in a role; else whoever works there."""
    return rng.choice(crew(unit, code))


def crew(unit: Unit, code: str) -> tuple[Staff, ...]:
    """Everybody in a role at a unit, everybody at all where nobody has that role."""
    key = (unit.id, len(unit.posts), code, unit.posts)
    found = _CREWS.get(key)
    if found is None:
        found = _CREWS[key] = at_unit(unit, code) or at_unit(unit)
    return found


_CREWS: dict[tuple[object, ...], tuple[Staff, ...]] = {}


def _nearest(person: Person) -> int:
    """The same number for everybody in a street."""
    return sum(map(ord, person.home.street.split(" ")[0]))


@lru_cache(maxsize=8192)
def _place(municipality: str, what: str, words: tuple[str, ...], region: int) -> Unit:
    own = serving(municipality, region)[0].id
    for house in (own, *_NEXT.get(own, ()), *_MAIN):
        here = [unit for unit in _in_hospital(house, region) if (unit.service == what if what else not unit.beds)]
        for word in words:
            for unit in here:
                if word in unit.name.lower() and at_unit(unit):
                    return unit
    return serving(municipality, region)[0]


@lru_cache(maxsize=64)
def _in_hospital(hospital: str, region: int) -> tuple[Unit, ...]:
    """The units of a hospital below its clinics."""
    every = units(region)
    clinics = {unit.id for unit in every.values() if unit.part_of == hospital}
    return tuple(unit for unit in every.values() if unit.part_of in clinics or unit.part_of == hospital)
