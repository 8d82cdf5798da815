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
PROTECTED = frozenset(_FIELDS)
"""The types that a label protects."""
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

_EXTENSIONS = ("extension", "modifierExtension")
_PLACES = frozenset({"valueAddress", "valueContactPoint", "valueContactDetail", "valueReference"})


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
    """The resource without its protected fields, and with the label that says so (v3 ObservationValue REDACTED).

    What it contains goes too, since protected fields refer to it, and every extension that tells of a place, however
    deep it lies."""
    hidden = (*_FIELDS[resource["resourceType"]], "text", "contained")
    kept = _placeless({name: value for name, value in resource.items() if name.lstrip("_") not in hidden})
    meta = dict(kept.get("meta", {}))
    redacted = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}
    meta["security"] = [*meta.get("security", ()), redacted]
    return {**kept, "meta": meta}


def _placeless(value: Any) -> Any:
    """A value without the extensions that tell of a place."""
    if isinstance(value, list):
        return [_placeless(one) for one in value]
    if not isinstance(value, dict):
        return value
    made = {}
    for name, inner in value.items():
        if name in _EXTENSIONS and isinstance(inner, list):
            made[name] = _placeless([one for one in inner if not _tells_of_place(one)])
        else:
            made[name] = _placeless(inner)
    return {name: inner for name, inner in made.items() if inner not in ([], {})}


def _tells_of_place(extension: Any) -> bool:
    """Whether an extension, or one inside it, has an address, a number to call or a reference."""
    if not isinstance(extension, dict):
        return False
    return not _PLACES.isdisjoint(extension) or any(map(_tells_of_place, extension.get("extension", ())))
