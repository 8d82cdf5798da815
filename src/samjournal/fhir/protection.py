"""Protected fields: a confidential address and what betrays it (Folkeregisteret codes 6 and 7). House rule 2.

A Patient or RelatedPerson labelled R or V (v3 Confidentiality) has its address, telecom, GP and managing organisation
removed from the rendition that most readers get, and indexed apart. What else is kept of a protected patient names
units and people that tell where he lives: those are left out for readers outside their organisation (`placeless`).

Registers are open to all, but nobody's national number is: that of a Practitioner is removed and indexed apart in the
same way. His HPR number, by which all know him, stays.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from samjournal.fhir.identifiers import DNR, FHN, FNR
from samjournal.fhir.keys import key, local

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_LABELS = {"R", "V"}
_FIELDS = {
    "Patient": ("address", "telecom", "generalPractitioner", "managingOrganization", "contact", "photo"),
    "RelatedPerson": ("address", "telecom", "photo"),
    "Person": ("address", "telecom", "managingOrganization", "photo"),
}
PROTECTED = frozenset(_FIELDS)
"""The types that a label protects."""
NUMBERED = "Practitioner"
"""The type whose national numbers are protected without a label."""
_NUMBERS = frozenset({FNR, DNR, FHN})
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

_REDACTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "REDACTED"}
_EXTENSIONS = ("extension", "modifierExtension")
_PLACES = frozenset({"valueAddress", "valueContactPoint", "valueContactDetail", "valueReference"})


def is_protected(resource: dict[str, Any]) -> bool:
    """Whether the resource carries a label that hides its address, or is a Practitioner with a national number."""
    if resource["resourceType"] == NUMBERED:
        return any(map(_is_number, resource.get("identifier", ())))
    return resource["resourceType"] in _FIELDS and any(
        label.get("system") == CONFIDENTIALITY and label.get("code") in _LABELS
        for label in resource.get("meta", {}).get("security", ())
        if isinstance(label, dict)
    )


def _is_number(identifier: Any) -> bool:
    return isinstance(identifier, dict) and identifier.get("system") in _NUMBERS


def closable(type_: str) -> frozenset[str]:
    """The search parameters of a type whose values may be protected."""
    if type_ == NUMBERED:
        return frozenset({"identifier"})
    return _PARAMETERS if type_ in _FIELDS else frozenset()


def parted(type_: str, code: str, values: Sequence[Any]) -> tuple[Sequence[Any], Sequence[Any]]:
    """The values of a search parameter of a protected resource that all find it by, and those that would betray what
    is protected."""
    if code not in closable(type_):
        return values, ()
    if type_ != NUMBERED:
        return (), values
    closed = [value for value in values if value.system in _NUMBERS]
    return [value for value in values if value.system not in _NUMBERS], closed


def open_rendition(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource without its protected fields, and with the label that says so (v3 ObservationValue REDACTED).

    What it contains goes too, since protected fields refer to it, and every extension that tells of a place, however
    deep it lies. A Practitioner without national numbers."""
    if resource["resourceType"] == NUMBERED:
        return _numberless(resource)
    hidden = (*_FIELDS[resource["resourceType"]], "text", "contained")
    kept = _placeless({name: value for name, value in resource.items() if name.lstrip("_") not in hidden})
    meta = dict(kept.get("meta", {}))
    meta["security"] = [*meta.get("security", ()), _REDACTED]
    return {**kept, "meta": meta}


def _numberless(resource: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in resource.items() if name not in ("identifier", "text", "contained")}
    identifiers = [one for one in resource.get("identifier", ()) if not _is_number(one)]
    meta = dict(kept.get("meta", {}))
    meta["security"] = [*meta.get("security", ()), _REDACTED]
    return {**kept, "meta": meta, **({"identifier": identifiers} if identifiers else {})}


def may_be_numbered(body: bytes) -> bool:
    """Whether a national number may stand in the bytes, which are as the sender wrote them."""
    return _NUMBER in body or b"\\u" in body


_NUMBER = FNR.rpartition(".")[0].encode()


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


# What lies under a protected patient names units, offices and people that tell where he lives.

BETRAYING = frozenset(
    {
        "Endpoint",
        "HealthcareService",
        "InsurancePlan",
        "Location",
        "Organization",
        "OrganizationAffiliation",
        "Practitioner",
        "PractitionerRole",
        "Schedule",
        "Slot",
    }
)
"""The types that a reference to tells of a place."""
MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}
"""What stands instead of a reference that is left out."""
_PLACED = frozenset({"address", "telecom", "photo"})
_LOGICAL = frozenset({"type", "identifier", "display", "id", "extension"})
_ADDRESS = frozenset({"city", "postalCode", "district"})
_decoder = msgspec.json.Decoder(float_hook=Decimal)
_encoder = msgspec.json.Encoder(decimal_format="number")


def betrays(reference: str, known: Collection[int]) -> bool:
    """Whether a literal reference tells a reader of a place, who knows those behind the keys `known`."""
    type_ = reference.partition("/")[0]
    return type_ in BETRAYING and key(reference) not in known


def placeless(body: bytes, known: Collection[int]) -> bytes:
    """The bytes of what lies under a protected patient, for a reader who knows the units and people `known` (keys):
    without references to others and without addresses, marked REDACTED; the very bytes where there are none.

    Numbers stay as they are written. Free text stays: what somebody writes there is not looked through."""
    resource = _decoder.decode(body)
    shown = unnamed(resource, known)
    if shown == resource:
        return body
    shown.pop("text", None)
    meta = dict(shown.get("meta", {}))
    meta["security"] = [*meta.get("security", ()), _REDACTED]
    return _encoder.encode({**shown, "meta": meta})


def unnamed(resource: dict[str, Any], known: Collection[int]) -> dict[str, Any]:
    """A resource without what tells of places that the reader does not know."""
    shown: dict[str, Any] = _shown(resource, known, "", _dropped(resource))
    source = local(resource.get("meta", {}).get("source", ""))
    if source is not None and betrays(source, known):
        shown["meta"] = {name: value for name, value in shown["meta"].items() if name != "source"}
    return shown


def _dropped(resource: dict[str, Any]) -> frozenset[str]:
    """References to contained resources that tell of a place."""
    inside = resource.get("contained", ())
    return frozenset(f"#{one.get('id')}" for one in inside if one.get("resourceType") in BETRAYING)


def _shown(value: Any, known: Collection[int], name: str, dropped: frozenset[str]) -> Any:
    """A value as it is shown; `name` is the element that it stands in."""
    if isinstance(value, list):
        kept = (one for one in value if not _is_left_out(one, name, known))
        return [_shown(one, known, name, dropped) for one in kept]
    if not isinstance(value, dict):
        return value
    if _is_masked(value, known, name, dropped):
        return MASKED
    made = {}
    for inner, held in value.items():
        if inner.lstrip("_") in _PLACED or (isinstance(held, dict) and not _ADDRESS.isdisjoint(held)):
            continue
        found = _shown(held, known, inner, dropped)
        if found not in ([], {}) or held == found:
            made[inner] = found
    return made


def _is_left_out(one: Any, name: str, known: Collection[int]) -> bool:
    """Whether one of several is left out whole: a contained place, a number that a place gave, an address, an extension
    that tells of one."""
    if not isinstance(one, dict):
        return False
    if name == "contained":
        return one.get("resourceType") in BETRAYING
    if name == "identifier":
        return _is_masked(one.get("assigner"), known, "", frozenset())
    if name in _EXTENSIONS:
        told = (one.get("valueCoding"), *one.get("valueCodeableConcept", {}).get("coding", ()))
        if not _ELSEWHERE.isdisjoint(one) or any(map(_is_area, told)):
            return True
        return _is_masked(one.get("valueReference"), known, "", frozenset())
    if name == "coding" and _is_area(one):
        return True
    return not _ADDRESS.isdisjoint(one) and "line" in one


_AREAS = frozenset({"urn:oid:2.16.578.1.12.4.1.1.3402", "urn:oid:2.16.578.1.12.4.1.1.3403"})
"""The code systems of municipalities and of urban districts."""


def _is_area(coding: Any) -> bool:
    return isinstance(coding, dict) and coding.get("system") in _AREAS


_ELSEWHERE = _PLACES - {"valueReference"}


def _is_masked(value: Any, known: Collection[int], name: str, dropped: frozenset[str]) -> bool:
    """Whether a value is a reference that tells of a place: to a unit, an office or somebody who works there that the
    reader does not know, or one by name or number alone, of which we cannot tell."""
    if not isinstance(value, dict):
        return False
    text = value.get("reference")
    if isinstance(text, str):
        literal = local(text)
        if literal is None:
            return text in dropped or not text.startswith("#")
        return betrays(literal, known)
    if name == "coding" or not _LOGICAL.issuperset(value):
        return False
    return isinstance(value.get("identifier"), dict) or isinstance(value.get("display"), str)
