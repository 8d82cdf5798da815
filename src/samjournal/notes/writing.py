"""A note as a Composition: signed at once, waiting for a countersignature, or prepared for somebody who signs.

    write_note(door, permit, patient_id, title=, text=, kind=)    a short note of one section, signed
    sign_note(door, permit, patient_id, written, ending)          what was written, signed by its author
    prepare_note(door, permit, patient_id, written, ending)       what was written, for `written.signer` to sign

What is signed is `final`, unless a countersignature is asked for: then it is `preliminary` till that is given, as what
is prepared is. Patients do not see it until then (`fhir.release`). hl7.org/fhir/R4/composition.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.release import NOPAT
from samjournal.notes.kinds import KINDS, ORDINARY, NoteKind
from samjournal.notes.people import named
from samjournal.notes.releasing import HELD_BACK
from samjournal.notes.tasks import COUNTERSIGN, SIGN, person, waiting_for
from samjournal.notes.text import UNTITLED, Section, Written, sections_of
from samjournal.record import Change, Decision, Door, Ending, Stored, change, new_id


async def write_note(
    door: Door, permit: Permit, patient_id: str, *, title: str, text: str, kind: str = ORDINARY
) -> Stored:
    """Store a signed note by the active role. Who reads it and when the patient does follows from its kind
    (`kinds.KINDS`). Raises what `sign_note` raises."""
    return await sign_note(door, permit, patient_id, Written(title, kind, (Section("", text),)))


async def sign_note(
    door: Door, permit: Permit, patient_id: str, written: Written, ending: Ending | None = None
) -> Stored:
    """Sign what was written; its draft ends in the same transaction. With a countersigner it waits for him. Raises
    Invalid (empty, or the countersigner is the author), Forbidden, DraftMoved, DraftEnded, and what `change` raises."""
    if not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    note = _note(permit, patient_id, written, person(permit))
    note["attester"] = [signature("professional", permit)]
    changes = [_create(note)]
    if written.countersigner:
        if written.countersigner == permit.practitioner_role:
            raise Invalid("Nobody countersigns what he wrote himself. Choose somebody else.")
        note["status"] = "preliminary"
        owner = await named(door, permit, written.countersigner)
        changes = [_create(note), Change.create(waiting_for(COUNTERSIGN, note, owner, permit))]
    return await _store(door, permit, changes, KINDS[written.kind], ending)


async def prepare_note(
    door: Door, permit: Permit, patient_id: str, written: Written, ending: Ending | None = None
) -> Stored:
    """Keep what was written for somebody else, who is its author and gets a Task to sign it. Raises as `sign_note`."""
    if not (permit.prepares or permit.signs):
        raise Forbidden(f"The role {permit.role} prepares no notes.")
    if not written.signer or written.signer == permit.practitioner_role:
        raise Invalid("Choose who is to sign the note.")
    author = await named(door, permit, written.signer)
    note = _note(permit, patient_id, written, author)
    note["status"] = "preliminary"
    changes = [_create(note), Change.create(waiting_for(SIGN, note, author, permit))]
    if written.countersigner:
        # Who countersigns is asked now, and may be changed until it is done; his turn comes when the author has signed.
        owner = await named(door, permit, written.countersigner)
        changes.append(Change.create(waiting_for(COUNTERSIGN, note, owner, permit)))
    return await _store(door, permit, changes, KINDS[written.kind], ending)


async def _store(door: Door, permit: Permit, changes: list[Change], kind: NoteKind, ending: Ending | None) -> Stored:
    # That a kind of note has labels is the named action by which a person may set them.
    rights = acting(permit, "Composition", "Task") if kind.labels else permit
    decision = Decision(HELD_BACK, kind.names[0]) if NOPAT in kind.security else None
    permit.demand("c", "Composition")
    stored = await change(door, rights, changes, decision=decision, ending=ending)
    return stored[0]


def signature(mode: str, permit: Permit) -> dict[str, Any]:
    """Composition.attester: who signs, as what (`professional` the author, `legal` the countersigner), and when."""
    return {"mode": mode, "time": datetime.now(UTC).isoformat(timespec="seconds"), "party": person(permit)}


def _create(note: dict[str, Any]) -> Change:
    return Change("create", "Composition", note["id"], note, compact_of(note))


def _note(permit: Permit, patient_id: str, written: Written, author: Mapping[str, str]) -> dict[str, Any]:
    if written.is_empty:
        raise Invalid("The note is empty.")
    kind = KINDS[written.kind]
    title = written.title or UNTITLED
    return {
        "resourceType": "Composition",
        "id": new_id(),
        **({"meta": {"security": kind.security}} if kind.labels else {}),
        "status": "final",
        "type": {"coding": [kind.coding], "text": title},
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "author": [dict(author)],
        "title": title,
        "custodian": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        "section": sections_of(written),
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
