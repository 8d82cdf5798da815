"""A message whose patient was not found: a person says who it is, or that it cannot be taken over.

    held(door, permit, id) -> Held                      what waits, as whoever has it reads it
    match(door, permit, id, version, patient) -> Stored     it is about this patient: kept anew in his record
    refuse(door, permit, id, version, code) -> Stored       it goes back to its sender, with a code of 8221
    due(door, permit) -> list[Due]                      receipts that a person's decision made due
    answered(door, permit, due, receipt)                one of them is on its way
    unread(door, permit) -> list[Unread]                those whose patient was found, to become what they say
    become(door, permit, stored, message, …)            one of them does
    unanswerable(door, permit, due, now)                one of them can be sent nowhere

What lies under nobody is never moved under a patient: the message is kept anew there, and what was held says so. The
receipt is made by whoever writes receipts, from the message as it came. All of a decision is one transaction.
"""

from __future__ import annotations

import base64
import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Conflict, Erased, Forbidden, Invalid, NotFound, Unprocessable
from samjournal.messages.contents import Contents, Place, Unreadable, key_of, listed, placed
from samjournal.messages.incoming import AGAIN, Attached, Incoming
from samjournal.messages.making import DUE, ERRORS, RECEIPT, attachment, bare, created
from samjournal.messages.receiving import at_desk
from samjournal.messages.states import KIND, Received, is_internal, state_of, stating
from samjournal.messages.versions import earlier_of, later_than, overtaken
from samjournal.record import Change, Door, Stored, change, read
from samjournal.record.beside import matches, resources
from samjournal.tasks import written
from samjournal.tasks.doing import WAITING
from samjournal.tasks.kinds import DEADLINES

_log = logging.getLogger("samjournal.messages")
Resource = dict[str, Any]
REASONS: Final = ("E36", "E35", "E21", "X99")
"""Why a person refuses a message: too little told of the patient, nobody's patient here, another's, anything else."""
UNREAD: Final = "urn:samjournal:contents"
"""The system of an identifier that a message has until it has become what it says, after a person found its patient."""
_AT_ONCE = timedelta(hours=2)
_TYPES = ("Communication", "DocumentReference", "Task", "Patient")


@dataclass(frozen=True, slots=True)
class Held:
    """A message that waits: `version` is of its Communication; `about` heads it, `text` is what a person reads."""

    id: str
    version: int
    about: str
    sender: str
    sent: str
    text: str
    unit: Resource


@dataclass(frozen=True, slots=True)
class Unread:
    """A message whose patient a person found: its name when it came, as it came, and its Communication now."""

    name: str
    original: bytes
    stored: Stored


@dataclass(frozen=True, slots=True)
class Due:
    """A receipt that is due: of which Communication, for which of the message's receivers (its name when it came), with
    which errors (none: it was taken over), and the message as it came."""

    id: str
    version: int
    name: str
    errors: tuple[str, ...]
    original: bytes


async def held(door: Door, permit: Permit, id_: str) -> Held:
    """What waits. Raises NotFound, and Conflict when nobody waits for it any longer."""
    stored = await read(door, permit, "Communication", id_)
    body = stored.resource()
    if not any(one.get("system") == KIND for each in body.get("category", ()) for one in each.get("coding", ())):
        raise NotFound("That is no message from elsewhere.")
    if state_of(body) != "held":
        raise Conflict("Somebody has seen to this message already.")
    text = next((one["contentString"] for one in body.get("payload", ()) if "contentString" in one), "")
    return Held(
        id=id_,
        version=stored.version,
        about=body.get("topic", {}).get("text", ""),
        sender=body.get("sender", {}).get("display", ""),
        sent=body.get("sent", ""),
        text=text,
        unit=body["recipient"][0],
    )


async def match(door: Door, permit: Permit, id_: str, version: int, patient: str) -> Stored:
    """It is about this patient. Raises NotFound (no such patient), Conflict (seen to already, or a merged record),
    Forbidden, VersionMoved."""
    rights = _rights(permit)
    waiting = await held(door, permit, id_)
    known = (await read(door, rights, "Patient", patient)).resource()
    if any(one.get("type") == "replaced-by" for one in known.get("link", ())):
        raise Conflict("That record was merged into another. Choose the one that stands.")
    before = (await read(door, rights, "Communication", id_)).resource()
    document = (await read(door, rights, "DocumentReference", id_)).resource()
    now, anew = datetime.now(UTC), f"{id_}-p"
    subject = {"reference": f"Patient/{patient}"}
    payload = [
        {"contentReference": {"reference": f"DocumentReference/{anew}"}} if "contentReference" in one else one
        for one in before["payload"]
    ]
    task = written(
        kind="do",
        patient=patient,
        owner=waiting.unit,
        at=now,
        due=now + DEADLINES["do"],
        words=f"{waiting.about} fra {waiting.sender}",
        focus=f"Communication/{anew}",
        urgent=before.get("priority") == "urgent",
    )
    kept = {**bare(before), **stating("received"), "id": anew, "subject": subject, "payload": payload}
    kept["identifier"] = [*before["identifier"], *_to_answer(before), {"system": UNREAD, "value": "due"}]
    changes = [
        created({**bare(document), "id": anew, "subject": subject}),
        created(kept),
        created({**task, "id": anew}),
        Change.update({**bare(document), "status": "superseded"}),
        *await _ended(door, rights, before, "matched", version),
    ]
    return (await change(door, rights, changes, action="match-message"))[1]


async def refuse(door: Door, permit: Permit, id_: str, version: int, code: str) -> Stored:
    """It cannot be taken over, and its sender is told why. Raises as `match`, and Invalid for another code."""
    if code not in REASONS:
        raise Invalid(f"A message is refused for one of {', '.join(REASONS)}.")
    rights = _rights(permit)
    waiting = await held(door, permit, id_)
    before = (await read(door, rights, "Communication", id_)).resource()
    changes = await _ended(door, rights, before, "refused", version, code)
    if not _to_answer(before):
        changes.append(_to_tell(waiting))
    return (await change(door, rights, changes, action="refuse-message"))[0]


def _rights(permit: Permit) -> Permit:
    if not permit.may("u", "Communication"):
        raise Forbidden(f"The role {permit.role} does not see to messages.")
    return keeping(permit, *_TYPES)


def _to_answer(held_: Resource) -> list[Resource]:
    """That a receipt is due, unless there is one, or another message with its id had: the first is final. HISD 1168"""
    titles = [one.get("contentAttachment", {}).get("title") for one in held_.get("payload", ())]
    return [] if RECEIPT in titles or is_internal(held_) else [{"system": DUE, "value": "due"}]


def _to_tell(of: Held) -> Change:
    """Its sender was told that it was taken over, and hears nothing else by himself."""
    now = datetime.now(UTC)
    words = f"Ring {of.sender}: {of.about} er kvittert som mottatt, men ble avvist etterpå"
    made = written(
        kind="do",
        patient="",
        owner=of.unit,
        at=now,
        due=now + _AT_ONCE,
        words=words,
        focus=f"Communication/{of.id}",
        urgent=True,
    )
    return Change.create(made)


async def _ended(
    door: Door, rights: Permit, before: Resource, state: Received, version: int, code: str = ""
) -> list[Change]:
    """The held message and the Task on it, as they are when it is seen to."""
    body = {**bare(before), **stating(state)}
    if code:
        body["statusReason"]["coding"].append({"system": ERRORS, "code": code})
        body["identifier"] = [*before["identifier"], *_to_answer(before)]
    task = await read(door, rights, "Task", before["id"])
    done = {**bare(task.resource()), "status": "completed", "lastModified": datetime.now(UTC).isoformat()}
    return [Change.update(body, if_match=version), Change.update(done, if_match=task.version)]


async def due(door: Door, permit: Permit) -> list[Due]:
    """Receipts that are due, some hundred at most. For jobs."""
    found = await matches(door, permit, "Communication", [("identifier", f"{DUE}|due")])
    documents = await resources(door, permit, [("DocumentReference", one.id) for one in found])
    listed = []
    for one in found:
        body, document = one.resource(), documents.get(f"DocumentReference/{one.id}")
        if document is None:
            continue
        data = document.resource()["content"][0]["attachment"]["data"]
        errors = tuple(
            each["code"] for each in body.get("statusReason", {}).get("coding", ()) if each.get("system") == ERRORS
        )
        listed.append(Due(one.id, one.version, _name(one.id), errors, base64.b64decode(data)))
    return listed


def _name(id_: str) -> str:
    """The name that a message had when it came."""
    return id_.removesuffix("-p").removesuffix(AGAIN)


async def unread(door: Door, permit: Permit) -> list[Unread]:
    """Messages whose patient a person found, and which have not become what they say yet. For jobs."""
    found = await matches(door, permit, "Communication", [("identifier", f"{UNREAD}|due")])
    documents = await resources(door, permit, [("DocumentReference", one.id) for one in found])
    listed = []
    for one in found:
        document = documents.get(f"DocumentReference/{one.id}")
        if document is not None:
            data = document.resource()["content"][0]["attachment"]["data"]
            listed.append(Unread(_name(one.id), base64.b64decode(data), one))
    return listed


async def become(door: Door, permit: Permit, one: Stored, message: Incoming, receiver: int, contents: Contents) -> None:
    """What a message says whose patient a person found becomes part of his record, as if it had been known at once:
    versions that came before it end, and it says nothing when a later one is here. Raises Conflict, VersionMoved."""
    try:
        await _become(door, permit, one, message, receiver, contents)
    except (Invalid, Unprocessable, Erased, Unreadable) as error:
        _log.warning("what a message says is kept as words alone", extra={"why": type(error).__name__})
        await _become(door, permit, one, message, receiver, lambda _: ())


async def _become(
    door: Door, permit: Permit, one: Stored, message: Incoming, receiver: int, contents: Contents
) -> None:
    body = bare(one.resource())
    patient = body["subject"]["reference"].removeprefix("Patient/")
    found, assumed = await earlier_of(door, permit, message)
    earlier = [each for each in found if each.id != one.id]
    body["identifier"] = [each for each in body["identifier"] if each.get("system") != UNREAD]
    place = Place(one.id, patient, body["recipient"][0], receiver, key_of(message, patient))
    is_newest = not later_than(message, earlier)
    made = [*contents(place)] if is_newest and message.status != "C" else []
    made, has_task = await listed(door, permit, made)
    became = [f"{each['resourceType']}/{each['id']}" for each in made if each["resourceType"] != "Task"]
    if became:
        body["about"] = [*body.get("about", ()), *({"reference": each} for each in became)]
    changes = [Change.update(body, if_match=one.version), *await placed(door, permit, made)]
    if is_newest:
        changes += await overtaken(door, permit, message, {"received"}, earlier, became)
    if has_task:
        changes += await _let_go(door, permit, one)
    await change(door, permit, changes, assumed=assumed)


async def _let_go(door: Door, permit: Permit, one: Stored) -> list[Change]:
    """The message waits no more by itself: what it says is on a list of its own."""
    found = await matches(door, permit, "Task", [("focus", one.reference), ("status", WAITING)])
    words = {"statusReason": {"text": "Det som står i meldingen, har sin egen oppgave"}}
    return [
        Change.update({**bare(task.resource()), "status": "cancelled", **words}, if_match=task.version)
        for task in found
    ]


async def answered(door: Door, permit: Permit, of: Due, receipt: bytes) -> None:
    """A receipt is on its way: it is kept with the message. Raises VersionMoved."""
    stored = (await resources(door, permit, [("Communication", of.id)]))[f"Communication/{of.id}"]
    body = bare(stored.resource())
    body["identifier"] = [one for one in body["identifier"] if one.get("system") != DUE]
    kept = attachment(Attached("application/xml", RECEIPT, receipt))
    body["payload"] = [*body["payload"], {"contentAttachment": kept}]
    await change(door, permit, [Change.update(body, if_match=of.version)])


async def for_desk(door: Door, permit: Permit, words: str, key: str, now: datetime, focus: str = "") -> int:
    """Something that nobody else can see to, once for each `key`; how many Tasks were made."""
    desk = await at_desk(door, permit)
    task = written(
        kind="do", patient="", owner=desk, at=now, due=now + DEADLINES["deliver"], words=words[:500], focus=focus
    )
    claim = sha256(f"for the desk {key}".encode()).digest()
    return len(await change(door, permit, [Change.create(task)], claim=claim))


async def unanswerable(door: Door, permit: Permit, of: Due, now: datetime) -> int:
    """A receipt that can be sent nowhere, as its sender has no address here: the desk sees to it, once. How many."""
    words = "Kvittering kan ikke sendes: avsenderen har ingen adresse her"
    return await for_desk(door, permit, words, f"receipt {of.id}", now, f"DocumentReference/{of.id}")
