"""Two entries of one problem become one on the list, and two again when that was wrong.

The one that goes keeps every word, code and date, and gets an extension that names the one that stays: notes,
contacts and medicines that refer to it do so still, and whoever reads the record by FHIR finds both. So undoing
takes the extension away, and nothing else. R4 has Linkage for this, which lives under no patient: one unit
alone would see it.
"""

from __future__ import annotations

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Unprocessable
from samjournal.patients.linking import changed
from samjournal.problems.changing import standing
from samjournal.problems.listing import MERGED_INTO, alike, merged_into
from samjournal.record import Door, Stored, change


async def merge(door: Door, permit: Permit, patient: str, going: str, staying: str) -> Stored:
    """Make one problem of two that say the same. Raises Conflict (merged already), Unprocessable (they do not)."""
    if going == staying:
        raise Unprocessable("A problem is not merged with itself.")
    goes = await standing(door, permit, patient, going)
    stays = await standing(door, permit, patient, staying)
    if merged_into(goes.resource()) or merged_into(stays.resource()):
        raise Conflict("One of them was merged already. Look at the list again.")
    if not alike(stays.resource().get("code", {}), [goes.resource()]):
        raise Unprocessable("They are neither coded nor called the same, so they are not merged.")
    kept = [one for one in goes.resource().get("extension", ()) if one.get("url") != MERGED_INTO]
    link = {"url": MERGED_INTO, "valueReference": {"reference": f"Condition/{staying}"}}
    (stored,) = await change(door, permit, [changed(goes, {"extension": [*kept, link]})])
    return stored


async def part(door: Door, permit: Permit, patient: str, going: str) -> Stored:
    """Make two of them again. Raises Conflict where it was not merged."""
    goes = await standing(door, permit, patient, going)
    if not merged_into(goes.resource()):
        raise Conflict("It is not merged with another. Look at the list again.")
    kept = [one for one in goes.resource().get("extension", ()) if one.get("url") != MERGED_INTO]
    (stored,) = await change(door, permit, [changed(goes, {"extension": kept or None})])
    return stored
