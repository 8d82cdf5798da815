"""Systems that may connect to a demo at once, for those who build the real ones: what each may do, and what to try.

Scopes are those that such a system would ask for in production: no more than its work needs.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LOINC = "http://loinc.org"
UCUM = "http://unitsofmeasure.org"


@dataclass(frozen=True, slots=True)
class Try:
    """One request to begin with, below /fhir, and what it shows."""

    shows: str
    method: str
    path: str
    body: dict[str, Any] | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Client:
    """One system. `scope` is read by access/scopes.py."""

    name: str
    title: str
    purpose: str
    scope: str
    tries: tuple[Try, ...]


def _measured(system: str, number: str, code: str, text: str, value: float, unit: str, ucum: str) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "identifier": [{"system": system, "value": number}],
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": code}], "text": text},
        "subject": {"reference": "Patient/ragnhild"},
        "effectiveDateTime": "2026-11-20T08:15:00+01:00",
        "valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": ucum},
    }


LABORATORY = Client(
    name="laboratory",
    title="Laboratory",
    purpose="Finds the patient and what was ordered, and sends results, reports and specimens.",
    scope=(
        "system/Patient.rs system/ServiceRequest.rs system/Practitioner.rs system/Organization.rs"
        " system/Specimen.crus system/Observation.crus system/DiagnosticReport.crus"
    ),
    tries=(
        Try("find a patient by name", "GET", "Patient?name=solbakk&_elements=identifier,name,birthDate"),
        Try(
            "send a result so that sending it twice stores it once",
            "POST",
            "Observation",
            _measured("urn:example:laboratory", "K-1", "2823-3", "Kalium", 4.1, "mmol/L", "mmol/L"),
            (("If-None-Exist", "identifier=urn:example:laboratory|K-1"),),
        ),
    ),
)

GP_SYSTEM = Client(
    name="gp-system",
    title="GP system",
    purpose="Reads what hospital and municipality wrote, and writes contacts, diagnoses, notes and prescriptions.",
    scope=(
        "system/Patient.rs system/Practitioner.rs system/PractitionerRole.rs system/Organization.rs"
        " system/Encounter.crus system/Condition.crus system/Composition.crus system/MedicationRequest.crus"
        " system/Observation.rs system/DiagnosticReport.rs system/AllergyIntolerance.crus system/ServiceRequest.crus"
    ),
    tries=(
        Try("the diagnoses of one patient", "GET", "Condition?patient=ragnhild"),
        Try(
            "what she takes, with the patient",
            "GET",
            "MedicationRequest?patient=ragnhild&_include=MedicationRequest:patient",
        ),
    ),
)

WELFARE_TECHNOLOGY = Client(
    name="welfare-technology",
    title="Welfare technology",
    purpose="Sends what devices at home measure, and keeps the register of those devices.",
    scope="system/Patient.rs system/Device.crus system/Observation.crus",
    tries=(
        Try(
            "say which device it is, by its own number",
            "PUT",
            "Device?identifier=urn:example:device|P-100",
            {
                "resourceType": "Device",
                "identifier": [{"system": "urn:example:device", "value": "P-100"}],
                "status": "active",
                "deviceName": [{"name": "Pulsoksymeter", "type": "user-friendly-name"}],
                "patient": {"reference": "Patient/ragnhild"},
            },
        ),
        Try(
            "send a measurement so that sending it twice stores it once",
            "POST",
            "Observation",
            _measured("urn:example:device", "P-100-1", "59408-5", "SpO₂", 93, "%", "%"),
            (("If-None-Exist", "identifier=urn:example:device|P-100-1"),),
        ),
    ),
)

NATIONAL_SERVICE = Client(
    name="national-service",
    title="National service",
    purpose="Reads what a summary for the whole country is made of, and follows what changes.",
    scope=(
        "system/Patient.rs system/AllergyIntolerance.rs system/Condition.rs system/Immunization.rs"
        " system/MedicationStatement.rs system/MedicationRequest.rs system/Procedure.rs"
    ),
    tries=(
        Try("allergies and other reactions", "GET", "AllergyIntolerance?patient=ragnhild"),
        Try("what changed of a type, newest first", "GET", "Condition/_history?_count=5"),
    ),
)

RESEARCH = Client(
    name="research",
    title="Research and statistics",
    purpose="Counts and reads measurements and diagnoses. It cannot read Patient, but what it reads has the id.",
    scope="system/Observation.rs system/Condition.rs system/Encounter.rs",
    tries=(
        Try(
            "how many blood pressures above 140",
            "GET",
            "Observation?component-code-value-quantity=8480-6$gt140&_summary=count",
        ),
        Try("the same, a page at a time", "GET", "Observation?component-code-value-quantity=8480-6$gt140&_count=2"),
    ),
)

CLIENTS = (LABORATORY, GP_SYSTEM, WELFARE_TECHNOLOGY, NATIONAL_SERVICE, RESEARCH)
