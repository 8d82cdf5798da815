"""Units, beds and staff as FHIR resources: the register that the patients' resources point to."""

from __future__ import annotations

from collections.abc import Iterator

from samjournal.demo.chart import HL7, Resource, concept
from samjournal.demo.numbers import organisation_number
from samjournal.demo.staff import Staff, Unit, staff, units
from samjournal.fhir.identifiers import HPR, ORGANIZATION

_TYPES = {
    "prov": "Healthcare Provider",
    "dept": "Hospital Department",
    "govt": "Government",
    "team": "Organizational team",
}

BEDS = {
    "medisin-3": [f"{room} {place}" for room in range(308, 317) for place in ("dør", "vindu")],
    "medisin-2": [f"{room} {place}" for room in range(208, 214) for place in ("dør", "vindu")],
    "ortopedi-1": [f"{room} {place}" for room in range(410, 415) for place in ("dør", "vindu")],
    "barsel": [f"{room}" for room in range(501, 507)],
}
"""The beds of each ward, as people say them."""


def register() -> Iterator[Resource]:
    """Organizations, Locations, Practitioners and PractitionerRoles; what is pointed at comes first."""
    for position, unit in enumerate(units().values()):
        yield _organization(unit, position)
    for unit in units().values():
        yield _service(unit)
    for ward, places in BEDS.items():
        yield from (_bed(ward, place) for place in places)
    seen: set[str] = set()
    for position, person in enumerate(staff()):
        if person.login not in seen:
            seen.add(person.login)
            yield _practitioner(person, position)
        yield _practitioner_role(person)


def bed(ward: str, place: str) -> Resource:
    """A reference to a bed."""
    return {"reference": f"Location/{_bed_id(ward, place)}", "display": place}


def _bed_id(ward: str, place: str) -> str:
    return f"{ward}-{place.replace(' ', '-').replace('ø', 'o')}"


def _organization(unit: Unit, position: int) -> Resource:
    found: Resource = {
        "resourceType": "Organization",
        "id": unit.id,
        "active": True,
        "type": [
            {
                "coding": [{"system": f"{HL7}organization-type", "code": unit.kind, "display": _TYPES[unit.kind]}],
                "text": unit.what,
            }
        ],
        "name": unit.name,
    }
    if unit.part_of is None:
        found["identifier"] = [{"system": ORGANIZATION, "value": organisation_number(position)}]
    else:
        found["partOf"] = {"reference": f"Organization/{unit.part_of}", "display": units()[unit.part_of].name}
    if unit.phone:
        found["telecom"] = [{"system": "phone", "value": unit.phone, "use": "work"}]
    return found


def _service(unit: Unit) -> Resource:
    """What the unit offers, under the unit's own id: appointments point at it."""
    return {
        "resourceType": "HealthcareService",
        "id": unit.id,
        "active": True,
        "providedBy": {"reference": f"Organization/{unit.id}", "display": unit.name},
        "name": unit.name,
    }


def _bed(ward: str, place: str) -> Resource:
    return {
        "resourceType": "Location",
        "id": _bed_id(ward, place),
        "status": "active",
        "name": place,
        "mode": "instance",
        "physicalType": {
            "coding": [{"system": f"{HL7}location-physical-type", "code": "bd", "display": "Bed"}],
            "text": "Seng",
        },
        "managingOrganization": {"reference": f"Organization/{ward}", "display": units()[ward].name},
    }


def _practitioner(person: Staff, position: int) -> Resource:
    return {
        "resourceType": "Practitioner",
        "id": person.login,
        "identifier": [{"system": HPR, "value": str(565_510_000 + position * 17)}],
        "active": True,
        "name": [{"use": "official", "family": person.family, "given": person.given.split()}],
        "qualification": [{"code": concept("urn:oid:2.16.578.1.12.4.1.1.9060", person.profession)}],
    }


def _practitioner_role(person: Staff) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": person.role.practitioner_role_id,
        "active": True,
        "practitioner": {"reference": f"Practitioner/{person.login}", "display": person.name},
        "organization": person.unit,
        "code": [{"text": person.title}],
    }
