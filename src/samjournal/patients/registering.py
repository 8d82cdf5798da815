"""Registering somebody, as the named action that it is: a number that somebody has already is refused.

register(door, permit, person) -> Stored      a new Patient
held_by(door, permit, number) -> list[str]    ids of the patients who have a number, or had it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Forbidden, NumberHeld, Unprocessable
from samjournal.fhir.identifiers import SYSTEMS, PersonNumber, read
from samjournal.record import Assumed, Change, Door, Stored, change, criterion, look_up


@dataclass(frozen=True, slots=True)
class NewPerson:
    """What is known of somebody who is registered: all of it may be empty but the family name, which for an unknown
    person tells how he is called meanwhile."""

    family: str
    given: str = ""
    birth: str = ""
    gender: str = "unknown"
    number: str = ""

    def patient(self) -> dict[str, Any]:
        """As a Patient, for a search for who is alike and for storing."""
        number = valid(self.number) if self.number else None
        name = {"use": "official", "family": self.family, "given": self.given.split()}
        found = {
            "resourceType": "Patient",
            "active": True,
            "identifier": [_identifier(number)] if number else None,
            "name": [{key: value for key, value in name.items() if value}],
            "gender": self.gender,
            "birthDate": self.birth or None,
        }
        return {key: value for key, value in found.items() if value is not None}


def valid(text: str) -> PersonNumber:
    """A national number with right check digits. Raises Unprocessable."""
    number = read(text)
    if number is None or number.kind == "hnr":
        raise Unprocessable("The number is no birth number, D-number or help number: the check digits do not fit.")
    return number


def _identifier(number: PersonNumber) -> dict[str, Any]:
    return {"use": "official", "system": SYSTEMS[number.kind], "value": number.value}


async def register(door: Door, permit: Permit, person: NewPerson) -> Stored:
    """Store a new Patient. It opens no record: that needs a relation, also for who registered. Raises Forbidden,
    NumberHeld, Unprocessable, Conflict."""
    if not permit.registers:
        raise Forbidden(f"The role {permit.role} does not register people.")
    patient = person.patient()
    rights = keeping(permit, "Patient")
    assumed = []
    if person.number:
        assumed = [await free(door, permit, valid(person.number))]
    (stored,) = await change(door, rights, [Change.create(patient)], action="register", assumed=assumed)
    return stored


async def free(door: Door, permit: Permit, number: PersonNumber, *, besides: str | None = None) -> Assumed:
    """That nobody, `besides` one, has a number: to be held while it is given. Raises NumberHeld."""
    asked = criterion("Patient", f"identifier={number.value}", many=True)
    rights = permit if permit.unrestricted else keeping(permit, "Patient")
    found = [stored.id for stored in await look_up(door, rights, asked)]
    others = [id_ for id_ in found if besides is None or door.persons.stays(id_) != door.persons.stays(besides)]
    if others:
        raise NumberHeld([door.persons.stays(id_) for id_ in others])
    return Assumed(asked, tuple(found))
