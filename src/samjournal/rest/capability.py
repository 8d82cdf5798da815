"""The CapabilityStatement, derived from what the server does. hl7.org/fhir/R4/capabilitystatement.html"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from importlib.metadata import version

import msgspec

from samjournal.fhir import parameters, xml
from samjournal.fhir.definitions import load
from samjournal.record import SEARCHED
from samjournal.rest.deprecations import Deprecated


@lru_cache(maxsize=8)
def statement(
    base: str,
    started: str,
    interactions: Iterable[str],
    system: Iterable[str],
    deprecated: Sequence[Deprecated] = (),
) -> bytes:
    """The statement for this address as JSON. `interactions` are those of a type, `system` those of the whole server,
    as the routes have them; what is `deprecated` is told where it stands, and all of it in one place."""
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
            "rest": [
                {
                    "mode": "server",
                    **_going(deprecated),
                    "security": {
                        "cors": False,
                        "description": "A bearer token (RFC 6750) with every request but this one.",
                    },
                    "resource": [_resource(type_, interactions, deprecated) for type_ in sorted(load().resources)],
                    "interaction": [_marked({"code": code}, "route", code, deprecated) for code in system],
                }
            ],
        }
    )


@lru_cache(maxsize=8)
def in_xml(told: bytes) -> bytes:
    """The statement as XML, made once: anybody may ask for it, without a token."""
    return xml.write(told)


def _resource(type_: str, interactions: Iterable[str], deprecated: Sequence[Deprecated]) -> dict[str, object]:
    known = parameters.for_type(type_).values()
    references = [one.code for one in known if one.type == "reference"]
    told = {
        "type": type_,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{type_}",
        "interaction": [_marked({"code": code}, "route", code, deprecated) for code in interactions],
        "versioning": "versioned-update",
        "readHistory": True,
        "updateCreate": True,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "multiple",
        "referencePolicy": ["literal", "local"],
        "searchInclude": [f"{type_}:{code}" for code in references],
        "searchRevInclude": _referring(type_),
        "searchParam": [
            _marked({"name": one.code, "type": one.type}, "parameter", one.code, deprecated)
            for one in known
            if one.type in SEARCHED
        ],
    }
    return {name: value for name, value in told.items() if value != []}


def _going(deprecated: Sequence[Deprecated]) -> dict[str, str]:
    """All that is going away, as one text. docs/reference/stability.md"""
    return {"documentation": "\n".join(f"{one.what}: {one.told}" for one in deprecated)} if deprecated else {}


def _marked(told: dict[str, str], kind: str, name: str, deprecated: Sequence[Deprecated]) -> dict[str, str]:
    for one in deprecated:
        if (one.kind, one.name) == (kind, name):
            return {**told, "documentation": one.told}
    return told


@lru_cache(maxsize=256)
def _referring(type_: str) -> list[str]:
    return [
        f"{source}:{one.code}"
        for source in sorted(load().resources)
        for one in parameters.for_type(source).values()
        if one.type == "reference" and type_ in one.targets
    ]
