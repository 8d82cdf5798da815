"""Drafts of somebody who is out: what he had begun and not signed, for a job that makes it the team's work.

drafts_left(door, permit, login) -> list[Left]
end_left(db, login, left, became)               in the transaction that stores what it became
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Conflict, Forbidden
from samjournal.record.door import Door
from samjournal.record.drafts import MOST, Draft, of_row
from samjournal.store import drafts as stored


@dataclass(frozen=True, slots=True)
class Left:
    """A draft, the key of the post that it was begun in, and in which part of the record it lies."""

    draft: Draft
    patient: int
    agent: int
    part: int


async def drafts_left(door: Door, permit: Permit, login: str) -> list[Left]:
    """What somebody has begun and not ended, the oldest first. For permits of jobs alone."""
    if not (permit.keeps_marks and permit.kind == "system"):
        raise Forbidden("Drafts are read by who writes them, and by the job that hands them over.")
    found = await stored.left(door.pool, login, MOST)
    return [Left(of_row(row), row["patient"], row["agent"], row["part"]) for row in found]


async def end_left(db: Connection, login: str, left: Left, became: str) -> None:
    """It became a note that the team has. Raises Conflict when it was saved or ended since."""
    one, at = left.draft, datetime.now(UTC)
    if not await stored.end(db, one.id, login, [left.patient], one.version, page="", at=at, became=became):
        raise Conflict("The draft was changed at this moment.")
