"""A short note as a Composition with one section. hl7.org/fhir/R4/composition.html"""

from __future__ import annotations

from datetime import UTC, datetime

from samjournal.access import Permit
from samjournal.fhir.narrative import to_div
from samjournal.record import Change, Door, Stored, change

PROGRESS_NOTE = {"system": "http://loinc.org", "code": "11506-3", "display": "Progress note"}


async def write_note(door: Door, permit: Permit, patient_id: str, *, title: str, text: str) -> Stored:
    """Store a note by the active role, visible to the patient at once. Raises what `record.change` raises."""
    note = {
        "resourceType": "Composition",
        "status": "final",
        "type": {"coding": [PROGRESS_NOTE], "text": title},
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "author": [{"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name}],
        "title": title,
        "custodian": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        "section": [{"title": title, "text": {"status": "generated", "div": to_div(text)}}],
    }
    (stored,) = await change(door, permit, [Change.create(note)])
    return stored
