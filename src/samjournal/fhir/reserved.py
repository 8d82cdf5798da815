"""Parts of a record with access of their own, by the labels of a resource. hl7.org/fhir/R4/security-labels.html

    part_of(resource) -> int          the number of the part that a resource lies in; 0: the ordinary record
    PARTS                             the parts as readable data, by number

A resource with several labels lies in the strictest part. Sensitivities are those of v3 ActCode; the parts of services
with a record of their own have labels of ours, since no code system has them. README of the Norwegian facts, section 5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PART = "urn:samjournal:part"


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its number (the greater, the stricter), its code and names, the labels that put a resource in it, and
    what opens it to others than the unit that answers for the resource. `is_separate`: not health care, so a relation
    that it makes opens nothing of the record."""

    number: int
    code: str
    names: tuple[str, str, str]  # bokmål, nynorsk, English
    description: str
    labels: frozenset[tuple[str, str]]
    opened_by: tuple[str, ...] = ()
    is_separate: bool = False


_SENSITIVE = ("BH", "ETH", "GDIS", "HIV", "MH", "PSY", "PSYTHPN", "SDV", "SEX", "STD", "SUD", "VIO")

PARTS = {
    part.number: part
    for part in (
        Part(
            1,
            "sensitive",
            ("Særlig sensitivt", "Særleg sensitivt", "Sensitive"),
            "For the unit that answers for it; for others in care of the patient with a stated reason.",
            frozenset((ACT_CODE, code) for code in _SENSITIVE),
            opened_by=("reason", "emergency"),
        ),
        Part(
            2,
            "prison-health",
            ("Fengselshelse", "Fengselshelse", "Prison health"),
            "For the unit that answers for it; for others in an emergency.",
            frozenset({(PART, "prison-health")}),
            opened_by=("emergency",),
        ),
        Part(
            3,
            "child-welfare",
            ("Barnevern", "Barnevern", "Child welfare"),
            "For the unit that answers for it, and nobody else. It opens nothing of the health record.",
            frozenset({(PART, "child-welfare")}),
            is_separate=True,
        ),
        Part(
            4,
            "not-health",
            ("Tjeneste som ikke er helsehjelp", "Teneste som ikkje er helsehjelp", "Service that is not health care"),
            "For the unit that answers for it, and nobody else. It opens nothing of the health record.",
            frozenset({(PART, "not-health")}),
            is_separate=True,
        ),
    )
}
ORDINARY = 0
_BY_LABEL = {label: part.number for part in PARTS.values() for label in part.labels}
WHO = frozenset({"Organization", "Patient", "Person", "RelatedPerson"})
"""Who somebody is lies in no part: the record could not be found without. An Organization's label says in which part
its people write."""


def part_of(resource: Mapping[str, Any]) -> int:
    """The number of the strictest part that the labels of a resource name."""
    meta = resource.get("meta")
    labels = meta.get("security") if meta else None
    if not labels or resource["resourceType"] in WHO:
        return ORDINARY
    return part_of_labels(labels)


def part_of_labels(labels: list[dict[str, Any]]) -> int:
    """The number of the strictest part that some labels name."""
    return max((_BY_LABEL.get((one.get("system", ""), one.get("code", "")), ORDINARY) for one in labels), default=0)


def label_of(number: int) -> dict[str, str]:
    """The label that puts what a unit of a part writes into that part."""
    return {"system": PART, "code": PARTS[number].code}
