"""Jobs: what is to be answered later, who works on it, and the answers. hl7.org/fhir/R4/async.html"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import name, number
from samjournal.store.hiding import PROTECTED
from samjournal.store.permitted import Condition

_SQL = queries("samjournal.store")
LEFT_AFTER = timedelta(seconds=15)
"""A worker that has not been heard of for so long is gone."""
MOST_TRIES = 3
Named = tuple[str, str]


class Job(NamedTuple):
    """A job to be done: the token it was asked with (as a hash), and what was asked."""

    id: UUID
    token: bytes
    request: bytes
    body: bytes
    changes: bool


async def count(db: Pool | Connection, actor: str) -> tuple[int, int]:
    """How many jobs of somebody are not ended, and how many are kept in all."""
    row = await db.fetchrow(_SQL.jobs_of, actor)
    assert row is not None
    return row["open"], row["all"]


async def add(db: Connection, job: Job, *, actor: str, rights: str) -> None:
    await db.execute(_SQL.add_job, job.id, actor, rights, job.token, job.request, job.body, job.changes)


async def take(db: Pool | Connection) -> Job | None:
    """The job that has waited longest, from now on this worker's."""
    row = await db.fetchrow(_SQL.take_job, LEFT_AFTER, MOST_TRIES)
    return Job(row["id"], row["token"], row["request"], row["body"], row["changes"]) if row else None


async def lost(db: Pool | Connection) -> list[UUID]:
    """Jobs whose worker is gone and that nobody begins again."""
    return [row["id"] for row in await db.fetch(_SQL.lost_jobs, LEFT_AFTER, MOST_TRIES)]


async def beat(db: Pool | Connection, id_: UUID) -> bool:
    """Say that the worker is alive; whether the job is still wanted."""
    return await db.fetchval(_SQL.beat_job, id_) is not None


async def put_back(db: Pool | Connection, id_: UUID) -> None:
    await db.execute(_SQL.put_job_back, id_)


async def end(db: Pool | Connection, id_: UUID, answer: bytes, shown: Sequence[Named], protected: int) -> None:
    """Keep the answer; what shows something that was erased since it was begun is not kept, and nor is its job."""
    types, ids = [number(type_) for type_, _ in shown], [one for _, one in shown]
    await db.execute(_SQL.end_job, id_, answer, types, ids, protected)
    if await db.fetchval(_SQL.erased_meanwhile, id_, types, ids):
        await db.execute(_SQL.drop_job, id_)


async def find(db: Pool | Connection, id_: UUID) -> Any:
    """The row of a job, None when there is none any more."""
    return await db.fetchrow(_SQL.job, id_)


async def cancel(db: Pool | Connection, id_: UUID) -> None:
    await db.execute(_SQL.cancel_job, id_)


async def tidy(db: Pool | Connection, kept: timedelta) -> None:
    """Delete what was answered longer ago than `kept`."""
    await db.execute(_SQL.tidy_jobs, kept)


async def seen(db: Pool | Connection, shown: Collection[Named], *, may: Condition) -> list[Any]:
    """Of some resources, deleted ones too, the rows that the permit shows now."""
    if not shown:
        return []
    arguments = Arguments()
    types = arguments.add([number(type_) for type_, _ in shown], "smallint[]")
    ids = arguments.add([one for _, one in shown], "text[]")
    text = f"""SELECT c.type, c.id, c.patient, {PROTECTED} FROM unnest({types}, {ids}) AS wanted(type, id)
        JOIN store.current c USING (type, id) WHERE {may("c", arguments)}"""
    rows: list[Any] = await db.fetch(text, *arguments.values)
    return rows


def named(types: Sequence[int], ids: Sequence[str]) -> list[Named]:
    """Types and ids as the job's row has them."""
    return [(name(type_), id_) for type_, id_ in zip(types, ids, strict=True)]
