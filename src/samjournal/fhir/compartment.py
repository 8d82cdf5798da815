"""Which patient a resource lives under, and whom it names. hl7.org/fhir/R4/compartmentdefinition-patient.html

home(resource, values) -> str | None      id of the patient the row lives under; None when it is nobody's or several'
patients(resource, texts) -> set[str]     ids of all patients it names anywhere (a Patient names itself)

`values` are those of `parameters.extract`, `texts` those of `references.texts`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.parameters import Ref, Value

FIRST = ("subject", "patient", "beneficiary")


@cache
def lives_by_one_element(type_: str) -> bool:
    """Whether a resource of this type that names a patient as subject, patient or beneficiary lives under him: the
    type has exactly one of these elements, and once, so a search by it is a search by home."""
    first = [element for element in load().shape(type_).elements if element.name in FIRST]
    return len(first) == 1 and not first[0].many


def home(resource: Mapping[str, Any], values: Mapping[str, Sequence[Value]]) -> str | None:
    """The patient that the row lives under: itself; subject, patient, beneficiary; the compartment's.

    What is about somebody or something else lives under no patient, whoever else takes part in it.
    """
    name = resource["resourceType"]
    if name == "Patient":
        id_ = resource.get("id")
        return id_ if isinstance(id_, str) else None
    for key in FIRST:
        value = resource.get(key)
        if isinstance(value, dict) and "reference" in value:
            return _patient_of(value)
    parameters = load().compartment(name)
    if not parameters:
        return None
    named = {
        value.id
        for code in parameters
        for value in values.get(code, ())
        if isinstance(value, Ref) and value.type == "Patient" and value.url is None and value.id
    }
    return named.pop() if len(named) == 1 else None


def patients(resource: Mapping[str, Any], texts: Iterable[str]) -> set[str]:
    """Every patient that the resource names by a reference, in contained resources and extensions too."""
    named: set[str] = set()
    if resource["resourceType"] == "Patient" and isinstance(resource.get("id"), str):
        named.add(resource["id"])
    for text in texts:
        if text.startswith("Patient/"):
            read = references.read(text)
            if read.type == "Patient" and read.id:
                named.add(read.id)
    return named


def _patient_of(reference: Mapping[str, Any]) -> str | None:
    text = reference.get("reference")
    if not isinstance(text, str) or not text.startswith("Patient/"):
        return None
    read = references.read(text)
    return read.id if read.kind == "literal" else None
