"""A message is answered: the answer is a Communication that goes back to whoever sent it, written as the Task is done.

    answer(door, permit, id, version, words, outside=…) -> Answered

hl7.org/fhir/R4/communication.html. Task and answer are stored together or not at all. Where the sender is a citizen
the portal shows it; a colleague, or a team, gets it as something to read (`do`). What goes to somebody outside is made
by `outside`, and stored with the rest.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Literal

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Conflict, Gone, Invalid
from samjournal.fhir.keys import local
from samjournal.record import Change, Door, Stored, change, new_id, read
from samjournal.tasks.doing import completed, opened
from samjournal.tasks.kinds import DEADLINES, SYSTEM
from samjournal.tasks.saying import Resource, himself, written

LONGEST: Final = 4000
ANSWER: Final = "answer"
Reached = Literal["patient", "colleague", "outside", "nobody"]
Outside = Callable[[Door, Permit, dict[str, Any], str, datetime], Awaitable[list[Change]]]
"""What sends an answer to a message from outside: its changes, of which the first makes the answer."""


@dataclass(frozen=True, slots=True)
class Answered:
    """The Task as it was stored, and whom the answer reaches by itself."""

    task: Stored
    reaches: Reached


async def answer(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    words: str,
    *,
    outside: Outside | None = None,
    more: Resource | None = None,
    also: Sequence[Change] = (),
) -> Answered:
    """Answer the message that a Task `answer` is about; `more` are elements that the answer has besides, `also` what is
    stored in the same transaction. Raises Invalid
    (no words), Conflict (it is about no message that somebody sent, or is done), VersionMoved, and what `read` and
    `change` raise."""
    text = "\n".join(line.rstrip() for line in words.strip().splitlines())[:LONGEST]
    if not text:
        raise Invalid("Write the answer.")
    task, what = await opened(door, permit, id_, version)
    type_, _, focus = what.focus.partition("/")
    if what.kind != ANSWER or type_ != "Communication":
        raise Conflict("It is about no message, so there is nothing to answer here.")
    try:
        message = (await read(door, permit, type_, focus)).resource()
    except Gone:
        raise Conflict("The message is deleted, so there is nothing to answer.") from None
    sender = message.get("sender") or {}
    if not sender.get("reference") and outside is not None:
        sent = await outside(door, permit, message, text, datetime.now(UTC))
        done = _done(task, permit, sent[0].id or "", datetime.now(UTC))
        stored = await change(door, permit, [Change.update(done, if_match=version), *sent])
        return Answered(stored[0], "outside")
    if not sender.get("reference"):
        raise Conflict("The message names no sender, so the answer would go to nobody.")
    now = datetime.now(UTC)
    reply = {**_reply(message, permit, text, now), **(more or {})}
    done = _done(task, permit, reply["id"], now)
    changes = [
        Change.update(done, if_match=version),
        replace(Change.create(reply), id=reply["id"]),
        *_to_read(reply, permit, what.patient, now),
        *also,
    ]
    rights = acting(permit, "Task", "Communication") if reply.get("meta") else permit
    for type_ in ("Task", "Communication"):
        permit.demand("c", type_)
    return Answered((await change(door, rights, changes))[0], _reached(sender))


def _done(task: dict[str, Any], permit: Permit, reply: str, now: datetime) -> dict[str, Any]:
    """The Task with what it led to."""
    to = {"reference": f"Communication/{reply}"}
    output = {"type": {"coding": [{"system": SYSTEM, "code": ANSWER}]}, "valueReference": to}
    return {**completed(task, permit, now), "output": [*task.get("output", ()), output]}


def _reply(message: Resource, permit: Permit, text: str, now: datetime) -> dict[str, Any]:
    """The answer: about what the message is about, as reserved as it is, and to whoever sent it."""
    labels = (message.get("meta") or {}).get("security")
    kept = {name: message[name] for name in ("category", "subject", "topic", "encounter") if name in message}
    return {
        "resourceType": "Communication",
        "id": new_id(),
        **({"meta": {"security": labels}} if labels else {}),
        "inResponseTo": [{"reference": f"Communication/{message['id']}"}],
        "status": "completed",
        **kept,
        "sent": now.isoformat(timespec="milliseconds"),
        "sender": himself(permit),
        "recipient": [dict(message["sender"])],
        "payload": [{"contentString": text}],
    }


def _to_read(reply: dict[str, Any], permit: Permit, patient: str, now: datetime) -> list[Change]:
    """What a colleague, or a team, gets to read: it would wait in the record unseen else."""
    whose = reply["recipient"][0]
    if _reached(whose) != "colleague":
        return []
    task = written(
        kind="do",
        patient=patient.partition("/")[2],
        owner=whose,
        at=now,
        due=now + DEADLINES["do"],
        focus=_to(reply)["reference"],
        requester=himself(permit),
    )
    return [Change.create({**task, **({"meta": reply["meta"]} if reply.get("meta") else {})})]


def _reached(sender: Resource) -> Reached:
    type_ = (local(str(sender.get("reference") or "")) or "").partition("/")[0]
    if type_ == "Patient":
        return "patient"
    return "colleague" if type_ in ("PractitionerRole", "Practitioner", "Organization") else "nobody"


def _to(reply: dict[str, Any]) -> dict[str, Any]:
    return {"reference": f"Communication/{reply['id']}"}
