"""What waits on whom, until when, and when it was done: a projection of Task that says nothing of what it is about.

    waits(resource) -> Waits | None             what a Task says; None when nobody has to do it, nor did
    project(db, stored), differing(db, stored)  keep what Tasks say now; those of which something else is kept
    count(db, owners) -> int                    how much waits, for every page
    counts(db, owners, unit) -> Counts          the same, with the messages of a unit
    messages(db, unit, today) -> Messages       which messages wait on a unit and its people
    mine(db, owners, also) -> list[Waiting]  what waits, the oldest first
    figures(db, owners, ...) -> Figures         how long things wait, and how much was done
    overdue(db, now) -> list[str]               ids of what waits though its deadline is over

Tasks of named actions are not work of this kind: they have pages of their own. hl7.org/fhir/R4/task.html
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from samjournal.access.roles import is_named_action
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.dates import span
from samjournal.fhir.keys import SYSTEM, key, local

_SQL = queries("samjournal.access")
OPEN = frozenset({"requested", "received", "accepted", "ready", "in-progress", "on-hold"})
ALSO = "urn:samjournal:also"
"""The extension of a Task that names on whom it waits beside its owner: who stands in for him, or his team, when
the deadline passed."""
LATE = "escalated"
"""The code of Task.businessStatus for what went to the team since its deadline passed."""
APART = frozenset({"assess"})
"""Codes of work whose deadline is seen to by what it belongs to: referrals tell both sides, and not the team alone."""
OUT = "deliver"
"""The code of a Task that is about a message of ours which did not arrive."""
_LONG_AGO = datetime(1900, 1, 1, tzinfo=UTC)
MOST = 300


class Waits(NamedTuple):
    """What a Task says: keys of patient, of the owner and of whom it waits on too; since, until when (None: no
    deadline), when done; whether it was late and people were told; its kind where that is seen to `apart`; `message`
    is "in" for what came and is to be read, "out" for what was sent and did not arrive, None for other work."""

    patient: int
    owner: int
    also: int | None
    since: datetime
    due: datetime | None
    done: datetime | None
    late: bool
    apart: str | None = None
    message: str | None = None


class Counts(NamedTuple):
    """How much waits on somebody; how many messages wait in his unit, on whomever, and how many are past their
    deadline."""

    waiting: int = 0
    messages: int = 0
    late: int = 0


class Waiting(NamedTuple):
    """A Task that waits: its id, under which patient key it lies, on whom it waits, and on whom too."""

    id: str
    patient: int
    owner: int
    also: int | None


class Figures(NamedTuple):
    """How much waits and since when the oldest; how much was done since a moment, and the median seconds that it took
    (None: nothing was done)."""

    waiting: int
    oldest: datetime | None
    done: int
    median: float | None


class _Stored(Protocol):
    """What was stored: as `relations.Stored`."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def resource(self) -> dict[str, Any] | None: ...
    @property
    def existed(self) -> bool: ...
    @property
    def reference(self) -> str: ...


def also_on(task: dict[str, Any]) -> str | None:
    """On whom a Task waits beside its owner, as `Type/id`."""
    named = (each.get("valueReference", {}) for each in task.get("extension", ()) if each.get("url") == ALSO)
    return next((local(one.get("reference", "")) for one in named), None)


def waits(resource: dict[str, Any] | None) -> Waits | None:
    """What a Task says of who has to do it, or did it."""
    if resource is None or is_named_action(resource):
        return None
    status = resource.get("status")
    if (status not in OPEN and status != "completed") or _waits_on_another(resource):
        return None
    ended = resource.get("executionPeriod", {}).get("end") or resource.get("lastModified") or resource.get("authoredOn")
    due = resource.get("restriction", {}).get("period", {}).get("end")
    since = resource.get("authoredOn") or resource.get("executionPeriod", {}).get("start")
    also = also_on(resource)
    return Waits(
        _key_of(resource.get("for")),
        _key_of(resource.get("owner")),
        key(also) if also and status in OPEN else None,
        span(since).lo if since else _LONG_AGO,
        span(due).hi if due else None,
        (span(ended).lo if ended else _LONG_AGO) if status == "completed" else None,
        any(one.get("code") == LATE for one in resource.get("businessStatus", {}).get("coding", ())),
        next(
            (str(one["code"]) for one in resource.get("code", {}).get("coding", ()) if one.get("code") in APART), None
        ),
        _message(resource),
    )


def _message(task: dict[str, Any]) -> str | None:
    """Whether it is about a message, and which way that goes."""
    if not (local((task.get("focus") or {}).get("reference", "")) or "").startswith("Communication/"):
        return None
    codes = {one.get("code") for one in task.get("code", {}).get("coding", ())}
    return "out" if OUT in codes else "in"


def _waits_on_another(task: dict[str, Any]) -> bool:
    """Whether it is a countersignature that the author must sign before: his own Task waits on him."""
    codes = (one.get("code") for one in task.get("code", {}).get("coding", ()))
    return task.get("status") == "on-hold" and "countersign" in codes


def _key_of(reference: dict[str, Any] | None) -> int:
    named = local((reference or {}).get("reference", ""))
    return key(named) if named else SYSTEM


async def project(db: Connection, stored: Sequence[_Stored]) -> None:
    """Keep what stored Tasks say now."""
    tasks = [one for one in stored if one.type == "Task"]
    said = [(one, waits(one.resource)) for one in tasks]
    gone = [one.id for one, what in said if what is None and one.existed]
    if gone:
        await db.execute(_SQL.forget_waits, gone)
    rows = [(one.id, *what) for one, what in said if what is not None]
    if rows:
        await db.executemany(_SQL.put_waits, rows)


async def differing(db: Connection, stored: Iterable[_Stored]) -> set[str]:
    """Of stored resources those Tasks of which something else is kept than they say."""
    tasks = {one.id: one for one in stored if one.type == "Task"}
    rows = await db.fetch(_SQL.waits_of, list(tasks)) if tasks else ()
    kept = {row["id"]: Waits(*list(row)[1:]) for row in rows}
    return {one.reference for id_, one in tasks.items() if kept.get(id_) != waits(one.resource)}


async def count(db: Pool | Connection, owners: Collection[int]) -> int:
    """How much waits on some posts."""
    found: int = await db.fetchval(_SQL.count_waiting, list(owners))
    return found


async def counts(db: Pool | Connection, owners: Collection[int], unit: str) -> Counts:
    """How much waits on some posts, and of the messages of a unit (`Organization/id`)."""
    row = await db.fetchrow(_SQL.count_for_page, list(owners), key(unit), unit)
    assert row is not None
    return Counts(*row)


async def messages(db: Pool | Connection, unit: str, *, today: datetime) -> tuple[list[Waiting], list[str], int]:
    """What waits on a unit and its people of messages that came, what is due first; ids of those done since; how many
    of its own did not arrive."""
    rows = await db.fetch(_SQL.messages_waiting, key(unit), unit, MOST)
    done = await db.fetch(_SQL.messages_done, key(unit), unit, today)
    failed: int = await db.fetchval(_SQL.messages_failed, key(unit), unit)
    return [Waiting(*row) for row in rows], [row["id"] for row in done], failed


async def message_figures(db: Pool | Connection, unit: str, *, since: datetime) -> Figures:
    """Of the messages to a unit: how many wait, and those that were handled since a moment."""
    row = await db.fetchrow(_SQL.message_figures, key(unit), unit, since)
    assert row is not None
    return Figures(*row)


async def message_times(db: Pool | Connection, since: datetime) -> list[tuple[str, Figures, int]]:
    """For each unit (`Organization/id`) that has any: figures of the messages to it, and how many are late."""
    rows = await db.fetch(_SQL.message_times, since)
    return [
        (row["unit"], Figures(row["waiting"], row["oldest"], row["done"], row["median"]), row["late"]) for row in rows
    ]


async def mine(db: Pool | Connection, owners: Collection[int], also: Collection[int]) -> list[Waiting]:
    """What waits on some owners, and what waits on some posts too: at most 300, the oldest first."""
    rows = await db.fetch(_SQL.waiting_on, list(owners), list(also), MOST)
    return [Waiting(*row) for row in rows]


async def figures(db: Pool | Connection, owners: Collection[int], *, since: datetime) -> Figures:
    """How much waits on some owners, and what they did since a moment."""
    row = await db.fetchrow(_SQL.waiting_figures, list(owners), since)
    assert row is not None
    return Figures(*row)


async def by_owner(db: Pool | Connection, owners: Collection[int]) -> dict[int, int]:
    """How much waits on each of some owners on whom anything does."""
    return {row["owner"]: row["waiting"] for row in await db.fetch(_SQL.waiting_by_owner, list(owners))}


async def posts_at(db: Pool | Connection, unit: str) -> list[int]:
    """The keys of the posts at a unit (`Organization/id`), by the register."""
    return [row["key"] for row in await db.fetch(_SQL.posts_at, unit)]


async def owners_of(db: Pool | Connection, tasks: Collection[str]) -> set[int]:
    """Keys of those whom some Tasks (ids) wait on, and of their units."""
    return {row["key"] for row in await db.fetch(_SQL.heard_of, list(tasks))}


async def posts_waited_on(db: Pool | Connection) -> list[tuple[str, str | None]]:
    """The PractitionerRoles that anything waits on, by the register, each with its unit."""
    return [(row["id"], row["part_of"]) for row in await db.fetch(_SQL.posts_waited_on)]


async def in_charge(db: Pool | Connection, patient: int) -> list[str]:
    """The units that have a patient (key) in care now, the likeliest to answer for something first."""
    return [row["id"] for row in await db.fetch(_SQL.in_charge, patient)]


async def rising(db: Pool | Connection, unit: str) -> list[str]:
    """A unit (`Organization/id`) and what it lies under, itself first."""
    return [row["id"] for row in await db.fetch(_SQL.rising, unit)]


async def overdue(db: Pool | Connection, now: datetime, *, count: int, apart: str | None = None) -> list[str]:
    """Ids of what waits though its deadline is over, the longest over first: what goes to the team, or that of a kind
    which is seen to apart."""
    return [row["id"] for row in await db.fetch(_SQL.overdue, now, count, apart)]


async def units_waited_on(db: Pool | Connection, apart: str) -> list[str]:
    """The units (`Organization/id`) that work of a kind waits on which is seen to apart."""
    return [row["id"] for row in await db.fetch(_SQL.units_waited_on, apart)]
