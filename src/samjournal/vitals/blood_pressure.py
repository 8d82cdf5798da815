"""A blood pressure as one Observation with two components. hl7.org/fhir/R4/bp.html"""

from __future__ import annotations

from datetime import UTC, datetime

from samjournal.access import Permit
from samjournal.fhir.errors import Invalid
from samjournal.record import Change, Door, Stored, change

LOINC = "http://loinc.org"
SYSTOLIC, DIASTOLIC = range(40, 301), range(15, 201)
"""What a person can have, in mmHg: what lies outside is a slip of the finger."""


async def record_blood_pressure(
    door: Door, permit: Permit, patient_id: str, *, systolic: int, diastolic: int, at: datetime | None = None
) -> Stored:
    """Store a measurement in mmHg, now or at a time (aware). Raises Invalid for what cannot be, and what
    `record.change` raises."""
    if systolic not in SYSTOLIC or diastolic not in DIASTOLIC:
        raise Invalid(f"{systolic}/{diastolic} is no blood pressure. Look at the numbers again.")
    if diastolic >= systolic:
        raise Invalid("The lower number is not below the upper one. Look at the numbers again.")
    moment = at or datetime.now(UTC)
    if moment > datetime.now(UTC):
        raise Invalid("The time lies in the future. Write when it was measured.")
    observation = {
        "resourceType": "Observation",
        "status": "final",
        "category": [
            {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/observation-category",
                        "code": "vital-signs",
                    }
                ]
            }
        ],
        "code": {"coding": [{"system": LOINC, "code": "85354-9"}], "text": "Blodtrykk"},
        "subject": {"reference": f"Patient/{patient_id}"},
        "effectiveDateTime": moment.isoformat(timespec="seconds"),
        "performer": [
            {"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name},
            {"reference": f"Organization/{permit.organization}", "display": permit.unit},
        ],
        "component": [
            _component("8480-6", "Systolisk", systolic),
            _component("8462-4", "Diastolisk", diastolic),
        ],
    }
    (stored,) = await change(door, permit, [Change.create(observation)])
    return stored


def _component(code: str, text: str, value: int) -> dict[str, object]:
    return {
        "code": {"coding": [{"system": LOINC, "code": code}], "text": text},
        "valueQuantity": {
            "value": value,
            "unit": "mmHg",
            "system": "http://unitsofmeasure.org",
            "code": "mm[Hg]",
        },
    }
