"""Calendars: by which key an open page hears that something was booked, moved or cancelled with somebody or in a room.

    calendar_watch(door, permit, references) -> list[str]   the keys for a page that shows some calendars
    calendars_of(door, changes) -> set[int]                 for jobs: whose calendars some changes concern

A calendar has a key of its own, made of the reference of whose it is: who sees the calendar of a unit hears of it, and
of no patient's record. What was moved is told to both calendars: that where it stands, and that where it stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from samjournal.access import Permit
from samjournal.fhir.keys import key, local
from samjournal.record.door import Door, watch_key
from samjournal.store import feed
from samjournal.store.feed import Changed

HAVE_CALENDARS: Final = frozenset({"Device", "HealthcareService", "Location", "PractitionerRole"})
"""What can be booked, and says its own hours."""


def calendar_watch(door: Door, permit: Permit, references: Iterable[str]) -> list[str]:
    """What a page listens for that shows the calendars of some (`PractitionerRole/x`, `Location/y`)."""
    return [watch_key(door, permit, _key(one)) for one in references]


async def calendars_of(door: Door, changes: Sequence[Changed]) -> set[int]:
    """The keys of the calendars that changes concern: of what changed its hours, and of whom an appointment names, or
    named in the version before. For jobs."""
    found = {_key(f"{one.type}/{one.id}") for one in changes if one.type in HAVE_CALENDARS}
    appointments = [one for one in changes if one.type == "Appointment"]
    if not appointments:
        return found
    wanted = {(one.type, one.id, at) for one in appointments for at in (one.version, one.version - 1) if at > 0}
    for written in await feed.versions(door.pool, sorted(wanted)):
        said = msgspec.json.decode(written.body) if written.body else {}
        for participant in said.get("participant") or ():
            actor = local(str((participant.get("actor") or {}).get("reference") or ""))
            if actor and actor.partition("/")[0] in HAVE_CALENDARS:
                found.add(_key(actor))
    return found


def _key(reference: str) -> int:
    return key(f"calendar of {reference}")
