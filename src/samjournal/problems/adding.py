"""A problem onto the list, from the list itself or from any note: entered once, there for all. Requirements 1.3, 7.15

    added = await add(door, permit, patient, Coded("Hjertesvikt", "I50.9", ICD_10), note=…, encounter=…)

The Condition, the note's reference to it (`section.entry`) and the contact's (`Encounter.diagnosis`, which claims
read) are one transaction: all of it is stored, or nothing and an error says so. What a signed note says stays as it was
signed; it gets a reference, as a version of its own.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from samjournal.access import Permit, acting
from samjournal.fhir import references
from samjournal.fhir.errors import Conflict, Invalid, Unprocessable, VersionMoved
from samjournal.fhir.parsing import compact_of
from samjournal.patients.linking import changed
from samjournal.problems.listing import alike, merged_into
from samjournal.record import Assumed, Change, Door, Stored, change, criterion, look_up, new_id, query_of, read, search
from samjournal.tasks import himself

HL7: Final = "http://terminology.hl7.org/CodeSystem/"
LONGEST: Final = 200
"""Letters of what a problem is called."""
MOST: Final = 200
"""So many problems of a patient are compared with a new one."""
_TRIES: Final = 3
SOURCES: Final = ("self", "patient", "relative")
"""Who says so: who writes it, the patient, or somebody close to him."""


class Coded(msgspec.Struct, frozen=True):
    """What a problem is called, with its code and system where it has one."""

    text: str
    code: str = ""
    system: str = ""

    def concept(self) -> dict[str, Any]:
        """As a CodeableConcept."""
        coding = {"system": self.system, "code": self.code, "display": self.text}
        return {**({"coding": [coding]} if self.code else {}), "text": self.text}


class Added(msgspec.Struct, frozen=True):
    """What was added: the Condition as it stands, and whether it stood there before."""

    condition: Stored
    stood: bool = False


class AlreadyThere(Conflict):
    """The list has this problem. `existing` may be used, and nothing was stored."""

    def __init__(self, existing: Stored) -> None:
        super().__init__("The list has this problem already. Use that, or say that this is another.")
        self.existing = existing


async def add(
    door: Door,
    permit: Permit,
    patient: str,
    coded: Coded,
    *,
    certainty: str = "confirmed",
    since: str = "",
    source: str = "self",
    note: str | None = None,
    encounter: str | None = None,
    existing: str | None = None,
    another: bool = False,
) -> Added:
    """Put a problem on the list, and where given on a note and a contact (ids), all in one transaction.

    `since` is a FHIR date; `existing` the id of a problem that stands there, to be used instead of a new one; `another`
    says that it is a new one though the list has the same. Raises AlreadyThere, Invalid, Unprocessable (a note or
    contact of somebody else, or one that is an error), and what `record.change` raises. When the note or the contact is
    changed meanwhile it is tried anew.
    """
    permit.demand("c", "Condition")
    _check(coded, since)
    for attempt in range(_TRIES):
        try:
            return await _added(
                door, permit, door.persons.stays(patient), coded, certainty, since, source, note, encounter, existing,
                another=another,
            )  # fmt: skip
        except VersionMoved:
            if attempt == _TRIES - 1:
                raise
    raise AssertionError


async def _added(
    door: Door,
    permit: Permit,
    patient: str,
    coded: Coded,
    certainty: str,
    since: str,
    source: str,
    note: str | None,
    encounter: str | None,
    existing: str | None,
    *,
    another: bool,
) -> Added:
    written = await _mine(door, permit, "Composition", note, patient) if note else None
    contact_id = encounter or (_id(written.resource().get("encounter"), "Encounter") if written else "")
    contact = await _mine(door, permit, "Encounter", contact_id, patient) if contact_id else None
    there = await standing(door, permit, patient)
    assumed: list[Assumed] = []
    changes: list[Change] = []
    was: Stored | None = None
    if existing:
        was = next((one for one in there if one.id == existing), None)
        if was is None:
            raise Unprocessable(f"Condition/{existing} is not on the list of this patient.")
        id_ = was.id
    else:
        same = [one for one in there if alike(coded.concept(), [one.resource()])]
        if same and not another:
            raise AlreadyThere(next((one for one in same if not merged_into(one.resource())), same[0]))
        if coded.code and not another:
            # Of two who add the same at once one is told so.
            asked = criterion("Condition", f"patient={patient}&code={coded.system}|{coded.code}", many=True)
            assumed = [Assumed(asked, tuple(one.id for one in await look_up(door, permit, asked)))]
        made = condition(permit, patient, coded, certainty=certainty, since=since, source=source, contact=contact_id)
        if written and (labels := written.resource().get("meta", {}).get("security")):
            made["meta"] = {"security": labels}  # What a reserved note refers to is read by the same people.
        id_ = made["id"]
        changes.append(Change("create", "Condition", id_, made, compact_of(made)))
    if written:
        changes += _referred(written, id_)
    if contact:
        changes += _diagnosed(contact, id_)
    if not changes:
        assert was is not None
        return Added(was, stood=True)
    for one in changes:
        permit.demand("c" if one.method == "create" else "u", one.type)
    # What is referred to is no word of a signed note, nor a label of one's own choosing: a named action, both of them.
    named = written is not None or _is_reserved(changes)
    rights = acting(permit, *{one.type for one in changes}, "Condition") if named else permit
    stored = await change(door, rights, changes, assumed=assumed)
    return Added(was, stood=True) if was else Added(stored[0])


async def add_operation(
    door: Door, permit: Permit, patient: str, coded: Coded, *, on: str = "", source: str = "self"
) -> Stored:
    """An operation that was done, on a FHIR date or one not known. Raises Invalid and what `record.change` raises."""
    _check(coded, on)
    procedure = {
        "resourceType": "Procedure",
        "status": "completed",
        "category": {"coding": [{"system": "http://snomed.info/sct", "code": "387713003"}], "text": "Operasjon"},
        "code": coded.concept(),
        "subject": {"reference": f"Patient/{door.persons.stays(patient)}"},
        **({"performedDateTime": on} if on else {}),
        "recorder": himself(permit),
        "asserter": _asserter(permit, patient, source),
    }
    (stored,) = await change(door, permit, [Change.create(procedure)])
    return stored


def _check(coded: Coded, since: str) -> None:
    if not coded.text.strip():
        raise Invalid("A problem must be called something. Write what it is.")
    if len(coded.text) > LONGEST:
        raise Invalid(f"A problem is called something of at most {LONGEST} letters. Write the rest in a note.")
    if since and since[:10] > datetime.now(UTC).date().isoformat():
        raise Invalid("The day lies in the future. Write when it began.")


def condition(
    permit: Permit,
    patient: str,
    coded: Coded,
    *,
    certainty: str = "confirmed",
    since: str = "",
    source: str = "self",
    contact: str = "",
) -> dict[str, Any]:
    """A problem as a Condition that was not there before; `contact` is the id of an Encounter."""
    categories = ["problem-list-item", *(["encounter-diagnosis"] if contact else [])]
    return {
        "resourceType": "Condition",
        "id": new_id(),
        "clinicalStatus": status("condition-clinical", "inactive" if certainty == "refuted" else "active"),
        "verificationStatus": status("condition-ver-status", certainty),
        "category": [status("condition-category", one) for one in categories],
        "code": coded.concept(),
        "subject": {"reference": f"Patient/{patient}"},
        **({"encounter": {"reference": f"Encounter/{contact}"}} if contact else {}),
        **({"onsetDateTime": since} if since else {}),
        "recordedDate": now(),
        "recorder": himself(permit),
        "asserter": _asserter(permit, patient, source),
    }


def status(system: str, code: str) -> dict[str, Any]:
    """A status as a concept of a code system of HL7."""
    return {"coding": [{"system": f"{HL7}{system}", "code": code}]}


def now() -> str:
    """This moment as FHIR writes it."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _asserter(permit: Permit, patient: str, source: str) -> dict[str, str]:
    if source == "patient":
        return {"reference": f"Patient/{patient}"}
    return {"type": "RelatedPerson", "display": "Pårørende"} if source == "relative" else himself(permit)


async def standing(door: Door, permit: Permit, patient: str) -> list[Stored]:
    """The Conditions of a patient that a new one is compared with. Logged as a search."""
    page = await search(door, permit, query_of("Condition", [("patient", patient), ("_count", str(MOST))]))
    return page.matches


async def _mine(door: Door, permit: Permit, type_: str, id_: str, patient: str) -> Stored:
    """A note or contact that is to get the diagnosis. Raises Unprocessable for one of another patient, or an error."""
    stored = await read(door, permit, type_, id_)
    resource = stored.resource()
    whose = _id(resource.get("subject"), "Patient")
    if not whose or door.persons.stays(whose) != patient:
        raise Unprocessable(f"{type_}/{id_} is about another patient, so the diagnosis was not stored.")
    if resource.get("status") == "entered-in-error":
        raise Unprocessable(f"{type_}/{id_} is marked as an error, so the diagnosis was not stored.")
    return stored


def _id(reference: Any, type_: str) -> str:
    found = references.read(str((reference or {}).get("reference", "")))
    return found.id or "" if (found.kind, found.type) == ("literal", type_) else ""


def _referred(note: Stored, id_: str) -> list[Change]:
    """The note with a reference to the problem in its first section; nothing where it has one."""
    reference = {"reference": f"Condition/{id_}"}
    sections = [dict(one) for one in note.resource().get("section", ())]
    if any(each.get("reference") == reference["reference"] for one in sections for each in one.get("entry", ())):
        return []
    if sections:
        sections[0]["entry"] = [*sections[0].get("entry", ()), reference]
    return [changed(note, {"section": sections or [{"entry": [reference]}]})]


def _diagnosed(contact: Stored, id_: str) -> list[Change]:
    reference = f"Condition/{id_}"
    there = contact.resource().get("diagnosis", [])
    if any(one.get("condition", {}).get("reference") == reference for one in there):
        return []
    return [changed(contact, {"diagnosis": [*there, {"condition": {"reference": reference}}]})]


def _is_reserved(changes: list[Change]) -> bool:
    return any(one.method == "create" and (one.resource or {}).get("meta", {}).get("security") for one in changes)
