"""What of referrals takes too long, or waits where nobody is left: people on both sides are told, once.

    late(door, permit, now) -> int      for the job: how many Tasks were made, or were found to be late

The deadline of each step stands in the Task of the referral (`limits`). When it has passed, the unit that sent it and
the one that has it get something to do, and the referral says so; it stays with its owner, in its list. A unit that has
lost its last member is told of to what lies above it. Each is settled by what the record says: doing it twice does
nothing.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from samjournal import accounts
from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, PreconditionFailed
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, overdue, units_waited_on
from samjournal.record.beside import every, resources
from samjournal.referrals.listing import OPEN
from samjournal.referrals.states import Referral, State, referral
from samjournal.referrals.telling import unit, work
from samjournal.tasks import SYSTEM
from samjournal.tasks.kinds import ESCALATED
from samjournal.tasks.manned import duty, manned, roles_for
from samjournal.tasks.saying import beside

Resource = dict[str, Any]
MOST: Final = 100
KIND: Final = "assess"
THERE: Final[dict[State, str]] = {
    "opened": "Henvisningen er ikke åpnet innen fristen",
    "assessed": "Henvisningen er ikke vurdert innen fristen i pasientrettighetsloven § 2-2",
    "booked": "Henvisningen har ikke fått time innen fristen",
    "done": "Timen er passert, og henvisningen er ikke avsluttet",
}
HERE: Final[dict[State, str]] = {
    "sent": "Henvisningen er ikke sendt innen fristen. Ring mottakeren",
    "received": "Mottakeren har ikke kvittert for henvisningen innen fristen. Ring mottakeren",
    "opened": "Mottakeren har ikke åpnet henvisningen innen fristen. Ring mottakeren",
    "assessed": "Mottakeren har ikke vurdert henvisningen innen fristen. Ring mottakeren",
    "booked": "Pasienten har ikke fått time innen fristen. Ring mottakeren",
}
"""What is said to the unit that has it, and to the one that sent it, by the step that did not come."""


async def late(door: Door, permit: Permit, now: datetime) -> int:
    """Tell both sides of what is past its deadline, and what lies above a unit in which nobody is left."""
    ids = await overdue(door, now, count=MOST, apart=KIND)
    tasks = await resources(door, permit, [("Task", id_) for id_ in ids])
    requests = await resources(door, permit, [("ServiceRequest", id_) for id_ in ids])
    done = 0
    for one in tasks.values():
        request = requests.get(f"ServiceRequest/{one.id}")
        if request is not None:
            done += await _late(door, permit, one, request, now)
    return done + await _left(door, permit, now)


async def _late(door: Door, permit: Permit, task: Stored, request: Stored, now: datetime) -> int:
    one = referral(task.resource(), request.resource())
    step = one.waits_for
    if step is None or one.late or one.due is None or one.due > now:
        return 0
    changes = [Change.update(bare(beside(task.resource(), None, ESCALATED)), if_match=task.version)]
    about = str(one.about.get("text") or "uten angitt grunn")
    told: dict[str, str] = {}
    if one.way == "shared" and step in THERE:
        there = await _at(door, permit, unit(one.receiver, one.receiver_name))
        told[str(there["reference"])] = f"{THERE[step]}: {about}"
        changes.append(_work(one, there, f"{THERE[step]}: {about}", now))
    if one.sender and step in HERE:
        here = await _at(door, permit, unit(one.sender, one.sender_name))
        if str(here["reference"]) not in told:
            changes.append(_work(one, here, f"{HERE[step]}, {one.receiver_name}: {about}", now))
    return await _done(door, permit, changes)


def _work(one: Referral, owner: Resource, words: str, now: datetime) -> Change:
    return work(one, owner=owner, words=words[:200], now=now, urgent=one.priority != "routine")


async def _at(door: Door, permit: Permit, whose: Resource) -> Resource:
    """The unit, or where somebody is who can do it: what lies above it, or who is on duty."""
    return await manned(door, permit, whose, "do") or await duty(door, permit, "do") or whose


async def _left(door: Door, permit: Permit, now: datetime) -> int:
    """What waits at units where nobody can sign in any longer: each is told of to what lies above, once."""
    units = [one.removeprefix("Organization/") for one in await units_waited_on(door, KIND)]
    there = await accounts.manned(door.pool, units, roles_for(KIND)) if units else set()
    done = 0
    for id_ in units:
        if id_ in there:
            continue
        asked = [("owner", f"Organization/{id_}"), ("code", f"{SYSTEM}|{KIND}"), ("status", OPEN)]
        async for page in every(door, permit, "Task", asked):
            requests = await resources(door, permit, [("ServiceRequest", one.id) for one in page])
            for task in page:
                request = requests.get(f"ServiceRequest/{task.id}")
                if request is not None:
                    done += await _unmanned(door, permit, referral(task.resource(), request.resource()), now)
    return done


async def _unmanned(door: Door, permit: Permit, one: Referral, now: datetime) -> int:
    if one.way != "shared":
        return 0
    above = await _at(door, permit, unit(one.owner, one.owner_name))
    if above["reference"] == one.owner:
        return 0  # Nobody can sign in anywhere: there is nobody to tell.
    name = one.receiver_name or "en enhet"
    words = f"Ingen kan lese henvisningene hos {name}: {one.about.get('text') or 'uten angitt grunn'}. Send den videre"
    claim = sha256(f"referral left {one.id} {one.owner} {len(one.steps)}".encode()).digest()
    return await _done(door, permit, [_work(one, above, words, now)], claim=claim)


async def _done(door: Door, permit: Permit, changes: list[Change], *, claim: bytes | None = None) -> int:
    """One change; when somebody was at it at the same moment there is nothing to do, or it is looked at again."""
    try:
        return 1 if await change(door, permit, changes, claim=claim) else 0
    except (Conflict, PreconditionFailed):
        return 0
