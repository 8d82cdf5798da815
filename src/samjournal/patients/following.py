"""Telling those who saw what was wrong: a Task for each unit, with whom to tell and until when.

    tasks(door, permit, wrong, readers, reason) -> list     for the unit of whoever wrote it, and for each reader's
    follow_ups(door, permit) -> list[FollowUp]              what the reader's own units have to do, the oldest first
    followed_up(door, permit, id)                           everybody was told

Such a Task is about no patient and opens no record; people write it by this action alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from samjournal import accounts
from samjournal.access import NAMED_TASKS, ROLES, Permit, acting
from samjournal.audit import Reader
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, NotFound
from samjournal.record import Change, Door, Stored, change, query_of, read, search

DUE = timedelta(days=3)
"""So long a unit may take: somebody may be treated by what is wrong."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What is to be followed up: the resource that was wrong, why, who found it, when, until when, and whom to tell (in
    words: name, role, unit, when it was seen)."""

    id: str
    wrong: str
    reason: str
    by: str
    at: datetime
    due: datetime
    readers: tuple[str, ...]


async def tasks(
    door: Door, permit: Permit, wrong: Stored, readers: Sequence[Reader], reason: str
) -> list[dict[str, Any]]:
    """A Task for each unit that has somebody to tell. The unit that wrote it gets one also when nobody else saw it; who
    belongs to no unit that is known, such as a system, is in that one."""
    home = await _written_at(door, readers) or permit.organization
    by_unit: dict[str, list[Reader]] = {home: []}
    for reader in readers:
        by_unit.setdefault(await _unit_of(door, reader) or home, []).append(reader)
    return [_task(permit, wrong, unit, some, reason) for unit, some in by_unit.items()]


async def _written_at(door: Door, readers: Sequence[Reader]) -> str | None:
    """The unit of the first who is known to have had to do with it: who wrote it, as a rule."""
    return await _unit_of(door, readers[-1]) if readers else None


async def _unit_of(door: Door, reader: Reader) -> str | None:
    who = await accounts.account(door.pool, reader.actor)
    at = [role for role in who.roles if (role.code, role.unit_name) == (reader.role, reader.unit)] if who else []
    return at[0].organization_id if at else None


def _task(permit: Permit, wrong: Stored, unit: str, readers: Sequence[Reader], reason: str) -> dict[str, Any]:
    now = datetime.now(UTC)
    told = [f"{_who(one)}, {one.at.astimezone(OSLO):%d.%m.%Y %H.%M}" for one in readers]
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "code": {"coding": [{"system": NAMED_TASKS, "code": "wrong-patient"}]},
        "focus": {"reference": wrong.reference},
        "authoredOn": now.isoformat(timespec="seconds"),
        "requester": {"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name},
        "owner": {"reference": f"Organization/{unit}"},
        "reasonCode": {"text": reason},
        "restriction": {"period": {"end": (now + DUE).isoformat(timespec="seconds")}},
        **({"input": [{"type": {"text": "reader"}, "valueString": one} for one in told]} if told else {}),
    }


def _who(reader: Reader) -> str:
    """Somebody in words, in bokmål as all that our own code writes."""
    role = ROLES[reader.role].names[0].lower() if reader.role in ROLES else "datasystem"
    return ", ".join(part for part in (reader.name, role, reader.unit) if part)


async def follow_ups(door: Door, permit: Permit) -> list[FollowUp]:
    """What the units of the active role have to follow up, the oldest first."""
    asked = [("code", f"{NAMED_TASKS}|wrong-patient"), ("status", "requested"), ("_sort", "authored-on")]
    page = await search(door, acting(permit, "Task"), query_of("Task", [*asked, ("_count", "100")]))
    return [_follow_up(one) for one in page.matches]


def _follow_up(stored: Stored) -> FollowUp:
    task = stored.resource()
    return FollowUp(
        stored.id,
        task["focus"]["reference"],
        task["reasonCode"]["text"],
        task["requester"].get("display", ""),
        datetime.fromisoformat(task["authoredOn"]),
        datetime.fromisoformat(task["restriction"]["period"]["end"]),
        tuple(one["valueString"] for one in task.get("input", ())),
    )


async def followed_up(door: Door, permit: Permit, id_: str) -> None:
    """Say that everybody was told. Raises NotFound for what is not the reader's unit's, Conflict when it is done."""
    rights = acting(permit, "Task")
    stored = await read(door, rights, "Task", id_)
    task = stored.resource()
    if not any(one.get("code") == "wrong-patient" for one in task.get("code", {}).get("coding", ())):
        raise NotFound(f"There is nothing to follow up as {id_} here.")
    if task["status"] != "requested":
        raise Conflict("It is followed up already.")
    task.pop("meta")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    done = {**task, "status": "completed", "lastModified": now, "executionPeriod": {"end": now}}
    await change(door, rights, [Change.update(done, if_match=stored.version)], action="followed-up")
