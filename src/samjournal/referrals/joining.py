"""An organisation begins to work in this record, or leaves it: how its open referrals go from that day on.

    switch(door, permit, now) -> int    for the job: how many referrals go another way now

Its Endpoints say when: the shared one begins, or is over. What is open and went to it as a message is its own from then
on, in its list, and no second message is sent; one that has not left yet does not leave. What it has open in this
record when it leaves is sent to it as messages, from whoever referred. Each referral is moved in one transaction of the
version that was read, and says which way it goes: a crash in the middle is gone on from, and nothing is done twice.
"""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256
from typing import Any, Final
from uuid import uuid4

from samjournal.access import Permit
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Conflict, PreconditionFailed
from samjournal.fhir.keys import local
from samjournal.messages import Outgoing, Receiver, receivers, sending, state_of
from samjournal.messages.making import bare
from samjournal.messages.outgoing import stepped
from samjournal.messages.states import FAILED
from samjournal.record import Change, Door, Stored, change
from samjournal.record.beside import every, matches, resources
from samjournal.referrals.limits import due
from samjournal.referrals.listing import OPEN, local_of
from samjournal.referrals.making import moved, timed
from samjournal.referrals.receiving import written_in
from samjournal.referrals.states import TO, WAY, Referral, by_way, referral, step
from samjournal.referrals.telling import REFERRAL, unit, work
from samjournal.tasks import SYSTEM
from samjournal.tasks.manned import duty
from samjournal.ui.formats import full_date

Resource = dict[str, Any]
CONNECTION: Final = "urn:samjournal:connection|shared"
_WAITS: Final = frozenset({"signed", "queued"})
_IN: Final = ("", "nobody", "kind")
"""What the gate says of a unit that has begun: it may be that nobody reads there yet, which is told of apart."""


async def switch(door: Door, permit: Permit, now: datetime) -> int:
    """Have the open referrals of who joined or left go the way that he takes now."""
    return await _joined(door, permit, now) + await _gone(door, permit, now)


async def _joined(door: Door, permit: Permit, now: datetime) -> int:
    asked = [("identifier", f"{WAY}|message"), ("code", f"{SYSTEM}|assess"), ("status", OPEN)]
    done = 0
    async for page in every(door, permit, "Task", asked):
        units = sorted({local_of(one.resource()) for one in page} - {""})
        ways = await receivers(door, permit, REFERRAL[0], now, units=units)
        here = {one.id for one in ways if one.way == "shared" and one.why in _IN}
        found = [one for one in page if local_of(one.resource()) in here]
        requests = await resources(door, permit, [("ServiceRequest", one.id) for one in found])
        for task in found:
            request = requests.get(f"ServiceRequest/{task.id}")
            done += await _taken_in(door, permit, task, request, now) if request is not None else 0
    return done


async def _taken_in(door: Door, permit: Permit, task: Stored, request: Stored, now: datetime) -> int:
    """A referral that went as a message is the unit's own: it waits to be opened there, if it has not come further."""
    one = referral(task.resource(), request.resource())
    changes = await _stopped(door, permit, one, now)
    steps = [step("sent", now)] if one.at("sent") is None else []
    if one.state in ("signed", "sent", "forwarded", "received"):
        received = next((each.at for each in one.steps if each.state == "received"), now)
        until = due("received", priority=one.priority, received=received, now=now)
        body = moved(task.resource(), *steps, step("received", now), until=until, now=now)
    else:
        body = bare(task.resource())
    body["owner"] = unit(one.receiver, one.receiver_name)
    return await _done(door, permit, [Change.update(by_way(body, "shared"), if_match=task.version), *changes])


async def _stopped(door: Door, permit: Permit, one: Referral, now: datetime) -> list[Change]:
    """What of its messages has not left does not leave any longer, and nobody needs to see to one that failed."""
    asked = [("subject", one.patient), ("_sort", "-sent"), ("_count", "100")]
    changes: list[Change] = []
    for message in await matches(door, permit, "Communication", asked):
        body = message.resource()
        about = {local(each.get("reference", "")) for each in body.get("about", ())}
        state = state_of(body)
        if f"ServiceRequest/{one.id}" not in about or state not in _WAITS | FAILED:
            continue
        changes.append(Change.update(bare(stepped(body, "other-receiver", now)), if_match=message.version))
        waiting = [("focus", message.reference), ("code", f"{SYSTEM}|deliver"), ("status", OPEN)]
        for task in await matches(door, permit, "Task", waiting):
            ended = {**bare(task.resource()), "status": "cancelled"}
            changes.append(Change.update(ended, if_match=task.version))
    return changes


async def _gone(door: Door, permit: Permit, now: datetime) -> int:
    done = 0
    async for page in every(door, permit, "Endpoint", [("connection-type", CONNECTION)]):
        for endpoint in page:
            body = endpoint.resource()
            named = (local(body.get("managingOrganization", {}).get("reference", "")) or "").partition("/")[2]
            if named and _is_over(body, now):
                done += await _left(door, permit, named, now)
    return done


async def _left(door: Door, permit: Permit, named: str, now: datetime) -> int:
    """What an organisation that left has open in this record goes to it as messages."""
    ways = await receivers(door, permit, REFERRAL[0], now, units=[named])
    if any(one.way == "shared" and one.why in _IN for one in ways):
        return 0  # Another shared one goes on.
    way = next((one for one in ways if not one.why and one.way != "shared"), None)
    asked = [("identifier", f"{TO}|{named}"), ("code", f"{SYSTEM}|assess"), ("status", OPEN)]
    done = 0
    async for page in every(door, permit, "Task", asked):
        found = [one for one in page if not _is_out(one.resource())]
        requests = await resources(door, permit, [("ServiceRequest", one.id) for one in found])
        for task in found:
            request = requests.get(f"ServiceRequest/{task.id}")
            done += await _sent_out(door, permit, task, request, way, now) if request is not None else 0
    return done


def _is_out(task: Resource) -> bool:
    return any(one.get("system") == WAY and one.get("value") == "message" for one in task.get("identifier", ()))


def _is_over(endpoint: Resource, now: datetime) -> bool:
    end = endpoint.get("period", {}).get("end")
    return endpoint["status"] == "off" or (end is not None and span(end).hi <= now)


async def _sent_out(
    door: Door, permit: Permit, task: Stored, request: Stored, way: Receiver | None, now: datetime
) -> int:
    """A referral that a unit has when it leaves goes to it as a message, from whoever referred. Where there is no way,
    or nobody here who referred, a person sees to it; until then it stays where it is."""
    one = referral(task.resource(), request.resource())
    requester = request.resource().get("requester") or {}
    if way is None or not one.sender or not requester.get("reference"):
        owner = unit(one.sender, one.sender_name) if one.sender else await duty(door, permit, "do")
        if owner is None:
            return 0
        name = one.receiver_name or "Mottakeren"
        words = (
            f"{name} har gått ut av den felles journalen og må få henvisningen på annen måte: ring, og send på papir"
        )
        claim = sha256(f"referral of who left {one.id} {one.receiver} {len(one.steps)}".encode()).digest()
        return await _done(door, permit, [work(one, owner=owner, words=words[:200], now=now)], claim=claim)
    message = sending(
        Outgoing(
            kind=REFERRAL,
            about=f"ServiceRequest/{one.id}",
            patient=one.patient.partition("/")[2],
            sender=unit(one.sender, one.sender_name),
            by=requester,
            receiver=way.organisation,
            endpoint=way.endpoint,
            document=one.document or str(uuid4()),
            text=_told(one, request.resource()),
            is_urgent=one.priority in ("asap", "stat"),
        ),
        now,
    )
    body = bare(task.resource())
    if one.state not in ("assessed", "booked"):  # What was decided there holds, and so does its deadline.
        until = due("signed", priority=one.priority, received=now, now=now)
        body = timed(moved(task.resource(), step("signed", now, by=requester), until=until, now=now), until)
    body["owner"] = way.organisation
    return await _done(door, permit, [Change.update(by_way(body, "message"), if_match=task.version), *message])


def _told(one: Referral, request: Resource) -> str:
    """The text of the referral, and what was decided about it."""
    assessed, booked = one.last("assessed"), one.last("booked")
    more = []
    if assessed and assessed.right:
        more.append(f"Vurdert {full_date(assessed.at)}: rett til helsehjelp innen {full_date(assessed.until)}.")
    if booked and booked.until:
        more.append(f"Time {full_date(booked.until)}.")
    return "\n\n".join([written_in(request), *more])


async def _done(door: Door, permit: Permit, changes: list[Change], *, claim: bytes | None = None) -> int:
    try:
        return 1 if await change(door, permit, changes, claim=claim) else 0
    except (Conflict, PreconditionFailed):
        return 0  # Somebody was at it at the same moment: it is looked at again.
