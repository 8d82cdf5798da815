"""Groups: from a role at a unit to the document that is served, and back."""

from __future__ import annotations

import re
from typing import Any, Final

from samjournal.access import ROLES, Permit
from samjournal.fhir.errors import Invalid
from samjournal.fhir.identifiers import is_organization_number
from samjournal.provisioning import SYSTEMS, Team, TeamWish, unit_meant
from samjournal.record import Door
from samjournal.scim.documents import Document
from samjournal.scim.errors import bad_value
from samjournal.scim.schemas import CORE_GROUP, ROLE_AT_UNIT
from samjournal.scim.users import etag

_SAYS_IT: Final = re.compile(r"([a-z-]+)@([A-Za-z0-9.\-]{1,64})")


def shown(team: Team, base: str) -> Document:
    """The document of a group."""
    made: Document = {
        "schemas": [CORE_GROUP, *([ROLE_AT_UNIT] if team.code else [])],
        "id": team.id,
        **({"externalId": team.external_id} if team.external_id else {}),
        "displayName": team.name,
        "members": [{"value": login, "$ref": f"{base}/Users/{login}", "type": "User"} for login, _ in team.members],
        ROLE_AT_UNIT: {"code": team.code, "organizationId": team.organization} if team.code else None,
        "meta": {
            "resourceType": "Group",
            "created": team.created.isoformat(),
            "lastModified": team.modified.isoformat(),
            "location": f"{base}/Groups/{team.id}",
            "version": etag(team.version),
        },
    }
    return {name: value for name, value in made.items() if value not in ([], None)}


async def wish(door: Door, permit: Permit, document: Document) -> TeamWish:
    """What a document says. Raises Refused, Invalid."""
    members = frozenset(_member(one) for one in document.get("members") or ())
    name = str(document["displayName"])
    code, unit = await _meant(door, permit, name, document.get(ROLE_AT_UNIT) or {})
    return TeamWish(name, document.get("externalId") or None, code, unit, members)


def _member(one: dict[str, Any]) -> str:
    if one.get("type", "User") != "User":
        raise bad_value("Members are Users: groups in groups are not taken.")
    if not one.get("value"):
        raise bad_value("A member is named by its value, the id of a User.")
    return str(one["value"])


async def _meant(door: Door, permit: Permit, name: str, said: dict[str, Any]) -> tuple[str | None, str | None]:
    """Role and unit by the extension, else by a name such as doctor@974749025; None for a group that says neither."""
    units = ("organizationId", *SYSTEMS)
    if said.get("code"):
        if not any(said.get(one) for one in units):
            raise bad_value(f"{ROLE_AT_UNIT} has a code and no unit: name it by one of {', '.join(units)}.")
        return str(said["code"]), await unit_meant(door, permit, said)
    if any(said.get(one) for one in units):
        raise bad_value(f"{ROLE_AT_UNIT} names a unit and no code.")
    found = _SAYS_IT.fullmatch(name)
    if found is None or found[1] not in ROLES:
        return None, None
    by = "organizationNumber" if is_organization_number(found[2]) else "organizationId"
    try:
        return found[1], await unit_meant(door, permit, {by: found[2]})
    except Invalid:
        if not found[2].isdecimal():
            raise
        return found[1], await unit_meant(door, permit, {"reshId": found[2]})
