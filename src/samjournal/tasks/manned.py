"""Where somebody is who can do it: a unit at which nobody can sign in is passed by, so that nothing waits there.

    manned(door, permit, unit, kind) -> Resource | None     the unit, else what it lies under
    duty(door, permit, kind) -> Resource | None             who has what nobody else answers for

Duty is the unit that the register calls so (Organization.type `duty` of `urn:samjournal:unit`), or what it lies under;
else the unit at which most people can do it. There is none only where nobody can sign in at all.
"""

from __future__ import annotations

from typing import Any

from samjournal import accounts
from samjournal.access import ROLES, Permit
from samjournal.fhir.keys import local
from samjournal.record import Door, rising
from samjournal.record.beside import matches, resources
from samjournal.tasks.kinds import UNIT, Kind

Resource = dict[str, Any]


def roles_for(kind: Kind) -> list[str]:
    """The codes of the roles that can do work of a kind."""
    signed = kind in ("sign", "countersign")
    return [
        role.code
        for role in ROLES.values()
        if role.may_write("Task") and not (signed and not role.signs) and not (kind == "acknowledge" and role.prepares)
    ]


async def manned(door: Door, permit: Permit, unit: Resource, kind: Kind) -> Resource | None:
    """The first of a unit and those above it at which somebody can do it; None: there is nobody in the whole house."""
    named = local(unit.get("reference", "")) or ""
    above = [one for one in await rising(door, named) if one.startswith("Organization/")]
    ids = [one.partition("/")[2] for one in above]
    there = await accounts.manned(door.pool, ids, roles_for(kind))
    found = next((one for one in ids if one in there), None)
    if found is None:
        return None
    return unit if f"Organization/{found}" == named else await called(door, permit, f"Organization/{found}")


async def duty(door: Door, permit: Permit, kind: Kind) -> Resource | None:
    """Who has what nobody else answers for; None when nobody can sign in to a role that can do it."""
    for one in await matches(door, permit, "Organization", [("type", f"{UNIT}|duty"), ("_count", "20")]):
        found = await manned(door, permit, {"reference": one.reference}, kind)
        if found is not None:
            return found if found.get("display") else await called(door, permit, found["reference"])
    most = await accounts.most_manned(door.pool, roles_for(kind))
    return {"reference": f"Organization/{most[0]}", "display": most[1]} if most else None


async def called(door: Door, permit: Permit, unit: str) -> Resource:
    """The reference to a unit, with its name."""
    found = (await resources(door, permit, [("Organization", unit.partition("/")[2])])).get(unit)
    name = found.resource().get("name") if found else None
    return {"reference": unit, **({"display": name} if name else {})}
