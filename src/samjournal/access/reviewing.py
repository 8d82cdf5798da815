"""The review list: what somebody must look over, since it opened a record in another way than by care.

    to_review(db, permit) -> Open          what waits, the oldest first, and how many there are
    unreviewed(db, before) -> dict         how much is late, by organisation; for jobs
    reviewed(db, permit, id)               somebody looked it over
    answers_for(db, permit) -> list[str]   the organisations whose access somebody answers for

Stated reasons, relations that people made for themselves, access changed by systems, and looks that ask for a question.
Each is for those who answer for the organisation of whoever did it; what systems did is for all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from samjournal.access.permits import Permit
from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden

_SQL = queries("samjournal.access")
SHOWN = 100
ASKED = "asked"
"""The kind of a matter in which a citizen asks about a look: it leaves the list by an answer alone."""
DUE = timedelta(days=14)
"""So long may anything wait on the list."""


@dataclass(frozen=True, slots=True)
class Matter:
    """One thing to look over: `kind` is reason, self-made, access-changed, anomaly or asked; `source` what was written
    (`Encounter/7`), or the rules that ask (`colleague,surname`); `patient` an id, None where it is about nobody."""

    id: UUID
    at: datetime
    kind: str
    actor: str
    role: str
    source: str
    reason: str | None
    patient: str | None


@dataclass(frozen=True, slots=True)
class Open:
    """What waits: the oldest, and how many in all."""

    matters: tuple[Matter, ...]
    total: int


async def to_review(db: Connection, permit: Permit) -> Open:
    """What waits for whom the permit stands for. Raises Forbidden for who does not answer for access."""
    rows = await db.fetch(_SQL.to_review, await answers_for(db, permit), SHOWN)
    matters = tuple(Matter(*(row[name] for name in Matter.__dataclass_fields__)) for row in rows)
    return Open(matters, rows[0]["total"] if rows else 0)


async def unreviewed(db: Connection, before: datetime) -> dict[str, int]:
    """How much has waited since before a moment, by the id of the organisation whose people did it, "" for systems."""
    return {row["organization"]: row["matters"] for row in await db.fetch(_SQL.unreviewed, before)}


async def reviewed(db: Connection, permit: Permit, id_: UUID) -> tuple[int | None, str, str] | None:
    """Note that it was looked over: the patient's key, the kind and the source; None when it does not wait, is another
    organisation's, or is the reviewer's own doing."""
    row = await db.fetchrow(_SQL.reviewed, id_, permit.actor, await answers_for(db, permit))
    return None if row is None else (row["patient"], row["kind"], row["source"])


async def asked_of(db: Connection, permit: Permit, id_: UUID) -> str | None:
    """What a citizen asked about a look (`Communication/7`), by the matter on the list; None for other matters, and
    what `reviewed` would not mark. Raises Forbidden."""
    row = await db.fetchrow(_SQL.asked_of, id_, permit.actor, await answers_for(db, permit))
    return row["source"] if row is not None and row["kind"] == ASKED else None


async def answers_for(db: Connection, permit: Permit) -> list[str]:
    """The ids of the organisation that the permit answers for, and of what lies under it. Raises Forbidden."""
    if not permit.oversees:
        raise Forbidden(f"The role {permit.role} does not look over the access of others.")
    under = await db.fetch(_SQL.units_under, f"Organization/{permit.organization}")
    return [permit.organization, *(row["id"].removeprefix("Organization/") for row in under)]
