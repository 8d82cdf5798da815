"""Critical information other than allergies: a pacemaker, no resuscitation. hl7.org/fhir/R4/flag.html"""

from __future__ import annotations

from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Invalid, Unprocessable, VersionMoved
from samjournal.patients.linking import changed
from samjournal.problems.adding import LONGEST, now
from samjournal.record import Change, Door, Stored, change, read
from samjournal.tasks import himself

CATEGORY: Final = "http://terminology.hl7.org/CodeSystem/flag-category"


async def record_critical(door: Door, permit: Permit, patient: str, text: str) -> Stored:
    """Store what everybody who opens the chart must see first. Raises Invalid and what `record.change` raises."""
    said = " ".join(text.split())
    if not said or len(said) > LONGEST:
        raise Invalid(f"Write what is critical, in at most {LONGEST} letters.")
    flag = {
        "resourceType": "Flag",
        "status": "active",
        "category": [{"coding": [{"system": CATEGORY, "code": "safety"}], "text": "Kritisk informasjon"}],
        "code": {"text": said},
        "subject": {"reference": f"Patient/{door.persons.stays(patient)}"},
        "period": {"start": now()},
        "author": himself(permit),
    }
    (stored,) = await change(door, permit, [Change.create(flag)])
    return stored


async def end_critical(door: Door, permit: Permit, patient: str, id_: str, *, version: int) -> Stored:
    """It holds no longer. Raises Unprocessable (another patient), VersionMoved, Conflict (it has ended)."""
    permit.demand("u", "Flag")
    was = await read(door, permit, "Flag", id_)
    resource: dict[str, Any] = was.resource()
    whose = str(resource.get("subject", {}).get("reference", "")).rpartition("Patient/")[2]
    if door.persons.stays(whose) != door.persons.stays(patient):
        raise Unprocessable(f"Flag/{id_} is about another patient.")
    if was.version != version:
        raise VersionMoved(f"Flag/{id_} was changed since you opened the page. Look at it again.")
    if resource.get("status") != "active":
        raise Conflict("It has ended already.")
    becoming = {"status": "inactive", "period": {**resource.get("period", {}), "end": now()}}
    (stored,) = await change(door, permit, [changed(was, becoming)])
    return stored
