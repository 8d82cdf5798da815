"""How much may be written for one patient in a day: more than somebody reads is read by nobody.

demand_pace(door, permit, draft)        raises Unwritable("many"), and DraftEnded for what was sent already
"""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from samjournal.access import Permit
from samjournal.conversations.teams import Unwritable
from samjournal.fhir.errors import NotFound
from samjournal.record import Door, Ending, draft, query_of, search

MOST_A_DAY: Final = 30
"""Messages from a patient, and from who acts for the patient, within 24 hours."""


async def demand_pace(door: Door, permit: Permit, ending: Ending) -> None:
    """What was sent before is told by what it became, and not by how much has been sent since."""
    patient = door.persons.stays(permit.patient or "")
    since = (datetime.now(UTC) - timedelta(days=1)).isoformat(timespec="seconds")
    asked = [("sender", f"Patient/{patient}"), ("sent", f"ge{since}"), ("_count", str(MOST_A_DAY))]
    if len((await search(door, permit, query_of("Communication", asked))).matches) < MOST_A_DAY:
        return
    with suppress(NotFound):  # It was never saved.
        await draft(door, permit, patient, str(ending.id))
    raise Unwritable("many")
