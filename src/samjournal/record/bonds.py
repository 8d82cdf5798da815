"""The units that somebody has to do with: whom he may write to, and to whom that is handed on.

    units_bound(door, permit, patient_id) -> list[Unit]     for the patient, who acts for him, and who has him open

To who acts for the patient none are told by what he does not read. To staff, of somebody whose address is confidential,
those of the own organisation alone. Nothing of the record is in it; the page that shows it logs its own look.
"""

from __future__ import annotations

from dataclasses import dataclass

from samjournal import access
from samjournal.access import Permit
from samjournal.access.waiting import rising
from samjournal.db.pool import Connection
from samjournal.fhir.errors import ReasonNeeded
from samjournal.fhir.keys import key, patient_key
from samjournal.record.door import Door
from samjournal.record.hushed import kept_from
from samjournal.store.reading import is_hidden


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit (`Organization/7`), by which kind of relation, and whether the patient has blocked the record for it."""

    reference: str
    kind: str
    blocked: bool


async def units_bound(door: Door, permit: Permit, patient_id: str) -> list[Unit]:
    """Each unit once for each kind of relation, the newest first. Raises ReasonNeeded, Busy."""
    patient = patient_key(door.persons.stays(patient_id))
    async with door.pool.lane() as db:
        if patient not in await access.decide(db, permit, {patient}):
            raise ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
        found = await access.bound(db, patient)
        if permit.kind == "citizen" and permit.represents is not None:
            reads = permit.represents.level.reads
            found = [one for one in found if one.source.partition("/")[0] in reads]
            hidden = await kept_from(permit, {_named(one.source) for one in found}, db)
            found = [one for one in found if _named(one.source) not in hidden]
        elif permit.kind == "staff" and permit.known is not None and await is_hidden(db, patient):
            found = [one for one in found if key(one.unit) in permit.known]
        blocked = {unit: await _is_blocked(db, patient, unit) for unit in {one.unit for one in found}}
    pairs = dict.fromkeys((one.unit, one.kind) for one in found)
    return [Unit(unit, kind, blocked[unit]) for unit, kind in pairs]


async def is_blocked(door: Door, permit: Permit, unit: str) -> bool:
    """Whether a citizen has blocked the own record for a unit (`Organization/7`)."""
    async with door.pool.lane() as db:
        return await _is_blocked(db, patient_key(door.persons.stays(permit.patient or "")), unit)


async def _is_blocked(db: Connection, patient: int, unit: str) -> bool:
    above = await rising(db, unit)
    return await access.are_blocked(db, patient, [key(one) for one in above])


def _named(source: str) -> tuple[str, str]:
    type_, _, id_ = source.partition("/")
    return type_, id_
