"""A citizen asks: the message and the work that it is for a team, stored in one transaction or not at all.

    ask(door, permit, asked, draft) -> str              the id of the message, which begins a conversation
    follow_up(door, permit, root, words, draft) -> str  one more in a conversation
    send(door, permit, wishes, draft) -> list[str]      several at once, each to a team that was found already
    conversation(door, permit, root) -> list            all of one, the oldest first

The draft ends in the same transaction: what is sent twice is stored once, and the second sender is told what it became
(`DraftEnded`). A question has an owner and a deadline from the first moment; what is written while it waits goes with
it, and its deadline stays. hl7.org/fhir/R4/communication.html, hl7.org/fhir/R4/task.html
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit, acting
from samjournal.conversations.files import File
from samjournal.conversations.kinds import UNIT, Kind, deadline, is_from_patient, kind_of, root_of
from samjournal.conversations.looks import ask_again
from samjournal.conversations.pace import demand_pace
from samjournal.conversations.saying import TOPIC, message_of, text_of
from samjournal.conversations.teams import Team, Unwritable, promised, team
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.fhir.keys import local
from samjournal.record import Change, Door, Ending, Stored, change, is_blocked, new_id, query_of, read, search
from samjournal.tasks import SYSTEM, written
from samjournal.tasks.doing import OPEN
from samjournal.tasks.saying import said

Resource = dict[str, Any]
TYPES: Final = ("Communication", "Task", "DocumentReference")
_AGAIN: Final = 3


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks of a unit (`Organization/7`): `about` are references to what it is about."""

    unit: str
    topic: str
    words: str
    kind: Kind = "question"
    about: tuple[Resource, ...] = ()
    files: tuple[File, ...] = ()
    labels: tuple[Resource, ...] = ()
    """Security labels of what it is about: the question is as reserved as that."""


async def ask(door: Door, permit: Permit, asked: Asked, draft: Ending) -> str:
    """Send it. Raises Invalid (no words), Unwritable, DraftEnded (sent already), DraftMoved, Forbidden."""
    return (await send(door, permit, [(asked, await team(door, permit, asked.unit))], draft))[0]


async def send(door: Door, permit: Permit, wishes: Sequence[tuple[Asked, Team]], draft: Ending) -> list[str]:
    """Send one or several to the teams that have them, all or none. Raises as `ask`."""
    _refuse_silent(permit)
    await demand_pace(door, permit, draft)
    now = datetime.now(UTC)
    messages: list[Resource] = []
    rest: list[Change] = []
    for asked, whom in wishes:
        words, topic = text_of(asked.words), " ".join(asked.topic.split())[:TOPIC]
        if not words:
            raise Invalid("Write the message.")
        if not topic:
            raise Invalid("Write what the message is about.")
        message = message_of(door, permit, whom.reference, asked.kind, topic, words, now)
        if asked.about:
            message["about"] = [dict(one) for one in asked.about]
        files = _documents(door, permit, asked.files, now)
        message["payload"] += [_attached(one) for one in files]
        messages.append(message)
        task = _task(door, permit, whom, asked.kind, message["id"], now)
        if asked.labels:
            message["meta"] = task["meta"] = {"security": [dict(one) for one in asked.labels]}
        rest += [*map(_made, files), Change.create(task)]
    await change(door, acting(permit, *TYPES), [*map(_made, messages), *rest], ending=draft)
    return [str(one["id"]) for one in messages]


async def follow_up(
    door: Door, permit: Permit, root: str, words: str, draft: Ending, *, files: tuple[File, ...] = ()
) -> str:
    """Write once more in a conversation: to who has it now. While a question waits the new words go with its Task,
    whose deadline stays; else they are a question of their own. Raises as `ask`, and NotFound, Conflict (it takes no
    answers)."""
    text = text_of(words)
    if not text:
        raise Invalid("Write the message.")
    for attempt in range(_AGAIN):
        try:
            return await _follow(door, permit, root, text, draft, files)
        except (
            VersionMoved
        ):  # Somebody answered, took it or handed it on at the same moment: it goes to who has it now.
            if attempt == _AGAIN - 1:
                raise
    raise AssertionError


async def _follow(door: Door, permit: Permit, root: str, text: str, draft: Ending, files: tuple[File, ...]) -> str:
    _refuse_silent(permit)
    await demand_pace(door, permit, draft)
    thread = await conversation(door, permit, root)
    first = thread[0]
    kind = kind_of(first) or "question"
    if kind == "told":
        raise Conflict("This message takes no answers.")
    if kind == "look":
        return await ask_again(door, permit, first, thread[-1]["id"], text, draft)
    now = datetime.now(UTC)
    waits = await _waiting(door, permit, thread)
    owner = _unit_of_thread(thread)
    if waits is not None:
        owner = await _asked_of(waits.resource(), owner)
    if owner is None:
        raise Unwritable("unknown")
    if await is_blocked(door, permit, owner["reference"]):
        raise Unwritable("blocked" if permit.decides else "silent")
    message = message_of(door, permit, owner, "question" if kind == "contact" else kind, "", text, now)
    message |= {"partOf": [_to(first["id"])], "inResponseTo": [_to(thread[-1]["id"])]}
    message.pop("topic")
    if first.get("topic"):
        message["topic"] = first["topic"]
    labels = (first.get("meta") or {}).get("security")
    reserved = {"meta": {"security": labels}} if labels else {}
    message |= reserved
    attached = _documents(door, permit, files, now)
    message["payload"] += [_attached(one) for one in attached]
    if waits is None:
        says = (await promised(door, [owner["reference"]])).get(owner["reference"])
        whom = Team(owner["reference"], str(owner.get("display") or ""), "", says.days if says else 5, "")
        work = Change.create({**_task(door, permit, whom, "question", message["id"], now), **reserved})
    else:
        # Whoever had opened it answers what he has not seen otherwise: the version that he saw stands no more.
        task = {name: value for name, value in waits.resource().items() if name != "meta"} | reserved
        task |= {"focus": _to(message["id"]), "lastModified": now.isoformat(timespec="milliseconds")}
        work = Change.update(task, if_match=waits.version)
    changes = [_made(message), *map(_made, attached), work]
    return (await change(door, acting(permit, *TYPES), changes, ending=draft))[0].id


async def conversation(door: Door, permit: Permit, root: str) -> list[Resource]:
    """The messages of a conversation, the oldest first. Raises NotFound, also for an id that begins none."""
    first = (await read(door, permit, "Communication", root)).resource()
    asked = query_of("Communication", [("part-of", f"Communication/{root}"), ("_count", "200"), ("_sort", "sent")])
    rest = [one.resource() for one in (await search(door, permit, asked)).matches]
    if kind_of(first) is None or root_of(first) != root:
        raise NotFound("There is no such conversation here.")
    return [first, *(one for one in rest if one.get("status") != "entered-in-error")]


async def _waiting(door: Door, permit: Permit, thread: Sequence[Resource]) -> Stored | None:
    """The Task by which a conversation waits for an answer."""
    ids = [f"Communication/{one['id']}" for one in thread if is_from_patient(one)]
    if not ids:
        return None
    asked = [("focus", ",".join(ids)), ("code", f"{SYSTEM}|answer"), ("_count", "50")]
    found = (await search(door, acting(permit, "Task"), query_of("Task", asked))).matches
    return next((one for one in found if one.resource().get("status") in OPEN), None)


async def _asked_of(task: Resource, otherwise: Resource | None) -> Resource | None:
    """The unit that has a Task: itself, or that beside the person who took it."""
    what = said(task)
    for reference, name in ((what.owner, what.owner_name), (what.also, what.also_name)):
        if reference.startswith("Organization/"):
            return {"reference": reference, **({"display": name} if name else {})}
    return otherwise


def _unit_of_thread(thread: Sequence[Resource]) -> Resource | None:
    """The unit that a conversation is with: whoever it was handed to last, else whom it was written to or by."""
    for one in reversed(thread):
        parties = one.get("recipient", ()) if is_from_patient(one) else [one.get("sender") or {}, *_from_unit(one)]
        for party in parties:
            if (local(str(party.get("reference") or "")) or "").startswith("Organization/"):
                return {name: value for name, value in party.items() if name in ("reference", "display")}
    return None


def _from_unit(message: Resource) -> list[Resource]:
    return [one["valueReference"] for one in message.get("extension", ()) if one.get("url") == UNIT]


def _task(door: Door, permit: Permit, whom: Team, kind: Kind, message: str, now: datetime) -> Resource:
    return written(
        kind="answer",
        patient=door.persons.stays(permit.patient or ""),
        owner=whom.reference,
        at=now,
        due=deadline(kind, whom.days, now),
        focus=f"Communication/{message}",
    )


def _documents(door: Door, permit: Permit, files: Sequence[File], now: datetime) -> list[Resource]:
    patient = {"reference": f"Patient/{door.persons.stays(permit.patient or '')}"}
    return [
        {
            "resourceType": "DocumentReference",
            "id": new_id(),
            "status": "current",
            "type": {"text": "Vedlegg til melding"},
            "subject": patient,
            "date": now.isoformat(timespec="milliseconds"),
            "author": [patient],
            "description": one.name,
            "content": [
                {
                    "attachment": {
                        "contentType": one.media,
                        "data": base64.b64encode(one.data).decode("ascii"),
                        "size": len(one.data),
                        "title": one.name,
                    }
                }
            ],
        }
        for one in files
    ]


def _attached(document: Resource) -> Resource:
    reference = {"reference": f"DocumentReference/{document['id']}", "display": document["description"]}
    return {"contentReference": reference}


def _made(resource: Resource) -> Change:
    return replace(Change.create(resource), id=resource["id"])


def _to(id_: str) -> Resource:
    return {"reference": f"Communication/{id_}"}


def _refuse_silent(permit: Permit) -> None:
    if not permit.sends:
        raise Forbidden("Messages are written by the patient, and by who acts for the patient at a level that may.")
