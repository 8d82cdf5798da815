"""A look as a FHIR AuditEvent, made when it is asked for and never stored. hl7.org/fhir/R4/auditevent.html

    event(row, patients) -> dict                        a look as it is told to who answers for access, and to systems
    own_event(row, patients, own) -> dict               the same as the citizen hears of it: nothing of other patients
    actions_of(element, system, code) -> set[str]       our actions whose `type`, `subtype`, `action` or `outcome` is so

The types are DICOM's, as the Norwegian profile of the trust framework has them ("Patient Record").
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from samjournal import audit
from samjournal.access import ROLES
from samjournal.audit import Row

PREFIX = "look-"
"""What the ids of these begin with; what is stored may not."""
DCM = "http://dicom.nema.org/resources/ontology/DCM"
RESTFUL = "http://hl7.org/fhir/restful-interaction"
ACTION = "urn:samjournal:action"
WHY = "urn:samjournal:why"
ROLE = "urn:samjournal:role"
LOGIN = "urn:samjournal:login"
REQUEST = "urn:samjournal:request"
APP = "urn:samjournal:app"
_REASON = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_TYPES = "http://hl7.org/fhir/resource-types"
_ENTITY = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT = "http://terminology.hl7.org/CodeSystem/object-role"
_SOURCE = "http://terminology.hl7.org/CodeSystem/security-source-type"
_TYPE_NAMES = {
    "110101": "Audit Log Used",
    "110106": "Export",
    "110107": "Import",
    "110110": "Patient Record",
    "110112": "Query",
    "110114": "User Authentication",
    "110127": "Emergency Override Started",
    "110137": "User security Attributes Changed",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """What an action of the log is in AuditEvent: `action` (C, R, U, D, E), DICOM's type, FHIR's interaction, `outcome`
    (0: done; 4: it stayed closed)."""

    action: str
    type: str = "110110"
    interaction: str | None = None
    outcome: str = "0"


KINDS = {
    "read": Kind("R", interaction="read"),
    "vread": Kind("R", interaction="vread"),
    "history": Kind("R", interaction="history"),
    "search": Kind("E", "110112", "search"),
    "chart": Kind("R"),
    "find": Kind("E", "110112"),
    "mine": Kind("E", "110112"),
    "reason": Kind("E", "110127"),
    "closed": Kind("R", outcome="4"),
    "seen": Kind("E"),
    "explain": Kind("R"),
    "block": Kind("U"),
    "unblock": Kind("U"),
    "reviewed": Kind("U"),
    "book": Kind("C"),
    "rebook": Kind("U"),
    "cancel": Kind("U"),
    "offer": Kind("U"),
    "free-times": Kind("E"),
    "create": Kind("C", interaction="create"),
    "update": Kind("U", interaction="update"),
    "delete": Kind("D", interaction="delete"),
    "delete-forced": Kind("D", interaction="delete"),
    "everything": Kind("R", "110106", "operation"),
    "lastn": Kind("R", "110112", "operation"),
    "meta": Kind("R", interaction="operation"),
    "validate": Kind("E", interaction="operation"),
    "async": Kind("R"),
    "import": Kind("C", "110107"),
    "token": Kind("E", "110114"),
    "allow-app": Kind("E", "110114"),
    "refuse-app": Kind("E", "110114", outcome="4"),
    "end-app": Kind("E", "110114"),
    "signin": Kind("E", "110114"),
    "signout": Kind("E", "110114"),
    "provision": Kind("U", "110137"),
    "read-accounts": Kind("R", "110112"),
    "role-change": Kind("U", "110137"),
    "organisation": Kind("U"),
    "hand-over": Kind("U"),
    "audit": Kind("R", "110101", "search"),
}
"""Every action of the log; docs/reference/access.md prints it."""
OTHER = Kind("E")
_PURPOSES = {
    "self": "PATRQT",
    "reason": "BTG",
    "emergency": "ETREAT",
    "oversight": "HCOMPL",
    "booking": "PATADMIN",
    "calendar": "PATADMIN",
    **dict.fromkeys(
        ("stay", "contact", "appointment", "referral", "gp-list", "home-care", "care-team", "task", "relation"), "TREAT"
    ),
}
"""Kinds of relation as purposes of use; those of systems and of lists of people have no code there."""


def actions_of(element: str, system: str | None, code: str) -> set[str]:
    """The actions that are told with a code in `type`, `subtype`, `action` or `outcome`; `system` None for any, ''
    for a code that has none."""
    return {name for name, kind in KINDS.items() if _has(_codes(name, kind, element), system, code)}


def _codes(name: str, kind: Kind, element: str) -> list[tuple[str, str]]:
    match element:
        case "type":
            return [(DCM, kind.type)]
        case "subtype":
            return [(ACTION, name), *([(RESTFUL, kind.interaction)] if kind.interaction else [])]
        case "action":
            return [("http://hl7.org/fhir/audit-event-action", kind.action)]
    return [("http://hl7.org/fhir/audit-event-outcome", kind.outcome)]


def _has(codes: Iterable[tuple[str, str]], system: str | None, code: str) -> bool:
    return any(mine == code and system in (None, of) for of, mine in codes)


def event(row: Row, patients: Mapping[int, str]) -> dict[str, Any]:
    """One look with all that it says; `patients` are ids by key."""
    return _made(row, [_agent(row), *_unit(row), *_app(row)], list(_entities(row, patients)), request=row.request)


def own_event(row: Row, patients: Mapping[int, str], own: Iterable[int]) -> dict[str, Any]:
    """One look as the citizen hears of it, as in the portal: who by name, role and unit; of what was seen the types,
    and ids where only she was seen."""
    mine = [key for key in _seen(row) if key in set(own)]
    agent = {**_agent(row), "altId": None}
    if not row.agent.startswith("Patient/"):
        agent["who"] = None
    entities = [_patient(patients[key]) for key in mine if key in patients]
    if row.patient is not None:
        entities += [one for one in _entities(row, patients) if one["type"]["system"] == _TYPES]
    else:
        entities += [_entity(type_, None) for type_, _ in _shown(row)]
    return _made(row, [_without_nothing(agent), *_unit(row), *_app(row)], entities, request=None)


def _made(row: Row, agents: list[Any], entities: list[Any], *, request: str | None) -> dict[str, Any]:
    kind = KINDS.get(row.action, OTHER)
    at = row.at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
    subtypes = [{"system": RESTFUL, "code": kind.interaction}] if kind.interaction else []
    made = {
        "resourceType": "AuditEvent",
        "id": f"{PREFIX}{row.id}",
        "meta": {"lastUpdated": at},
        "extension": [{"url": REQUEST, "valueString": request}] if request else None,
        "type": {"system": DCM, "code": kind.type, "display": _TYPE_NAMES[kind.type]},
        "subtype": [{"system": ACTION, "code": row.action}, *subtypes],
        "action": kind.action,
        "recorded": at,
        "outcome": kind.outcome,
        "outcomeDesc": "The record stayed closed." if kind.outcome != "0" else None,
        "purposeOfEvent": _purposes(row),
        "agent": agents,
        "source": {
            "observer": {"type": "Device", "display": "Samjournal"},
            "type": [{"system": _SOURCE, "code": "4", "display": "Application Server"}],
        },
        "entity": entities or None,
    }
    return _without_nothing(made)


def _without_nothing(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value is not None}


def _agent(row: Row) -> dict[str, Any]:
    """Who looked, in the role that was active."""
    is_system = row.role == "system"
    names = ROLES[row.role].names if row.role in ROLES else None
    role: dict[str, Any] = {"coding": [{"system": ROLE, "code": row.role}]} if row.role.strip() else {}
    made = {
        "type": {"coding": [{"system": DCM, "code": "110150", "display": "Application"}]} if is_system else None,
        "role": [{**role, **({"text": names[0]} if names else {})}] if role else None,
        "who": _who(row),
        "altId": row.actor or None,
        "name": row.name or None,
        "requestor": True,
    }
    return _without_nothing(made)


def _who(row: Row) -> dict[str, Any] | None:
    shown = {"display": row.name} if row.name else {}
    if row.agent:
        return {"reference": row.agent, **shown}
    return {"identifier": {"system": LOGIN, "value": row.actor}, **shown} if row.actor else None


def _app(row: Row) -> list[dict[str, Any]]:
    """The app by which he did, by its client id."""
    if not row.app:
        return []
    type_ = {"coding": [{"system": DCM, "code": "110150", "display": "Application"}]}
    return [{"type": type_, "who": {"identifier": {"system": APP, "value": row.app}}, "requestor": False}]


def _unit(row: Row) -> list[dict[str, Any]]:
    """The organisation on whose behalf it was."""
    if not row.organization_id and not row.unit:
        return []
    shown = {"display": row.unit} if row.unit else {}
    reference = {"reference": f"Organization/{row.organization_id}"} if row.organization_id else {}
    return [{"who": {**reference, **shown}, **({"name": row.unit} if row.unit else {}), "requestor": False}]


def _purposes(row: Row) -> list[dict[str, Any]] | None:
    """By which relation it was, and the reason as it was stated."""
    if not row.why.strip():
        return None
    codes = [{"system": WHY, "code": row.why}] if _is_code(row.why) else []
    if row.why in _PURPOSES:
        codes.append({"system": _REASON, "code": _PURPOSES[row.why]})
    text = row.reason or (None if codes else row.why)
    return [{**({"coding": codes} if codes else {}), **({"text": text} if text else {})}]


def _is_code(why: str) -> bool:
    """Whether it is one word: that of a token is its scopes."""
    return " " not in why and "/" not in why


def _seen(row: Row) -> list[int]:
    return [row.patient] if row.patient is not None else list(row.patients or ())


def _entities(row: Row, patients: Mapping[int, str]) -> Iterator[dict[str, Any]]:
    """The patients, then all that was shown. A look at the log shows AuditEvents: the patients of these are named by
    them, and not again by who read of them."""
    named = set() if row.action == "audit" else {patients[key] for key in _seen(row) if key in patients}
    yield from (_patient(id_) for id_ in sorted(named))
    for type_, id_ in _shown(row):
        if type_ != "Patient" or id_ not in named:
            yield _entity(type_, id_)


def _shown(row: Row) -> Iterator[tuple[str, str]]:
    """What was shown, as `audit.shown` wrote it."""
    return audit.named(row.shown)


def _patient(id_: str) -> dict[str, Any]:
    return {
        "what": {"reference": f"Patient/{id_}"},
        "type": {"system": _ENTITY, "code": "1", "display": "Person"},
        "role": {"system": _OBJECT, "code": "1", "display": "Patient"},
    }


def _entity(type_: str, id_: str | None) -> dict[str, Any]:
    what = {"what": {"reference": f"{type_}/{id_}"}} if id_ else {}
    return {
        **what,
        "type": {"system": _TYPES, "code": type_},
        "role": {"system": _OBJECT, "code": "4", "display": "Domain Resource"},
    }
