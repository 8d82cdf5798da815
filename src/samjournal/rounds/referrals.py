"""Rule 2: every active referral is on exactly one list, with an owner and a deadline."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Final

from samjournal.access import Permit
from samjournal.record import Door
from samjournal.record.beside import every
from samjournal.rounds.findings import Finding, about, is_open, is_owned, patient_of

REFERRAL: Final = "urn:samjournal:request|referral"
_WAY: Final = "assess"


async def referrals(door: Door, permit: Permit, _now: datetime) -> AsyncIterator[Finding]:
    """What is on no list, on two, or on one without owner or deadline."""
    asked = [("category", REFERRAL), ("status", "active")]
    async for page in every(door, permit, "ServiceRequest", asked):
        tasks = await about(door, permit, [one.reference for one in page])
        for one in page:
            waits = [task for task in tasks.get(one.reference, ()) if is_open(task) and _is_way(task)]
            if len(waits) == 1 and is_owned(waits[0]):
                continue
            body = one.resource()
            unit = next(iter(body.get("performer", ())), None)
            yield Finding(one.reference, _WORDS[min(len(waits), 2)], patient_of(body), unit)


_WORDS: Final = (
    "En åpen henvisning står ikke på noen liste",
    "En åpen henvisning mangler eier eller frist",
    "En åpen henvisning står på to lister",
)


def _is_way(task: dict[str, object]) -> bool:
    code = task.get("code")
    codings = code.get("coding", ()) if isinstance(code, dict) else ()
    return any(one.get("code") == _WAY for one in codings)
