"""All rules, one after the other; each finding becomes a Task of whoever has the thing, once as long as it is open.

make_rounds(door, permit, now) -> dict      how much each rule found
"""

from __future__ import annotations

import logging
from datetime import datetime
from hashlib import sha256
from typing import Final

from samjournal.access import Permit
from samjournal.record import Change, Door, change
from samjournal.record.beside import matches
from samjournal.rounds.discharges import discharges
from samjournal.rounds.emergencies import emergencies
from samjournal.rounds.findings import Finding, Rule, is_open
from samjournal.rounds.messages import letters, received
from samjournal.rounds.referrals import referrals
from samjournal.rounds.results import results
from samjournal.tasks import written
from samjournal.tasks.kinds import DEADLINES
from samjournal.tasks.manned import duty, manned

_log = logging.getLogger("samjournal.rounds")
FINDING: Final = "urn:samjournal:finding"
"""The system of an identifier of Tasks: which rule does not hold for what."""
RULES: Final[dict[str, Rule]] = {
    "letters": letters,
    "referrals": referrals,
    "received": received,
    "results": results,
    "discharges": discharges,
    "emergencies": emergencies,
}


async def make_rounds(door: Door, permit: Permit, now: datetime) -> dict[str, int]:
    """Look for everything that does not hold. What was found the night before and is still open is not made anew; what
    somebody closed and does not hold all the same is."""
    counts = {}
    for name, rule in RULES.items():
        counts[name] = 0
        async for finding in rule(door, permit, now):
            counts[name] += 1
            await _hand_out(door, permit, name, finding, now)
    if any(counts.values()):
        _log.warning("the round found what does not hold", extra={"found": counts})
    return counts


async def _hand_out(door: Door, permit: Permit, rule: str, finding: Finding, now: datetime) -> None:
    """Give a finding to whoever has the thing, or what lies above, or who is on duty."""
    value = f"{rule}|{finding.about}"
    digest = sha256(value.encode()).hexdigest()[:32]
    known = await matches(door, permit, "Task", [("identifier", f"{FINDING}|{digest}"), ("_count", "50")])
    if any(is_open(one.resource()) for one in known):
        return
    unit = finding.unit if finding.unit and str(finding.unit.get("reference", "")).startswith("Organization/") else None
    there = await manned(door, permit, unit, "do") if unit else None
    task = written(
        kind="do",
        patient=finding.patient,
        owner=there or await duty(door, permit, "do") or unit or {},
        at=now,
        due=now + DEADLINES["deliver"],
        words=finding.words,
        focus=finding.about,
        urgent=True,
    )
    task["identifier"] = [{"system": FINDING, "value": digest}]
    await change(door, permit, [Change.create(task)])
