"""Where care is given: hospitals and homes with wards, rooms and beds, each part of the one around it.

hl7.org/fhir/R4/location.html
"""

from __future__ import annotations

from collections.abc import Iterator

from samjournal.demo.chance import chance
from samjournal.demo.chart import HL7, Resource
from samjournal.demo.municipalities import municipalities
from samjournal.demo.people import municipality_code
from samjournal.demo.unit import Unit
from samjournal.demo.units import units

_WARDS = {"Sengepost", "Sykehjemsavdeling"}
_SITES = {"Sykehus", "Sykehjem", "Legevakt", "Ambulansestasjon", "Fastlegekontor", "Helsestasjon"}
_PHYSICAL = {
    "si": ("Site", "Sted"),
    "wa": ("Ward", "Avdeling"),
    "ro": ("Room", "Rom"),
    "bd": ("Bed", "Seng"),
}
_PLAIN = str.maketrans({" ": "-", "ø": "o", "å": "a", "æ": "ae"})


def locations(region: int) -> Iterator[Resource]:
    """Every place of a region; what something is part of comes before it."""
    for unit in units(region).values():
        if unit.service in _SITES:
            yield _location(unit, unit.id, unit.name, "si", None) | _site_of(unit)
    for unit in units(region).values():
        if unit.service in _WARDS:
            yield from _ward(unit, region)


def bed(ward: str, place: str) -> Resource:
    """A reference to a bed."""
    return {"reference": f"Location/{_bed_id(ward, place)}", "display": place}


def _bed_id(ward: str, place: str) -> str:
    return f"{ward}-{place.translate(_PLAIN)}"


def _ward(unit: Unit, region: int) -> Iterator[Resource]:
    yield _location(unit, unit.id, unit.name, "wa", site(unit, region))
    rooms: set[str] = set()
    for place in unit.beds:
        number = place.partition(" ")[0]
        room = f"{unit.id}-rom-{number}"
        if room not in rooms:
            rooms.add(room)
            yield _location(unit, room, f"Rom {number}", "ro", unit.id)
        yield _location(unit, _bed_id(unit.id, place), place, "bd", room)


def site(unit: Unit, region: int) -> str | None:
    """The hospital or the home that a unit lies in, or the unit itself where it is a place of its own."""
    if unit.service in _SITES:
        return unit.id
    above = unit.part_of
    while above is not None:
        around = units(region)[above]
        if around.service in _SITES:
            return above
        above = around.part_of
    return None


def _site_of(unit: Unit) -> Resource:
    """Where a site is: in one of the postal towns, some hundred metres around the centre."""
    here, rng = municipalities()[unit.municipality], chance("site", unit.id)
    postal_code, town = here.towns[0] if unit.service == "Sykehus" else rng.choice(here.towns)
    latitude, longitude = (round(degrees + rng.uniform(-0.02, 0.02), 4) for degrees in here.centre)
    return {
        "address": {
            "use": "work",
            "city": town,
            "district": here.name,
            "_district": municipality_code(here.number),
            "postalCode": postal_code,
            "country": "NO",
        },
        "position": {"longitude": longitude, "latitude": latitude},
    }


def _location(unit: Unit, id_: str, name: str, kind: str, part_of: str | None) -> Resource:
    display, text = _PHYSICAL[kind]
    found: Resource = {
        "resourceType": "Location",
        "id": id_,
        "status": "active",
        "name": name,
        "mode": "instance",
        "physicalType": {
            "coding": [{"system": f"{HL7}location-physical-type", "code": kind, "display": display}],
            "text": text,
        },
        "managingOrganization": {"reference": f"Organization/{unit.id}", "display": unit.name},
    }
    if part_of:
        found["partOf"] = {"reference": f"Location/{part_of}"}
    return found
