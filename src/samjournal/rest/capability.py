"""The CapabilityStatement, derived from what the server does. hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version

import msgspec

from samjournal import record
from samjournal.fhir import parameters
from samjournal.fhir.compartments import COMPARTMENTS
from samjournal.fhir.definitions import load
from samjournal.fhir.parameters import Parameter
from samjournal.record import EVERY, SEARCHED, modifiers, references, referring, searched_in_texts
from samjournal.rest import operations
from samjournal.rest.deprecations import Deprecated


@lru_cache(maxsize=8)
def statement(
    base: str,
    started: str,
    interactions: Iterable[str],
    system: Iterable[str],
    _epoch: int,
    *,
    cors: bool = False,
    deprecated: Sequence[Deprecated] = (),
) -> bytes:
    """The statement for this address as JSON. `interactions` are those of a type, `system` those of the whole server,
    as the routes have them; what is `deprecated` is told where it stands, and all of it in one place. It is made anew
    when search parameters were added (`_epoch`)."""
    return msgspec.json.encode(
        {
            "resourceType": "CapabilityStatement",
            "status": "active",
            "date": started,
            "kind": "instance",
            "software": {"name": "Samjournal", "version": version("samjournal")},
            "implementation": {"description": "Samjournal, one health record for a region", "url": base},
            "fhirVersion": "4.0.1",
            "format": ["application/fhir+json", "json", "application/fhir+xml", "xml"],
            "patchFormat": ["application/json-patch+json", "application/fhir+json", "application/fhir+xml"],
            "rest": [
                {
                    "mode": "server",
                    **_going(deprecated),
                    "security": {
                        "cors": cors,
                        "description": "A bearer token (RFC 6750) with every request but this one.",
                        "service": [{"coding": [_SMART], "text": "OAuth 2.0 by SMART App Launch"}],
                        "extension": [_oauth(base)],
                    },
                    "resource": [
                        _resource(type_, interactions, base, deprecated) for type_ in sorted(load().resources)
                    ],
                    "interaction": [_marked({"code": code}, "route", code, deprecated) for code in system],
                    "operation": operations.told(None, base),
                    "searchParam": [
                        {"name": code, "type": "special", "documentation": told} for code, told in record.BEYOND.items()
                    ],
                    "compartment": [
                        f"http://hl7.org/fhir/CompartmentDefinition/{one[0].lower()}{one[1:]}" for one in COMPARTMENTS
                    ],
                }
            ],
        }
    )


_LOG = {
    "AuditEvent": {
        "documentation": (
            f"The log of looks, read-only, under ids that begin with {record.LOOK}: read and search-type, newest first,"
            f" by {', '.join(record.LOG_SEARCHED)}. What other systems stored is found beside it by systems; the other"
            " interactions are of that."
        )
    }
}


def _resource(
    type_: str, interactions: Iterable[str], base: str, deprecated: Sequence[Deprecated]
) -> dict[str, object]:
    known = parameters.for_type(type_).values()
    told = {
        "type": type_,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{type_}",
        **_LOG.get(type_, {}),
        "interaction": [_marked({"code": code}, "route", code, deprecated) for code in interactions],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "multiple",
        "referencePolicy": ["literal", "local"],
        "searchInclude": [EVERY, f"{type_}:{EVERY}", *(f"{type_}:{code}" for code in references(type_))],
        "searchRevInclude": [EVERY, *(f"{one.base}:{one.code}" for one in referring(type_))],
        "searchParam": [
            *(_marked(_parameter(one), "parameter", one.code, deprecated) for one in known if one.type in SEARCHED),
            *({"name": code, "type": "string", "documentation": _IN_TEXTS} for code in searched_in_texts(type_)),
        ],
        "operation": operations.told(type_, base),
    }
    return {name: value for name, value in told.items() if value != []}


_IN_TEXTS = "words, “phrases”, OR, and - for what is not wanted"


@lru_cache(maxsize=4096)
def _parameter(one: Parameter) -> dict[str, str]:
    """A search parameter, with what may be done with it."""
    told = [f":{modifier}" for modifier in sorted(modifiers(one))]
    if one.type == "reference":
        targets = f":{' :'.join(one.targets)}" if len(one.targets) > 1 else ""
        told += [targets, f"chains of at most {record.MAX_HOPS} links"]
    return {"name": one.code, "type": one.type, "documentation": " ".join(part for part in told if part)}


def _going(deprecated: Sequence[Deprecated]) -> dict[str, str]:
    """All that is going away, as one text. docs/reference/stability.md"""
    return {"documentation": "\n".join(f"{one.what}: {one.told}" for one in deprecated)} if deprecated else {}


def _marked(told: dict[str, str], kind: str, name: str, deprecated: Sequence[Deprecated]) -> dict[str, str]:
    for one in deprecated:
        if (one.kind, one.name) == (kind, name):
            return {**told, "documentation": " ".join(filter(None, (one.told, told.get("documentation"))))}
    return told


_SMART = {
    "system": "http://terminology.hl7.org/CodeSystem/restful-security-service",
    "code": "SMART-on-FHIR",
    "display": "SMART-on-FHIR",
}
_URIS = "http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris"


def _oauth(base: str) -> dict[str, object]:
    """Where apps get tokens, for those that do not read .well-known/smart-configuration."""
    server = base.removesuffix("/fhir")
    places = ("authorize", "token", "introspect", "revoke")
    return {
        "url": _URIS,
        "extension": [{"url": place, "valueUri": f"{server}/oauth/{place}"} for place in places],
    }
