"""Rules 1 and 3: every signed letter goes on or is somebody's; every message that came is somebody's or filed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.keys import local
from samjournal.messages.making import ANSWERED_WITHIN
from samjournal.messages.outgoing import OUTBOX, steps_of
from samjournal.messages.states import FAILED, state_of
from samjournal.record import Door
from samjournal.record.beside import every
from samjournal.rounds.findings import Finding, about, is_open, is_owned, patient_of

_GOES_ON: Final = timedelta(hours=1)
"""So long a message may be signed or queued before somebody looks why. A transport that is down is worth a look."""
_BACK: Final = timedelta(days=7)
"""So far back messages that were filed are looked at again."""


async def letters(door: Door, permit: Permit, now: datetime) -> AsyncIterator[Finding]:
    """Every signed letter has come further than the queue for each receiver, or has a task that somebody owns."""
    for what in ("signed", "queued", "awaiting"):
        late = now - (ANSWERED_WITHIN + _GOES_ON if what == "awaiting" else _GOES_ON)
        asked = [("identifier", f"{OUTBOX}|{what}"), ("sent", f"lt{late.isoformat()}")]
        async for page in every(door, permit, "Communication", asked):
            tasks = await about(door, permit, [one.reference for one in page])
            for one in page:
                if not any(is_open(task) and is_owned(task) for task in tasks.get(one.reference, ())):
                    body = one.resource()
                    words = "En signert melding er ikke kommet videre, og ingen har fått oppgaven"
                    yield Finding(one.reference, words, patient_of(body), body.get("sender"))
    since = (now - _BACK).isoformat()
    asked = [("status", "not-done"), ("sent", f"ge{since}")]
    async for page in every(door, permit, "Communication", asked):
        failed = [one for one in page if state_of(one.resource()) in FAILED and steps_of(one.resource())]
        tasks = await about(door, permit, [one.reference for one in failed])
        for one in failed:
            if not any(is_open(task) and is_owned(task) for task in tasks.get(one.reference, ())):
                body = one.resource()
                words = "En melding kom ikke fram, og ingen har fått oppgaven"
                yield Finding(one.reference, words, patient_of(body), body.get("sender"))


_WAITING: Final = frozenset({"held", "parked"})


async def received(door: Door, permit: Permit, now: datetime) -> AsyncIterator[Finding]:
    """Every message that came waits on exactly one, or was seen to."""
    since = (now - _BACK).isoformat()
    for asked in ([("status", "on-hold")], [("status", "completed"), ("received", f"ge{since}")]):
        async for page in every(door, permit, "Communication", asked):
            came = [one for one in page if state_of(one.resource()) in _WAITING | {"received"}]
            named = {one.reference: [one.reference, *_requests(one.resource())] for one in came}
            tasks = await about(door, permit, [ref for refs in named.values() for ref in refs])
            for one in came:
                body, on_it = one.resource(), [task for ref in named[one.reference] for task in tasks.get(ref, ())]
                waits = [task for task in on_it if is_open(task)]
                if len(waits) == 1 and is_owned(waits[0]):
                    continue
                if not waits and on_it and state_of(body) not in _WAITING:
                    continue  # Filed: it was seen to.
                words = "En mottatt melding er hos flere samtidig" if len(waits) > 1 else "En mottatt melding har ingen"
                yield Finding(one.reference, words, patient_of(body), body["recipient"][0])


def _requests(message: dict[str, Any]) -> list[str]:
    """The referrals that a message became: those wait on a list of their own."""
    named = (local(one.get("reference", "")) or "" for one in message.get("about", ()))
    return [one for one in named if one.startswith("ServiceRequest/")]
