"""What people must see to: a letter that is printed by hand, and somebody whom nothing reaches. Each is a Task of the
unit that answers for what is new.

    give(door, permit, sending, now)            make the Task; once, whatever happens
    follow_tasks(door, permit, changes, now)    done is delivered, from the feed
    listed(door, permit) -> list[ByHand]        those of the unit that the permit is for
    envelope(door, permit, channels, id, now)   the letter as PDF, name and address as the permit reads them
    posted(door, permit, id, version)           it was posted, or the person was told

The Task says that there is something new, not what: that is in the record.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

import msgspec

from samjournal.access import Permit
from samjournal.db.queries import queries
from samjournal.fhir.errors import Conflict, NotFound, PreconditionFailed
from samjournal.fhir.protection import is_protected
from samjournal.letters.channels import Channels
from samjournal.letters.contacts import postal
from samjournal.letters.paper import pdf
from samjournal.letters.units import desk_of
from samjournal.letters.words import letter
from samjournal.record import Card, Change, Condition, Door, Stored, change, query_of, read, search
from samjournal.record.beside import resources
from samjournal.record.feed import Changed
from samjournal.record.find import represented_cards
from samjournal.tasks import finish, written
from samjournal.tasks.kinds import DEADLINES

_SQL = queries("samjournal.letters")
PREFIX: Final = "notice-"
"""How the id of such a Task begins; what follows is that of the message."""
WORDS: Final = {
    "hand": "Brev til utskrift: skriv ut og post det.",
    "person": "Nytt for pasienten, som ikke nås digitalt eller med brev: ring og fortell at det er kommet noe.",
}
_NOT_THERE: Final = Condition(none_match=frozenset({"*"}))
_DONE: Final = frozenset({"completed"})
_OVER: Final = frozenset({"cancelled", "rejected", "failed", "entered-in-error"})
_URGENT: Final = timedelta(hours=4)


async def give(door: Door, permit: Permit, sending: Any, now: datetime) -> None:
    """Make the Task of a message. Its id is the message's, so that it is there once; the row says that it was given."""
    id_ = f"{PREFIX}{sending['id']}"
    owner = await desk_of(door, permit, sending["unit"])
    is_urgent = sending["level"] == "urgent"
    due = now + (_URGENT if is_urgent else DEADLINES["do"])
    if sending["before"] is not None:
        due = max(now + timedelta(minutes=30), min(due, sending["before"] - timedelta(hours=1)))
    task = written(
        kind="do",
        patient=door.persons.stays(sending["person_id"]),
        owner=owner or {},
        at=now,
        due=due,
        words=WORDS[sending["channel"]],
        urgent=is_urgent,
    )
    body = {**task, "id": id_}
    # It may have been made before the program ended.
    with contextlib.suppress(PreconditionFailed):
        await change(door, permit, [Change("update", "Task", id_, body, msgspec.json.encode(body), _NOT_THERE)])
    await door.pool.execute(_SQL.given, sending["id"], f"Task/{id_}")


async def follow_tasks(door: Door, permit: Permit, changes: Iterable[Changed], now: datetime) -> None:
    """A message whose Task is done is delivered; one whose Task was called off is over."""
    ids = [one.id for one in changes if one.type == "Task" and one.id.startswith(PREFIX)]
    found = await resources(door, permit, [("Task", id_) for id_ in ids])
    for id_ in dict.fromkeys(ids):
        stored = found.get(f"Task/{id_}")
        status = stored.resource().get("status") if stored else "cancelled"
        row = await door.pool.fetchrow(_SQL.by_task, f"Task/{id_}")
        if row is None or row["state"] != "waiting":
            continue
        if status in _DONE:
            await door.pool.fetchval(_SQL.delivered, row["id"], now, "")
        elif status in _OVER:
            await door.pool.fetchval(_SQL.end, row["id"], "over", now, "")


@dataclass(frozen=True, slots=True)
class ByHand:
    """A letter to print (`hand`) or somebody to call (`person`): the Task and its version, whose it is as *find* shows
    it, until when."""

    task: str
    version: int
    sending: UUID
    channel: str
    patient: str
    card: Card | None
    since: datetime
    due: str
    is_urgent: bool


async def listed(door: Door, permit: Permit) -> list[ByHand]:
    """Those of the unit, the oldest first. Raises Forbidden for who reads no Task."""
    asked = [("owner", f"Organization/{permit.organization}"), ("status", "requested,received,accepted,in-progress")]
    page = await search(door, permit, query_of("Task", [*asked, ("code", "urn:samjournal:task|do"), ("_count", "200")]))
    tasks = {one.reference: one for one in page.matches if one.id.startswith(PREFIX)}
    rows = await door.pool.fetch(_SQL.by_hand, list(tasks))
    cards = {one.id: one for one in await represented_cards(door, permit, sorted({row["person_id"] for row in rows}))}
    found = []
    for row in rows:
        stored = tasks[row["task"]]
        until = stored.resource().get("restriction", {}).get("period", {}).get("end", "")
        found.append(
            ByHand(
                stored.id,
                stored.version,
                row["id"],
                row["channel"],
                row["person_id"],
                cards.get(row["person_id"]),
                row["made"],
                until,
                row["level"] == "urgent",
            )
        )
    return found


async def envelope(door: Door, permit: Permit, channels: Channels, task: str, now: datetime) -> bytes:
    """The letter of a Task as PDF: the patient is read by who prints it, and the look logged. Raises NotFound,
    ReasonNeeded; Conflict where no letter may go (a confidential address, or none)."""
    row = await door.pool.fetchrow(_SQL.by_task, f"Task/{task}")
    if row is None or row["channel"] != "hand":
        raise NotFound("There is no such letter.")
    await read(door, permit, "Task", task)
    patient = (await read(door, permit, "Patient", row["person_id"])).resource()
    lines = [] if is_protected(patient) else postal(patient)
    if not lines:
        raise Conflict("No letter can be sent: the address is confidential or not whole. Call instead.")
    language = next(
        (one for one in ("nn", "en") if any(_speaks(each, one) for each in patient.get("communication", ()))), "nb"
    )
    values = letter(language, link=channels.link, phone=channels.phone, day=now.date())
    return await pdf("letters/templates/letter.typ", {**values, "receiver": lines}, made=row["made"])


def _speaks(communication: dict[str, Any], language: str) -> bool:
    codes = [str(one.get("code", "")) for one in communication.get("language", {}).get("coding", ())]
    return any(language in code.lower().split("-") for code in codes)


async def posted(door: Door, permit: Permit, task: str, version: int) -> Stored:
    """It was posted, or told: the Task is done by who says so. Raises as `tasks.finish`."""
    if not task.startswith(PREFIX):
        raise NotFound("There is no such letter.")
    return await finish(door, permit, task, version)
