"""Protected fields: a confidential address and what betrays it (Folkeregisteret codes 6 and 7). House rule 2.

A Patient or RelatedPerson labelled R or V (v3 Confidentiality) has its address, telecom, GP and managing organisation
removed from the rendition that most readers get, and indexed apart.
"""

from __future__ import annotations

from typing import Any

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_LABELS = {"R", "V"}
_FIELDS = {
    "Patient": ("address", "telecom", "generalPractitioner", "managingOrganization", "contact", "photo"),
    "RelatedPerson": ("address", "telecom", "photo"),
    "Person": ("address", "telecom", "managingOrganization", "photo"),
}
_PARAMETERS = frozenset(
    {
        "address",
        "address-city",
        "address-country",
        "address-postalcode",
        "address-state",
        "address-use",
        "email",
        "general-practitioner",
        "organization",
        "phone",
        "telecom",
    }
)


def is_protected(resource: dict[str, Any]) -> bool:
    """Whether the resource carries a label that hides its address."""
    return resource["resourceType"] in _FIELDS and any(
        label.get("system") == CONFIDENTIALITY and label.get("code") in _LABELS
        for label in resource.get("meta", {}).get("security", ())
        if isinstance(label, dict)
    )


def closable(type_: str) -> frozenset[str]:
    """The search parameters of a type whose values may be protected."""
    return _PARAMETERS if type_ in _FIELDS else frozenset()


def closed_parameters(resource: dict[str, Any]) -> frozenset[str]:
    """The search parameters that would betray what is protected."""
    return _PARAMETERS if is_protected(resource) else frozenset()


def open_rendition(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without its protected fields, and with the label that says so (v3 ObservationValue REDACTED)."""
    hidden = _FIELDS[resource["resourceType"]]
    kept = {name: value for name, value in resource.items() if name.lstrip("_") not in hidden and name != "text"}
    meta = dict(kept.get("meta", {}))
    redacted = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}
    meta["security"] = [*meta.get("security", ()), redacted]
    return {**kept, "meta": meta}
