"""What a merge changes of a Patient, and what undoing it changes back: links, `active`, the label. Pure.

changed(stored, operations) -> Change      the same bytes with a few members changed; numbers keep their digits
with_link, without_link, active, with_label -> operations of a JSON Patch
provenance(...)                            who did it and why
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

import msgspec

from samjournal.access import NAMED_TASKS, Permit
from samjournal.fhir.errors import Invalid
from samjournal.fhir.protection import CONFIDENTIALITY, is_protected
from samjournal.record import Change, Stored, seen

Side = Literal["going", "staying"]
Members = Mapping[str, Any]
"""Members of a resource as they shall be."""
SHORTEST_REASON = 10
_LINKS: Final = {"going": "replaced-by", "staying": "replaces"}


def links_to(patient: dict[str, Any], other: str) -> bool:
    """Whether a Patient is merged with another, whichever of them stays."""
    return other in linked_with(patient)


def linked_with(patient: dict[str, Any]) -> list[str]:
    """The ids of those whom a Patient was merged with by itself."""
    links = [link for link in patient.get("link", ()) if link.get("type") in _LINKS.values()]
    return [id_of(link.get("other", {})) for link in links]


def replaced_by(patient: dict[str, Any]) -> str | None:
    """The id of the record that a merged one was replaced by."""
    found = (id_of(link["other"]) for link in patient.get("link", ()) if link.get("type") == "replaced-by")
    return next(found, None)


def id_of(reference: dict[str, Any]) -> str:
    """The id in a reference to a Patient."""
    return str(reference.get("reference", "")).removeprefix("Patient/")


CLOSED: Final = {"system": NAMED_TASKS, "code": "closed"}
"""The label of a record that is closed."""


def is_closed(patient: dict[str, Any]) -> bool:
    """Whether the record of a Patient is closed."""
    labels = patient.get("meta", {}).get("security", ())
    return any((one.get("system"), one.get("code")) == (CLOSED["system"], CLOSED["code"]) for one in labels)


def label_of(patient: dict[str, Any]) -> str | None:
    """The code of the label that hides the address: R, or V, which is stronger and later in the alphabet."""
    if not is_protected(patient):
        return None
    labels: list[dict[str, str]] = patient["meta"]["security"]
    return max(one["code"] for one in labels if _hides(one))


def _hides(label: dict[str, Any]) -> bool:
    return label.get("system") == CONFIDENTIALITY and label.get("code") in ("R", "V")


def changed(stored: Stored, *becoming: Members) -> Change:
    """The same bytes with a few members become others, of the version that was read. None: the member goes."""
    assert stored.body is not None
    members = msgspec.json.decode(stored.body, type=dict[str, msgspec.Raw])
    for name, value in [pair for some in becoming for pair in some.items()]:
        members.pop(name, None) if value is None else members.update({name: msgspec.Raw(msgspec.json.encode(value))})
    compact = msgspec.json.encode(members)
    return Change("update", stored.type, stored.id, msgspec.json.decode(compact), compact, seen(stored.version))


def with_link(stored: Stored, other: str, side: Side) -> Members:
    """What links a record that goes, or stays, with the other."""
    link = {"other": {"reference": f"Patient/{other}"}, "type": _LINKS[side]}
    return {"link": [*_raw(stored, "link", list[msgspec.Raw]), link]}


def without_link(stored: Stored, other: str, side: Side) -> Members:
    """What takes that link away, and no other; nothing where there is none."""
    there = _raw(stored, "link", list[msgspec.Raw])
    links = stored.resource().get("link", [])
    named = [id_of(link.get("other", {})) == other and link.get("type") == _LINKS[side] for link in links]
    kept = [raw for raw, goes in zip(there, named, strict=True) if not goes]
    return {"link": kept or None} if len(kept) < len(there) else {}


def active(is_active: bool | None) -> Members:
    """What makes a record active, or not; None takes the element away."""
    return {"active": is_active}


def with_label(stored: Stored, code: str | None) -> Members:
    """What gives a Patient the label that hides the address, or takes it away; other labels stay. Nothing where that
    changes nothing."""
    if label_of(stored.resource()) == code:
        return {}
    meta: dict[str, Any] = stored.resource()["meta"]
    kept = [one for one in meta.pop("security", []) if not _hides(one)]
    kept += [{"system": CONFIDENTIALITY, "code": code}] if code else []
    return {"meta": {**meta, **({"security": kept} if kept else {})}}


def _raw(stored: Stored, name: str, type_: Any) -> Any:
    """A member with the bytes of its parts as they lie; an empty list where there is none."""
    assert stored.body is not None
    members = msgspec.json.decode(stored.body, type=dict[str, msgspec.Raw])
    return msgspec.json.decode(members[name], type=type_) if name in members else []


def said(reason: str) -> str:
    """A reason as it is stored. Raises Invalid for what is none."""
    told = " ".join(reason.split())[:500]
    if len(told) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why. It stands in the record, and the patient can see it.")
    return told


def myself(permit: Permit) -> dict[str, Any]:
    """Who does it, as a reference."""
    return {"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name}


def agent(code: str, who: dict[str, Any]) -> dict[str, Any]:
    """Somebody who took part, as `author`, `verifier` and so on."""
    system = "http://terminology.hl7.org/CodeSystem/provenance-participant-type"
    return {"type": {"coding": [{"system": system, "code": code}]}, "who": who}


def provenance(activity: str, were: list[Stored], agents: list[dict[str, Any]], reason: str) -> dict[str, Any]:
    """Who did what to which versions, and why. hl7.org/fhir/R4/provenance.html"""
    return {
        "resourceType": "Provenance",
        "target": [{"reference": one.reference} for one in were],
        "recorded": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "activity": {"coding": [{"system": NAMED_TASKS, "code": activity}]},
        "reason": [{"text": reason}],
        "agent": agents,
        "entity": [
            {"role": "revision", "what": {"reference": f"{one.reference}/_history/{one.version}"}} for one in were
        ],
    }
