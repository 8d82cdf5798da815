"""Whose row it is, and whom else it names."""

from __future__ import annotations

from typing import Any

import pytest

from fhir.samples import full
from samjournal.fhir.compartment import home, patients
from samjournal.fhir.definitions import load
from samjournal.fhir.parameters import extract
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.references import texts

RAGNHILD = {"reference": "Patient/ragnhild"}
MAGNUS = {"reference": "PractitionerRole/magnus-gp-solsiden"}


def participants(*actors: dict[str, str]) -> list[dict[str, Any]]:
    return [{"actor": actor, "status": "accepted"} for actor in actors]


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ({"resourceType": "Patient", "id": "mina", "link": [{"other": RAGNHILD}]}, "mina"),
        ({"resourceType": "Patient"}, None),
        ({"resourceType": "Observation", "subject": RAGNHILD}, "ragnhild"),
        (
            {"resourceType": "Observation", "subject": {"reference": "Patient/ragnhild/_history/2"}},
            "ragnhild",
        ),
        ({"resourceType": "AllergyIntolerance", "patient": RAGNHILD}, "ragnhild"),
        ({"resourceType": "Coverage", "beneficiary": RAGNHILD}, "ragnhild"),
        ({"resourceType": "RelatedPerson", "patient": RAGNHILD}, "ragnhild"),
        ({"resourceType": "Task", "for": RAGNHILD, "owner": MAGNUS}, "ragnhild"),
        ({"resourceType": "Appointment", "participant": participants(MAGNUS, RAGNHILD)}, "ragnhild"),
        (
            {
                "resourceType": "Appointment",
                "participant": participants(RAGNHILD, {"reference": "Patient/mina"}),
            },
            None,
        ),
        ({"resourceType": "Appointment", "participant": participants(MAGNUS)}, None),
        ({"resourceType": "Observation", "subject": {"reference": "Group/1"}}, None),
        ({"resourceType": "Observation", "subject": {"reference": "https://annen.no/Patient/1"}}, None),
        ({"resourceType": "Observation", "subject": {"reference": "Patient?identifier=1"}}, None),
        ({"resourceType": "Observation", "subject": {"reference": "Group/1"}, "performer": [RAGNHILD]}, None),
        ({"resourceType": "Observation", "performer": [RAGNHILD]}, "ragnhild"),
        ({"resourceType": "Organization"}, None),
        ({"resourceType": "Provenance", "target": [RAGNHILD]}, "ragnhild"),
    ],
)
def test_a_row_lives_under_one_patient_or_none(resource: dict[str, Any], expected: str | None) -> None:
    assert home(resource, extract(resource)) == expected


def test_every_patient_that_is_named_is_found() -> None:
    resource = {
        "resourceType": "Observation",
        "subject": RAGNHILD,
        "focus": [{"reference": "Patient/odin/_history/1"}],
        "contained": [{"resourceType": "Specimen", "subject": {"reference": "Patient/elias"}}],
        "extension": [{"url": "http://a", "valueReference": {"reference": "Patient/mina"}}],
        "note": [{"text": "Patient/ingen"}],
    }
    assert patients(resource, texts(compact_of(resource))) == {"ragnhild", "odin", "elias", "mina"}
    assert patients({"resourceType": "Patient", "id": "mina"}, ()) == {"mina"}


@pytest.mark.parametrize("resource_type", sorted(load().resources))
def test_any_resource_can_be_asked(resource_type: str) -> None:
    resource = full(resource_type)
    found = home(resource, extract(resource))
    assert found is None or found in patients(resource, texts(compact_of(resource)))
