"""A note as a Composition: signed at once, waiting for a countersignature, or prepared for somebody who signs.

    write_note(door, permit, patient_id, title=, text=, kind=)    a short note of one section, signed
    sign_note(door, permit, patient_id, written, ending)          what was written, signed by its author; a discharge
                                                                  summary sent in the same transaction (`dispatch`)
    prepare_note(door, permit, patient_id, written, ending)       what was written, for `written.signer` to sign

What is signed is `final`, unless a countersignature is asked for: then it is `preliminary` till that is given, as what
is prepared is. Patients do not see it until then (`fhir.release`). hl7.org/fhir/R4/composition.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.release import NOPAT
from samjournal.notes.beside import with_codes
from samjournal.notes.coding import CHARGE, DIAGNOSIS, changes_of, coded_of, refer, standing_already
from samjournal.notes.dispatching import Dispatch, dispatched
from samjournal.notes.kinds import KINDS, ORDINARY, NoteKind
from samjournal.notes.people import is_himself, named
from samjournal.notes.releasing import HELD_BACK
from samjournal.notes.tasks import COUNTERSIGN, HELD, SIGN, waiting_for
from samjournal.notes.templates import SYSTEM, Template
from samjournal.notes.text import UNTITLED, Section, Written, sections_of
from samjournal.patients.linking import changed
from samjournal.record import Change, Decision, Door, Ending, Stored, change, new_id, query_of, search
from samjournal.tasks import himself

_WRITES = ("Composition", "Task", "Condition", "ChargeItem", "Encounter", "Observation", "Communication")


async def write_note(
    door: Door, permit: Permit, patient_id: str, *, title: str, text: str, kind: str = ORDINARY
) -> Stored:
    """Store a signed note by the active role. Who reads it and when the patient does follows from its kind
    (`kinds.KINDS`). Raises what `sign_note` raises."""
    return await sign_note(door, permit, patient_id, Written(title, kind, (Section("", text),)))


async def sign_note(
    door: Door,
    permit: Permit,
    patient_id: str,
    written: Written,
    ending: Ending | None = None,
    template: Template | None = None,
    *,
    dispatch: Dispatch | None = None,
) -> Stored:
    """Sign what was written; its draft ends in the same transaction. With a countersigner it waits for him, and is not
    sent. Raises Invalid (empty, or the countersigner is the author), Forbidden, DraftMoved, DraftEnded, what
    `dispatched` and what `change` raise."""
    if not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    note, coded = await _note(door, permit, patient_id, written, himself(permit), template)
    note["attester"] = [signature("professional", permit)]
    asked: list[Change] = []
    if written.countersigner:
        if await is_himself(door, permit, [f"PractitionerRole/{written.countersigner}"]):
            raise Invalid("Nobody countersigns what he wrote himself. Choose somebody else.")
        note["status"] = "preliminary"
        owner = await named(door, permit, written.countersigner)
        asked = [Change.create(waiting_for(COUNTERSIGN, note, owner, permit))]
    elif dispatch is not None:
        asked = await dispatched(door, permit, note, dispatch, datetime.now(UTC))
    return await _store(door, permit, [_create(note), *asked, *coded], KINDS[written.kind], ending)


async def prepare_note(
    door: Door,
    permit: Permit,
    patient_id: str,
    written: Written,
    ending: Ending | None = None,
    template: Template | None = None,
) -> Stored:
    """Keep what was written for somebody else, who is its author and gets a Task to sign it. Raises as `sign_note`."""
    if not (permit.prepares or permit.signs):
        raise Forbidden(f"The role {permit.role} prepares no notes.")
    if not written.signer or written.signer == permit.practitioner_role:
        raise Invalid("Choose who is to sign the note.")
    author = await named(door, permit, written.signer)
    note, coded = await _note(door, permit, patient_id, written, author, template)
    note["status"] = "preliminary"
    changes = [_create(note), Change.create(waiting_for(SIGN, note, author, permit)), *coded]
    if written.countersigner:
        # Who countersigns is chosen now, and may be changed until it is done; he is asked when the author has signed.
        owner = await named(door, permit, written.countersigner)
        changes.append(Change.create({**waiting_for(COUNTERSIGN, note, owner, permit), "status": HELD}))
    return await _store(door, permit, changes, KINDS[written.kind], ending)


async def _store(door: Door, permit: Permit, changes: list[Change], kind: NoteKind, ending: Ending | None) -> Stored:
    # That a kind of note has labels is the named action by which a person may set them.
    rights = acting(permit, *_WRITES) if kind.labels else permit
    decision = Decision(HELD_BACK, kind.names[0]) if NOPAT in kind.security else None
    permit.demand("c", "Composition")
    stored = await change(door, rights, changes, decision=decision, ending=ending)
    return stored[0]


def signature(mode: str, permit: Permit) -> dict[str, Any]:
    """Composition.attester: who signs, as what (`professional` the author, `legal` the countersigner), and when."""
    return {"mode": mode, "time": datetime.now(UTC).isoformat(timespec="milliseconds"), "party": himself(permit)}


def _create(note: dict[str, Any]) -> Change:
    return Change("create", "Composition", note["id"], note, compact_of(note))


async def _note(
    door: Door,
    permit: Permit,
    patient_id: str,
    written: Written,
    author: Mapping[str, str],
    template: Template | None,
) -> tuple[dict[str, Any], list[Change]]:
    """The Composition, and what is stored with it: values of coded fields, diagnoses and tariffs."""
    if written.is_empty:
        raise Invalid("The note is empty.")
    kind = KINDS[written.kind]
    title = written.title or UNTITLED
    beside: list[dict[str, Any]] = []
    if template is not None:
        written, beside = with_codes(permit, patient_id, written, template)
    note: dict[str, Any] = {
        "resourceType": "Composition",
        "id": new_id(),
        **({"meta": {"security": kind.security}} if kind.labels else {}),
        "status": "final",
        "type": {"coding": [kind.coding], "text": title},
        "subject": {"reference": f"Patient/{patient_id}"},
        "date": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "author": [dict(author)],
        "title": title,
        "custodian": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        "section": sections_of(written),
    }
    contact = await contact_of(door, permit, patient_id)
    if contact is not None:
        note["encounter"] = {"reference": contact.reference}
        beside = [{**one, "encounter": note["encounter"]} for one in beside]
    if template is not None:
        name = {"system": SYSTEM, "code": template.code, "display": template.called("nb")}
        note["type"]["coding"].append({**name, "version": str(template.version)} if template.version else name)
    observed = [replace(Change.create(one), id=str(one["id"])) for one in beside]
    return note, [*observed, *await _coded(door, permit, note, written, contact)]


async def _coded(
    door: Door, permit: Permit, note: dict[str, Any], written: Written, contact: Stored | None
) -> list[Change]:
    """What was written as diagnoses and tariffs, referred to by the note; diagnoses stand on the contact too."""
    changes: list[Change] = []
    references: list[str] = []
    for type_, lines in ((DIAGNOSIS, written.diagnoses), (CHARGE, written.tariffs)):
        wanted = [coded_of(line, type_, icpc=permit.role == "gp") for line in lines if line.strip()]
        wanted, there = await standing_already(door, permit, note, wanted) if type_ == DIAGNOSIS else (wanted, [])
        more, kept = changes_of(wanted, there, type_, note, permit)
        changes += more
        references += kept
    if references:
        note["section"] = refer(note["section"], references)
    return [*changes, *on_contact(permit, contact, references)]


async def contact_of(door: Door, permit: Permit, patient_id: str) -> Stored | None:
    """The stay or contact at the own unit that goes on."""
    own = f"Organization/{permit.organization}"
    asked = [("subject", f"Patient/{patient_id}"), ("status", "in-progress"), ("service-provider", own)]
    if not permit.may("s", "Encounter"):
        return None
    found = (await search(door, permit, query_of("Encounter", [*asked, ("_sort", "-date"), ("_count", "1")]))).matches
    return found[0] if found else None


def on_contact(permit: Permit, contact: Stored | None, references: Sequence[str]) -> list[Change]:
    """Diagnoses (those of the references that are Conditions) stand on the contact too, where the claim reads them."""
    if contact is None or contact.body is None or not permit.may("u", "Encounter"):
        return []
    diagnoses = contact.resource().get("diagnosis", [])
    there = {one.get("condition", {}).get("reference") for one in diagnoses}
    new = [one for one in references if one.startswith("Condition/") and one not in there]
    if not new:
        return []
    return [changed(contact, {"diagnosis": [*diagnoses, *({"condition": {"reference": one}} for one in new)]})]


def shown_to_patient(kind: str) -> dict[str, Any]:
    """A note of a kind as far as it says when the patient sees it: for `fhir.release`."""
    written = KINDS[kind]
    return {
        "resourceType": "Composition",
        "status": "final",
        "meta": {"security": written.security},
        "type": {"coding": [written.coding]},
    }
