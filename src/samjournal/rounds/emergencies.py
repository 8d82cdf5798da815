"""Rule 6: every record that was opened in another way than by care was looked over in time."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

from samjournal.access import Permit
from samjournal.record import Door, not_looked_over
from samjournal.rounds.findings import Finding


async def emergencies(door: Door, _permit: Permit, now: datetime) -> AsyncIterator[Finding]:
    """How much each organisation has not looked over in two weeks."""
    for organisation, count in (await not_looked_over(door, now)).items():
        words = f"{count} innsyn er ikke sett gjennom innen fristen på 14 dager"
        unit = {"reference": f"Organization/{organisation}"} if organisation else None
        yield Finding(f"Organization/{organisation}" if organisation else "", words, unit=unit)
