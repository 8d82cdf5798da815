"""Statistics of looks by unit, for who answers for access. No patient is named, nor who looked; so it is no look.

statistics(door, permit, begin, end) -> list[Tally]     of the units that the permit answers for; a system: of all
write_day(door) -> bool                                 the job: write the next day that is over
"""

from __future__ import annotations

from datetime import date

from samjournal import access
from samjournal.access import Permit
from samjournal.audit import tallies
from samjournal.audit.tallies import Tally
from samjournal.record.anomalies import OPENING
from samjournal.record.door import Door


async def looks_by_unit(door: Door, permit: Permit, begin: date, end: date) -> list[Tally]:
    """What units opened from a day until another, which is left out. Raises Forbidden."""
    async with door.pool.lane(same_plans=False) as db:
        mine = None if permit.unrestricted else await access.answers_for(db, permit)
        return await tallies.tallies(db, begin, end, OPENING, mine)


async def write_day(door: Door) -> bool:
    """Write the next day that is over; whether there was one."""
    async with door.pool.transaction() as db:
        return await tallies.tally_day(db, OPENING)
