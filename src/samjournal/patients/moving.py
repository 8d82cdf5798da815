"""Written in the wrong patient's record: marked as an error there, made anew in the right one. House rule 8

    consider(door, permit, what, to) -> Move      what it would do, and who has seen it
    move(door, permit, what, to, reason) -> Stored         do it; the new resource

The old one keeps its words and is `entered-in-error`. The new one has the same content under the right patient, without
its number and without references into the wrong record, and a Provenance says where it is from. Whoever saw the wrong
one is named in a Task of his unit. All of it is one transaction, and needs a relation to both patients.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from samjournal.access import Permit, acting
from samjournal.audit import Reader
from samjournal.fhir import exact, references
from samjournal.fhir.errors import Conflict, Forbidden, Unprocessable
from samjournal.fhir.parsing import parse
from samjournal.fhir.reserved import ORDINARY, part_of
from samjournal.patients.following import tasks
from samjournal.patients.linking import agent, changed, myself, provenance, said
from samjournal.record import Change, Door, Stored, change, living_under, new_id, owner_of, read, readers, referrers

_CONDITION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_ALLERGY = "http://terminology.hl7.org/CodeSystem/allergyintolerance-verification"
WRONG: Final = "entered-in-error"
_TYPES = """
CarePlan ClinicalImpression Communication Composition DetectedIssue DeviceUseStatement DiagnosticReport
DocumentReference FamilyMemberHistory Flag ImagingStudy Immunization List Media MedicationAdministration
MedicationRequest MedicationStatement NutritionOrder Observation Procedure QuestionnaireResponse RiskAssessment
ServiceRequest Specimen VisionPrescription
"""
_BY_STATUS: Final = frozenset(_TYPES.split())
MOVABLE: Final = _BY_STATUS | {"AllergyIntolerance", "Condition", "Goal"}
"""What may be moved. Stays, appointments, teams, consents and tasks decide who may read: they are cancelled where they
are, and made anew. What has no status that says *in error*, such as RelatedPerson, is corrected as it is."""


@dataclass(frozen=True, slots=True)
class Move:
    """What a move would do: the resource; both Patients; the references that do not come along; what refers to the
    wrong one and goes on doing so; who has seen it."""

    what: Stored
    patient: Stored
    to: Stored
    left_out: tuple[str, ...]
    referrers: tuple[str, ...]
    readers: tuple[Reader, ...]


async def consider(door: Door, permit: Permit, what: str, to: str) -> Move:
    """What moving a resource (`Type/id`) to another patient would do. Raises Forbidden for a role that does not write
    the type, NotFound, ReasonNeeded, Conflict (marked already, or the same person), Unprocessable."""
    type_, _, id_ = what.partition("/")
    if type_ not in MOVABLE:
        raise Unprocessable(f"A {type_} is not moved: mark or cancel it where it is, and write it anew.")
    if not permit.may("u", type_):
        raise Forbidden(f"The role {permit.role} may not update {type_}.")
    if type_ == "Composition" and not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes, and moves none.")
    stored = await read(door, permit, type_, id_)
    resource = stored.resource()
    patient_id = _patient_of(resource)
    if patient_id is None:
        raise Unprocessable(f"{what} is about no single patient, so it is not moved.")
    if door.persons.stays(patient_id) == door.persons.stays(to):
        raise Conflict("That is the same patient. Choose the one whom it is about.")
    if _is_wrong(resource):
        raise Conflict(f"{what} is marked as an error already.")
    if type_ == "Composition" and resource.get("status") == "preliminary":
        # Whoever is asked to sign it would be asked of what is an error, and nobody of what was made anew.
        raise Conflict(f"{what} is not signed. Mark it as an error, and write it anew in the right record.")
    if part_of(resource) != ORDINARY and owner_of(resource) is None:
        raise Unprocessable(
            f"{what} is sensitive and names no unit that answers for it, so it would come to yours. Let the unit that"
            " wrote it do this."
        )
    patient, right = await read(door, permit, "Patient", patient_id), await read(door, permit, "Patient", to)
    inward = await _inward(door, stored, patient_id)
    rights = acting(permit, type_)
    return Move(
        stored,
        patient,
        right,
        tuple(sorted(inward)),
        tuple(await referrers(door, permit, type_, id_)),
        tuple(one for one in await readers(door, rights, patient_id, type_, id_) if one.actor != permit.actor),
    )


async def move(door: Door, permit: Permit, what: str, to: str, reason: str) -> Stored:
    """Mark a resource as an error where it is, and make it anew for the right patient. Raises as `consider`; Invalid
    for no real reason, VersionMoved when somebody wrote it meanwhile."""
    told = said(reason)
    to = door.persons.stays(to)
    plan = await consider(door, permit, what, to)
    old = plan.what
    id_ = new_id()
    made = _made(door, old, plan, id_)
    origin = provenance("wrong-patient", [old], [agent("author", myself(permit))], told)
    origin["target"] = [{"reference": f"{old.type}/{id_}"}]
    origin["entity"][0]["role"] = "source"
    changes = [
        changed(old, _error(old.type)),
        made,
        Change.create(origin),
        *(Change.create(task) for task in await tasks(door, permit, old, plan.readers, told)),
    ]
    stored = await change(door, acting(permit, old.type, "Task", "Provenance"), changes, action="move", reason=told)
    return stored[1]


def _patient_of(resource: dict[str, Any]) -> str | None:
    for name in ("subject", "patient"):
        read_ = references.read(str(resource.get(name, {}).get("reference", "")))
        if (read_.kind, read_.type) == ("literal", "Patient"):
            return read_.id
    return None


def _is_wrong(resource: dict[str, Any]) -> bool:
    coded = resource.get("verificationStatus", {}).get("coding", ())
    return WRONG in (resource.get("status"), resource.get("lifecycleStatus"), *(one.get("code") for one in coded))


def _error(type_: str) -> dict[str, Any]:
    """The members that say that a resource is an error. Conditions and allergies then have no clinical status (con-5,
    ait-2)."""
    if type_ in ("Condition", "AllergyIntolerance"):
        coding = [{"system": _CONDITION if type_ == "Condition" else _ALLERGY, "code": WRONG}]
        return {"clinicalStatus": None, "verificationStatus": {"coding": coding}}
    return {"lifecycleStatus" if type_ == "Goal" else "status": WRONG}


async def _inward(door: Door, stored: Stored, patient_id: str) -> set[str]:
    """The references of a resource to what lives in the same record, but for the patient."""
    found = {references.read(one.text) for one in references.find(stored.resource())}
    named = [(one.type, one.id) for one in found if one.kind == "literal" and one.type and one.id]
    here = await living_under(door, door.persons.ids(patient_id), [one for one in named if one[0] != "Patient"])
    return {f"{type_}/{id_}" for type_, id_ in here}


def _made(door: Door, old: Stored, plan: Move, id_: str) -> Change:
    """The same content for the right patient. Raises Unprocessable when too little would be left."""
    assert old.body is not None
    tree = exact.decode(old.body)
    # Its number stays with the old one; a narrative that was made of the content may name the wrong person.
    for name in ("id", "identifier", *(("text",) if tree.get("text", {}).get("status") == "generated" else ())):
        tree.pop(name, None)
    kept = {name: value for name, value in tree.pop("meta", {}).items() if name in ("profile", "security", "tag")}
    patients = {f"Patient/{each}" for each in door.persons.ids(plan.patient.id)}
    for holder, name, value in list(_references(tree)):
        target = "/".join(str(value["reference"]).split("/")[:2])
        if target in patients:
            holder[name] = {"reference": plan.to.reference}
        elif target in plan.left_out:
            holder[name] = {"display": value["display"]} if "display" in value else None
    tree = {**_without_nothing(tree), "id": id_, **({"meta": kept} if kept else {})}
    return Change.received("create", parse(exact.encode(tree)), id_=id_)


def _references(value: Any) -> Iterator[tuple[Any, Any, dict[str, Any]]]:
    """Each Reference with what holds it: an object and a name, or a list and a place."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        if isinstance(inner, dict) and isinstance(inner.get("reference"), str):
            yield value, name, inner
        else:
            yield from _references(inner)


def _without_nothing(value: Any) -> Any:
    """A value without what became nothing."""
    if isinstance(value, list):
        return [made for one in value if (made := _without_nothing(one)) not in (None, {}, [])]
    if isinstance(value, dict):
        return {name: made for name, inner in value.items() if (made := _without_nothing(inner)) not in (None, {}, [])}
    return value
