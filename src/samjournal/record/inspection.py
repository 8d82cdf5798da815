"""Is what is kept of the record beside it still what the record says? And where do its references lead nowhere?

House rule 9. All runs in batches beside the traffic, in little memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from samjournal import access, terminology
from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir import references
from samjournal.fhir.definitions import load
from samjournal.record import occupying
from samjournal.record.door import Door
from samjournal.store import reindexing, rows, walking, writing

_BATCH = 500
_NAMED = 100
"""So many of what differs are named."""


@dataclass(frozen=True, slots=True)
class Drift:
    """A type that was compared: how many resources, how many differ, and the references of the first of these."""

    type: str
    compared: int
    differing: int
    wrong: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unresolved:
    """A reference that leads to nothing that is stored: from where, by which element, to what."""

    source: str
    path: str
    target: str


async def compare_projections(door: Door, permit: Permit, *, rebuild: bool = False) -> AsyncIterator[Drift]:
    """Derive every relation, person, unit and code anew and compare with what stands; with `rebuild` set it right.

    Reasons that people stated are not derived and are left alone.
    """
    for type_ in sorted(access.PROJECTED | terminology.PROJECTED):
        drift, after = Drift(type_, 0, 0, ()), ""
        while batch := await walking.after(door.pool, type_, after, limit=_BATCH):
            after = batch[-1].id
            stored = [access.Stored(type_, one.id, msgspec.json.decode(one.body), existed=True) for one in batch]
            async with door.pool.transaction() as db:
                differing = await _differing(db, stored)
                if rebuild and differing:
                    await _project(permit, type_, [one.id for one in differing], db)
            drift = _with(drift, len(batch), [one.reference for one in differing])
        yield drift


def _with(drift: Drift, compared: int, wrong: Sequence[str]) -> Drift:
    return Drift(drift.type, drift.compared + compared, drift.differing + len(wrong), (*drift.wrong, *wrong)[:_NAMED])


async def _project(permit: Permit, type_: str, ids: Sequence[str], db: Connection) -> None:
    """Under a lock and from what is newest then: somebody may have changed it since it was compared."""
    newest = (await writing.lock(db, [(type_, id_) for id_ in ids])).values()
    stored = [
        access.Stored(type_, was["id"], msgspec.json.decode(was["body"]), existed=True)
        for was in newest
        if not was["deleted"]
    ]
    await access.project(db, permit, stored)
    await terminology.project(db, stored)
    if appointments := [one.id for one in stored if one.type == "Appointment"]:
        await occupying.take_anew(db, appointments)


async def _differing(db: Connection, stored: Sequence[access.Stored]) -> list[access.Stored]:
    """Those resources of one type of which something else stands in the tables than they say."""
    if stored[0].type in terminology.PROJECTED:
        return [one for one in stored if await terminology.differs(db, one)]
    wrong = {one.reference for one in await access.differing(db, stored)} | await occupying.differing(db, stored)
    return [one for one in stored if one.reference in wrong]


async def compare_search(door: Door, *, rebuild: bool = False) -> AsyncIterator[Drift]:
    """Make what search needs of every resource anew and compare with what stands; with `rebuild` set it right."""
    for type_ in sorted(load().resources):
        drift, after = Drift(type_, 0, 0, ()), ""
        while True:
            async with door.pool.snapshot() as db:
                batch = await reindexing.after(db, type_, after, limit=_BATCH)
            if not batch:
                break
            after = batch[-1].id
            drifted = [one.id for one in batch if not reindexing.alike(one.rows, _index(one.body))]
            if rebuild and drifted:
                await _reindex(door, type_, drifted)
            drift = _with(drift, len(batch), [f"{type_}/{id_}" for id_ in drifted])
        if drift.compared:
            yield drift


async def _reindex(door: Door, type_: str, ids: Sequence[str]) -> None:
    """As `_project`, for the rows of search."""

    async def action(db: Connection) -> None:
        newest = (await writing.lock(db, [(type_, id_) for id_ in ids])).values()
        await reindexing.write(db, type_, [(was, _index(was["body"])) for was in newest if not was["deleted"]])

    await door.pool.change(action)


def _index(body: bytes) -> rows.Index:
    return rows.index(msgspec.json.decode(body), references.texts(body))


async def unresolved(door: Door) -> AsyncIterator[tuple[str, int, list[Unresolved]]]:
    """Batch by batch: the type, how many resources were looked through, and their references that lead nowhere."""
    for type_ in sorted(load().resources - {"Bundle"}):
        after = ""
        while batch := await walking.after(door.pool, type_, after, limit=_BATCH):
            after = batch[-1].id
            pointing = {one.id: {*_literals(one.body)} for one in batch}
            wanted = {target for targets in pointing.values() for target in targets}
            missing = wanted - await walking.there(door.pool, wanted) if wanted else set()
            found = [place for one in batch if pointing[one.id] & missing for place in _places(type_, one, missing)]
            yield type_, len(batch), found


def _literals(body: bytes) -> Iterator[tuple[str, str]]:
    for text in references.texts(body):
        read = references.read(text)
        if read.kind == "literal" and read.type and read.id:
            yield read.type, read.id


def _places(type_: str, one: walking.Walked, missing: set[tuple[str, str]]) -> Iterator[Unresolved]:
    for place in references.find(msgspec.json.decode(one.body)):
        read = references.read(place.text)
        if (read.type, read.id) in missing and read.kind == "literal":
            yield Unresolved(f"{type_}/{one.id}", f"{type_}.{place.path}", place.text)
