"""Who has seen one resource, for a named action that must tell them that it was wrong. From the log of looks."""

from __future__ import annotations

from samjournal import audit
from samjournal.access import Permit
from samjournal.audit import Reader
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import patient_key
from samjournal.record.door import Door


async def readers(door: Door, permit: Permit, patient_id: str, type_: str, id_: str) -> list[Reader]:
    """Who was shown a resource of a patient, people and systems, the latest first; not the patient. Raises Forbidden
    for all but named actions."""
    if not permit.changes_access:
        raise Forbidden("Who has seen a resource is told to the named action that marks it as wrong.")
    patients = [patient_key(each) for each in door.persons.ids(patient_id)]
    return await audit.of_resource(door.pool, patients, type_, id_)
