"""Who answers for a result: whoever ordered it, or else the unit that was responsible; never nobody.

owner_of(door, permit, result) -> Owner
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from samjournal import accounts
from samjournal.access import Permit
from samjournal.fhir.dates import span
from samjournal.fhir.keys import local
from samjournal.record import Door, in_charge
from samjournal.record.beside import resources
from samjournal.tasks.kinds import Kind
from samjournal.tasks.manned import duty, manned, roles_for

Resource = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Owner:
    """Whom something waits on, as a reference, and who asked for it (None: nobody is known)."""

    reference: Resource
    requester: Resource | None


async def owner_of(door: Door, permit: Permit, result: Resource) -> Owner | None:
    """Whoever ordered it, while he has the post and may acknowledge results; else the unit of the post; else the unit
    of the contact, the GP, a unit that has the patient in care, or who made the result; else who is on duty. A unit at
    which nobody can sign in is passed by, for what it lies under. None when nobody can sign in anywhere."""
    known = await _read(door, permit, [*result.get("basedOn", ()), result.get("encounter")])
    orders = [one for one in known.values() if one["resourceType"] == "ServiceRequest"]
    contacts = [one for one in known.values() if one["resourceType"] == "Encounter"]
    patient = await _read(door, permit, [result.get("subject")])
    requester = next((one["requester"] for one in orders if one.get("requester")), None)
    unit = next((one["serviceProvider"] for one in contacts if one.get("serviceProvider")), None)
    candidates = [
        requester,
        unit,
        *(one.get("individual") for contact in contacts for one in contact.get("participant", ())),
        *(gp for one in patient.values() for gp in one.get("generalPractitioner", ())),
        *[{"reference": one} for name in patient for one in await in_charge(door, name.partition("/")[2])],
        *result.get("performer", ()),
    ]
    at = local((unit or {}).get("reference", ""))
    for one in candidates:
        found = await standing(door, permit, one, at=at)
        found = await who_can(door, permit, found, "acknowledge") if found else None
        if found is not None:
            return Owner(found, requester)
    on_duty = await duty(door, permit, "acknowledge")
    return Owner(on_duty, requester) if on_duty else None


async def who_can(door: Door, permit: Permit, party: Resource, kind: Kind) -> Resource | None:
    """A person, if his role can do it, else his unit; a unit, if somebody there can, else what it lies under."""
    type_, _, id_ = (local(party.get("reference", "")) or "").partition("/")
    if type_ == "Organization":
        return await manned(door, permit, party, kind)
    codes = await accounts.codes_of(door.pool, [id_])
    if not codes or any(code in roles_for(kind) for code in codes.values()):
        return party
    unit = await unit_of(door, permit, party)
    return await manned(door, permit, unit, kind) if unit else None


async def standing(door: Door, permit: Permit, reference: Resource | None, *, at: str | None = None) -> Resource | None:
    """Whom a reference means today: a unit itself; a post that somebody has, else its unit; a practitioner in one of
    the posts that he has, that at the unit `at` before others."""
    named = local((reference or {}).get("reference", ""))
    if named is None:
        return None
    type_, _, id_ = named.partition("/")
    if type_ == "Organization":
        return {"reference": named, **(_display(reference) or await _called(door, permit, named))}
    if type_ == "Practitioner":
        posts = await accounts.posts(door.pool, practitioners=[id_])
        posts.sort(key=lambda post: f"Organization/{post.organization_id}" != at)
        for post in posts:
            role = {"reference": f"PractitionerRole/{post.practitioner_role_id}", "display": post.name}
            if await _has_ended(door, permit, post.practitioner_role_id) is None:
                return role
        return None
    if type_ != "PractitionerRole":
        return None
    held = await accounts.posts(door.pool, roles=[id_])
    registered = await _has_ended(door, permit, id_)
    if held and registered is None:
        return {"reference": named, "display": held[0].name}
    unit = registered or (f"Organization/{held[0].organization_id}" if held else await _unit_of(door, permit, id_))
    return {"reference": unit, **await _called(door, permit, unit)} if unit else None


async def unit_of(door: Door, permit: Permit, reference: Resource | None) -> Resource | None:
    """The unit of whoever a reference means: itself, or that of the post."""
    named = local((reference or {}).get("reference", ""))
    if named is None or named.startswith("Organization/"):
        return reference if named else None
    type_, _, id_ = named.partition("/")
    posts = await accounts.posts(door.pool, **{"roles" if type_ == "PractitionerRole" else "practitioners": [id_]})
    unit = f"Organization/{posts[0].organization_id}" if posts else await _unit_of(door, permit, id_)
    return {"reference": unit, **await _called(door, permit, unit)} if unit else None


async def _has_ended(door: Door, permit: Permit, role: str) -> str | None:
    """The unit of a post that has ended by the register; None while it lasts, or when the register does not know it."""
    found = (await _read(door, permit, [{"reference": f"PractitionerRole/{role}"}])).get(f"PractitionerRole/{role}")
    if found is None:
        return None
    end = found.get("period", {}).get("end")
    if found.get("active") is not False and (end is None or span(end).hi > datetime.now(UTC)):
        return None
    return local(found.get("organization", {}).get("reference", ""))


async def _unit_of(door: Door, permit: Permit, role: str) -> str | None:
    found = (await _read(door, permit, [{"reference": f"PractitionerRole/{role}"}])).get(f"PractitionerRole/{role}")
    return local((found or {}).get("organization", {}).get("reference", ""))


async def _called(door: Door, permit: Permit, unit: str) -> Resource:
    found = (await _read(door, permit, [{"reference": unit}])).get(unit)
    return {"display": found["name"]} if found and found.get("name") else {}


def _display(reference: Resource | None) -> Resource:
    display = (reference or {}).get("display")
    return {"display": display} if display else {}


async def _read(door: Door, permit: Permit, references: list[Resource | None]) -> dict[str, Resource]:
    found = await resources(door, permit, _named(references))
    return {name: one.resource() for name, one in found.items()}


def _named(references: list[Resource | None]) -> Iterator[tuple[str, str]]:
    for one in references:
        named = local((one or {}).get("reference", ""))
        if named:
            type_, _, id_ = named.partition("/")
            yield type_, id_
