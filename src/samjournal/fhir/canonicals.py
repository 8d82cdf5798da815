"""References by canonical address: which parameters hold them. hl7.org/fhir/R4/references.html#canonical"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from samjournal.fhir import parameters, paths
from samjournal.fhir.definitions import load


@cache
def is_canonical(type_: str, code: str) -> bool:
    """Whether a reference parameter of a type may name a resource by its canonical url."""
    if parameters.for_type(type_)[code].type != "reference":
        return False
    declared = (one for one in load().parameters(type_) if one.code == code)
    return any(route.type in ("canonical", "uri") for one in declared for route in paths.routes(one.expression, type_))


@cache
def has_url(type_: str) -> bool:
    """Whether resources of a type have a canonical url that they are searched by."""
    known = parameters.for_type(type_).get("url")
    return known is not None and known.type == "uri"


def named_as(resource: Mapping[str, Any]) -> list[str]:
    """How canonical references name a resource: by its url and version, or by its url alone, whatever the version."""
    url, version = url_of(resource), resource.get("version")
    if url is None:
        return []
    return [f"{url}|", *([f"{url}|{version}"] if isinstance(version, str) else [])]


def url_of(resource: Mapping[str, Any]) -> str | None:
    """The canonical url of a resource."""
    url = resource.get("url")
    return url if isinstance(url, str) and has_url(resource["resourceType"]) else None
