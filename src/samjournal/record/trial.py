"""Whether a write would be done: it is done, and undone. hl7.org/fhir/R4/resource-operation-validate.html

What a write refuses depends on the record as it is: the same steps in a transaction that is rolled back give the same
answer as the write would, and nothing is stored, logged as done or announced.
"""

from __future__ import annotations

import asyncpg

from samjournal.access import Permit, decide
from samjournal.audit import shown
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Conflict, FhirError
from samjournal.fhir.keys import SYSTEM
from samjournal.record.change import Change, apply, prepare
from samjournal.record.door import Door, look_of
from samjournal.store import writing


class _Undo(Exception):
    """Ends the trial."""


async def trial(door: Door, permit: Permit, one: Change) -> FhirError | None:
    """What a write would be refused with; None when it would be done. The look at what stands is logged."""
    problem: FhirError | None

    async def tried(db: Connection) -> None:
        await apply(permit, [prepared], db, None, None)
        await db.settle()
        raise _Undo

    try:
        prepared = prepare(permit, one, checked=True)
        await door.pool.change(tried)
    except _Undo:
        problem = None
    except FhirError as error:
        problem = error
    except asyncpg.UniqueViolationError:
        problem = Conflict("Somebody else wrote the same resource at this moment. Try again.")
    if one.id is not None and (problem is None or problem.status not in (403, 404)):
        await _log(door, permit, one.type, one.id)
    return problem


async def _log(door: Door, permit: Permit, type_: str, id_: str) -> None:
    async with door.pool.acquire() as db:
        row = (await writing.standing(db, [(type_, id_)])).get((type_, id_))
        patient = row["patient"] if row is not None else SYSTEM
        why = (await decide(db, permit, {patient} - {SYSTEM})).get(patient)
    if why is not None:
        await door.looks.write(look_of(permit, "validate", patient=patient, why=why, shown=shown([(type_, id_)])))
