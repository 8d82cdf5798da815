"""The decision to score a patient by SpO₂ scale 2, as a Flag: who, when, why. Royal College of Physicians, 2017

    use_scale_2(door, permit, patient_id, reason)       for whom 88 to 92 % is aimed at
    use_scale_1(door, permit, patient_id, reason)       the decision ends

A doctor decides it; without a decision everybody is scored by scale 1.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Forbidden, Invalid
from samjournal.patients.linking import changed
from samjournal.record import Change, Door, Stored, change, query_of, search
from samjournal.vitals.making import RISK

DECIDERS: Final = ("doctor", "gp")
SHORTEST_REASON: Final = 10
SCALE_2: Final = "spo2-scale-2"
TEXT: Final = "NEWS2: SpO₂-skala 2 (mål 88–92 %)"


async def use_scale_2(door: Door, permit: Permit, patient_id: str, reason: str) -> None:
    """From now on scale 2. Raises Forbidden (no doctor), Invalid (no reason), Conflict (decided already)."""
    said = _said(permit, reason)
    if await _decision(door, permit, patient_id):
        raise Conflict("Scale 2 is decided for this patient already.")
    flag: dict[str, Any] = {
        "resourceType": "Flag",
        "status": "active",
        "category": [
            {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/flag-category", "code": "clinical"}]}
        ],
        "code": {"coding": [{"system": RISK, "code": SCALE_2, "display": said}], "text": TEXT},
        "subject": {"reference": f"Patient/{patient_id}"},
        "period": {"start": _now()},
        "author": {"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name},
    }
    await change(door, permit, [Change.create(flag)], reason=said)


async def use_scale_1(door: Door, permit: Permit, patient_id: str, reason: str) -> None:
    """The decision ends. Raises Forbidden, Invalid, Conflict (there is none)."""
    said = _said(permit, reason)
    found = await _decision(door, permit, patient_id)
    if not found:
        raise Conflict("Scale 2 is not decided for this patient.")
    changes = [
        changed(one, {"status": "inactive", "period": {**one.resource().get("period", {}), "end": _now()}})
        for one in found
    ]
    await change(door, permit, changes, reason=said)


async def scale_2(door: Door, permit: Permit, patient_id: str) -> bool:
    """Whether somebody decided that this patient is scored by scale 2."""
    return bool(await _decision(door, permit, patient_id))


async def _decision(door: Door, permit: Permit, patient_id: str) -> list[Stored]:
    if not permit.may("s", "Flag"):
        return []
    found = await search(door, permit, query_of("Flag", [("patient", patient_id), ("_count", "100")]))
    return [one for one in found.matches if is_scale_2(one.resource())]


def is_scale_2(flag: dict[str, Any]) -> bool:
    """Whether a Flag is the decision, and it holds."""
    codes = {(one.get("system"), one.get("code")) for one in (flag.get("code") or {}).get("coding") or ()}
    return flag.get("status") == "active" and (RISK, SCALE_2) in codes


def _said(permit: Permit, reason: str) -> str:
    if permit.role not in DECIDERS:
        raise Forbidden("A doctor decides which scale is used.")
    said = " ".join(reason.split())[:300]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why this patient is scored by that scale.")
    return said


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
