"""Looks: one row per request and patient, with the types and ids shown.

Looks in flight share a commit: the next flush starts when the last is done and no other look is about to come, without
a timer. A change is logged in its own transaction by `write`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

import msgspec

from samjournal.db.binding import Arguments
from samjournal.db.gathering import gathered
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Busy

_SQL = queries("samjournal.audit")


class Look(msgspec.Struct, frozen=True, gc=False):
    """Who, in which active role, looked at what, and why. `patient` and `patients` are keys; `page` is the first look
    of the open page that this one refreshed. `agent` is who it was as a reference (`PractitionerRole/7`, `Patient/7`;
    '' for systems), `organization_id` the id of the unit, `app` the client id of the app by which he did."""

    request: str
    actor: str
    name: str
    role: str
    unit: str
    action: str
    why: str
    shown: str = ""
    patient: int | None = None
    patients: tuple[int, ...] = ()
    reason: str | None = None
    page: UUID | None = None
    id: UUID | None = None
    organization_id: str = ""
    agent: str = ""
    app: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A look as the citizen reads it: refreshes of an open page are one. `types` counts what was shown by type,
    and `shown` is all of it, as `shown` wrote it; `organization_id` is the unit's, "" for systems and citizens."""

    at: datetime
    actor: str
    name: str
    role: str
    unit: str
    action: str
    why: str
    reason: str | None
    types: dict[str, int]
    shown: str = ""
    organization_id: str = ""
    app: str = ""


def shown(resources: Iterable[tuple[str, str]]) -> str:
    """Types and ids as one text: `Observation/1,2;Patient/7`."""
    by_type: dict[str, list[str]] = {}
    for type_, id_ in resources:
        by_type.setdefault(type_, []).append(id_)
    return shown_of(by_type)


def shown_of(by_type: Mapping[str, Iterable[str]]) -> str:
    """The same of ids by type."""
    return ";".join(f"{type_}/{','.join(ids)}" for type_, ids in by_type.items())


def named(text: str) -> Iterator[tuple[str, str]]:
    """Types and ids of what was shown, as `shown` wrote it."""
    for part in text.split(";"):
        type_, slash, ids = part.partition("/")
        for id_ in ids.split(",") if slash else ():
            yield type_, id_


class Looks:
    """The log for reads. `write` returns when the row is on disk; raises Busy when it cannot be written."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        self._waiting: list[tuple[Look, asyncio.Future[None]]] = []
        self._flusher: asyncio.Task[None] | None = None

    async def write(self, look: Look) -> None:
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((look, done))
        if self._flusher is None or self._flusher.done():
            self._flusher = asyncio.create_task(self._flush())
        await done

    async def _flush(self) -> None:
        while self._waiting:
            await gathered(self._waiting)
            batch, self._waiting = self._waiting, []
            failure: Exception | None = None
            try:
                async with self._pool.lane() as db:
                    await write(db, [look for look, _ in batch])
            except Exception as error:  # Whatever it was, nobody may wait for ever: no look, no answer.
                failure = Busy("The look could not be logged, so nothing is shown. Try again in a moment.")
                failure.__cause__ = error
            for _, done in batch:
                if done.done():
                    continue
                if failure is None:
                    done.set_result(None)
                else:
                    done.set_exception(failure)


async def write(db: Connection, looks: Sequence[Look]) -> None:
    """Log looks on a connection: in the transaction of a change, or as one commit of many reads."""
    rows = [
        (
            look.id,
            look.request,
            look.actor,
            look.name,
            look.role,
            look.unit,
            look.action,
            look.patient,
            f"{{{','.join(map(str, look.patients))}}}" if look.patients else None,
            look.why,
            look.reason,
            look.shown,
            look.page,
            look.organization_id,
            look.agent,
            look.app,
        )
        for look in looks
    ]
    await db.execute(_SQL.write, datetime.now(UTC), *map(list, zip(*rows, strict=True)))


def change_logged(look: Look, first: int) -> tuple[str, tuple[object, ...]]:
    """SQL that logs a look at a patient who is changed, in the statement that changes him, with places numbered from
    `first`; and the values."""
    who = (look.actor, look.name, look.role, look.unit)
    what = (look.action, look.patient, look.why, look.reason, look.shown)
    values = (datetime.now(UTC), look.request, *who, *what, look.organization_id, look.agent, look.app)
    places = ", ".join(f"${first + place}" for place in range(len(values)))
    return (
        f"""INSERT INTO audit.look (id, at, request, actor, name, role, organization, action, patient, why, reason,
            shown, organization_id, agent, app) VALUES (uuidv7(), {places})""",
        values,
    )


def logged(rows: str, looks: Sequence[Look], arguments: Arguments, *, where: str) -> str:
    """SQL that logs what a statement shows, in that statement: `rows` is a CTE of it, with the `place` of each row's
    look, the `patient`, and `why` (the look's own where it is NULL). `where` says which rows are shown, as `row`. All
    looks are of one person in one role."""
    who = looks[0]
    fixed = (who.actor, who.name, who.role, who.unit, who.organization_id, who.agent, who.app)
    actor, name, role, unit, organization_id, agent, app = (arguments.add(one, "text") for one in fixed)
    columns = ([look.request for look in looks], [look.action for look in looks], [look.shown for look in looks])
    asked = ", ".join(arguments.add(column, "text[]") for column in columns)
    return f"""INSERT INTO audit.look (id, at, request, actor, name, role, organization, action, patient, why, shown,
            organization_id, agent, app)
        SELECT uuidv7(), {arguments.add(datetime.now(UTC), "timestamptz")}, look.request, {actor}, {name}, {role},
            {unit}, look.action, row.patient, coalesce(row.why, {arguments.add(who.why, "text")}), look.shown,
            {organization_id}, {agent}, {app}
        FROM {rows} row JOIN unnest({asked}) WITH ORDINALITY AS look(request, action, shown, place)
            ON look.place - 1 = row.place
        WHERE {where}"""


async def of_patient(
    db: Pool | Connection,
    patients: Sequence[int],
    *,
    count: int,
    before: datetime | None = None,
    without: Sequence[str] = (),
) -> list[Seen]:
    """Who has looked at a person (all the keys the person has), newest first, but for some actions."""
    rows = await db.fetch(_SQL.of_patient, list(patients), before, count, list(without))
    return [
        Seen(
            row["at"],
            row["actor"],
            row["name"],
            row["role"],
            row["organization"],
            row["action"],
            row["why"],
            row["reason"],
            counts(row["shown"]),
            row["shown"],
            row["organization_id"],
            row["app"],
        )
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody to whom a resource was shown, in a role at a unit (its name), and when last."""

    actor: str
    name: str
    role: str
    unit: str
    at: datetime


async def of_resource(db: Pool | Connection, patients: Sequence[int], type_: str, id_: str) -> list[Reader]:
    """Who has seen one resource of a person (all the keys the person has), the latest first; not the person himself."""
    pattern = rf"(^|;){type_}/([^;]*,)?{id_.replace('.', '[.]')}(,|;|$)"
    rows = await db.fetch(_SQL.of_resource, list(patients), pattern)
    return [Reader(row["actor"], row["name"], row["role"], row["organization"], row["at"]) for row in rows]


async def last_chart(db: Pool | Connection, *, patient: int, actor: str, page: UUID | None) -> datetime | None:
    """When `actor` last opened this patient's chart, before the visit that goes on now."""
    at: datetime | None = await db.fetchval(_SQL.last_chart, patient, actor, page)
    return at


def counts(text: str) -> dict[str, int]:
    """How many of each type were shown, as `shown` wrote it."""
    pairs = (part.partition("/") for part in text.split(";") if part)
    return {type_: len(ids.split(",")) for type_, _, ids in pairs}


async def unfold(db: Connection) -> int:
    """Give each patient whom a search showed a row of his own; the number of looks unfolded. Safe to repeat."""
    count: int = await db.fetchval(_SQL.unfold)
    return count
