"""Where a citizen's conversations stand: sent, read by the team, answered; who has it, and until when.

    standing(door, permit, messages) -> dict[str, Standing]     by the id of the first message of each
    mark_read(door, permit, messages)                           the reader has seen what was written to the patient

A Task is work for people, and no type that citizens read. Of the Tasks by which the messages that were shown to him
wait, the citizen is told who has it, until when, and whether it was answered: no word that staff wrote to each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from samjournal.access import Permit, acting
from samjournal.conversations.kinds import (
    READ,
    STEP,
    Outcome,
    deadline,
    is_from_patient,
    kind_of,
    outcome_of,
    read_at,
    root_of,
)
from samjournal.fhir.errors import Conflict, Forbidden, PreconditionFailed
from samjournal.record import Change, Door, change, is_blocked, query_of, read, search
from samjournal.tasks import SYSTEM
from samjournal.tasks.doing import OPEN
from samjournal.tasks.saying import Said, said

Resource = dict[str, Any]
State = Literal["sent", "read", "late", "answered", "told"]
MOST: Final = 200


@dataclass(frozen=True, slots=True)
class Standing:
    """`state`: sent, read by the team, past its deadline without an answer, answered, or that nothing was asked;
    `unit` who has it by name, `due` until when it is answered, `read` when the team opened it; `outcome` what was
    decided last; `unread` how many messages to the patient the reader has not seen; `closed`: the patient has blocked
    the record for who has it, so nobody there reads it."""

    state: State
    unit: str
    due: datetime | None
    read: datetime | None
    outcome: Outcome | None
    unread: int
    closed: bool = False


async def standing(door: Door, permit: Permit, messages: Sequence[Resource], now: datetime) -> dict[str, Standing]:
    """Of messages that were shown to the reader. Raises Forbidden for who is no citizen."""
    if permit.kind != "citizen":
        raise Forbidden("Citizens read where their own messages stand in this way.")
    threads: dict[str, list[Resource]] = {}
    for one in sorted(messages, key=lambda one: str(one.get("sent") or "")):
        if kind_of(one) is not None:
            threads.setdefault(root_of(one), []).append(one)
    if not threads:
        return {}
    asked = [("patient", f"Patient/{door.persons.stays(permit.patient or '')}"), ("code", f"{SYSTEM}|answer")]
    page = await search(
        door, acting(permit, "Task"), query_of("Task", [*asked, ("_count", str(MOST)), ("_sort", "-authored-on")])
    )
    work = {task.focus: task for task in (said(one.resource()) for one in reversed(page.matches)) if task.focus}
    found = {}
    for root, thread in threads.items():
        names = (f"Communication/{one['id']}" for one in thread)
        waits = [work[name] for name in names if name in work]
        found[root] = await _one(door, permit, thread, waits, now)
    return found


async def _one(door: Door, permit: Permit, thread: Sequence[Resource], work: Sequence[Said], now: datetime) -> Standing:
    as_ = permit.represents.kind if permit.represents else "self"
    unread = sum(1 for one in thread if not is_from_patient(one) and read_at(one, as_) is None)
    outcome = next((found for one in reversed(thread) if (found := outcome_of(one)) not in (None, "noted")), None)
    if kind_of(thread[0]) == "look" and is_from_patient(thread[-1]):
        return _of_look(thread, unread, now)
    waits = next((one for one in work if one.status in OPEN), None)
    if waits is None:
        answered = any(is_from_patient(one) for one in thread)
        return Standing("answered" if answered else "told", "", None, None, outcome, unread)
    asked = next((one for one in thread if waits.focus == f"Communication/{one['id']}"), {})
    read = _opened(asked)
    unit = waits.owner_name if waits.owner.startswith("Organization/") else waits.also_name
    reference = waits.owner if waits.owner.startswith("Organization/") else waits.also
    late = waits.due is not None and waits.due <= now
    state: State = "late" if late else "read" if read else "sent"
    closed = permit.decides and bool(reference) and await is_blocked(door, permit, reference)
    return Standing(state, unit, waits.due, read, outcome, unread, closed)


def _of_look(thread: Sequence[Resource], unread: int, now: datetime) -> Standing:
    """A question about a look waits on the review list, from the first that was not answered."""
    asked = thread[-1]
    for one in reversed(thread):
        if not is_from_patient(one):
            break
        asked = one
    due = deadline("look", 0, datetime.fromisoformat(str(asked["sent"])))
    unit = next((str(one.get("display") or "") for one in asked.get("recipient", ())), "")
    return Standing("late" if due <= now else "sent", unit, due, None, None, unread)


async def mark_read(door: Door, permit: Permit, messages: Sequence[Resource]) -> None:
    """Say of each message to the patient, once, that its reader has seen it: the patient, or who acts for the
    patient."""
    if permit.kind != "citizen":
        return
    as_, now = permit.represents.kind if permit.represents else "self", datetime.now(UTC)
    for one in messages:
        if is_from_patient(one) or read_at(one, as_) is not None or kind_of(one) is None:
            continue
        stored = await read(door, permit, "Communication", one["id"])
        body = stored.resource()
        meta = {name: body["meta"][name] for name in ("security", "tag", "profile") if name in body.get("meta", {})}
        said_so = {
            "url": READ,
            "extension": [
                {"url": "as", "valueCode": as_},
                {"url": "at", "valueInstant": now.isoformat(timespec="milliseconds")},
            ],
        }
        marked = {**body, "meta": meta, "extension": [*body.get("extension", ()), said_so]}
        if not meta:
            del marked["meta"]
        try:
            await change(door, acting(permit, "Communication"), [Change.update(marked, if_match=stored.version)])
        except (Conflict, PreconditionFailed):
            continue  # Somebody wrote it at the same moment: the next look says it.


def _opened(message: Resource) -> datetime | None:
    """When somebody of the team opened it first."""
    for one in message.get("extension", ()):
        if one.get("url") == STEP:
            said_so = {each["url"]: each.get("valueCode") or each.get("valueInstant") for each in one["extension"]}
            if said_so.get("state") == "opened":
                return datetime.fromisoformat(str(said_so["at"]))
    return None
