"""A form that is sent twice books once: a phone loses its net, and nobody knows whether the first one got through.

form_key(patient, once) -> bytes            the claim of a form, used once; `once` is the form's own key
named(patient, once) -> Identifier          by which the appointment is found that the form has made
sent(door, permit, patient, once) -> Stored | None      that appointment, None while there is none
demand_room(door, permit, patient, visit, now)          that nobody books more than he comes to. Raises Enough
"""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict
from samjournal.record import Door, Stored, query_of, search
from samjournal.scheduling.visits import SYSTEM, VisitType

FORM: Final = "urn:samjournal:form"
MOST: Final = 5
"""So many times of one visit type a citizen has ahead at once, of those that forms have booked: what one has, nobody
else gets. What staff booked, as a series, is not counted."""


class Enough(Conflict):
    """As many times as may be had at once are booked already."""

    def __init__(self) -> None:
        super().__init__(f"{MOST} such appointments are booked ahead already. Cancel one, or call the unit.")


def form_key(patient: str, once: str) -> bytes:
    """What only one booking may claim: the key of a form, of one patient."""
    return sha256(f"booking:{patient}:{once}".encode()).digest()


def named(patient: str, once: str) -> dict[str, Any]:
    """How the appointment of a form is named: by a digest, so that who reads it cannot send the form again."""
    return {"system": FORM, "value": form_key(patient, once).hex()[:32]}


async def sent(door: Door, permit: Permit, patient: str, once: str) -> Stored | None:
    """The appointment of a patient (id) that a form has made. Raises ReasonNeeded, Busy."""
    name = named(patient, once)
    asked = [("patient", f"Patient/{patient}"), ("identifier", f"{FORM}|{name['value']}"), ("_count", "1")]
    return next(iter((await search(door, permit, query_of("Appointment", asked))).matches), None)


async def demand_room(door: Door, permit: Permit, patient: str, visit: VisitType, now: datetime) -> None:
    """Of citizens alone: staff book as many as are needed."""
    if permit.kind != "citizen":
        return
    asked = [
        ("patient", f"Patient/{patient}"),
        ("service-type", f"{SYSTEM}|{visit.id}"),
        ("identifier", f"{FORM}|"),
        ("status", "booked"),
        ("date", f"ge{now.astimezone(UTC).isoformat(timespec='seconds')}"),
        ("_count", str(MOST)),
    ]
    if len((await search(door, permit, query_of("Appointment", asked))).matches) >= MOST:
        raise Enough
