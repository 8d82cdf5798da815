"""Users: from a person at work to the document that is served, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import ROLES, Permit
from samjournal.fhir.errors import Invalid
from samjournal.provisioning import SYSTEMS, Given, Person, Wish, unit_meant
from samjournal.record import Door
from samjournal.scim.documents import Document
from samjournal.scim.errors import bad_value
from samjournal.scim.schemas import CORE_USER, STAFF

_KEPT: Final = ("name", "displayName", "title", "preferredLanguage", "active", "emails", "phoneNumbers")


def shown(person: Person, base: str) -> Document:
    """The document of a person at work. The national number is never in it."""
    location = f"{base}/Users/{person.login}"
    made: Document = {
        "schemas": [CORE_USER],
        "id": person.login,
        **({"externalId": person.external_id} if person.external_id else {}),
        "userName": person.user_name,
        **{name: person.content[name] for name in _KEPT if person.content.get(name) not in (None, [], {})},
        "groups": [
            {"value": one.id, "$ref": f"{base}/Groups/{one.id}", "display": one.name, "type": "direct"}
            for one in person.teams
        ],
        "roles": [
            {
                "value": f"{at.code}@{at.organization_id}",
                "display": f"{_called(at.code)}, {at.unit_name}",
                "type": at.code,
            }
            for at, ends in person.roles
            if ends is None or ends > datetime.now(UTC)
        ],
        "meta": {
            "resourceType": "User",
            "created": person.created.isoformat(),
            "lastModified": person.modified.isoformat(),
            "location": location,
            "version": etag(person.version),
        },
    }
    if not person.said:
        made |= {"displayName": person.name, "active": person.active}
    staff = {"hprNumber": person.hpr, "assignments": [_assignment(one) for one in person.given]}
    if said := {name: value for name, value in staff.items() if value}:
        made["schemas"].append(STAFF)
        made[STAFF] = said
    return {name: value for name, value in made.items() if value != []}


def etag(version: int) -> str:
    return f'W/"{version}"'


async def wish(door: Door, permit: Permit, document: Document, standing: Person | None) -> Wish:
    """What a document says. What it does not speak of in the extension stays as it is. Raises Refused, Invalid."""
    staff = document.get(STAFF, {})
    content = {name: document[name] for name in _KEPT if document.get(name) not in (None, [], {})}
    given = None
    if "assignments" in staff:
        given = await _given(door, permit, staff["assignments"])
    elif standing is not None and not standing.said:
        given = standing.given
    return Wish(
        user_name=str(document["userName"]),
        external_id=document.get("externalId") or None,
        content=content,
        hpr=(staff.get("hprNumber") or None) if "hprNumber" in staff else (standing.hpr if standing else None),
        fnr=_digits(staff.get("nationalIdentityNumber")),
        given=given,
        at_once=staff.get("atOnce") is True,
    )


def _digits(value: object) -> str | None:
    return str(value).replace(" ", "") if value else None


async def _given(door: Door, permit: Permit, assignments: list[dict[str, Any]]) -> tuple[Given, ...]:
    found: dict[tuple[str, str], Given] = {}
    for one in assignments:
        if not one.get("code"):
            raise bad_value("Each assignment has a code and a unit.")
        unit = await unit_meant(door, permit, one)
        starts, ends = (datetime.fromisoformat(one[name]) if one.get(name) else None for name in ("from", "until"))
        given = Given(str(one["code"]), unit, starts, ends)
        if given.key in found:
            raise Invalid(f"The role {given.code} at {given.organization} is given twice. Give it once.")
        found[given.key] = given
    return tuple(found.values())


def _assignment(one: Given) -> dict[str, Any]:
    return {
        "code": one.code,
        "organizationId": one.organization,
        **({"from": one.starts.isoformat()} if one.starts else {}),
        **({"until": one.ends.isoformat()} if one.ends else {}),
        "display": _called(one.code),
    }


def _called(code: str) -> str:
    return ROLES[code].names[0] if code in ROLES else code


NAMES: Final = ("organizationId", *SYSTEMS)
