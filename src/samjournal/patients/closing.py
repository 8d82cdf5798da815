"""Closing the record of an identity that is used no more: after adoption, or when somebody was given a new identity.

    close(door, permit, id, reason)       nobody reads it any more, but in an emergency
    reopen(door, permit, id, reason)      it was a mistake
    closed(door, permit, id) -> bool

Whoever had the old identity is registered anew (`registering`), with a new id and number, and nothing in the data leads
from one to the other: no link, no reference, no request of the log. So this is an act of its own, and moves nothing:
what must be known of the old record is written anew by somebody who knows it, in his own words.

It is kept as a Consent that keeps everybody out, and labels on the Patient: `V`, and a label of ours that says closed.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Conflict
from samjournal.fhir.protection import CONFIDENTIALITY
from samjournal.patients.linking import CLOSED, active, changed, is_closed, linked_with, said
from samjournal.patients.proposing import deciding
from samjournal.record import Change, Decision, Door, Stored, change, query_of, read, search

_HIDDEN: Final = {"system": CONFIDENTIALITY, "code": "V"}
_SCOPE: Final = {"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}
_TYPES: Final = ("Patient", "Consent")


async def close(door: Door, permit: Permit, id_: str, reason: str) -> None:
    """Close a record. Raises Forbidden, Invalid (no real reason), NotFound, Conflict (closed already, or merged: part
    it first)."""
    rights = keeping(deciding(permit), *_TYPES, sees_protected=True)
    told = said(reason)
    stored = await read(door, rights, "Patient", id_)
    patient = stored.resource()
    if is_closed(patient):
        raise Conflict("The record is closed already.")
    if linked_with(patient):
        raise Conflict("The record is merged with another. Part them first: closed, it would close both.")
    changes = [changed(stored, active(False), _labelled(patient, [_HIDDEN, CLOSED])), Change.create(_consent(id_))]
    await change(door, rights, changes, action="close", reason=told, decision=Decision("close", told))


async def reopen(door: Door, permit: Permit, id_: str, reason: str) -> None:
    """Open a closed record again for those who have a relation. A label that hides the address stays: the register
    takes it away, if it was not there before. Raises Forbidden, Invalid, NotFound, Conflict (it is open)."""
    rights = keeping(deciding(permit), *_TYPES, sees_protected=True)
    told = said(reason)
    stored = await read(door, rights, "Patient", id_)
    if not is_closed(stored.resource()):
        raise Conflict("The record is open.")
    changes = [changed(stored, active(True), _labelled(stored.resource(), [], without=CLOSED))]
    changes += [_ended(one) for one in await _consents(door, rights, id_)]
    await change(door, rights, changes, action="reopen", reason=told, decision=Decision("reopen", told))


async def closed(door: Door, permit: Permit, id_: str) -> bool:
    """Whether a record is closed, for whoever decides it. Raises Forbidden, NotFound."""
    return is_closed((await read(door, keeping(deciding(permit), *_TYPES), "Patient", id_)).resource())


def _labelled(
    patient: dict[str, Any], more: list[dict[str, str]], *, without: dict[str, str] | None = None
) -> dict[str, Any]:
    meta = dict(patient["meta"])
    labels = [one for one in meta.pop("security", []) if one != without and one not in more]
    return {"meta": {**meta, **({"security": [*labels, *more]} if labels or more else {})}}


def _consent(id_: str) -> dict[str, Any]:
    """What keeps everybody out."""
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [_SCOPE]},
        "category": [{"coding": [CLOSED]}],
        "patient": {"reference": f"Patient/{id_}"},
        "dateTime": datetime.now(UTC).isoformat(timespec="seconds"),
        "policyRule": {"text": "identiteten er ikke lenger i bruk"},
        "provision": {"type": "deny"},
    }


async def _consents(door: Door, rights: Permit, id_: str) -> list[Stored]:
    asked = [("patient", f"Patient/{id_}"), ("category", f"{CLOSED['system']}|{CLOSED['code']}"), ("status", "active")]
    return (await search(door, rights, query_of("Consent", asked))).matches


def _ended(stored: Stored) -> Change:
    return changed(stored, {"status": "inactive"})
