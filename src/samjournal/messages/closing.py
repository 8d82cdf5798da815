"""A message that did not arrive, as a person sees to it: sent again, to another, on paper, or told by phone.

    undelivered(door, permit, id) -> Undelivered            what it is, and why it did not arrive
    resend(door, permit, id, version)                       the same again; a refused one under a new MsgId
    other_receiver(door, permit, id, version, receiver)     to another who takes messages of the kind
    by_paper, by_phone(door, permit, id, version, words)    how, when and to whom, in words

Nothing else ends the work. Each is one change with its Task; all raise what `record.change` raises, Conflict when
somebody has seen to it already, Invalid for too few words.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Conflict, Invalid
from samjournal.fhir.keys import local
from samjournal.fhir.parsing import compact_of
from samjournal.messages.making import bare
from samjournal.messages.outgoing import Outgoing, endpoint_of, kind_of, sending, signer_of, stepped, steps_of
from samjournal.messages.receivers import Receiver
from samjournal.messages.states import DOCUMENT, FAILED, TEXTS, VERSION, Sent, state_of
from samjournal.record import Change, Door, Stored, change, query_of, read, search
from samjournal.tasks import SYSTEM, himself
from samjournal.tasks.doing import WAITING

Resource = dict[str, Any]
_SHORTEST = 3
_LONGEST = 500
_TAKEN_BACK = frozenset({"revoked", "entered-in-error"})


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A message that did not arrive: `kind` its code of 8279 and name; `why` in words, "" for none; `steps` what it
    came to, with the times; `text` what a person reads."""

    id: str
    version: int
    state: str
    kind: tuple[str, str]
    about: str
    patient: str
    receiver: str
    why: str
    text: str
    steps: tuple[tuple[str, datetime], ...]


async def undelivered(door: Door, permit: Permit, id_: str) -> Undelivered:
    """Raises NotFound, and Conflict for one that needs nobody."""
    stored = await read(door, permit, "Communication", id_)
    body = stored.resource()
    if state_of(body) not in FAILED:
        raise Conflict("Somebody has seen to this message already, or it arrived after all.")
    return Undelivered(
        id=id_,
        version=stored.version,
        state=state_of(body),
        kind=kind_of(body),
        about=next((one["reference"] for one in body.get("about", ()) if "reference" in one), ""),
        patient=_patient(body),
        receiver=body["recipient"][0].get("display", ""),
        why=body.get("statusReason", {}).get("text", ""),
        text=next((one["contentString"] for one in body.get("payload", ()) if "contentString" in one), ""),
        steps=tuple(steps_of(body)),
    )


async def resend(door: Door, permit: Permit, id_: str, version: int) -> Stored:
    """The same message again. What the receiver may have got after all keeps its MsgId, so that he takes it once; what
    he refused gets a new one."""
    body = await _to_send(door, permit, id_)
    now = datetime.now(UTC)
    if state_of(body) == "rejected":
        return await _anew(door, permit, body, version, "resent", _again(body, permit), now)
    state: Sent = "queued" if any("contentReference" in one for one in body["payload"]) else "signed"
    said = {**stepped(body, state, now), "sent": now.isoformat(timespec="milliseconds")}
    return await _done(door, permit, said, version, TEXTS["resent"], [], now)


async def other_receiver(door: Door, permit: Permit, id_: str, version: int, receiver: Receiver) -> Stored:
    """To another. Raises Conflict when he takes no such messages."""
    if receiver.why or receiver.way == "shared":
        raise Conflict("This receiver takes no such messages now.")
    body = await _to_send(door, permit, id_)
    again = replace(_again(body, permit), receiver=receiver.organisation, endpoint=receiver.endpoint)
    return await _anew(door, permit, body, version, "other-receiver", again, datetime.now(UTC))


async def by_paper(door: Door, permit: Permit, id_: str, version: int, words: str) -> Stored:
    """It went on paper: how, when and to whom, in words."""
    return await _otherwise(door, permit, id_, version, "paper", words)


async def by_phone(door: Door, permit: Permit, id_: str, version: int, words: str) -> Stored:
    """It was told by phone: when and to whom, in words."""
    return await _otherwise(door, permit, id_, version, "phone", words)


async def _otherwise(door: Door, permit: Permit, id_: str, version: int, state: Sent, words: str) -> Stored:
    text = " ".join(words.split())
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise Invalid("Write to whom it went, and when.")
    body, now = await _failed(door, permit, id_), datetime.now(UTC)
    said = stepped(body, state, now)
    said["note"] = [*said.get("note", ()), _note(permit, text, now)]
    return await _done(door, permit, said, version, text, [], now)


async def _failed(door: Door, permit: Permit, id_: str) -> Resource:
    body = (await read(door, permit, "Communication", id_)).resource()
    if state_of(body) not in FAILED:
        raise Conflict("Somebody has seen to this message already, or it arrived after all.")
    return body


async def _to_send(door: Door, permit: Permit, id_: str) -> Resource:
    """One that did not arrive and still has something to say: a referral that was taken back, or a note that is an
    error, goes to nobody any longer, except for that it was."""
    body = await _failed(door, permit, id_)
    codes = {one.get("code") for each in body.get("category", ()) for one in each.get("coding", ())}
    named = [local(one.get("reference", "")) or "" for one in body.get("about", ())]
    if "C" in codes or kind_of(body)[0].partition("_")[0] not in ("HENVISNING", "EPIKRISE"):
        return body
    for type_, _, of in (one.partition("/") for one in named if one.startswith(("ServiceRequest/", "Composition/"))):
        if (await read(door, permit, type_, of)).resource()["status"] in _TAKEN_BACK:
            raise Conflict("What it says was taken back: it is not sent. Write whom you told, and how.")
    return body


def _again(body: Resource, permit: Permit) -> Outgoing:
    """The message anew, under ids of its own, from whoever sends it now."""
    document = next((one["value"] for one in body.get("identifier", ()) if one.get("system") == DOCUMENT), "")
    answers = next((one["identifier"]["value"] for one in body.get("inResponseTo", ()) if "identifier" in one), "")
    codes = [one for each in body.get("category", ()) for one in each.get("coding", ())]
    return Outgoing(
        kind=kind_of(body),
        about=next((one["reference"] for one in body.get("about", ()) if "reference" in one), ""),
        patient=_patient(body),
        sender=body["sender"],
        by=himself(permit),
        signer=signer_of(body),
        receiver=body["recipient"][0],
        endpoint=endpoint_of(body),
        document=document,
        text=next((one["contentString"] for one in body.get("payload", ()) if "contentString" in one), ""),
        status=next((one["code"] for one in codes if one.get("system") == VERSION), "N"),
        answers=answers,
        is_urgent=body.get("priority") == "urgent",
    )


async def _anew(
    door: Door, permit: Permit, body: Resource, version: int, state: Sent, again: Outgoing, now: datetime
) -> Stored:
    said = stepped(body, state, now)
    more = [_labelled(one, body) for one in sending(again, now)]
    return await _done(door, permit, said, version, TEXTS[state], more, now)


def _labelled(one: Change, body: Resource) -> Change:
    """Of a message that some alone may read, what goes instead is theirs alone too."""
    labels = body.get("meta", {}).get("security")
    if not labels or one.resource is None:
        return one
    made = {**one.resource, "meta": {"security": labels}}
    return replace(one, resource=made, compact=compact_of(made))


async def _done(
    door: Door, permit: Permit, said: Resource, version: int, words: str, more: list[Change], now: datetime
) -> Stored:
    """The message as it is now, its Task done, and what comes instead."""
    asked = [("focus", f"Communication/{said['id']}"), ("code", f"{SYSTEM}|deliver"), ("status", WAITING)]
    page = await search(door, permit, query_of("Task", asked))
    ended = []
    for task in page.matches:
        done = {**bare(task.resource()), "status": "completed", "lastModified": now.isoformat(timespec="milliseconds")}
        done["note"] = [*done.get("note", ()), _note(permit, words, now)]
        ended.append(Change.update(done, if_match=task.version))
    changes = [Change.update(said, if_match=version), *ended, *more]
    is_reserved = bool(said.get("meta", {}).get("security"))
    by = acting(permit, "Communication", "Task") if is_reserved else permit
    return (await change(door, by, changes, action="see-to-message"))[0]


def _note(permit: Permit, words: str, now: datetime) -> Resource:
    author = {"reference": f"Practitioner/{permit.practitioner}", "display": permit.name}
    return {"authorReference": author, "time": now.isoformat(timespec="milliseconds"), "text": words}


def _patient(body: Resource) -> str:
    return (local(body.get("subject", {}).get("reference", "")) or "").removeprefix("Patient/")
