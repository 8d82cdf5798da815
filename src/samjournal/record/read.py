"""FHIR read and vread: the newest or one version of one resource. hl7.org/fhir/R4/http.html#read"""

from __future__ import annotations

import asyncpg

from samjournal.access import Permit
from samjournal.audit import shown
from samjournal.db.binding import Arguments
from samjournal.fhir import numbers as types
from samjournal.fhir.errors import Gone, NotFound, ReasonNeeded
from samjournal.record.door import Door, Stored, look_of, stored_of

_MAX_VERSION = 2**31 - 1


async def read(door: Door, permit: Permit, type_: str, id_: str) -> Stored:
    """The newest version. Raises NotFound (absent, blocked, invisible alike), Gone, ReasonNeeded, Forbidden, Busy."""
    return await _read(door, permit, type_, id_, None)


async def vread(door: Door, permit: Permit, type_: str, id_: str, version: int) -> Stored:
    """One version; the relation, labels and owner of the resource today decide, not those of then."""
    return await _read(door, permit, type_, id_, version)


async def _read(door: Door, permit: Permit, type_: str, id_: str, version: int | None) -> Stored:
    permit.demand("r", type_)
    if version is not None and not 0 < version <= _MAX_VERSION:
        raise absent(type_, id_)
    arguments = Arguments()
    at = "c.version" if version is None else arguments.add(version, "integer")
    sql = f"""SELECT c.type, c.id, v.version, v.at, v.body, c.patient, c.protected, c.deleted,
            {permit.why("c.patient", arguments)} AS why, {permit.condition("c", arguments)} AS may
        FROM store.current c LEFT JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = {at}
        WHERE c.type = {arguments.add(types.number(type_), "smallint")} AND c.id = {arguments.add(id_, "text")}"""
    row = await door.pool.fetchrow(sql, *arguments.values)
    if row is None:
        raise absent(type_, id_)
    if not row["may"]:
        raise refused(permit, type_, id_, deleted=row["deleted"])
    if row["version"] is None:
        raise absent(type_, id_)
    if row["body"] is None:
        raise Gone(f"{type_}/{id_} was deleted. Its history is kept.")
    await log(door, permit, "read" if version is None else "vread", row, type_, id_)
    return stored_of(row, permit)


async def log(door: Door, permit: Permit, action: str, row: asyncpg.Record, type_: str, id_: str) -> None:
    """Log a look at one resource, when it lives under a patient."""
    if row["patient"] != 0:
        look = look_of(permit, action, patient=row["patient"], why=row["why"] or "", shown=shown([(type_, id_)]))
        await door.looks.write(look)


def absent(type_: str, id_: str) -> NotFound:
    """The one answer for what is absent, blocked or invisible."""
    return NotFound(f"There is no {type_}/{id_} here.")


def refused(permit: Permit, type_: str, id_: str, *, deleted: bool) -> NotFound | ReasonNeeded:
    """The answer to somebody who may not see a row: a patient whom *find* shows needs a reason, all else is absent."""
    if type_ == "Patient" and permit.finds and permit.states_reason and not deleted:
        return ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
    return absent(type_, id_)
