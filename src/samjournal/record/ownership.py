"""Which organisation answers for a resource (dataansvarlig): the one that it names, else the writer's unit.

A personal phrase is answered for by its author, and by no organisation: nobody else reads it (docs/decisions/0034).
"""

from __future__ import annotations

from typing import Any

from samjournal.fhir.keys import key, local

PHRASE = ("urn:samjournal:text", "phrase")
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
    """The key of the first organisation that a resource names as answering for it; of a personal phrase its author's;
    of a message that came from elsewhere, or from a patient, whoever it came to."""
    if resource.get("resourceType") == "Basic" and (his := _whose_phrase(resource)):
        return his
    sender = str((resource.get("sender") or {}).get("reference") or "") if "sender" in resource else ""
    came = resource.get("resourceType") == "Communication" and ("received" in resource or sender.startswith("Patient/"))
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


def _whose_phrase(basic: dict[str, Any]) -> int | None:
    codes = [(one.get("system"), one.get("code")) for one in (basic.get("code") or {}).get("coding", ())]
    author = local((basic.get("author") or {}).get("reference", "")) or ""
    return key(author) if PHRASE in codes and author.startswith("Practitioner/") else None
