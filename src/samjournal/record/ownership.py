"""Which organisation answers for a resource (dataansvarlig): the one that it names, else the writer's unit."""

from __future__ import annotations

from typing import Any

from samjournal.fhir.keys import key, local

_NAMED_BY = (
    "serviceProvider",
    "managingOrganization",
    "custodian",
    "organization",
    "performer",
    "author",
    "owner",
)


def owner_of(resource: dict[str, Any]) -> int | None:
    """The key of the first organisation that the resource names as answering for it; for a message that came from
    elsewhere, whoever it came to."""
    came = resource.get("resourceType") == "Communication" and "received" in resource
    for name in (*_NAMED_BY, *(("recipient",) if came else ())):
        value = resource.get(name)
        if value is None:
            continue
        for one in value if isinstance(value, list) else [value]:
            holder = one.get("actor", one) if isinstance(one, dict) else {}
            reference = local(holder.get("reference", "")) if isinstance(holder, dict) else None
            if reference and reference.startswith("Organization/"):
                return key(reference)
    return None
