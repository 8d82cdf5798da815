"""A form that is sent twice books once: a phone loses its net, and nobody knows whether the first one got through.

form_key(patient, once) -> bytes            the claim of a form, used once; `once` is the form's own key
named(patient, once) -> Identifier          by which the appointment is found that the form has made
sent(door, permit, patient, once) -> Stored | None      that appointment, None while there is none
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.record import Door, Stored, query_of, search

FORM: Final = "urn:samjournal:form"


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
