"""What came and nobody here has: for nobody who was known, or under the id of another message. It is taken anew from
the bytes as they came when a person says so, and what lies there only says so: nothing is moved.

    stopped(door, permit, id) -> Stopped            what the desk looks at
    retry(door, permit, id, version) -> Stored      take it anew, by the next round of the job
    put_away(door, permit, id, version, words)      nothing comes of it, and why
    to_retake(door, permit) -> list[Retaking]       for the job: what somebody said so of
    ending(door, permit, one) -> list[Change]       what is kept already, when it is taken anew
    remains(door, permit, one)                      there is still nobody whom it is for
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Conflict, Forbidden, Invalid
from samjournal.messages.making import bare
from samjournal.messages.outgoing import kind_of, number_of
from samjournal.messages.states import Received, is_internal, state_of, stating
from samjournal.record import Change, Door, Stored, change, read
from samjournal.record.beside import matches, resources
from samjournal.tasks.doing import OPEN

Resource = dict[str, Any]
RETAKING: Final = "urn:samjournal:retaking"
"""The system of an identifier that a message has from when somebody said to take it anew until that was tried."""
STOPPED: Final[frozenset[str]] = frozenset({"unplaced", "clash"})
_SHORTEST, _LONGEST = 5, 600


@dataclass(frozen=True, slots=True)
class Stopped:
    """A message that nobody has: `state` is `unplaced` or `clash`, `waits` that it is to be taken anew already."""

    id: str
    version: int
    state: str
    about: str
    sender: str
    sent: str
    text: str
    waits: bool


@dataclass(frozen=True, slots=True)
class Retaking:
    """One to be taken anew: its Communication, its number here, and the message as it came; `answers`: its sender has
    had no receipt for its id."""

    stored: Stored
    number: str
    original: bytes
    answers: bool


def can_be_retaken(communication: Resource) -> bool:
    """Whether taking it anew can come to anything: it is for nobody here, and no receipt."""
    return state_of(communication) == "unplaced" and kind_of(communication)[0] != "APPREC"


async def stopped(door: Door, permit: Permit, id_: str) -> Stopped:
    """What nobody has, for who may read it. Raises what `read` raises, and Conflict when somebody saw to it."""
    stored = await read(door, permit, "Communication", id_)
    body = stored.resource()
    if state_of(body) not in STOPPED:
        raise Conflict("Somebody has seen to this message already.")
    return Stopped(
        id=id_,
        version=stored.version,
        state=state_of(body),
        about=body.get("topic", {}).get("text", ""),
        sender=body.get("sender", {}).get("display", ""),
        sent=body.get("sent", ""),
        text=next((one["contentString"] for one in body.get("payload", ()) if "contentString" in one), ""),
        waits=_waits(body),
    )


async def retry(door: Door, permit: Permit, id_: str, version: int) -> Stored:
    """Take it anew. Who runs connections says so of what is for nobody here, and the desk of either. Raises Forbidden,
    NotFound, Conflict (seen to already, or said already), VersionMoved."""
    body, rights = await _seen_to(door, permit, id_)
    if _waits(body):
        raise Conflict("It is to be taken anew already.")
    if kind_of(body)[0] == "APPREC":
        raise Conflict("A receipt belongs to a message of ours, and becomes none of its own.")
    marked = [*body.get("identifier", ()), {"system": RETAKING, "value": "due"}]
    changed = Change.update({**bare(body), "identifier": marked}, if_match=version)
    return (await change(door, rights, [changed], action="retake-message"))[0]


async def put_away(door: Door, permit: Permit, id_: str, version: int, words: str) -> Stored:
    """Nothing comes of it: the desk says why. Raises as `retry`, and Invalid without a reason."""
    text = " ".join(words.split())
    if not _SHORTEST <= len(text) <= _LONGEST:
        raise Invalid("Write why nothing comes of it.")
    body, rights = await _seen_to(door, permit, id_)
    if permit.operates:
        raise Forbidden("Whoever runs connections sends and takes; the desk decides what a message is.")
    said = _said(body, "put-away")
    said["statusReason"]["text"] = text
    changes = [Change.update(said, if_match=version), *await _tasks(door, rights, id_)]
    return (await change(door, rights, changes, action="put-message-away"))[0]


async def _seen_to(door: Door, permit: Permit, id_: str) -> tuple[Resource, Permit]:
    """The message, and the permit to see to it: of who reads it and writes messages, or who runs connections."""
    rights = keeping(permit, "Communication", "Task")
    if permit.operates:
        body = (await read(door, rights, "Communication", id_)).resource()
        if state_of(body) == "clash":
            raise Forbidden("Two messages with one id are for the message desk to look at.")
    else:
        if not permit.may("u", "Communication"):
            raise Forbidden(f"The role {permit.role} does not see to messages.")
        body = (await read(door, permit, "Communication", id_)).resource()
    if state_of(body) not in STOPPED:
        raise Conflict("Somebody has seen to this message already.")
    return body, rights


async def to_retake(door: Door, permit: Permit) -> list[Retaking]:
    """For jobs."""
    found = await matches(door, permit, "Communication", [("identifier", f"{RETAKING}|due")])
    documents = await resources(door, permit, [("DocumentReference", one.id) for one in found])
    listed = []
    for one in found:
        document, body = documents.get(f"DocumentReference/{one.id}"), one.resource()
        if document is not None and state_of(body) in STOPPED:
            data = base64.b64decode(document.resource()["content"][0]["attachment"]["data"])
            listed.append(Retaking(one, number_of(body), data, not is_internal(body)))
    return listed


async def ending(door: Door, permit: Permit, one: Retaking) -> list[Change]:
    """For jobs."""
    said = _said(one.stored.resource(), "retaken")
    return [Change.update(said, if_match=one.stored.version), *await _tasks(door, permit, one.stored.id)]


async def remains(door: Door, permit: Permit, one: Retaking) -> None:
    """For jobs. Raises VersionMoved."""
    body = _unmarked(one.stored.resource())
    await change(door, permit, [Change.update(body, if_match=one.stored.version)])


async def _tasks(door: Door, permit: Permit, id_: str) -> list[Change]:
    """What waited on it is done."""
    task = await read(door, permit, "Task", id_)
    body = task.resource()
    if body["status"] not in OPEN:
        return []
    done = {**bare(body), "status": "completed", "lastModified": datetime.now(UTC).isoformat()}
    return [Change.update(done, if_match=task.version)]


def _said(body: Resource, state: Received) -> Resource:
    return {**_unmarked(body), **stating(state)}


def _unmarked(body: Resource) -> Resource:
    kept = [one for one in body.get("identifier", ()) if one.get("system") != RETAKING]
    plain = {name: value for name, value in bare(body).items() if name != "identifier"}
    return {**plain, "identifier": kept} if kept else plain


def _waits(body: Resource) -> bool:
    return any(one.get("system") == RETAKING for one in body.get("identifier", ()))
