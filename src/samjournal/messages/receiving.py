"""A message that came, taken into the record: who has it, about whom it is, and until when it must be seen to.

    receive(door, permit, message, now, answer) -> list[Kept]   one for each receiver; [] when it came before
    unsent(door, permit, message) -> list[tuple[str, bytes]]    its receipts that nobody has said to be sent
    sent(door, names)                                           they are

All of one message is stored in one transaction with its claim, so it is there wholly or not, and once. What is stored
of it: a DocumentReference with the bytes as they came, a Communication that says what a person reads and where the
message stands, with the receipt that is due, and a Task on whom it waits. Whoever carries receipts says when one is
on its way; until then it is given again each time the message comes again.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.identifiers import HER
from samjournal.fhir.parsing import compact_of
from samjournal.messages.addressing import Addressee, Level, addressee
from samjournal.messages.states import DESK, DOCUMENT, KIND, NUMBER, TEXTS, VERSION, Received, state_of, stating
from samjournal.messages.subjects import Said, Subject, subject
from samjournal.record import Change, Condition, Door, Stored, change, is_done, remember, remembered
from samjournal.record.beside import matches, resources
from samjournal.tasks import written
from samjournal.tasks.kinds import DEADLINES, Kind

Resource = dict[str, Any]
ANSWERED_WITHIN: Final = timedelta(hours=96)
"""A sender who has heard nothing so long after GenDate counts his message as not delivered. HISD 1168"""
_MARGIN = timedelta(hours=24)
"""So long before that a person must have found the patient."""
_ASKING = frozenset({"DIALOG_FORESPORSEL", "DIALOG_HELSEFAGLIG"})
_URGENT = timedelta(hours=2)
_NEW = Condition(none_match=frozenset({"*"}))
RECEIPT: Final = "Kvittering"
_XML = "application/xml"
_OPEN = "requested,received,accepted,ready,in-progress,on-hold"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along, or the message itself."""

    mime: str
    title: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as plain values. `kind` is its code of 8279 with its name; `made` is when it was written; `receivers`
    are addresses, and whether each gets a copy; `document` is what its versions have in common, `answers` the MsgId
    that it answers; `status` N, M, C or A; `about` a heading for a list, `text` all that a person reads. `is_old`: from
    before there were HER-ids; `fault`: it cannot be taken over, and the sender is told."""

    id: str
    kind: tuple[str, str]
    made: datetime
    sender: tuple[Level, ...]
    receivers: tuple[tuple[tuple[Level, ...], bool], ...]
    patient: Said | None
    document: str
    answers: str
    status: str
    about: str
    text: str
    original: Attached
    files: tuple[Attached, ...] = ()
    is_old: bool = False
    is_urgent: bool = False
    fault: bool = False


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
    return await is_done(door, _claim(message))


async def receive(door: Door, permit: Permit, message: Incoming, now: datetime, answer: Answer) -> list[Kept]:
    """Keep a message, and what `answer` says to it. Raises what `record.change` raises; nothing is kept then."""
    about = await subject(door, permit, message.patient)
    meant = [await addressee(door, permit, levels, old=message.is_old) for levels, _ in message.receivers]
    earlier = await _earlier(door, permit, message)
    states = [(to, _state(message, to, about, earlier)) for to in meant or [Addressee(None, "elsewhere")]]
    desk = await at_desk(door, permit) if any(_is_for_desk(to, state) for to, state in states) else {}
    kept: list[Kept] = []
    changes: list[Change] = []
    for place, (to, state) in enumerate(states):
        unit = desk if _is_for_desk(to, state) else to.unit or {}
        receipt = answer(Kept(place, state, to, about))
        patient = about.patient if to.unit and state != "refused" else ""
        made = _Made(message, place, state, unit, patient, receipt, now)
        kept.append(Kept(place, state, to, about, unit["display"] if made.task else "", made.id, receipt))
        changes += [_new(one) for one in (made.document, made.communication, made.task) if one]
    changes += await _overtaken(door, permit, message, kept, earlier)
    return kept if await change(door, permit, changes, claim=_claim(message)) else []


def _is_for_desk(to: Addressee, state: Received) -> bool:
    """Whether nobody else may see it: it is for no unit here, or none took it over."""
    return to.unit is None or state in ("refused", "unplaced")


def _state(message: Incoming, to: Addressee, about: Subject, earlier: Sequence[Stored]) -> Received:
    if to.fault == "elsewhere":
        return "unplaced"
    if message.fault or to.unit is None or (about.state == "too-little" and not message.is_urgent):
        return "refused"
    newer = [version for version in map(_version, earlier) if version > _rank(message.status, message.made)]
    if newer:
        return "cancelled" if _RANKS["C"] in (rank for rank, _ in newer) else "superseded"
    if message.status == "C" and not earlier:
        return "parked"
    return "held" if about.state in ("held", "too-little") else "received"


_RANKS: Final = {"N": 0, "M": 1, "A": 1, "C": 2}


def _rank(status: str, made: datetime) -> tuple[int, datetime]:
    """The order of the versions of one document: the new one, its changes as they were made, the cancellation."""
    return _RANKS.get(status, 0), made


def _version(stored: Stored) -> tuple[int, datetime]:
    body = stored.resource()
    coded = (one for each in body.get("category", ()) for one in each.get("coding", ()))
    status = next((one["code"] for one in coded if one.get("system") == VERSION), "N")
    return _rank(status, datetime.fromisoformat(body["sent"]))


def _new(resource: Resource) -> Change:
    return Change("update", resource["resourceType"], resource["id"], resource, compact_of(resource), _NEW)


@dataclass(frozen=True, slots=True)
class _Made:
    """What is stored of a message for one of its receivers."""

    message: Incoming
    place: int
    state: Received
    unit: Resource
    patient: str
    receipt: bytes | None
    now: datetime

    @property
    def id(self) -> str:
        return name_of(self.message, self.place)

    @property
    def _about(self) -> Resource:
        return {"subject": {"reference": f"Patient/{self.patient}"}} if self.patient else {}

    @property
    def _kind(self) -> Resource:
        return _coded(KIND, *self.message.kind)

    @property
    def _sender(self) -> Resource:
        number = _sender_number(self.message)
        identifier = {"identifier": {"system": HER, "value": number}} if number else {}
        return {"display": sender_of(self.message), **identifier}

    @property
    def document(self) -> Resource:
        """The message as it came, byte for byte, and the files in it."""
        message = self.message
        attachments = [message.original, *message.files]
        return {
            "resourceType": "DocumentReference",
            "id": self.id,
            "masterIdentifier": {"system": NUMBER, "value": message.id or self.id},
            "status": "current" if self.state in ("received", "held", "parked") else "superseded",
            "type": self._kind,
            **self._about,
            "date": _instant(self.now),
            "author": [self._sender],
            "custodian": self.unit,
            "description": message.about,
            "content": [{"attachment": attachment(one)} for one in attachments],
        }

    @property
    def communication(self) -> Resource:
        """What a person reads, and where the message stands."""
        message = self.message
        numbers = ((NUMBER, message.id), (DOCUMENT, message.document))
        answers = {"system": NUMBER, "value": message.answers}
        return {
            "resourceType": "Communication",
            "id": self.id,
            "identifier": [{"system": system, "value": value} for system, value in numbers if value],
            **({"inResponseTo": [{"identifier": answers}]} if message.answers else {}),
            **stating(self.state),
            "category": [self._kind, *([_coded(VERSION, message.status)] if message.status else [])],
            "priority": "urgent" if message.is_urgent else "routine",
            **self._about,
            "topic": {"text": message.about},
            "sent": _instant(message.made),
            "received": _instant(self.now),
            "recipient": [self.unit],
            "sender": self._sender,
            "payload": [
                {"contentString": message.text or message.about},
                {"contentReference": {"reference": f"DocumentReference/{self.id}"}},
                *([{"contentAttachment": attachment(Attached(_XML, RECEIPT, self.receipt))}] if self.receipt else []),
            ],
        }

    @property
    def task(self) -> Resource | None:
        """On whom it waits; None where nothing is left to do here."""
        words = _words(self.message, self.state)
        if words is None:
            return None
        kind: Kind = "answer" if self.message.kind[0] in _ASKING and self.state == "received" else "do"
        made = written(
            kind=kind,
            patient=self.patient,
            owner=self.unit,
            at=self.now,
            due=self._due(kind),
            words=words,
            focus=f"Communication/{self.id}",
            urgent=self.message.is_urgent,
        )
        return {**made, "id": self.id}

    def _due(self, kind: Kind) -> datetime:
        if self.message.is_urgent:
            return self.now + _URGENT
        if self.state == "held":
            return max(min(self.message.made + ANSWERED_WITHIN - _MARGIN, self.now + _MARGIN), self.now + _URGENT)
        return self.now + DEADLINES[kind]


def _words(message: Incoming, state: Received) -> str | None:
    """What is to be done with a message, in the words of a list."""
    said = f"{message.about} fra {sender_of(message)}"
    match state:
        case "received" if message.status == "C":
            return f"Kansellert av avsender: {said}"
        case "received":
            return f"{'Endret av avsender: ' if message.status == 'M' else ''}{said}"
        case "held":
            return f"Finn pasienten: {said}"
        case "parked":
            return f"Kansellerer noe som ikke er kommet: {said}"
        case "clash":
            return f"Har samme id som en annen melding: {said}"
        case "unplaced":
            return f"Til ingen som er kjent her: {said}"
        case _:
            return None


def sender_of(message: Incoming) -> str:
    """Who sent a message, as a person says it."""
    names = [level.name for level in message.sender if level.name]
    return ", ".join(dict.fromkeys(reversed(names))) or "ukjent avsender"


_TAKEN = frozenset({"received", "held", "parked", "superseded", "cancelled"})


async def _earlier(door: Door, permit: Permit, message: Incoming) -> list[Stored]:
    """Other versions of the same document of the same sender, which came before this one."""
    if not message.document:
        return []
    asked = [("identifier", f"{DOCUMENT}|{message.document}")]
    found = await matches(door, permit, "Communication", asked)
    return [one for one in found if state_of(one.resource()) in _TAKEN and _is_of(one.resource(), message)]


def _is_of(communication: Resource, message: Incoming) -> bool:
    """Whether two versions come from the same organisation: nobody cancels what others sent."""
    extension = communication.get("sender", {}).get("identifier", {})
    return not extension or not message.sender or extension.get("value") == _sender_number(message)


async def _overtaken(
    door: Door, permit: Permit, message: Incoming, kept: Sequence[Kept], earlier: Sequence[Stored]
) -> list[Change]:
    """What the other versions become by this one: it ends those before it, and settles a cancellation that waited."""
    states = {one.state for one in kept}
    if "cancelled" in states:
        return await _closing(door, permit, [one for one in earlier if _state_is(one, "parked")], "cancelled")
    if message.status and "received" in states:
        open_ = [one for one in earlier if state_of(one.resource()) in ("received", "held")]
        return await _closing(door, permit, open_, "cancelled" if message.status == "C" else "superseded")
    return []


def _state_is(stored: Stored, state: Received) -> bool:
    return state_of(stored.resource()) == state


async def _closing(door: Door, permit: Permit, earlier: Sequence[Stored], state: Received) -> list[Change]:
    """What waits of earlier versions goes, since the newest says all of it."""
    changes: list[Change] = []
    for one in earlier:
        body = {name: value for name, value in one.resource().items() if name != "meta"}
        changes.append(Change.update({**body, **stating(state)}, if_match=one.version))
        asked = [("focus", one.reference), ("status", _OPEN)]
        for task in await matches(door, permit, "Task", asked):
            done = {name: value for name, value in task.resource().items() if name != "meta"}
            reason = {"statusReason": {"text": TEXTS[state]}}
            changes.append(Change.update({**done, "status": "cancelled", **reason}, if_match=task.version))
    return changes


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
    made = _Made(replace(message, id=f"{message.id} {digest[:12]}"), 0, "clash", desk, "", None, now)
    claim = sha256(f"clash {_whence(message)} {message.id} {digest}".encode()).digest()
    stored = await change(
        door, permit, [_new(one) for one in (made.document, made.communication, made.task) if one], claim=claim
    )
    return str(desk["display"]) if stored else ""


def _digest_of(document: Resource) -> str:
    return sha256(base64.b64decode(document["content"][0]["attachment"]["data"])).hexdigest()


async def unsent(door: Door, permit: Permit, message: Incoming) -> list[tuple[str, bytes]]:
    """The receipts of a message that came before which nobody has said to be sent, by the name of its Communication."""
    names = [name_of(message, place) for place in range(max(len(message.receivers), 1))]
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
    await change(door, permit, [_new(made)])
    return {"reference": "Organization/message-desk", "display": made["name"]}


def _sender_number(message: Incoming) -> str:
    """The HER-id of the organisation that sent a message."""
    return message.sender[0].number("HER") if message.sender else ""


def _coded(system: str, code: str, name: str = "") -> Resource:
    if not code:
        return {"text": name or "Ukjent"}
    return {"coding": [{"system": system, "code": code, **({"display": name} if name else {})}]}


def attachment(one: Attached) -> Resource:
    """A file as an Attachment."""
    return {"contentType": one.mime, "title": one.title, "data": base64.b64encode(one.data).decode()}


def _whence(message: Incoming) -> str:
    """The sender, as far as a message says it: two senders may use the same MsgId by mistake."""
    return " ".join(level.number("HER") or level.number("ENH") for level in message.sender)


def name_of(message: Incoming, place: int) -> str:
    """The id of what is kept of a message for one of its receivers."""
    digest = sha256(f"{_whence(message)} {message.id} {place}".encode()).hexdigest()
    return f"message-{digest[:32]}"


def _claim(message: Incoming) -> bytes:
    return sha256(f"message {_whence(message)} {message.id}".encode()).digest()


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
