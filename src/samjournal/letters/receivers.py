"""Who is told what is new for a patient: himself, when he may sign in, and who acts for him at a level that reads it.

    receivers(door, patient_id, type, at) -> list[str]      Patient ids, each person once

A child under 12 is told nothing itself; its parents are what their level shows them, and nothing from its 16th birthday
on. Nobody dead is told anything. access/representing.py has the levels.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from samjournal import access
from samjournal.access import LEVELS
from samjournal.fhir.keys import patient_key
from samjournal.record import Door

_READ_WITH_LOG: Final = "AuditEvent"


async def receivers(door: Door, patient_id: str, type_: str, at: datetime) -> list[str]:
    """The patient first. `type_` is what must be read to see it; AuditEvent stands for the log of looks."""
    ids = door.persons.ids(door.persons.stays(patient_id))
    keys = [patient_key(one) for one in ids]
    if await access.died_of(door.pool, keys):
        return []
    found = [ids[0]] if await access.has_own_login(door.pool, keys, at=at) else []
    for one in await access.given(door.pool, keys, at=at):
        if one.refusal is None and one.holder is not None and _reads(one.level, one.types, type_):
            found.append(door.persons.stays(one.holder))
    return list(dict.fromkeys(found))


def _reads(level: str, types: tuple[str, ...], type_: str) -> bool:
    known = LEVELS.get(level)
    if known is None:
        return False
    return known.reads_log if type_ == _READ_WITH_LOG else type_ in known.reads or type_ in types
