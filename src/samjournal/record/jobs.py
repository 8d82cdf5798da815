"""Answers that are fetched later: whose they are, and that they may still be shown. hl7.org/fhir/R4/async.html

An answer is for who asked alone, with the same rights. At each fetch the permit is asked anew of every resource that it
shows: when one of them is no longer open, or is protected since, the whole answer is gone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import NotFound, TooMany
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import name
from samjournal.fhir.references import LITERAL
from samjournal.record.door import Door
from samjournal.record.ids import new_id
from samjournal.record.search import look_at_many
from samjournal.store import jobs as stored
from samjournal.store import writing
from samjournal.store.jobs import Job

KEPT = timedelta(hours=1)
MOST_OPEN = 5
"""So many jobs of one client wait or are worked on at once."""
MOST_KEPT = 20
"""So many jobs of one client are there in all, answers that were not deleted included."""

_LARGE = 2**20


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a job stands: `answer` once it is done, until it is deleted at `until`."""

    before: int
    begun: datetime | None
    answer: bytes | None = None
    until: datetime | None = None


async def add_job(door: Door, permit: Permit, *, token: bytes, request: bytes, body: bytes, changes: bool) -> UUID:
    """Keep a request to be answered later; its number. Raises TooMany."""
    job = Job(UUID(new_id()), token, request, body, changes)

    async def in_transaction(db: Connection) -> None:
        await writing.hold(db, {hash64(f"jobs of {permit.actor}")})
        await stored.tidy(db, KEPT)
        open_, all_ = await stored.count(db, permit.actor)
        if open_ >= MOST_OPEN:
            raise TooMany(
                f"{open_} of your requests are being answered already. Fetch them, or cancel them with DELETE, then ask"
                " for more."
            )
        if all_ >= MOST_KEPT:
            raise TooMany(f"{all_} answers are kept for you. Delete those that you have fetched, then ask for more.")
        await stored.add(db, job, actor=permit.actor, rights=permit.rights)

    await door.pool.change(in_transaction)
    return job.id


async def progress_of(door: Door, permit: Permit, id_: str) -> Progress:
    """How far a job of this client is; the look at an answer is logged. Raises NotFound for others' jobs, and when
    something that the answer shows is no longer open."""
    row = await _own(door, permit, id_)
    if row["answer"] is None:
        return Progress(row["before"], row["begun"])
    shown = stored.named(row["types"], row["ids"])
    async with door.pool.acquire() as db:
        rows = await stored.seen(db, shown, may=permit.condition)
        same = len(rows) == len(shown) and all(permit.may("r", type_) for type_ in {type_ for type_, _ in shown})
        if not same or (not (permit.sees_protected and permit.unrestricted) and _protected(rows) != row["protected"]):
            raise NotFound("Something that this answer shows is no longer open to you, so it is gone. Ask anew.")
        look = await look_at_many(permit, "async", rows, db)
    if look is not None:
        await door.looks.write(look)
    return Progress(0, row["begun"], row["answer"], row["ended"] + KEPT)


async def cancel_job(door: Door, permit: Permit, id_: str) -> None:
    """Stop a job, or delete its answer. Raises NotFound."""
    await _own(door, permit, id_)
    await stored.cancel(door.pool, UUID(id_))


async def _own(door: Door, permit: Permit, id_: str) -> Any:
    try:
        row = await stored.find(door.pool, UUID(id_))
    except ValueError:
        row = None
    if row is None or row["actor"] != permit.actor or row["rights"] != permit.rights:
        raise NotFound("There is no such request of yours here: it was never made, was cancelled, or its time is over.")
    return row


async def jobs_of(door: Door, permit: Permit) -> tuple[int, int]:
    """How many jobs of this client are under way, and how many there are in all."""
    return await stored.count(door.pool, permit.actor)


async def take_job(door: Door) -> Job | None:
    """The next job to be done."""
    return await stored.take(door.pool)


async def job_is_wanted(door: Door, id_: UUID) -> bool:
    """Say that somebody works on it; False when it was cancelled."""
    return await stored.beat(door.pool, id_)


async def leave_job(door: Door, id_: UUID) -> None:
    """Leave a job for the next worker."""
    await stored.put_back(door.pool, id_)


async def end_job(door: Door, permit: Permit | None, id_: UUID, answer: bytes) -> None:
    """Keep the answer, with what it shows. Without a permit it shows nothing."""
    named = await asyncio.to_thread(_shown, answer) if len(answer) > _LARGE else _shown(answer)
    rows = await stored.seen(door.pool, named, may=permit.condition) if permit is not None else []
    shown = [(name(row["type"]), row["id"]) for row in rows]
    await stored.end(door.pool, id_, answer, shown, _protected(rows))


async def end_lost_jobs(door: Door, answer: bytes) -> int:
    """Give this answer to jobs whose worker is gone and that are not begun again; and forget what is over."""
    await stored.tidy(door.pool, KEPT)
    ids = await stored.lost(door.pool)
    for id_ in ids:
        await stored.end(door.pool, id_, answer, [], 0)
    return len(ids)


def _protected(rows: Collection[Any]) -> int:
    return sum(row["protected"] for row in rows)


class _Response(msgspec.Struct):
    location: str = ""


class _Resource(msgspec.Struct):
    type: str = msgspec.field(default="", name="resourceType")
    id: str = ""
    entry: list[_Entry] = []


class _Entry(msgspec.Struct):
    url: str = msgspec.field(default="", name="fullUrl")
    resource: _Resource | None = None
    response: _Response | None = None


def _shown(answer: bytes) -> set[tuple[str, str]]:
    """The resources that a Bundle, or one within it, shows or names as its entries."""
    types = load().resources
    return {(type_, id_) for type_, id_ in _of(msgspec.json.decode(answer, type=_Resource)) if type_ in types and id_}


def _of(resource: _Resource) -> Iterator[tuple[str, str]]:
    yield resource.type, resource.id
    for one in resource.entry:
        if one.resource is not None:
            yield from _of(one.resource)
        for url in (one.url, one.response.location if one.response else ""):
            parts = url.partition("/_history/")[0].rsplit("/", 2)
            if len(parts) == 3 and LITERAL.fullmatch("/".join(parts[1:])):
                yield parts[1], parts[2]
