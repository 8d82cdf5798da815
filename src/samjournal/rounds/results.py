"""Rule 4: every final result that came was acknowledged, or waits on somebody with a deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Final

from samjournal.access import Permit
from samjournal.record import Door
from samjournal.record.beside import every, recent
from samjournal.rounds.findings import Finding, about, is_open, is_owned, patient_of
from samjournal.tasks.results import FINAL, HISTORY, MADE_WHOLE, SLOWEST

_SETTLED: Final = timedelta(minutes=10)
"""So long the feed may take until there is a Task."""
_BACK: Final = timedelta(days=7)


async def results(door: Door, permit: Permit, now: datetime) -> AsyncIterator[Finding]:
    """Reports of the last week that nobody acknowledged and that wait on nobody. What was history when it came, and
    what loads and the demo brought, is no work."""
    asked = [
        ("status", ",".join(sorted(FINAL))),
        ("_lastUpdated", f"ge{(now - _BACK).isoformat()}"),
        ("_lastUpdated", f"lt{(now - _SETTLED).isoformat()}"),
        ("issued", f"ge{(now - HISTORY + _BACK).isoformat()}"),
    ]
    async for page in every(door, permit, "DiagnosticReport", asked):
        known = await recent(door, [("DiagnosticReport", one.id) for one in page], now - SLOWEST)
        came = {id_ for _, id_, author in known if author not in MADE_WHOLE}
        meant = [one for one in page if one.id in came]
        tasks = await about(door, permit, [one.reference for one in meant])
        for one in meant:
            on_it = tasks.get(one.reference, [])
            if any(task["status"] == "completed" or (is_open(task) and is_owned(task)) for task in on_it):
                continue
            body = one.resource()
            unit = next(iter(body.get("performer", ())), None)
            yield Finding(
                one.reference, "Et endelig prøvesvar er hverken kvittert eller hos noen", patient_of(body), unit
            )
