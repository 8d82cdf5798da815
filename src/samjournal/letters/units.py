"""Which unit answers for what is new, so that somebody there sees to it when nothing reaches the patient.

unit_of(door, permit, resource) -> str              an Organization id; "" where none is named
desk_of(door, permit, unit) -> dict | None          the unit, or who has what nobody else answers for, as a reference
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.keys import local
from samjournal.record import Door
from samjournal.record.beside import resources
from samjournal.tasks.manned import duty, manned

_LEADS: Final = {
    "HealthcareService": "providedBy",
    "PractitionerRole": "organization",
    "Location": "managingOrganization",
}
_NAMED: Final = ("custodian", "sender", "performer", "owner", "participant", "author", "recipient")


async def unit_of(door: Door, permit: Permit, resource: Mapping[str, Any]) -> str:
    """The first unit that a resource names, or the one of a service, a role or a place that it names."""
    named = list(_named(resource))
    if units := [one for one in named if one.startswith("Organization/")]:
        return units[0].partition("/")[2]
    for one in named:
        type_, _, id_ = one.partition("/")
        if type_ in _LEADS:
            found = (await resources(door, permit, [(type_, id_)])).get(one)
            to = local(found.resource().get(_LEADS[type_], {}).get("reference", "")) if found else None
            if to and to.startswith("Organization/"):
                return to.partition("/")[2]
    return ""


def _named(resource: Mapping[str, Any]) -> Iterator[str]:
    for name in _NAMED:
        value = resource.get(name)
        for one in value if isinstance(value, list) else [value] if value else ():
            reference = local((one.get("actor") or one).get("reference", "")) if isinstance(one, dict) else None
            if reference:
                yield reference


async def desk_of(door: Door, permit: Permit, unit: str) -> dict[str, Any] | None:
    """Where somebody is who can do it."""
    there = await manned(door, permit, {"reference": f"Organization/{unit}"}, "do") if unit else None
    return there or await duty(door, permit, "do")
