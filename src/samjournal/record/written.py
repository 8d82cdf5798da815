"""What was written of some patients since a moment: what, where and by whom, without what it says.

For named actions about who somebody is: what belongs to whom is then for those to say who may read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from samjournal import audit
from samjournal.access import Permit
from samjournal.fhir.errors import Forbidden
from samjournal.fhir.keys import patient_key
from samjournal.fhir.numbers import name
from samjournal.record.door import Door, look_of
from samjournal.store import reading

MOST = 500


class WrittenLine(NamedTuple):
    """One resource that was written or changed: under which patient id, which version stands, when and by which login
    it was written."""

    patient: str
    type: str
    id: str
    version: int
    at: datetime
    author: str


async def written_since(door: Door, permit: Permit, ids: Sequence[str], since: datetime) -> list[WrittenLine]:
    """At most 500 resources that live under one of some patient ids and were written after a moment, newest first; not
    the Patients themselves. Logged as a look at each patient. Raises Forbidden for all but named actions."""
    if not permit.keeps:
        raise Forbidden("What was written since is told to named actions about who somebody is.")
    keys = {patient_key(id_): id_ for id_ in ids}
    text, values = reading.written_since(list(keys), since, limit=MOST)
    rows = await door.pool.fetch(text, *values)
    found = [
        WrittenLine(keys[row["patient"]], name(row["type"]), row["id"], row["version"], row["at"], row["author"])
        for row in rows
    ]
    for key, id_ in keys.items():
        shown = audit.shown((one.type, one.id) for one in found if one.patient == id_)
        await door.looks.write(look_of(permit, "compare", patient=key, why=permit.blanket, shown=shown))
    return found
