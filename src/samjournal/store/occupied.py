"""Who and what is taken, from when until when: rows that exclude one another. Inside a transaction, but for asking.

take(db, claims) -> list[Claim]         those of them that were not to be had, in their order
leave(db, ids)                          what some Appointments take is free again
standing(db, ids) -> dict[id, list[Standing]]
times(db, keys, lo, hi) -> dict[key, [(from, until)]]       in seconds since 1970, times that touch as one
lanes(db, key, lo, hi) -> set[int]      the lanes of one that are taken at a time
tidy(db, before, limit) -> int          what is over is forgotten
naming(db, references) -> list[str]     the ids of Appointments that name one of them
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import number
from samjournal.store.rows import referring
from samjournal.store.writing import hold

_SQL = queries("samjournal.store")
_FEW = 100
"""Of so many it is waited for one after the other, which is kindest; an import takes what is free at once."""


class Claim(NamedTuple):
    """One of whom or what an Appointment (id) takes the time from `lo` until `hi`. `asked` is the lane that it says,
    `lane` the one that it gets."""

    id: str
    key: int
    asked: int
    lo: datetime
    hi: datetime
    lane: int


async def take(db: Connection, claims: Sequence[Claim]) -> list[Claim]:
    """Take times; those claims whose time somebody else has, which were not taken."""
    if not claims:
        return []
    rows = [(one.id, one.key, one.lane, one.asked, one.lo, one.hi) for one in claims]
    had = await db.fetch(_SQL.occupy, *map(list, zip(*rows, strict=True)))
    taken = {(row["id"], row["key"], row["asked"], row["lo"], row["hi"]) for row in had}
    return [one for one in claims if one[:5] not in taken]


async def in_turn(db: Connection, keys: Collection[int]) -> None:
    """Wait for whoever takes or leaves times of the same: two who would change places do not wait for each other."""
    if len(keys) <= _FEW:
        await hold(db, {hash64(f"occupied {one}") for one in keys})


async def leave(db: Connection, ids: Collection[str]) -> None:
    await db.execute(_SQL.leave, list(ids))


async def standing(db: Pool | Connection, ids: Collection[str]) -> dict[str, list[Claim]]:
    """What some Appointments take now; none for those that take nothing."""
    found: dict[str, list[Claim]] = {}
    for row in await db.fetch(_SQL.occupied_by, list(ids)):
        claim = Claim(row["id"], row["key"], row["asked"], row["lo"], row["hi"], row["lane"])
        found.setdefault(row["id"], []).append(claim)
    return found


async def times(
    db: Pool | Connection, keys: Collection[int], lo: datetime, hi: datetime, *, besides: Collection[str] = ()
) -> dict[int, list[tuple[int, int]]]:
    """When some are taken, by anything but the Appointments `besides`."""
    found: dict[int, list[tuple[int, int]]] = {one: [] for one in keys}
    for row in await db.fetch(_SQL.occupied, list(keys), lo, hi, list(besides)):
        found[row["key"]].append((row["lo"], row["hi"]))
    return found


async def lanes(
    db: Pool | Connection, key: int, lo: datetime, hi: datetime, *, besides: Collection[str] = ()
) -> set[int]:
    return {row["lane"] for row in await db.fetch(_SQL.lanes_taken, key, lo, hi, list(besides))}


async def lanes_of(db: Pool | Connection, keys: Collection[int]) -> dict[int, set[int]]:
    """The lanes of some that are taken at any time: the places of sessions."""
    found: dict[int, set[int]] = {one: set() for one in keys}
    for row in await db.fetch(_SQL.lanes_of, list(keys)):
        found[row["key"]].add(row["lane"])
    return found


async def to_come(db: Pool | Connection, since: datetime, after: str, *, limit: int) -> list[str]:
    """The ids of Appointments that begin after a moment, the next ones by id."""
    rows = await db.fetch(_SQL.appointments_to_come, number("Appointment"), since, after, limit)
    return [row["id"] for row in rows]


async def tidy(db: Pool | Connection, before: datetime, *, limit: int) -> int:
    """Forget some of what was over by a moment; how many."""
    return int((await db.execute(_SQL.over, before, limit)).rpartition(" ")[2])


async def naming(db: Connection, references: Collection[str]) -> list[str]:
    tokens = [referring(one) for one in references]
    return [row["id"] for row in await db.fetch(_SQL.appointments_naming, number("Appointment"), tokens)]
