"""What the record says of people at work: Practitioner and PractitionerRole. Pure: resources as dicts.

hl7.org/fhir/R4/practitioner.html, hl7.org/fhir/R4/practitionerrole.html
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from samjournal.access import ROLES
from samjournal.fhir.identifiers import FNR, HPR

Resource = dict[str, Any]
ROLE: Final = "urn:samjournal:role"
"""The code system of roles in PractitionerRole.code."""
PROFESSION: Final = "urn:oid:2.16.578.1.12.4.1.1.9060"
_PROFESSIONS: Final = {
    "doctor": "LE",
    "gp": "LE",
    "nurse": "SP",
    "home-nurse": "SP",
    "health-visitor": "SP",
    "physiotherapist": "FT",
    "secretary": "HE",
}


def post_id(login: str, code: str, organization: str) -> str:
    """The id of somebody's PractitionerRole in a role at a unit: the same when he comes back to it."""
    return sha256(f"{login}\n{code}\n{organization}".encode()).hexdigest()[:32]


def practitioner(
    standing: Resource | None, id_: str, content: dict[str, Any], *, hpr: str | None, fnr: str | None, active: bool
) -> Resource:
    """A Practitioner as the directory says; what it does not speak of stays. `fnr` None: as it is."""
    made: Resource = _bare(standing) or {"resourceType": "Practitioner", "id": id_}
    made["active"] = active
    if name := _name(content):
        made["name"] = [name, *(one for one in made.get("name", ()) if one.get("use") not in (None, "official"))]
    kept = [one for one in made.get("identifier", ()) if one.get("system") not in ((HPR, FNR) if fnr else (HPR,))]
    numbers = [{"system": HPR, "value": hpr}] if hpr else []
    numbers += [{"system": FNR, "value": fnr}] if fnr else []
    if numbers or kept or "identifier" in made:
        made["identifier"] = [*numbers, *kept]
    reached = [{"system": "email", "value": one["value"], "use": "work"} for one in _values(content, "emails")]
    reached += [{"system": "phone", "value": one["value"], "use": "work"} for one in _values(content, "phoneNumbers")]
    if reached:
        made["telecom"] = reached
    return {name: value for name, value in made.items() if value != []}


def post(
    standing: Resource | None, id_: str, *, who: Resource, unit: Resource, code: str, title: str, now: datetime
) -> Resource:
    """The PractitionerRole of a role that somebody has from now on, or has again."""
    made: Resource = _bare(standing) or {"resourceType": "PractitionerRole", "id": id_}
    began = made.get("period", {}).get("start") if made.get("active") is not False else None
    made |= {
        "active": True,
        "period": {"start": began or now.isoformat(timespec="seconds")},
        "practitioner": who,
        "organization": unit,
    }
    coding = [{"system": ROLE, "code": code, "display": ROLES[code].names[0]}]
    coding += [{"system": PROFESSION, "code": _PROFESSIONS[code]}] if code in _PROFESSIONS else []
    said = made.get("code", ())
    if not any(one.get("code") == code for each in said for one in each.get("coding", ()) if one.get("system") == ROLE):
        made["code"] = [{"coding": coding, "text": title or ROLES[code].names[0]}, *said[1:]]
    return made


def ended(standing: Resource, now: datetime) -> Resource:
    """A PractitionerRole that somebody has no longer: it stays, with its end."""
    made = _bare(standing) or {}
    period = {**made.get("period", {}), "end": now.isoformat(timespec="seconds")}
    return {**made, "active": False, "period": period}


def is_same(one: Resource | None, other: Resource) -> bool:
    """Whether nothing would change."""
    return one is not None and _bare(one) == _bare(other)


def called(content: dict[str, Any], user_name: str) -> str:
    """What somebody is called on the pages."""
    name = content.get("name") or {}
    parts = [name.get("givenName"), name.get("middleName"), name.get("familyName")]
    whole = " ".join(str(part) for part in parts if part)
    return whole or str(name.get("formatted") or content.get("displayName") or user_name)


def _name(content: dict[str, Any]) -> Resource | None:
    name = content.get("name") or {}
    given = [str(part) for part in (name.get("givenName"), name.get("middleName")) if part]
    family = name.get("familyName")
    if given or family:
        return {"use": "official", **({"family": family} if family else {}), **({"given": given} if given else {})}
    whole = name.get("formatted") or content.get("displayName")
    return {"use": "official", "text": whole} if whole else None


def _values(content: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one for one in content.get(name) or () if one.get("value")]


def without_meta(resource: Resource) -> Resource:
    """Without what the record itself writes."""
    return _bare(resource) or {}


def _bare(resource: Resource | None) -> Resource | None:
    """Without what the record itself writes."""
    if resource is None:
        return None
    meta = {name: value for name, value in resource.get("meta", {}).items() if name in ("security", "tag", "profile")}
    return {name: value for name, value in resource.items() if name != "meta"} | ({"meta": meta} if meta else {})
