"""Units, places and staff as FHIR resources: the register that the patients' resources point to."""

from __future__ import annotations

from collections.abc import Iterator

from samjournal.demo.asked import promises
from samjournal.demo.chart import HL7, Resource, concept
from samjournal.demo.endpoints import desk, endpoints, her_id, outside, takes_messages
from samjournal.demo.hospitals import BEDS as BEDS
from samjournal.demo.locations import bed as bed
from samjournal.demo.locations import locations
from samjournal.demo.municipalities import municipalities
from samjournal.demo.numbers import organisation_number, professional_number
from samjournal.demo.staff import Staff, staff
from samjournal.demo.unit import Unit
from samjournal.demo.units import units
from samjournal.demo.visit_types import visit_types, works
from samjournal.demo.workers import NOBODY, Workers
from samjournal.demo.workers import numbers as national_numbers
from samjournal.fhir.identifiers import FNR, HER, HPR, ORGANIZATION

_TYPES = {
    "prov": "Healthcare Provider",
    "dept": "Hospital Department",
    "govt": "Government",
    "team": "Organizational team",
}


def register(region: int = 0, known: Workers = NOBODY) -> Iterator[Resource]:
    """Organizations, Locations, Practitioners, PractitionerRoles and what can be booked; what is pointed at comes
    first. `known` are those at work who are inhabitants too."""
    for unit in units(region).values():
        yield _organization(unit, region)
    yield from outside()
    yield desk()
    for unit in units(region).values():
        yield _service(unit)
    yield from endpoints(region)
    yield from locations(region)
    numbers = national_numbers(region, known)
    seen: set[str] = set()
    for person in staff(region):
        if person.login not in seen:
            seen.add(person.login)
            yield _practitioner(person, numbers[person.login])
        yield _practitioner_role(person)
    yield from visit_types(region)
    yield from promises(region)


def _organization(unit: Unit, region: int) -> Resource:
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
        found["identifier"] = [{"system": ORGANIZATION, "value": organisation_number(unit.id)}]
    else:
        found["partOf"] = {"reference": f"Organization/{unit.part_of}", "display": units(region)[unit.part_of].name}
    if unit.part_of is None or unit.id in takes_messages(region):
        found["identifier"] = [*found.get("identifier", ()), {"system": HER, "value": her_id(unit.id)}]
    if sami := _SAMI.get(unit.id):
        found["alias"] = [sami]
    if unit.phone:
        found["telecom"] = [{"system": "phone", "value": unit.phone, "use": "work"}]
    return found


def _service(unit: Unit) -> Resource:
    """What the unit offers, under the unit's own id: appointments point at it."""
    return {
        "resourceType": "HealthcareService",
        "id": unit.id,
        **_second_level(unit),
        "active": True,
        "providedBy": {"reference": f"Organization/{unit.id}", "display": unit.name},
        "name": unit.name,
    }


def _second_level(unit: Unit) -> Resource:
    """An office that lies under nobody is written to and from by its service: an address has two levels. HIS 1153"""
    is_office = unit.part_of is None and unit.id in takes_messages()
    return {"identifier": [{"system": HER, "value": her_id(f"{unit.id}-tjeneste")}]} if is_office else {}


def _practitioner(person: Staff, number: str) -> Resource:
    made: Resource = {
        "resourceType": "Practitioner",
        "id": person.login,
        "active": True,
        "name": [{"use": "official", "family": person.family, "given": person.given.split()}],
    }
    made["identifier"] = [{"system": FNR, "value": number}]
    if person.profession:
        made["identifier"].insert(0, {"system": HPR, "value": professional_number(person.login)})
        made["qualification"] = [{"code": concept("urn:oid:2.16.578.1.12.4.1.1.9060", person.profession)}]
    return made


def _title(person: Staff) -> Resource:
    """What somebody is called in a post, with the code of the profession by which a reader chooses among authors."""
    if not person.profession:
        return {"text": person.title}
    return concept("urn:oid:2.16.578.1.12.4.1.1.9060", person.profession, person.title)


def _practitioner_role(person: Staff) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": person.role.practitioner_role_id,
        "active": True,
        "practitioner": {"reference": f"Practitioner/{person.login}", "display": person.name},
        "organization": person.unit,
        "code": [_title(person)],
        **works(person),
    }


_SAMI = {municipality.body: municipality.sami for municipality in municipalities().values() if municipality.sami}
