"""What whoever sent a referral does with it afterwards: ask again, or take it back. Each is one transaction.

remind(door, permit, id, version, words)        the receiver is asked where it stands
withdraw(door, permit, id, version, reason)     it is not needed any longer; the receiver is told
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from samjournal.access import Permit, for_job
from samjournal.fhir.errors import Conflict, Forbidden, Invalid
from samjournal.messages import Outgoing, receivers, sending
from samjournal.messages.making import bare
from samjournal.messages.states import DOCUMENT
from samjournal.record import Change, Door, Stored, change
from samjournal.record.beside import matches
from samjournal.referrals.making import ended, moved
from samjournal.referrals.receiving import SHORTEST, Had, had, is_from, still_open, written_in
from samjournal.referrals.states import step
from samjournal.referrals.telling import DIALOG, REFERRAL, unit, work
from samjournal.tasks import himself, with_note
from samjournal.tasks.saying import team

Resource = dict[str, Any]
LONGEST: Final = 500


async def remind(
    door: Door, permit: Permit, id_: str, version: int, *, words: str = "", now: datetime | None = None
) -> Stored:
    """Ask the receiver where it stands: work for him in this record, a message to him outside."""
    now = now or datetime.now(UTC)
    one = await _from_me(door, permit, id_, version)
    words = " ".join(words.split())[:LONGEST] or "Hvor står henvisningen?"
    about = str(one.said.about.get("text") or "henvisningen")
    receiver = unit(one.said.receiver, one.said.receiver_name)
    task = {**with_note(bare(one.work), permit, words, now), "lastModified": now.isoformat(timespec="seconds")}
    changes = [Change.update(task, if_match=one.task.version)]
    if one.said.way == "shared":
        told = f"Purring på henvisning om {about}: {words}"[:200]
        changes.append(work(one.said, owner=receiver, words=told, now=now, requester=himself(permit)))
    else:
        changes += await _message(door, permit, one, DIALOG, "N", words, now, document=str(uuid4()))
    return (await change(door, one.rights, changes))[0]


async def withdraw(
    door: Door, permit: Permit, id_: str, version: int, *, reason: str, now: datetime | None = None
) -> Stored:
    """Take it back, with the reason. What was begun there is for the receiver to end, and he is told."""
    now = now or datetime.now(UTC)
    one = await _from_me(door, permit, id_, version)
    reason = " ".join(reason.split())[:LONGEST]
    if len(reason) < SHORTEST:
        raise Invalid("Write why the referral is taken back.")
    task = moved(one.work, step("withdrawn", now, by=himself(permit), words=reason), until=None, now=now)
    changes = [
        Change.update({**task, "statusReason": {"text": reason}}, if_match=one.task.version),
        Change.update(ended(one.asked, "revoked", now), if_match=one.request.version),
    ]
    if one.said.way == "message":
        text = f"Henvisningen er trukket tilbake: {reason}\n\n{written_in(one.asked)}"
        changes += await _taken_back(door, permit, one, text, now)
    elif one.said.state not in ("received", "forwarded"):
        receiver = unit(one.said.receiver, one.said.receiver_name)
        booked = one.said.state == "booked"
        told = f"Henvisningen er trukket tilbake: {reason}" + (". Avbestill timen." if booked else "")
        changes.append(work(one.said, owner=receiver, words=told[:200], now=now, requester=himself(permit)))
    return (await change(door, one.rights, changes))[0]


async def _taken_back(door: Door, permit: Permit, one: Had, text: str, now: datetime) -> list[Change]:
    """A cancellation of the message that the receiver has, from the unit that sent it: he takes it from nobody else.
    Where he takes no messages now it is work for the own unit to tell him."""
    carried = await _carrier(door, one)
    sender = carried.get("sender") or team(permit)
    numbers = carried.get("identifier", ())
    document = next((str(each["value"]) for each in numbers if each.get("system") == DOCUMENT), one.said.document)
    try:
        return await _message(door, permit, one, REFERRAL, "C", text, now, document=document, sender=sender)
    except Conflict:
        told = f"Ring {one.said.receiver_name or 'mottakeren'}: henvisningen er trukket tilbake, og kan ikke meldes dit"
        return [work(one.said, owner=team(permit), words=told[:200], now=now, requester=himself(permit), urgent=True)]


async def _carrier(door: Door, one: Had) -> Resource:
    """The last message that carried a referral to whom it is with; empty where there is none."""
    asked = [("subject", one.said.patient), ("recipient", one.said.receiver), ("_sort", "-sent"), ("_count", "100")]
    for found in await matches(door, for_job("referrals"), "Communication", asked):
        body = found.resource()
        codes = {code.get("code") for each in body.get("category", ()) for code in each.get("coding", ())}
        about = {each.get("reference") for each in body.get("about", ())}
        if REFERRAL[0] in codes and "C" not in codes and f"ServiceRequest/{one.said.id}" in about:
            return body
    return {}


async def _from_me(door: Door, permit: Permit, id_: str, version: int) -> Had:
    one = await had(door, permit, id_)
    if not is_from(permit, one.said):
        raise Forbidden("This referral was sent by another unit, which alone asks again or takes it back.")
    still_open(one, version)
    return one


async def _message(
    door: Door,
    permit: Permit,
    one: Had,
    kind: tuple[str, str],
    status: str,
    text: str,
    now: datetime,
    *,
    document: str,
    sender: Resource | None = None,
) -> list[Change]:
    """A message to the receiver outside, by the way that he takes this kind; raises Conflict where there is none."""
    asked = [one.said.receiver.partition("/")[2]]
    found = [way for way in await receivers(door, permit, kind[0], now, units=asked) if way.way != "shared"]
    ready = next((way for way in found if not way.why), None)
    if ready is None:
        raise Conflict("The receiver takes no such messages now. Phone, and write down what was said.")
    outgoing = Outgoing(
        kind=kind,
        about=f"ServiceRequest/{one.said.id}",
        patient=one.said.patient.partition("/")[2],
        sender=sender or team(permit),
        by=himself(permit),
        receiver=ready.organisation,
        endpoint=ready.endpoint,
        document=document,
        status=status,
        answers="",
        text=text,
    )
    return sending(outgoing, now)
