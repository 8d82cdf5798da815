"""Everything of a patient or an encounter that the permit shows, and what it refers to.

hl7.org/fhir/R4/patient-operation-everything.html, encounter-operation-everything.html

What lies under the person's patient ids comes, and what of R4's patient compartment lies elsewhere; then what these
refer to, one step far: registers, medications, devices, binaries. Another patient's record does not come with it,
whoever refers to it: that is a question about somebody else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import asyncpg

from samjournal.access import Permit, open_to
from samjournal.db.pool import Connection
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import SYSTEM, patient_key
from samjournal.fhir.numbers import number
from samjournal.record.door import Door, Stored, all_stored
from samjournal.record.read import absent, gone, refused
from samjournal.record.search import look_at_many
from samjournal.store import everything as statements
from samjournal.store import reading
from samjournal.store.everything import Narrowed, Place
from samjournal.store.search.query import decode, encode

MOST = 5000
"""So many resources at most are in one answer."""
MOST_BYTES = 32 * 2**20
_BINARY = re.compile(rb'"url":"(Binary/[A-Za-z0-9\-.]{1,64})"')
_PATIENTS = 100
_LARGE = 4 * 2**20


@dataclass(frozen=True, slots=True)
class Everything:
    """One page: what was asked for, first what it is about; what that refers to; the cursor of the next page."""

    matches: list[Stored]
    referred: list[Stored]
    next_cursor: str | None


async def everything(
    door: Door,
    permit: Permit,
    type_: Literal["Patient", "Encounter"],
    id_: str,
    narrowed: Narrowed,
    *,
    count: int | None = None,
    cursor: str | None = None,
) -> Everything:
    """A page of everything of one patient or encounter. Raises as `read` does; Invalid for a broken cursor."""
    permit.demand("r", type_)
    narrowed = _readable(permit, narrowed)
    async with door.pool.lane() as db:
        keys = await _keys(door, permit, type_, id_, db)
        after = _place(cursor) if cursor else None
        rows, more = await _rows(door, permit, (type_, id_), keys, narrowed, after, count, db)
        if not rows or (rows[0]["type"], rows[0]["id"]) != (number(type_), id_):
            await _refuse_unseen(permit, type_, id_, db)
        matches = all_stored(rows, permit)
        # Of a whole patient all that lies under him is a match, on this page or on another.
        whole = type_ == "Patient" and narrowed.during is None
        brought = await _referred(permit, matches, () if whole else keys, narrowed, db)
        look = await look_at_many(permit, "everything", [*rows, *brought], db, named=keys, told=_told(rows))
    if look is not None:
        await door.looks.write(look)
    return Everything(matches, all_stored(brought, permit), more)


async def everything_of_all(
    door: Door, permit: Permit, narrowed: Narrowed, *, count: int, cursor: str | None = None
) -> Everything:
    """Everything of all patients whose record is open, by id. A page holds whole patients, as many as it takes to come
    to `count` resources, and of at most a hundred patients; only who is too large for one page comes in parts. Raises
    Forbidden, Invalid, Busy."""
    permit.demand("s", "Patient")
    narrowed = _readable(permit, narrowed)
    matches: dict[str, Stored] = {}
    brought: dict[str, Stored] = {}
    inner, last = _patient(cursor) if cursor else ("", "")
    ids = await open_to(door.pool, permit, after=last, count=_PATIENTS)
    for id_ in [last, *ids] if inner else ids:
        page = await _part(door, permit, id_, narrowed, _place(inner) if inner else None)
        inner, last = page.next_cursor or "", id_
        matches |= {one.reference: one for one in page.matches}
        brought |= {one.reference: one for one in page.referred}
        if inner or len(matches) >= count:
            return _once(matches, brought, encode([inner, last]))
    # Of so many patients there may be nothing that was asked for; then the next page goes on from there.
    return _once(matches, brought, encode(["", last]) if len(ids) == _PATIENTS else None)


def _once(matches: dict[str, Stored], brought: dict[str, Stored], following: str | None) -> Everything:
    """A page on which each stands once, though it may belong to several patients."""
    rest = [one for reference, one in brought.items() if reference not in matches]
    return Everything(list(matches.values()), rest, following)


async def _part(door: Door, permit: Permit, id_: str, narrowed: Narrowed, after: Place | None) -> Everything:
    """What lies under one patient id, from a place on."""
    keys = [patient_key(id_)]
    async with door.pool.lane() as db:
        rows, more = await _rows(door, permit, ("Patient", id_), keys, narrowed, after, None, db)
        matches = all_stored(rows, permit)
        brought = await _referred(permit, matches, keys if narrowed.during else (), narrowed, db)
        look = await look_at_many(permit, "everything", [*rows, *brought], db, told=_told(rows)) if rows else None
    if look is not None:
        await door.looks.write(look)
    return Everything(matches, all_stored(brought, permit), more)


async def _keys(door: Door, permit: Permit, type_: str, id_: str, db: Connection) -> list[int]:
    """The patient keys that the rows lie under: all ids of a merged person."""
    if type_ == "Patient":
        return [patient_key(same) for same in door.persons.ids(id_)]
    return [(await _refuse_unseen(permit, type_, id_, db))["patient"]]


async def _refuse_unseen(permit: Permit, type_: str, id_: str, db: Connection) -> asyncpg.Record:
    """The row of what is asked about. Raises NotFound, ReasonNeeded, Gone, as a read of it does."""
    text, values = reading.one(type_, id_, why=permit.why, may=permit.condition)
    row = await db.fetchrow(text, *values)
    if row is None:
        raise absent(type_, id_)
    if not row["may"]:
        raise refused(permit, type_, id_, deleted=row["deleted"])
    if row["deleted"]:
        raise await gone(db, type_, id_, row["version"])
    return row


async def _rows(
    door: Door,
    permit: Permit,
    about: tuple[str, str],
    keys: Sequence[int],
    narrowed: Narrowed,
    after: Place | None,
    count: int | None,
    db: Connection,
) -> tuple[list[asyncpg.Record], str | None]:
    """The rows of a page and the cursor of the next."""
    type_, id_ = about
    most = min(count or MOST, MOST)
    if type_ == "Patient":
        same = [one for one in door.persons.ids(id_) if patient_key(one) in keys]
        text, values = statements.of_patients(
            same,
            keys,
            why=permit.why,
            may=permit.condition,
            narrowed=narrowed,
            after=after,
            count=most + 1,
            size=MOST_BYTES,
        )
    else:
        text, values = statements.of_encounter(
            id_,
            keys[0],
            why=permit.why,
            may=permit.condition,
            narrowed=narrowed,
            after=after,
            count=most + 1,
            size=MOST_BYTES,
        )
    rows: list[asyncpg.Record] = await db.fetch(text, *values)
    more = len(rows) > most or (bool(rows) and rows[-1]["before"] + len(rows[-1]["body"]) >= MOST_BYTES)
    rows = rows[:most]
    if not more:
        return rows, None
    last = rows[-1]
    return rows, encode([(last["type"], last["id"]) != (number(type_), id_), last["type"], last["id"]])


def _told(rows: Sequence[asyncpg.Record]) -> dict[int, str]:
    """What opens the record that the first row lies under, which its statement tells."""
    return {row["patient"]: row["why"] for row in rows[:1] if row["patient"] != SYSTEM and row["why"]}


def _readable(permit: Permit, narrowed: Narrowed) -> Narrowed:
    """Only the types that role and scopes let read."""
    return narrowed._replace(types=tuple(type_ for type_ in narrowed.types if permit.may("r", type_)))


async def _referred(
    permit: Permit, matches: Sequence[Stored], keys: Sequence[int], narrowed: Narrowed, db: Connection
) -> list[asyncpg.Record]:
    """What the matches refer to, as they are shown: what a rendition leaves out is not followed."""
    bodies = b"\n".join(one.body for one in matches if one.body is not None)
    texts = await asyncio.to_thread(_texts, bodies) if len(bodies) > _LARGE else _texts(bodies)
    there = {(one.type, one.id) for one in matches}
    known = frozenset(narrowed.types)
    wanted = sorted(
        {
            (read.type, read.id)
            for read in map(references.read, texts)
            if read.kind == "literal" and read.type in known and read.type and read.id
        }
        - there
    )
    if not wanted:
        return []
    text, values = statements.referred(
        wanted,
        keys,
        why=permit.why,
        may=permit.condition,
        narrowed=narrowed,
        count=MOST,
        size=MOST_BYTES,
    )
    rows: list[asyncpg.Record] = await db.fetch(text, *values)
    return rows


def _texts(bodies: bytes) -> set[str]:
    """What the bytes refer to, attachments included."""
    attached = _BINARY.findall(bodies) if b'"url":"Binary/' in bodies else ()
    return references.distinct(bodies) | {url.decode() for url in attached}


def narrowed_to(types: Sequence[str]) -> Narrowed:
    """These types, or every type when none is named."""
    return Narrowed(tuple(types) or tuple(sorted(load().resources)))


def _place(cursor: str) -> Place:
    match decode(cursor):
        case (bool(later), int(type_), str(id_)):
            return Place(later, type_, id_)
    raise _broken()


def _patient(cursor: str) -> tuple[str, str]:
    match decode(cursor):
        case (str(inner), str(id_)):
            return inner, id_
    raise _broken()


def _broken() -> Invalid:
    return Invalid("This page link is broken. Follow the links of the Bundle as they are, or ask anew.")
