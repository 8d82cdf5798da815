"""Drafts: what somebody is writing and has not signed, as rows beside the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.store")


class Writer(NamedTuple):
    """Who writes: login, key of the role, name, role and unit, and the part of a service that is not health care."""

    actor: str
    agent: int
    name: str
    role: str
    unit: str
    part: int


class About(NamedTuple):
    """Whom (key and id) and what it is about, and the version that it was begun from."""

    patient: int
    patient_id: str
    what: str
    base: int


async def begin(
    db: Connection,
    id_: UUID,
    writer: Writer,
    about: About,
    *,
    title: str,
    quiet: bool,
    body: bytes,
    page: str,
    at: datetime,
) -> bool:
    """The first save. False when the id is taken."""
    patient, patient_id, what, base = about
    values = (id_, patient, patient_id, *writer, what, base, title, quiet, body, page, at)
    return await db.fetchval(_SQL.begin_draft, *values) is not None


async def save(
    db: Connection,
    id_: UUID,
    actor: str,
    patients: Sequence[int],
    version: int,
    *,
    title: str,
    quiet: bool,
    body: bytes,
    base: int,
    page: str,
    at: datetime,
) -> bool:
    """What is written now. False when another version stands than the one that the writer had before him."""
    values = (id_, actor, list(patients), version, title, quiet, body, base, at, page)
    return await db.fetchval(_SQL.save_draft, *values) is not None


async def find(db: Pool | Connection, id_: UUID, actor: str, part: int) -> Any:
    """The row of a draft of somebody's own; None when there is none."""
    return await db.fetchrow(_SQL.draft, id_, actor, part)


async def end(
    db: Connection,
    id_: UUID,
    actor: str,
    patients: Sequence[int],
    version: int,
    *,
    page: str,
    at: datetime,
    became: str | None,
) -> bool:
    """It was signed (as `became`) or discarded. False when another version stands, or it is of another patient."""
    return await db.fetchval(_SQL.end_draft, id_, actor, version, at, became, page, list(patients)) is not None


async def end_unsaved(db: Connection, id_: UUID, writer: Writer, about: About, at: datetime, became: str) -> bool:
    """It was signed before it was ever saved. False when the id is taken."""
    patient, patient_id, what, base = about
    values = (id_, patient, patient_id, *writer, what, base, at, became)
    return await db.fetchval(_SQL.end_unsaved, *values) is not None


async def of(db: Pool | Connection, actor: str, part: int, patients: Sequence[int] | None, count: int) -> list[Any]:
    """What somebody has begun and not ended, of some patients or of all, the oldest first."""
    rows: list[Any] = await db.fetch(_SQL.drafts_of, actor, part, None if patients is None else list(patients), count)
    return rows


async def left(db: Pool | Connection, actor: str, count: int) -> list[Any]:
    """What somebody has begun and not ended, in whatever part of the record, the oldest first."""
    rows: list[Any] = await db.fetch(_SQL.drafts_left, actor, count)
    return rows


async def others(
    db: Pool | Connection, actor: str, patients: Sequence[int], since: datetime, known: Sequence[int]
) -> list[Any]:
    """Who else has written on something of a patient since."""
    rows: list[Any] = await db.fetch(_SQL.others_writing, list(patients), actor, since, list(known))
    return rows


async def erase(db: Connection, patients: Sequence[int], about: Sequence[str]) -> None:
    """Remove every draft about some patients, and those that change some resources (`Type/id`)."""
    await db.execute(_SQL.erase_drafts, list(patients), list(about))
