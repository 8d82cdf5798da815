"""How a message out goes on, as jobs do it: made, sent, acknowledged, or given to a person. README 7.1, HISD 1168

    waiting(door, permit, what) -> list[Stored]         `signed` to be made, `queued` to be sent; the oldest first
    queue(door, permit, one, data, now)                 its bytes are made, and stay the same however often it is sent
    transported(door, permit, one, wire, now)           the transport has taken it over, under an id of its own
    carried_back(door, permit, wire, words, now) -> str the transport says later that it did not get through
    failed(door, permit, one, state, words, now)        it goes no further: a person of the sending unit sees to it
    receipted(door, permit, receipt, now) -> Settled    the receiver's answer, once and for good
    time_out(door, permit, now) -> int                  no answer in 96 hours counts as not delivered
    answered_by(door, permit, number, senders, now)     the receiver wrote back: he did something with it

Each is one transaction, of the version that was read: of two who do the same at once one gets VersionMoved, and has
nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final, Literal

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, NotFound, PreconditionFailed
from samjournal.fhir.identifiers import HER
from samjournal.fhir.keys import local
from samjournal.messages.incoming import Attached
from samjournal.messages.making import ANSWERED_WITHIN, RECEIPT, attachment, bare, created, instant
from samjournal.messages.outgoing import OUTBOX, WAITS, kind_of, number_of, stepped
from samjournal.messages.states import FAILED, NUMBER, ON_ITS_WAY, TAKEN_OVER, TEXTS, Sent, state_of
from samjournal.messages.versions import escaped
from samjournal.record import Change, Door, Stored, change, is_done, remember
from samjournal.record.beside import matches, resources
from samjournal.tasks import SYSTEM, written
from samjournal.tasks.doing import WAITING
from samjournal.tasks.kinds import DEADLINES
from samjournal.tasks.manned import duty, manned

Resource = dict[str, Any]
MOST: Final = 100
WIRE: Final = "urn:samjournal:wire-id"
"""The system of identifiers under which a transport carried a message, one for each time."""
_URGENT: Final = timedelta(hours=2)
_XML = "application/xml"
_HIGHEST = 8
_ATTEMPTS: Final = 6


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receiver answered: the id of the receipt, the MsgId that it answers, whether he took it over, the errors
    in words, the HER-ids of who answers, and the bytes."""

    id: str
    original: str
    is_positive: bool
    errors: tuple[str, ...]
    senders: tuple[str, ...]
    data: bytes


@dataclass(frozen=True, slots=True)
class Settled:
    """What came of a receipt: `settled`; `again` when the message has its answer already; `unknown` when nothing of
    ours waits for it, `another` when it is not from whom the message went to. `owner` has what is open now."""

    outcome: Literal["settled", "again", "unknown", "another"]
    state: str = ""
    owner: str = ""


async def waiting(door: Door, permit: Permit, what: Literal["signed", "queued"], *, count: int = MOST) -> list[Stored]:
    """Messages that wait for a job, those first that have waited longest."""
    asked = [("identifier", f"{OUTBOX}|{what}"), ("_sort", "sent"), ("_count", str(count))]
    return await matches(door, permit, "Communication", asked)


async def queue(door: Door, permit: Permit, one: Stored, data: bytes, now: datetime) -> Stored:
    """Keep the bytes of a message, as they are sent from now on."""
    body = one.resource()
    code, name = kind_of(body)
    labels = body.get("meta", {}).get("security")
    document = {
        "resourceType": "DocumentReference",
        "id": one.id,
        **({"meta": {"security": labels}} if labels else {}),
        "masterIdentifier": {"system": NUMBER, "value": number_of(body)},
        "status": "current",
        "type": body["category"][0],
        **({"subject": body["subject"]} if "subject" in body else {}),
        "date": instant(now),
        "author": [body["sender"]],
        "custodian": body["sender"],
        "description": name or code,
        "content": [{"attachment": attachment(Attached(_XML, "Meldingen som den ble sendt", data))}],
    }
    said = stepped(body, "queued", now)
    payload = [*said["payload"], {"contentReference": {"reference": f"DocumentReference/{one.id}"}}]
    sent = {**said, "sent": instant(now), "payload": payload}
    stored = await change(door, permit, [created(document), Change.update(sent, if_match=one.version)])
    return stored[1]


async def transported(door: Door, permit: Permit, one: Stored, wire: str, now: datetime) -> None:
    """The transport has it; the receiver has not answered. His receipt may have been quicker: that stands then."""
    said = stepped(one.resource(), "transported", now)
    if wire:
        said["identifier"] = [*said["identifier"], {"system": WIRE, "value": wire}]
    try:
        await change(door, permit, [Change.update(said, if_match=one.version)])
    except (Conflict, PreconditionFailed):
        return


async def carried_back(door: Door, permit: Permit, wire: str, words: str, now: datetime) -> str:
    """The other side could not take what was sent under this id of the transport: who sees to it, "" when the message
    has its answer already. Raises NotFound for an id that nothing of ours was sent under."""
    asked = [("identifier", f"{WIRE}|{escaped(wire)}")]
    found = await matches(door, permit, "Communication", asked) if wire.strip() else []
    if not found:
        raise NotFound("Nothing of ours was sent under this id.")
    if state_of(found[0].resource()) != "transported":
        return ""
    return await failed(door, permit, found[0], "no-route", words, now)


async def failed(door: Door, permit: Permit, one: Stored, state: Sent, words: str, now: datetime) -> str:
    """It goes no further, and why: a person of the sending unit sees to it; who has it now."""
    body = one.resource()
    task = await _task(door, permit, body, state, words, now)
    said = stepped(body, state, now)
    said["statusReason"] = {**said["statusReason"], **({"text": words} if words else {})}
    await change(door, permit, [Change.update(said, if_match=one.version), Change.create(task)])
    return str(task.get("owner", {}).get("display", ""))


async def _task(door: Door, permit: Permit, message: Resource, state: Sent, words: str, now: datetime) -> Resource:
    sender = message.get("sender") or {}  # One that was loaded may lack it, and is somebody's work all the same.
    unit = await manned(door, permit, sender, "deliver") if sender else None
    unit = unit or await duty(door, permit, "deliver") or sender
    patient = (local(message.get("subject", {}).get("reference", "")) or "").removeprefix("Patient/")
    to = (message.get("recipient") or [{}])[0].get("display", "")
    is_urgent = message.get("priority") == "urgent"
    said = f"{TEXTS[state]}: {kind_of(message)[1]} til {to}"
    return written(
        kind="deliver",
        patient=patient,
        owner=unit,
        at=now,
        due=now + (_URGENT if is_urgent else DEADLINES["deliver"]),
        words=f"{said}. {words}" if words else said,
        focus=f"Communication/{message['id']}",
        urgent=is_urgent,
    )


async def receipted(door: Door, permit: Permit, receipt: Receipt, now: datetime) -> Settled:
    """Note a receiver's answer. The first one is final; one that comes after the time was out still counts, unless a
    person has seen to the message otherwise by then. Most come while it is noted that the message was sent, and look
    again then. Raises VersionMoved: it may be tried again."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await _receipted(door, permit, receipt, now)
        except (Conflict, PreconditionFailed):
            continue
    return await _receipted(door, permit, receipt, now)


async def _receipted(door: Door, permit: Permit, receipt: Receipt, now: datetime) -> Settled:
    asked = [("identifier", f"{NUMBER}|{escaped(receipt.original)}")]
    found = await matches(door, permit, "Communication", asked)
    ours = [one for one in found if state_of(one.resource()) in _SENT]
    if not ours:
        return Settled("unknown")
    meant = [one for one in ours if await _is_from(door, permit, one.resource(), receipt.senders)]
    if not meant:
        return Settled("another")
    waits = [one for one in meant if state_of(one.resource()) in (*ON_ITS_WAY, "timed-out", "no-route")]
    if not waits:
        await _acted_before(door, permit, meant[0].id, now)
        return Settled("again", state_of(meant[0].resource()))
    one, body = waits[0], waits[0].resource()
    state: Sent = "accepted" if receipt.is_positive else "rejected"
    said = stepped(body, state, now)
    said["received"] = instant(now)
    kept = attachment(Attached(_XML, RECEIPT, receipt.data))
    said["payload"] = [*said["payload"], {"contentAttachment": kept}]
    changes = await _closing(door, permit, one, TEXTS[state])
    owner = ""
    if not receipt.is_positive:
        words = "; ".join(receipt.errors)
        said["statusReason"] = {**said["statusReason"], **({"text": words} if words else {})}
        task = await _task(door, permit, body, state, words, now)
        owner = str(task.get("owner", {}).get("display", ""))
        changes.append(Change.create(task))
    claim = sha256(f"receipt {receipt.original} {receipt.id} {one.id}".encode()).digest()
    stored = await change(door, permit, [Change.update(said, if_match=one.version), *changes], claim=claim)
    await _acted_before(door, permit, one.id, now)
    return Settled("settled" if stored else "again", state, owner)


_SENT = ON_ITS_WAY | TAKEN_OVER | FAILED | {"resent", "other-receiver", "paper", "phone"}


async def _is_from(door: Door, permit: Permit, message: Resource, numbers: Sequence[str]) -> bool:
    """Whether who answers is whom the message went to, or an organisation that he lies in."""
    at = local(message["recipient"][0].get("reference", "")) or ""
    for _ in range(_HIGHEST):
        type_, _, id_ = at.partition("/")
        if type_ != "Organization":
            return False
        found = (await resources(door, permit, [(type_, id_)])).get(at)
        if found is None:
            return False
        body = found.resource()
        if any(each.get("system") == HER and each.get("value") in numbers for each in body.get("identifier", ())):
            return True
        at = local(body.get("partOf", {}).get("reference", "")) or ""
    return False


async def _closing(door: Door, permit: Permit, one: Stored, words: str) -> list[Change]:
    """What a person was to do about a message is no longer to be done."""
    changes = []
    asked = [("focus", one.reference), ("code", f"{SYSTEM}|deliver"), ("status", WAITING)]
    for task in await matches(door, permit, "Task", asked):
        done = {**bare(task.resource()), "status": "cancelled", "statusReason": {"text": words}}
        changes.append(Change.update(done, if_match=task.version))
    return changes


async def time_out(door: Door, permit: Permit, now: datetime) -> int:
    """Give to people what has waited for its answer, or on us, for 96 hours; how many there were, at most MOST of
    each."""
    limit, done = instant(now - ANSWERED_WITHIN), 0
    for what in dict.fromkeys(WAITS.values()):
        asked = [("identifier", f"{OUTBOX}|{what}"), ("sent", f"lt{limit}"), ("_count", str(MOST))]
        for one in await matches(door, permit, "Communication", asked):
            words = "" if what == "awaiting" else "Den kom aldri av sted herfra."
            try:
                await failed(door, permit, one, "timed-out", words, now)
            except (Conflict, PreconditionFailed):
                continue
            done += 1
    return done


async def answered_by(door: Door, permit: Permit, number: str, senders: Sequence[str], now: datetime) -> int:
    """The receiver wrote back about a message of ours: he has done something with it. How many it is known of now. What
    he writes may be here before his receipt is: it is remembered, and counts when that comes."""
    done = 0
    for one in await matches(door, permit, "Communication", [("identifier", f"{NUMBER}|{escaped(number)}")]):
        if state_of(one.resource()) in _SENT and await _is_from(door, permit, one.resource(), senders):
            await remember(door, [_answer_to(one.id)])
            done += await _acted(door, permit, one.id, now)
    return done


async def _acted_before(door: Door, permit: Permit, id_: str, now: datetime) -> None:
    """Whoever answered before his receipt came has acted too. To be asked when it stands: of two who do this at once
    one sees what the other did."""
    if await is_done(door, _answer_to(id_)):
        await _acted(door, permit, id_, now)


async def _acted(door: Door, permit: Permit, id_: str, now: datetime) -> bool:
    """The receiver acted on what he took over. Raises VersionMoved: it may be tried again."""
    one = (await resources(door, permit, [("Communication", id_)]))[f"Communication/{id_}"]
    if state_of(one.resource()) not in ("accepted", "opened"):
        return False
    await change(door, permit, [Change.update(stepped(one.resource(), "acted", now), if_match=one.version)])
    return True


def _answer_to(id_: str) -> bytes:
    return sha256(f"answered {id_}".encode()).digest()
