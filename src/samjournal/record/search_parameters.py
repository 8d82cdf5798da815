"""Search parameters that an administrator added: activated, deactivated, and told of.

hl7.org/fhir/R4/searchparameter.html. What is activated is the SearchParameter as it stands then; what becomes of it
later changes nothing until it is activated again. docs/decisions/0022-sets-of-parameters.md

    activate(door, permit, id) -> Standing      from the moment on that all resources are indexed by it
    deactivate(door, permit, id) -> Standing    at once
    standing(door, id) -> Standing
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import msgspec

from samjournal.access import Permit
from samjournal.db.pool import Connection, Pool
from samjournal.fhir import custom
from samjournal.fhir.custom import Custom
from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.record.door import Door
from samjournal.record.read import absent
from samjournal.record.searched import Standing, all_standing, refresh
from samjournal.store import added
from samjournal.store.added import Active

_log = logging.getLogger(__name__)
_TYPE = "SearchParameter"


async def activate(door: Door, permit: Permit, id_: str) -> Standing:
    """Search by a stored SearchParameter, as soon as what is there is indexed by it; twice is once. Raises Forbidden,
    NotFound, Unprocessable (it cannot be searched), Conflict (another has its code)."""
    _demand(permit)

    async def action(db: Connection) -> None:
        await added.hold(db)
        found = next((one for one in await added.stored(db) if one.id == id_), None)
        if found is None:
            raise absent(_TYPE, id_)
        customs = custom.of(msgspec.json.decode(found.body))
        standing = await added.active(db)
        _refuse_taken(id_, customs, standing)
        if {one.custom for one in standing if one.custom.id == id_} != set(customs):
            at = datetime.now(UTC)
            await added.replace(db, id_, customs, version=found.version, at=at, author=permit.actor)
        else:
            await added.confirm(db, id_, found.version)

    await door.pool.change(action)
    _log.info("a search parameter was activated", extra={"parameter": id_, "actor": permit.actor})
    await refresh(door.pool)
    return await _found(door.pool, id_)


async def deactivate(door: Door, permit: Permit, id_: str) -> Standing:
    """Search by it no more, from now on; what it was indexed by goes with the next indexing. Raises as `activate`."""
    _demand(permit)

    async def action(db: Connection) -> None:
        await added.hold(db)
        if any(one.custom.id == id_ for one in await added.active(db)):
            await added.replace(db, id_, (), version=0, at=datetime.now(UTC), author=permit.actor)
        elif all(one.id != id_ for one in await added.stored(db)):
            raise absent(_TYPE, id_)

    await door.pool.change(action)
    _log.info("a search parameter was deactivated", extra={"parameter": id_, "actor": permit.actor})
    await refresh(door.pool)
    return await _standing(door.pool, id_) or Standing(id_, "", "", False, False, ())


def _demand(permit: Permit) -> None:
    if not permit.unrestricted or (permit.scopes is not None and not permit.scopes.changes_search):
        raise Forbidden(
            "What is searched by is decided by a system whose token has the scope search.change, or no scopes at all,"
            " or on the command line: samjournal search-parameters."
        )


def _refuse_taken(id_: str, customs: list[Custom], standing: list[Active]) -> None:
    taken = {(one.custom.type, one.custom.code): one.custom.id for one in standing if one.custom.id != id_}
    for one in customs:
        if other := taken.get((one.type, one.code)):
            raise Conflict(f"{_TYPE}/{other} is active as “{one.code}” of {one.type}. Deactivate it first.")


async def standing(door: Door, permit: Permit, id_: str) -> Standing:
    """How it stands with one. Raises Forbidden, NotFound."""
    permit.demand("r", _TYPE)
    return await _found(door.pool, id_)


async def _found(db: Pool, id_: str) -> Standing:
    found = await _standing(db, id_)
    if found is None:
        raise absent(_TYPE, id_)
    return found


async def _standing(db: Pool, id_: str) -> Standing | None:
    return next((one for one in await all_standing(db) if one.id == id_), None)
