"""Imports: many resources at once, each judged for itself, all else as for any change. hl7.org/fhir/R4/http.html#update

    take_in(door, permit, arrivals) -> list[Taken]     in their order; bad ones are refused, the rest is stored
    async with bulk(door): ...                         around a large import

What is stored already with the same content stays as it is, so an import can be repeated.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Literal

import asyncpg
import msgspec

from samjournal.access import Permit
from samjournal.db.pool import BAD_VALUE, Connection
from samjournal.fhir.errors import Erased, FhirError, Forbidden, Invalid, Issue
from samjournal.fhir.parsing import Parsed, parse, stamp
from samjournal.record.change import Change, Prepared, prepare, write
from samjournal.record.door import Door
from samjournal.record.namesakes import is_somebody_else
from samjournal.record.occupying import Double
from samjournal.record.searched import refresh_if_changed
from samjournal.store import writing
from samjournal.store.bulk import bulk as writing_in_bulk
from samjournal.store.bulk import is_bulk
from samjournal.store.bulk import settle as settle_bulk

Outcome = Literal["stored", "unchanged", "refused"]
_Names = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Arrival:
    """A resource that comes in under an id, its references resolved: as bytes, or parsed already; without either it is
    to be deleted. `is_new`: a moment ago nothing was stored under the id, so that is not asked once more; if something
    is there after all, it is compared. `is_compact`: the bytes have no white space."""

    type: str
    id: str
    sent: bytes | Parsed | None
    is_new: bool = False
    is_compact: bool = False

    @classmethod
    def of(cls, parsed: Parsed, id_: str) -> Arrival:
        return cls(parsed.resource["resourceType"], id_, parsed)


class Taken(msgspec.Struct, frozen=True):
    """What came of one: the version that now stands, or why it was refused. What was stored may have a warning."""

    outcome: Outcome
    type: str
    id: str
    version: int | None = None
    issues: tuple[Issue, ...] = ()


def bulk(door: Door) -> AbstractAsyncContextManager[None]:
    """Import much inside this: it costs the database a third. Searches meanwhile take some milliseconds more."""
    return writing_in_bulk(door.pool)


async def is_loading(door: Door) -> bool:
    """Whether somebody imports much now, in any process."""
    return await is_bulk(door.pool)


async def settle(door: Door) -> bool:
    """Set right what an import that was cut off left; whether there was anything."""
    return await settle_bulk(door.pool)


async def take_in(
    door: Door, permit: Permit, arrivals: Sequence[Arrival], *, claim: bytes | None = None, dry_run: bool = False
) -> list[Taken]:
    """Store what is sound, in one transaction for each set without the same id twice; `claim` goes with the last.

    Send at most a second's work at once, some hundred resources. With `dry_run` all is judged and nothing written.
    Raises Forbidden for who is not a system, Unavailable, Busy; a fault of one resource is told in its Taken.
    """
    if not permit.unrestricted:
        raise Forbidden("Imports are for systems with a token or on the command line.")
    await refresh_if_changed(door.pool)
    taken: dict[int, Taken] = {}
    new = frozenset((one.type, one.id) for one in arrivals if one.is_new)
    sound: list[tuple[int, Prepared]] = []
    for place, one in enumerate(arrivals):
        try:
            sound.append((place, _prepared(permit, one)))
        except FhirError as error:
            taken[place] = _refused(one.type, one.id, error)
    while sound or claim is not None:
        now, sound = _without_repeats(sound)
        last = claim if not sound else None
        claim = None if not sound else claim
        taken |= await _judge(door, now) if dry_run else await _store(door, permit, now, last, new)
    return [taken[place] for place in range(len(arrivals))]


async def remember(door: Door, claims: Sequence[bytes]) -> None:
    """Note that some things are done, such as files that are stored whole."""
    await writing.claim_all(door.pool, claims)


async def stored_among(door: Door, wanted: Sequence[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of some resources (type, id) are stored, deleted ones included."""
    return await writing.stored_among(door.pool, wanted)


async def remembered(door: Door, claims: Sequence[bytes]) -> set[bytes]:
    """Which of some things are done."""
    return await writing.claimed_of(door.pool, claims)


def _prepared(permit: Permit, one: Arrival) -> Prepared:
    if one.sent is None:
        return prepare(permit, Change.delete(one.type, one.id), checked=False)
    permit.demand("c", one.type)
    parsed = parse(one.sent, is_compact=one.is_compact) if isinstance(one.sent, bytes) else one.sent
    return prepare(permit, Change.received("update", parsed, id_=one.id), checked=False)


def _without_repeats(
    some: list[tuple[int, Prepared]],
) -> tuple[list[tuple[int, Prepared]], list[tuple[int, Prepared]]]:
    """The first of each id, and those that must wait for it."""
    seen: set[tuple[str, str]] = set()
    first, waiting = [], []
    for place, one in some:
        if (one.type, one.id) in seen:
            waiting.append((place, one))
        else:
            seen.add((one.type, one.id))
            first.append((place, one))
    return first, waiting


async def _store(
    door: Door, permit: Permit, some: Sequence[tuple[int, Prepared]], claim: bytes | None, new: _Names
) -> dict[int, Taken]:
    """One transaction; when the database refuses a value in it, each half for itself, down to the one at fault."""
    try:
        return await _at_once(door, permit, some, claim, new)
    except (FhirError, *BAD_VALUE) as error:
        if len(some) == 1:
            ((place, one),) = some
            told = error if isinstance(error, FhirError) else Invalid("It holds a value that cannot be stored.")
            if claim is not None:
                await writing.claim(door.pool, claim)
            return {place: _refused(one.type, one.id, told)}
    middle = len(some) // 2
    first = await _store(door, permit, some[:middle], None, new)
    return first | await _store(door, permit, some[middle:], claim, new)


async def _at_once(
    door: Door, permit: Permit, some: Sequence[tuple[int, Prepared]], claim: bytes | None, new: _Names
) -> dict[int, Taken]:
    wanted = [(one.type, one.id) for _, one in some]
    asked = [name for name in wanted if name not in new]
    if len(wanted) - len(asked) < writing.MANY:
        asked = wanted
    try:
        return await door.pool.change(lambda db: _in_transaction(permit, some, db, claim, asked))
    except asyncpg.UniqueViolationError:
        # Somebody else created one of them at this moment: now it is there, and is compared.
        return await door.pool.change(lambda db: _in_transaction(permit, some, db, claim, wanted))


async def _in_transaction(
    permit: Permit,
    some: Sequence[tuple[int, Prepared]],
    db: Connection,
    claim: bytes | None,
    asked: Sequence[tuple[str, str]],
) -> dict[int, Taken]:
    there = await writing.lock(db, asked)
    taken: dict[int, Taken] = {}
    todo: list[tuple[int, Prepared]] = []
    for place, one in some:
        was = there.get((one.type, one.id))
        if _unchanged(one, was):
            taken[place] = Taken("unchanged", one.type, one.id, was["version"] if was else None)
        elif was is not None and was["method"] == "X":
            taken[place] = _was_erased(one)
        elif is_somebody_else(one.resource, was["body"] if was else None):
            taken[place] = _taken_by_another(one)
        else:
            todo.append((place, one))
    doubles: list[Double] = []
    stored = await write(permit, [one for _, one in todo], there, db, "import", doubles=doubles)
    told = {one.id: _double(one) for one in doubles}
    for (place, one), done in zip(todo, stored, strict=True):
        issues = (told[one.id],) if one.type == "Appointment" and one.id in told else ()
        taken[place] = Taken("stored", one.type, one.id, done.version, issues)
    if claim is not None:
        await writing.claim(db, claim)
    return taken


def _double(one: Double) -> Issue:
    """What is double already when it comes is let in, beside the other, and told."""
    told = f"{', '.join(one.actors)} had the time already when it came. Both stand: look which of them holds."
    return Issue("conflict", told, "Appointment.participant", severity="warning")


async def _judge(door: Door, some: Sequence[tuple[int, Prepared]]) -> dict[int, Taken]:
    there = await writing.standing(door.pool, [(one.type, one.id) for _, one in some])
    told = {}
    for place, one in some:
        was = there.get((one.type, one.id))
        if was is not None and was["method"] == "X":
            told[place] = _was_erased(one)
        elif is_somebody_else(one.resource, was["body"] if was else None):
            told[place] = _taken_by_another(one)
        else:
            told[place] = Taken("unchanged" if _unchanged(one, was) else "stored", one.type, one.id)
    return told


def _taken_by_another(one: Prepared) -> Taken:
    told = (
        f"{one.type}/{one.id} is somebody else here: another name or birth date, and no identifier in common. Sources "
        "that number their patients alike must not be mixed: give the ids of one of them a prefix, in references too."
    )
    return Taken("refused", one.type, one.id, issues=(Issue("conflict", told, f"{one.type}.identifier"),))


def _was_erased(one: Prepared) -> Taken:
    told = f"{one.type}/{one.id} was erased by decision, and is not loaded again."
    return Taken("refused", one.type, one.id, issues=(Issue(Erased.code, told),))


def _unchanged(one: Prepared, was: asyncpg.Record | None) -> bool:
    if was is None or was["deleted"]:
        return one.method == "delete"
    if one.method == "delete":
        return False
    body: bytes = was["body"]
    return body == stamp(one.compact, id=one.id, version=was["version"], updated=was["at"])


def _refused(type_: str, id_: str, error: FhirError) -> Taken:
    return Taken("refused", type_, id_, issues=tuple(error.issues))
