"""A short note as a Composition with one section. hl7.org/fhir/R4/composition.html"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.narrative import to_div
from samjournal.fhir.release import NOPAT
from samjournal.notes.kinds import KINDS, ORDINARY, NoteKind
from samjournal.notes.releasing import HELD_BACK
from samjournal.record import Change, Decision, Door, Stored, change


async def write_note(
    door: Door, permit: Permit, patient_id: str, *, title: str, text: str, kind: str = ORDINARY
) -> Stored:
    """Store a note by the active role. Who reads it and when the patient does follows from its kind (`kinds.KINDS`).
    Raises what `record.change` raises."""
    permit.demand("c", "Composition")
    written = KINDS[kind]
    # That a kind of note has labels is the named action by which a person may set them.
    rights = acting(permit, "Composition") if written.labels else permit
    decision = Decision(HELD_BACK, written.names[0]) if NOPAT in written.security else None
    note = Change.create(_note(permit, patient_id, title, text, written))
    (stored,) = await change(door, rights, [note], decision=decision)
    return stored


def _note(permit: Permit, patient_id: str, title: str, text: str, kind: NoteKind) -> dict[str, Any]:
    return {
        "resourceType": "Composition",
        **({"meta": {"security": kind.security}} if kind.labels else {}),
        "status": "final",
        "type": {"coding": [kind.coding], "text": title},
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "author": [{"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name}],
        "title": title,
        "custodian": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        "section": [{"title": title, "text": {"status": "generated", "div": to_div(text)}}],
    }


def shown_to_patient(kind: str) -> dict[str, Any]:
    """A note of a kind as far as it says when the patient sees it: for `fhir.release`."""
    written = KINDS[kind]
    return {
        "resourceType": "Composition",
        "status": "final",
        "meta": {"security": written.security},
        "type": {"coding": [written.coding]},
    }
