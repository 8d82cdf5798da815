"""The messages of a unit: which wait, who has them, which were handled today, and how long that takes. Rows 4.2, 4.8

inbound(door, permit, now) -> Inbound       one look at those whom the list names
outbound(door, permit)                      what it sent, the newest first, with the patients
mark_opened(door, permit, id, now)          somebody of the unit has it before him: said once, for its sender
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from samjournal.access import Figures, Permit
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Forbidden, PreconditionFailed
from samjournal.messages.outgoing import stepped, steps_of
from samjournal.messages.states import FAILED, KIND, ON_ITS_WAY, state_of
from samjournal.record import Change, Door, Stored, change, messages_waiting, query_of, read, search
from samjournal.tasks import Said, said

Resource = dict[str, Any]
WEEK: Final = timedelta(days=7)
MOST: Final = 60
OPENED: Final = "opened"


@dataclass(frozen=True, slots=True)
class Inbound:
    """The messages of the reader's unit: `open` what is due first, `done` today, the newest first; `ended` when each of
    those was; `about` the Communications and patients by `Type/id`; `closed` how many more there are in records that
    are closed to him; `figures` of the last week; `failed` how many of its own did
    not arrive; `watches` the keys by which an open page hears of more."""

    open: tuple[Said, ...]
    done: tuple[Said, ...]
    ended: Mapping[str, str]
    about: dict[str, Resource]
    closed: int
    figures: Figures
    failed: int
    watches: tuple[str, ...]


async def inbound(door: Door, permit: Permit, now: datetime) -> Inbound:
    """What came to the unit of the reader, as far as it is open to him."""
    midnight = now.astimezone(OSLO).replace(hour=0, minute=0, second=0, microsecond=0)
    found = await messages_waiting(door, permit, now - WEEK, today=midnight)
    tasks: dict[str, Said] = {}
    ended: dict[str, str] = {}
    about: dict[str, Resource] = {}
    if ids := (*found.open, *found.done):
        asked = [("_id", ",".join(ids)), ("_count", str(len(ids))), ("_include", "Task:patient")]
        page = await search(door, permit, query_of("Task", [*asked, ("_include", "Task:focus")]))
        for one in page.matches:
            body = one.resource()
            tasks[one.id] = said(body)
            ended[one.id] = str(body.get("executionPeriod", {}).get("end") or body.get("lastModified") or "")
        about = {one.reference: one.resource() for one in page.included}
    shown = tuple(tasks[one] for one in found.open if one in tasks)
    return Inbound(
        shown,
        tuple(tasks[one] for one in found.done if one in tasks),
        ended,
        about,
        len(found.open) - len(shown),
        found.figures,
        found.failed,
        found.watches,
    )


async def outbound(door: Door, permit: Permit) -> tuple[list[Resource], dict[str, Resource]]:
    """What the unit of the reader sent to others, the newest first, as far as it is open to him; patients by
    `Type/id`."""
    asked = [("sender", f"Organization/{permit.organization}"), ("category", f"{KIND}|"), ("_sort", "-sent")]
    page = await search(
        door, permit, query_of("Communication", [*asked, ("_count", str(MOST)), ("_include", "Communication:patient")])
    )
    return [one.resource() for one in page.matches], {one.reference: one.resource() for one in page.included}


def opened_at(communication: Resource) -> datetime | None:
    """When somebody of its receiver opened a message first."""
    return next((at for state, at in steps_of(communication) if state == OPENED), None)


async def mark_opened(door: Door, permit: Permit, id_: str, now: datetime) -> Stored:
    """A message as it is read in full; that it was opened is said in it once, and its sender sees it. What waits for
    its patient to be found is not marked: who finds him goes by the version. Raises what `read` raises."""
    stored = await read(door, permit, "Communication", id_)
    body = stored.resource()
    state = state_of(body)
    if opened_at(body) or state == "held" or state in ON_ITS_WAY | FAILED:
        return stored
    marked = stepped(body, OPENED, now)
    if state != "accepted":  # What came from others keeps its own state, and what has none gets none.
        for name in ("status", "statusReason"):
            marked.pop(name)
            marked |= {name: body[name]} if name in body else {}
    if not marked["identifier"]:
        del marked["identifier"]
    if labels := {name: body["meta"][name] for name in ("security", "tag", "profile") if name in body.get("meta", {})}:
        marked["meta"] = labels
    try:
        return (await change(door, permit, [Change.update(marked, if_match=stored.version)]))[0]
    except (Conflict, PreconditionFailed, Forbidden):
        return stored  # Somebody else opened it at the same moment, or his role writes no messages.
