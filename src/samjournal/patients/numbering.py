"""A new number for an old one: a D-number that became a birth number, or a birth number that was issued anew.

    renumber(door, permit, id, number) -> Stored

The old one stays, `use: old`, with the day on which it ended: both are found by search. A number that another record
has is refused, for then the records are to be merged. skatteetaten.no/en/person/national-registry
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from samjournal.access import Permit, keeping
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Forbidden, Unprocessable
from samjournal.fhir.identifiers import SYSTEMS, PersonNumber, birth_date
from samjournal.patients.linking import changed
from samjournal.patients.matching import numbers
from samjournal.patients.registering import free, valid
from samjournal.record import Door, Stored, change, read

_NATIONAL: Final = frozenset(system for kind, system in SYSTEMS.items() if kind != "hnr")


async def renumber(door: Door, permit: Permit, id_: str, text: str) -> Stored:
    """Give a patient a number in place of the one in use. Raises Forbidden, NotFound, Unprocessable (wrong check
    digits, or another birth date than the patient's), NumberHeld, Conflict (the patient has it, or had it)."""
    number = valid(text)
    rights = permit if permit.kind == "system" else _registrars(permit)
    rights.demand("u", "Patient")
    stored = await read(door, rights, "Patient", id_)
    patient = stored.resource()
    if number.value in {value for _, value, _ in numbers(patient)}:
        raise Conflict("The patient has this number already, or had it.")
    assumed = await free(door, rights, number, besides=id_)
    _refuse_other_birth(permit, patient, number)
    members = {"identifier": [*_ended(stored), _new(number)]}
    (done,) = await change(door, rights, [changed(stored, members)], action="renumber", assumed=[assumed])
    return done


def _registrars(permit: Permit) -> Permit:
    if not permit.registers:
        raise Forbidden(f"The role {permit.role} does not register numbers.")
    return keeping(permit, "Patient", sees_protected=True)


def _refuse_other_birth(permit: Permit, patient: dict[str, Any], number: PersonNumber) -> None:
    """A number of today tells a birth date. Whoever types the number of somebody else is told by that; the register
    itself, a system, knows better."""
    told, known = birth_date(number), patient.get("birthDate", "")
    if permit.kind != "system" and told is not None and known and not told.isoformat().startswith(known):
        raise Unprocessable(
            f"The number tells the birth date {told.isoformat()}, which is not the patient's. Is it somebody else's? "
            "If not, correct the birth date first."
        )


def _ended(stored: Stored) -> list[Any]:
    """The identifiers as they lie; the national ones in use become old ones, ended today."""
    assert stored.body is not None
    members = msgspec.json.decode(stored.body, type=dict[str, msgspec.Raw])
    if "identifier" not in members:
        return []
    found: list[Any] = []
    for raw in msgspec.json.decode(members["identifier"], type=list[msgspec.Raw]):
        parts = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        one: dict[str, Any] = msgspec.json.decode(raw)
        if one.get("system") in _NATIONAL and one.get("use") != "old":
            period = {**one.get("period", {}), "end": datetime.now(UTC).astimezone(OSLO).date().isoformat()}
            parts |= {"use": _raw("old"), "period": _raw(period)}
            found.append(parts)
        else:
            found.append(raw)
    return found


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def _new(number: PersonNumber) -> dict[str, Any]:
    begins = datetime.now(UTC).astimezone(OSLO).date().isoformat()
    return {"use": "official", "system": SYSTEMS[number.kind], "value": number.value, "period": {"start": begins}}
