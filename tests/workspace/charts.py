"""Charts to look at: Ragnhild's of the demo, and small ones made of what a test needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from samjournal.demo.region import generate
from samjournal.record import Snapshot
from samjournal.ui.language import language
from samjournal.workspace.chart import WANTS
from samjournal.workspace.chart_view import chart
from samjournal.workspace.facts import Reader

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
LOINC = "http://loinc.org"
Resource = dict[str, Any]


def reader(role: str = "doctor", *, code: str = "nb", since: datetime | None = None) -> Reader:
    return Reader(role, language(code), NOW, since)


@cache
def demo() -> tuple[Resource, ...]:
    return tuple(generate(1, 1, NOW))


def ragnhild() -> Snapshot:
    """Her whole chart as the record hands it over."""
    patient = next(each for each in demo() if each["resourceType"] == "Patient" and each["id"] == "ragnhild")
    lists = {want.name: [each for each in demo() if _fits(each, want.type, want.query)] for want in WANTS}
    return snapshot(patient, **lists)


def snapshot(patient: Resource | None = None, *, protected: bool = False, **lists: list[Resource]) -> Snapshot:
    found = patient or {"resourceType": "Patient", "id": "a", "birthDate": "1960-01-01"}
    return Snapshot(found, protected, lists, "stay", "look", "watch", NOW)


def view(of: Snapshot, role: str = "doctor", **values: Any) -> dict[str, Any]:
    return chart(of, role=role, language=values.pop("language", "nb"), now=NOW, **values)


def lab(loinc: str, value: float, at: str, *, flag: str | None = None, **more: Any) -> Resource:
    made: Resource = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": loinc}]},
        "effectiveDateTime": at,
        "valueQuantity": {"value": value, "unit": "mmol/L"},
        **more,
    }
    return {**made, "interpretation": [{"coding": [{"code": flag}]}]} if flag else made


def pressure(systolic: float, diastolic: float, at: str) -> Resource:
    parts = (("8480-6", systolic), ("8462-4", diastolic))
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": LOINC, "code": "85354-9"}]},
        "effectiveDateTime": at,
        "component": [
            {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": {"value": value}}
            for code, value in parts
        ],
    }


def _fits(resource: Mapping[str, Any], type_: str, query: str) -> bool:
    if resource["resourceType"] != type_ or not _is_hers(resource):
        return False
    wanted = query.partition("category=")[2].partition("&")[0]
    return not wanted or any(
        coding.get("code") == wanted for concept in resource.get("category", ()) for coding in concept["coding"]
    )


def _is_hers(resource: Mapping[str, Any]) -> bool:
    people = [resource.get("subject"), resource.get("patient"), resource.get("for")]
    if resource["resourceType"] == "Appointment":
        people += [part["actor"] for part in resource["participant"]]
    return any(person and person.get("reference") == "Patient/ragnhild" for person in people)
