"""Who may book for whom: a citizen for himself, or as far as his mandate goes; staff by their role and relations.

booking(permit, patient, visit=None) -> Permit      to write a new appointment with. Raises Forbidden
referred(door, permit, patient, visit, based_on) -> bool    whether a referral opens what takes one
had(door, permit, id, version) -> Had               an appointment to go on with, and by which rights
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from samjournal.access import Permit, acting, keeping
from samjournal.fhir.errors import Forbidden, VersionMoved
from samjournal.fhir.keys import local, patient_key
from samjournal.record import Door, Stored, read
from samjournal.scheduling.making import patient_of
from samjournal.scheduling.visits import VisitType

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Had:
    """An appointment as it stands and as it was shown, and the permit by which one goes on with it."""

    stored: Stored
    resource: Resource
    rights: Permit

    @property
    def patient(self) -> str:
        return patient_of(self.resource)


def may_book(permit: Permit, patient: str) -> bool:
    """Whether somebody books and changes appointments of a patient (id) at all."""
    if permit.kind != "citizen":
        return permit.may("c", "Appointment")
    mine = patient_key(patient) in permit.own
    return mine and (permit.represents is None or "Appointment" in permit.represents.level.writes)


def booking(permit: Permit, patient: str, visit: VisitType | None = None, *, is_referred: bool = False) -> Permit:
    """The permit to book with; `is_referred` is what `referred` says. Raises Forbidden."""
    if not may_book(permit, patient):
        raise Forbidden(
            "You may book for yourself, and for whom you represent at a level that allows it."
            if permit.kind == "citizen"
            else f"The role {permit.role} books no appointments."
        )
    if permit.kind != "citizen":
        return permit
    if visit is not None and not visit.for_citizens and not (visit.by_referral and is_referred):
        raise Forbidden("This kind of appointment is booked by the unit. Call it, or write to it.")
    return acting(permit, "Appointment")


async def referred(door: Door, permit: Permit, patient: str, visit: VisitType, based_on: str) -> bool:
    """Whether a citizen has an open referral (`ServiceRequest/id`) to the unit of a visit type that takes one."""
    if permit.kind != "citizen" or not visit.by_referral or not based_on.startswith("ServiceRequest/"):
        return False
    request = (await read(door, permit, "ServiceRequest", based_on.removeprefix("ServiceRequest/"))).resource()
    receivers = {local(one.get("reference", "")) for one in request.get("performer", ())}
    subject = (local(request.get("subject", {}).get("reference", "")) or "").removeprefix("Patient/")
    his = patient_key(subject) in permit.own and patient_key(patient) in permit.own
    return his and request.get("status") == "active" and local(visit.unit.get("reference", "")) in receivers


async def had(door: Door, permit: Permit, id_: str, version: int | None = None) -> Had:
    """An appointment that the permit shows, to go on with: with the units that are not named to the reader of somebody
    whose address is protected. Raises NotFound, ReasonNeeded, Forbidden, VersionMoved."""
    shown = await read(door, permit, "Appointment", id_)
    rights = booking(permit, patient_of(shown.resource()))
    if _is_masked(shown) and permit.kind != "system":
        rights = keeping(permit, "Appointment", sees_protected=True)
        shown = await read(door, rights, "Appointment", id_)
    if version is not None and shown.version != version:
        raise VersionMoved("Somebody else changed the appointment meanwhile. Look at it again.")
    return Had(shown, shown.resource(), rights)


def _is_masked(one: Stored) -> bool:
    labels = one.resource().get("meta", {}).get("security", ())
    return any(label.get("code") == "REDACTED" for label in labels)
