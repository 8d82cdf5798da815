"""FHIR history of one instance, of a type and of everything, newest first. hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg
import msgspec
from msgspec.structs import replace

from samjournal.access import OWN_PART, Permit
from samjournal.db.pool import Connection
from samjournal.fhir import numbers as types
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.record.door import Door, Stored, look_of, rendition
from samjournal.record.narrowing import newest_only, restricts
from samjournal.record.read import absent, refused, told
from samjournal.record.search import look_at_many
from samjournal.store import erasing
from samjournal.store import history as statements
from samjournal.store.history import Place, Times
from samjournal.store.search.query import decode, encode

_LOOKED_AT = 1000
"""So many versions at once are looked at for somebody who sees only some of them."""
_MOST_LOOKS = 5


class Version(msgspec.Struct, frozen=True, gc=False):
    """One version and how it came: C(reate), U(pdate), D(elete); X: it was erased, and `erased` tells when and why."""

    stored: Stored
    method: str
    erased: str | None = None


@dataclass(frozen=True, slots=True)
class Versions:
    """One page of the history of several resources, and the cursor of the next. A page may hold fewer than were asked
    for, or none, where much lies between that the reader does not see. `settled` is a moment to read on from: what is
    stored later is not older."""

    versions: list[Version]
    next_cursor: str | None
    settled: datetime


async def history(
    door: Door,
    permit: Permit,
    type_: str,
    id_: str,
    *,
    count: int = 50,
    before: int | None = None,
    times: Times | None = None,
) -> tuple[list[Version], int]:
    """Versions below `before`, newest first, and how many there are in all. Raises as `read` does."""
    permit.demand("r", type_)
    # Seen without a relation that opens the record: in a part of its own.
    look = look_of(permit, "history", why=OWN_PART, shown=f"{type_}/{id_}")
    rows = await door.histories.one(permit, look, (type_, id_), statements.Page(count, before, times or Times()))
    if not rows:
        raise absent(type_, id_)
    if not rows[0]["may"]:
        raise refused(permit, type_, id_, deleted=rows[0]["deleted"])
    newest = rows[0]["newest"]
    if restricts(permit, type_):
        return await _versions(door, permit, [row for row in rows if row["version"] == newest]), 1
    return await _versions(door, permit, [row for row in rows if row["version"] is not None]), newest


async def history_of_types(
    door: Door,
    permit: Permit,
    type_: str | None,
    *,
    count: int,
    cursor: str | None = None,
    times: Times | None = None,
) -> Versions:
    """Versions of all resources of a type, or of every type that the role reads. Pages are stable while others write:
    what is written meanwhile is newer. Raises Forbidden, Invalid, Busy."""
    if type_ is not None:
        permit.demand("r", type_)
    readable = [type_] if type_ else [one for one in sorted(load().resources) if permit.may("r", one)]
    if not readable:
        raise Forbidden(f"The role {permit.role} reads no type.")
    after = _place(cursor) if cursor else None
    async with door.pool.acquire() as db:
        settled = await statements.settled(db)
    async with door.pool.snapshot() as db:
        rows, following = await _walk(permit, readable, count, after, times or Times(), db)
        look = await look_at_many(permit, "history", rows, db)
    if look is not None:
        await door.looks.write(look)
    return Versions(await _versions(door, permit, rows), _cursor(following) if following else None, settled)


async def _walk(
    permit: Permit, readable: Sequence[str], count: int, after: Place | None, times: Times, db: Connection
) -> tuple[list[asyncpg.Record], Place | None]:
    """The rows of a page and where the next begins. Who does not see everything is served from a stretch of time at
    once, so that no request walks through the whole record."""
    rows: list[asyncpg.Record] = []
    everything = permit.unrestricted and permit.narrow is None
    for _ in range(_MOST_LOOKS):
        floor = None if everything or times.among is not None else await _floor(readable, after, times, db)
        text, values = statements.of_types(
            readable,
            may=newest_only(permit),
            count=count + 1 - len(rows),
            after=after,
            floor=floor,
            everything=everything,
            times=times,
        )
        rows += await db.fetch(text, *values)
        if len(rows) > count:
            last = rows[count - 1]
            return rows[:count], Place(last["at"], last["type"], last["id"], last["version"])
        if floor is None:
            return rows, None
        after = Place(floor, 0, "", 0)
    return rows, after


async def _floor(readable: Sequence[str], after: Place | None, times: Times, db: Connection) -> datetime | None:
    text, values = statements.floor_of(readable, after=after, looked_at=_LOOKED_AT, times=times)
    floor: datetime | None = await db.fetchval(text, *values)
    return floor


async def _versions(door: Door, permit: Permit, rows: Sequence[asyncpg.Record]) -> list[Version]:
    made = [_version(row, permit) for row in rows]
    if any(one.method == "X" for one in made):
        return [replace(one, erased=await _erased(door, one.stored)) if one.method == "X" else one for one in made]
    return made


async def _erased(door: Door, stored: Stored) -> str:
    stone = await erasing.tombstone(door.pool, stored.type, stored.id, stored.version)
    return told(stored.type, stored.id, stone) if stone else f"{stored.reference} was erased by decision."


def _version(row: asyncpg.Record, permit: Permit) -> Version:
    body = rendition(row["body"], row, permit)
    stored = Stored(types.name(row["type"]), row["id"], row["version"], row["at"], body, row["version"] == 1)
    return Version(stored, row["method"])


def _cursor(place: Place) -> str:
    return encode([place.type, place.version, place.at.isoformat(), place.id])


def _place(cursor: str) -> Place:
    match decode(cursor):
        case (int(type_), int(version), str(at), str(id_)):
            try:
                return Place(datetime.fromisoformat(at), type_, id_, version)
            except ValueError:
                pass
    raise Invalid("This page link is broken. Follow the links of the Bundle as they are, or ask anew.")
