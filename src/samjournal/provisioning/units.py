"""The unit that a directory means: by our id, its organisation number, its RESH-id or its HER-id."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Invalid
from samjournal.fhir.identifiers import HER, ORGANIZATION
from samjournal.record import Door, Stored
from samjournal.record.beside import matches, resources

RESH: Final = "urn:oid:2.16.578.1.12.4.1.4.102"
SYSTEMS: Final = {"organizationNumber": ORGANIZATION, "reshId": RESH, "herId": HER}
"""What a unit is called by, beside `organizationId`, with the system of the identifier."""


async def unit_meant(door: Door, permit: Permit, said: dict[str, Any]) -> str:
    """The id of the Organization that is named by one of `organizationId` and SYSTEMS. Raises Invalid when there is
    none, or several."""
    if id_ := said.get("organizationId"):
        found = (await resources(door, permit, [("Organization", str(id_))])).get(f"Organization/{id_}")
        if found is None:
            raise Invalid(f"There is no Organization {str(id_)[:64]} in this record.")
        return _working(found)
    for name, system in SYSTEMS.items():
        if value := said.get(name):
            asked = [("identifier", f"{system}|{str(value).replace(' ', '')}"), ("_count", "2")]
            several = await matches(door, permit, "Organization", asked)
            if len(several) != 1:
                told = "several Organizations have" if several else "no Organization has"
                raise Invalid(f"In this record {told} the {name} {str(value)[:32]}.")
            return _working(several[0])
    raise Invalid(f"Name the unit by one of organizationId, {', '.join(SYSTEMS)}.")


def _working(found: Stored) -> str:
    """Raises Invalid for an organisation that has left."""
    if found.resource().get("active") is False:
        raise Invalid(f"Organization {found.id} works here no longer: nobody gets a role there.")
    return found.id


async def names_of(door: Door, permit: Permit, ids: Collection[str]) -> dict[str, str]:
    """What some Organizations are called, by id; those that are not there are not in it."""
    found = await resources(door, permit, [("Organization", id_) for id_ in ids])
    return {one.id: str(one.resource().get("name", one.id)) for one in found.values()}
