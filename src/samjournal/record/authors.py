"""Who wrote what stands, by name, for whoever has just read it: two who changed the same see whose the other is."""

from __future__ import annotations

from samjournal import accounts
from samjournal.access import Permit
from samjournal.fhir.keys import key
from samjournal.fhir.numbers import number
from samjournal.record.door import Door, Stored
from samjournal.store import authors as stored_by


async def author_of(door: Door, permit: Permit, stored: Stored) -> str:
    """The name of who wrote a version that the permit has read, with his unit where he has one only; '' of systems, of
    who has no account any more, and of people from elsewhere where a patient's address is confidential. The look is the
    one at the version. Raises Busy."""
    row = await stored_by.author(door.pool, number(stored.type), stored.id, stored.version)
    who = await accounts.account(door.pool, row["author"]) if row is not None else None
    if who is None or permit.kind != "staff":
        return ""
    known = {key(f"PractitionerRole/{one.practitioner_role_id}") for one in who.roles} & permit.knows
    if row["hidden"] and not known:
        return ""
    units = {one.unit_name for one in who.roles if one.unit_name}
    return f"{who.name}, {units.pop().partition(',')[0]}" if len(units) == 1 else who.name
