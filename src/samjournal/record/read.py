"""FHIR read and vread: the newest or one version of one resource. hl7.org/fhir/R4/http.html#read"""

from __future__ import annotations

import asyncpg

from samjournal.access import OWN_PART, Permit
from samjournal.db.pool import Connection, Pool
from samjournal.fhir.errors import Erased, Gone, NotFound, ReasonNeeded
from samjournal.record.door import Door, Stored, look_of, stored_of
from samjournal.store import erasing
from samjournal.store.erasing import Tombstone

_MAX_VERSION = 2**31 - 1


async def read(door: Door, permit: Permit, type_: str, id_: str) -> Stored:
    """The newest version. Raises NotFound (absent, blocked, invisible alike), Gone, ReasonNeeded, Forbidden, Busy."""
    return await _read(door, permit, type_, id_, None)


async def vread(door: Door, permit: Permit, type_: str, id_: str, version: int) -> Stored:
    """One version; the relation, labels and owner of the resource today decide, not those of then."""
    return await _read(door, permit, type_, id_, version)


async def _read(door: Door, permit: Permit, type_: str, id_: str, version: int | None) -> Stored:
    return stored_of(await row_of(door, permit, type_, id_, version), permit)


async def row_of(door: Door, permit: Permit, type_: str, id_: str, version: int | None = None) -> asyncpg.Record:
    """One version as it lies, the look at it logged. Raises as `read` does."""
    permit.demand("r", type_)
    if version is not None and not 0 < version <= _MAX_VERSION:
        raise absent(type_, id_)
    only_newest = version is not None and permit.narrow is not None and permit.narrow.scopes.narrows(type_)
    # Seen without a relation that opens the record: in a part of its own.
    look = look_of(permit, "read" if version is None else "vread", why=OWN_PART, shown=f"{type_}/{id_}")
    wanted = type_, id_, None if only_newest else version
    row = await door.reads.one(permit, look, wanted, only=version)
    if row is None or (only_newest and row["version"] != version):
        raise absent(type_, id_)
    if not row["may"]:
        raise refused(permit, type_, id_, deleted=row["deleted"])
    if row["version"] is None:
        raise absent(type_, id_)
    if row["body"] is None:
        raise await gone(door.pool, type_, id_, row["version"])
    return row


async def gone(db: Pool | Connection, type_: str, id_: str, version: int) -> Gone:
    """The answer for a version that says nothing: its resource was deleted, or what it said was erased."""
    stone = await erasing.tombstone(db, type_, id_, version)
    return (
        Gone(f"{type_}/{id_} was deleted. Its history is kept.") if stone is None else Erased(told(type_, id_, stone))
    )


def told(type_: str, id_: str, stone: Tombstone) -> str:
    """Of an erasure, in words."""
    return f"{type_}/{id_} was erased on {stone.at:%Y-%m-%d} by decision {stone.decision}. It does not come back."


def absent(type_: str, id_: str) -> NotFound:
    """The one answer for what is absent, blocked or invisible."""
    return NotFound(f"There is no {type_}/{id_} here.")


def refused(permit: Permit, type_: str, id_: str, *, deleted: bool) -> NotFound | ReasonNeeded:
    """The answer to somebody who may not see a row: a patient whom *find* shows needs a reason, all else is absent."""
    if type_ == "Patient" and permit.finds and permit.states_reason and not deleted:
        return ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
    return absent(type_, id_)
