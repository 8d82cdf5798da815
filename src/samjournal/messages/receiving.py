"""A message that came, taken into the record: who has it, about whom it is, and until when it must be seen to.

    receive(door, permit, message, now, answer, contents)       one Kept for each receiver; [] when it came before
    receive_together(door, permit, wishes, now)                 the same of many, where nothing stands in the way
    unsent(door, permit, message) -> list[tuple[str, bytes]]    its receipts that nobody has said to be sent
    sent(door, names)                                           they are

All of one message is stored in one transaction with its claim, so it is there wholly or not, and once. What is stored
of it: a DocumentReference with the bytes as they came, a Communication that says what a person reads and where the
message stands, with the receipt that is due, and a Task on whom it waits; and the resources that `contents` makes of
what it says, once for all receivers here, which the Communications are `about`. Whoever carries receipts says when
one is on its way; until then it is given again each time the message comes again.
"""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.errors import Conflict, Erased, Invalid, PreconditionFailed, Unprocessable
from samjournal.fhir.keys import local
from samjournal.messages.addressing import Addressee, addressee
from samjournal.messages.contents import Contents, Place, Unreadable, key_of, listed, named_by, placed
from samjournal.messages.incoming import Incoming, claim_of, name_of, whence
from samjournal.messages.making import RECEIPT, Made, created
from samjournal.messages.outgoing import number_of
from samjournal.messages.states import DESK, NUMBER, Received
from samjournal.messages.subjects import Known, Subject, known_by, subject
from samjournal.messages.versions import RANKS, earlier_of, escaped, later_than, overtaken
from samjournal.record import Assumed, Change, Door, Stored, change, is_done, remember, remembered
from samjournal.record.beside import matches, resources

Resource = dict[str, Any]
_log = logging.getLogger("samjournal.messages")
_ATTEMPTS: Final = 6


@dataclass(frozen=True, slots=True)
class Kept:
    """What came of a message for one of its receivers: `receiver` counts them as the message does; `owner` has what is
    open, "" when nothing is; `name` is the id of its Communication; `receipt` what is to be sent, None for nothing."""

    receiver: int
    state: Received
    addressee: Addressee
    subject: Subject
    owner: str = ""
    name: str = ""
    receipt: bytes | None = None


Answer = Callable[[Kept], bytes | None]


async def is_known(door: Door, message: Incoming) -> bool:
    """Whether a message with this MsgId of this sender was kept before."""
    return await is_done(door, claim_of(message))


async def receive(
    door: Door, permit: Permit, message: Incoming, now: datetime, answer: Answer, contents: Contents | None = None
) -> list[Kept]:
    """Keep a message, and what `answer` says to it. When somebody else changes what it depends on at this moment, as
    another version of it that comes too, it is done again. What the record does not take of its contents is kept as
    words alone, and its Task says so. Raises what `record.change` raises; nothing is kept then."""
    for _ in range(_ATTEMPTS - 1):
        try:
            return await _receive(door, permit, message, now, answer, contents)
        except (Conflict, PreconditionFailed):
            continue
        except (Invalid, Unprocessable, Erased) as error:
            if contents is None:
                raise
            _log.warning("what a message says is kept as words alone", extra={"why": type(error).__name__})
            contents = _unread
    return await _receive(door, permit, message, now, answer, contents)


def _unread(_: Place) -> Sequence[Resource]:
    raise Unreadable


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that came, with what is answered to it and what it becomes; of one that is taken anew `due` says with
    which errors it is answered later, None for not at all."""

    message: Incoming
    answer: Answer
    contents: Contents | None = None
    due: Callable[[Kept], tuple[str, ...] | None] | None = None


async def receive_together(
    door: Door, permit: Permit, wishes: Sequence[Wish], now: datetime
) -> list[list[Kept] | None]:
    """Keep many messages in one transaction, which costs each of them less. None for what must be taken by itself: it
    came before, or has the id or the document of another here; all of them, when anything stands in the way of one."""
    found: list[list[Kept] | None] = [None] * len(wishes)
    claims = [claim_of(one.message) for one in wishes]
    seen = await remembered(door, claims)
    chosen: list[int] = []
    for place, (one, claim) in enumerate(zip(wishes, claims, strict=True)):
        document = one.message.document.encode()
        if claim not in seen and document not in seen:
            chosen.append(place)
        seen |= {claim, document} if document else {claim}
    try:
        known = await known_by(door, permit, [wishes[place].message.patient for place in chosen])
        plans = [await _planned(door, permit, wishes[place], now, known) for place in chosen]
        changes = [change for plan in plans for change in plan.changes]
        assumed = [one for plan in plans for one in plan.assumed]
        await change(door, permit, changes, claims=[claims[place] for place in chosen], assumed=assumed)
    except (Conflict, PreconditionFailed, Invalid, Unprocessable, Erased):
        return found
    for place, plan in zip(chosen, plans, strict=True):
        found[place] = plan.kept
    return found


async def _receive(
    door: Door, permit: Permit, message: Incoming, now: datetime, answer: Answer, contents: Contents | None
) -> list[Kept]:
    plan = await _planned(door, permit, Wish(message, answer, contents), now)
    stored = await change(door, permit, plan.changes, claim=claim_of(message), assumed=plan.assumed)
    return plan.kept if stored else []


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is stored of a message, as the record stands."""

    kept: list[Kept]
    changes: list[Change]
    assumed: Sequence[Assumed]


async def _planned(door: Door, permit: Permit, wish: Wish, now: datetime, known: Known | None = None) -> _Plan:
    message, answer, contents = wish.message, wish.answer, wish.contents
    about = await subject(door, permit, message.patient, known)
    meant = [await addressee(door, permit, levels, old=message.is_old) for levels in message.receivers]
    earlier, assumed = await earlier_of(door, permit, message)
    others: list[Stored] = []
    if message.again is not None:  # What another receiver of it has is no version before it, and said all of it once.
        others = [one for one in earlier if number_of(one.resource()) == message.id]
        earlier = [one for one in earlier if one not in others]
        contents = None if any(named_by(one.resource()) for one in others) else contents
    found = [(to, _state(message, to, about, earlier)) for to in meant or [Addressee(None, "elsewhere")]]
    states = {at: one for at, one in enumerate(found) if message.again in (None, at)}
    desk = await at_desk(door, permit) if any(_is_for_desk(to, state) for to, state in states.values()) else {}
    kept: list[Kept] = []
    changes: list[Change] = []
    made_of: list[Resource] = []
    unread = has_task = False
    taken = next((place for place, (_, state) in states.items() if state == "received"), None)
    if contents is not None and taken is not None and about.patient and message.status != "C":
        key = key_of(message, about.patient)
        try:
            unit = states[taken][0].unit or {}
            made_of = [*contents(Place(name_of(message, taken), about.patient, unit, taken, key))]
        except Unreadable:
            unread = True
        made_of, has_task = await listed(door, permit, made_of)
        changes += await placed(door, permit, made_of)
    became = [f"{one['resourceType']}/{one['id']}" for one in made_of if one["resourceType"] != "Task"]
    answered, concerns = await _answered(door, permit, message, about.patient)
    concerns += [ref for one in others for ref in named_by(one.resource()) if _is_about(one, about.patient)]
    if message.status == "C":
        concerns += [ref for one in earlier if one.id != answered for ref in named_by(one.resource())]
    for place, (to, settled) in states.items():
        state = settled
        unit = desk if _is_for_desk(to, state) else to.unit or {}
        receipt = answer(Kept(place, state, to, about))
        due = wish.due(Kept(place, state, to, about)) if wish.due else None
        if state == "refused" and receipt is None and due is None:
            state = "unplaced"  # Nobody can tell its sender: it would be lost in silence.
        patient = about.patient if to.unit and state != "refused" else ""
        of = tuple(dict.fromkeys((*became, *concerns))) if state == "received" else ()
        made = Made(message, place, state, unit, patient, receipt, now, of, answered if patient else "", unread, due)
        kept.append(Kept(place, state, to, about, unit["display"] if made.task else "", made.id, receipt))
        own = None if has_task and place == taken else made.task
        changes += [created(one) for one in (made.document, made.communication, own) if one]
    changes += await overtaken(door, permit, message, {one.state for one in kept}, earlier, became)
    return _Plan(kept, changes, assumed)


async def _answered(door: Door, permit: Permit, message: Incoming, patient: str) -> tuple[str, list[str]]:
    """The Communication that a message answers, and what that is about, if it is about the same patient."""
    if not message.answers or not patient:
        return "", []
    asked = [("identifier", f"{NUMBER}|{escaped(message.answers)}")]
    for one in await matches(door, permit, "Communication", asked):
        body = one.resource()
        if body.get("subject", {}).get("reference") == f"Patient/{patient}":
            about = (local(each.get("reference", "")) or "" for each in body.get("about", ()))
            return one.id, [ref for ref in about if ref.startswith(("ServiceRequest/", "Composition/"))]
    return "", []


def _is_about(one: Stored, patient: str) -> bool:
    return bool(patient) and one.resource().get("subject", {}).get("reference") == f"Patient/{patient}"


def _is_for_desk(to: Addressee, state: Received) -> bool:
    """Whether nobody else may see it: it is for no unit here, or none took it over."""
    return to.unit is None or state in ("refused", "unplaced")


def _state(message: Incoming, to: Addressee, about: Subject, earlier: Sequence[Stored]) -> Received:
    if to.fault == "elsewhere":
        return "unplaced"
    if message.fault or to.unit is None or (about.state == "too-little" and not message.is_urgent):
        return "refused"
    newer = later_than(message, earlier)
    if newer:
        return "cancelled" if RANKS["C"] in (rank for rank, _ in newer) else "superseded"
    if message.status == "C" and not earlier:
        return "parked"
    return "held" if about.state in ("held", "too-little") else "received"


async def retake(door: Door, permit: Permit, wish: Wish, now: datetime, ends: Sequence[Change]) -> Kept | None:
    """Take a message anew for the one of its receivers that `wish.message.again` names, in one transaction with what
    ends what was kept first (`ends`), once. None when there is still nobody here whom it is for, or it was done before.
    Raises what `record.change` raises."""
    try:
        return await _retake(door, permit, wish, now, ends)
    except (Invalid, Unprocessable, Erased) as error:
        _log.warning("what a message says is kept as words alone", extra={"why": type(error).__name__})
        return await _retake(door, permit, replace(wish, contents=_unread), now, ends)


async def _retake(door: Door, permit: Permit, wish: Wish, now: datetime, ends: Sequence[Change]) -> Kept | None:
    plan = await _planned(door, permit, wish, now)
    (kept,) = plan.kept
    if kept.addressee.unit is None:
        return None
    changes = [*plan.changes, *ends]
    stored = await change(door, permit, changes, claim=claim_of(wish.message), assumed=plan.assumed)
    return kept if stored else None


async def clash(door: Door, permit: Permit, message: Incoming, now: datetime) -> str:
    """Keep a message whose id stands for another one already, for a person to look at; who has it, "" when it is the
    same message once more."""
    first = (await resources(door, permit, [("DocumentReference", name_of(message, 0))])).get(
        f"DocumentReference/{name_of(message, 0)}"
    )
    digest = sha256(message.original.data).hexdigest()
    if first is None or _digest_of(first.resource()) == digest:
        return ""
    desk = await at_desk(door, permit)
    made = Made(replace(message, id=f"{message.id} {digest[:12]}"), 0, "clash", desk, "", None, now)
    claim = sha256(f"clash {whence(message)} {message.id} {digest}".encode()).digest()
    stored = await change(
        door, permit, [created(one) for one in (made.document, made.communication, made.task) if one], claim=claim
    )
    return str(desk["display"]) if stored else ""


def _digest_of(document: Resource) -> str:
    return sha256(base64.b64decode(document["content"][0]["attachment"]["data"])).hexdigest()


async def unsent(door: Door, permit: Permit, message: Incoming) -> list[tuple[str, bytes]]:
    """The receipts of a message that came before which nobody has said to be sent, by the name of its Communication."""
    places = range(max(len(message.receivers), 1))
    names = [name_of(one, place) for place in places for one in (message, replace(message, again=place))]
    found = await resources(door, permit, [("Communication", name) for name in names])
    due = {
        one.id: base64.b64decode(payload["contentAttachment"]["data"])
        for one in found.values()
        for payload in one.resource().get("payload", ())
        if payload.get("contentAttachment", {}).get("title") == RECEIPT
    }
    done = await remembered(door, [_sent(name) for name in due])
    return [(name, receipt) for name, receipt in due.items() if _sent(name) not in done]


async def sent(door: Door, names: Sequence[str]) -> None:
    """The receipts in these Communications are on their way."""
    await remember(door, [_sent(name) for name in names])


def _sent(name: str) -> bytes:
    return sha256(f"receipt sent {name}".encode()).digest()


async def at_desk(door: Door, permit: Permit) -> Resource:
    """The unit that sees to messages nobody else has: named by an identifier, or made when there is none."""
    found = await matches(door, permit, "Organization", [("identifier", f"{DESK}|messages")])
    if found:
        body = found[0].resource()
        return {"reference": found[0].reference, "display": body.get("name", "")}
    made = {
        "resourceType": "Organization",
        "id": "message-desk",
        "identifier": [{"system": DESK, "value": "messages"}],
        "active": True,
        "name": "Meldingssentralen",
    }
    await change(door, permit, [created(made)])
    return {"reference": "Organization/message-desk", "display": made["name"]}
