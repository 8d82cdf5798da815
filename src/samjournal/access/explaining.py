"""Why somebody may see a record or may not: the relations that would open it, those that do, and what hinders the rest.

    explain(db, permit, patients) -> list[Bond]      the relations between a permit and a person, those that open first
    bound(db, patient) -> list[Bound]                the units that a person has to do with, the newest first

A bond is told to the one it belongs to, and to whoever has to answer for access; it names no other reader.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from samjournal.access.blocks import ALWAYS, FOREVER
from samjournal.access.permits import Permit
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.access")
State = Literal["open", "blocked", "elsewhere", "later", "over", "self-made"]
ORDER: tuple[State, ...] = ("open", "blocked", "self-made", "elsewhere", "later", "over")
MOST = 50
"""So many are told, the latest first."""


@dataclass(frozen=True, slots=True)
class Bond:
    """One relation: its kind, what it comes from (`Encounter/7`; "reason" where somebody stated why), from and until
    (None: open), and whether it opens the record now. A self-made one waits until somebody else acts on it; one of a
    service that is not health care opens that service's part only (elsewhere); where the patient has blocked the
    record, only an emergency opens it."""

    kind: str
    source: str
    starts: datetime | None
    ends: datetime | None
    state: State
    reason: str | None = None


async def explain(db: Connection, permit: Permit, patients: Sequence[int], *, blocked: bool) -> list[Bond]:
    """The relations between what a permit stands for and a person, by all the patient keys that the person has;
    `blocked` is whether the person has blocked the record for it."""
    rows = await db.fetch(_SQL.bonds, list(patients), list(permit.parties), permit.actor, MOST)
    found = [
        Bond(
            row["kind"],
            row["source"],
            row["starts"] if row["starts"] > ALWAYS else None,
            row["ends"] if row["ends"] < FOREVER else None,
            "blocked" if blocked and row["state"] == "open" and row["kind"] != "emergency" else row["state"],
            row["reason"],
        )
        for row in rows
    ]
    return sorted(dict.fromkeys(found), key=lambda bond: ORDER.index(bond.state))


class Bound(NamedTuple):
    """A unit (`Organization/7`) that a person has to do with now, or will: by which kind of relation, and what that
    comes from."""

    unit: str
    kind: str
    source: str


async def bound(db: Pool | Connection, patient: int) -> list[Bound]:
    """The units of a person (a patient key) by all relations but tasks, stated reasons, and services that are not
    health care. Appointments and referrals count before they open the record."""
    return [Bound(row["id"], row["kind"], row["source"]) for row in await db.fetch(_SQL.bound, patient)]
