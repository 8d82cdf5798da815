"""Decisions to erase: one proposes, another confirms, and a role of the database of its own carries it out.

    propose(db, permit, wish) -> Erasure       waits until its deadline, and on the review list
    confirm(db, permit, id) -> Erasure         by somebody else of the same organisation
    erasures(db) -> list[Erasure]              what is not carried out
    erasures_near(db, permit) -> list[Erasure] those of one's own organisation
    note_done(db, id)

Who may do either says his role (`Role.erases`). pasientjournalloven § 25, helsepersonelloven § 43
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from samjournal.access.permits import Permit
from samjournal.access.relations import UNITS
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import Forbidden, Invalid, NotFound, Unprocessable
from samjournal.fhir.keys import patient_key

_SQL = queries("samjournal.access")
WAITS = timedelta(days=14)
"""So long a proposal may wait to be confirmed."""
_LONGEST = 200


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """A decision to erase a resource, one version of it, or a patient with everything under it. It is what the list of
    erasures outside the database holds as well, and has no content."""

    id: UUID
    type: str
    resource: str
    version: int | None
    everything: bool
    patient: int | None
    decision: str
    proposed: datetime
    proposed_by: str
    role: str
    organization: str
    deadline: datetime
    confirmed: datetime | None = None
    confirmed_by: str | None = None
    done: datetime | None = None

    @property
    def reference(self) -> str:
        return f"{self.type}/{self.resource}"

    @property
    def said(self) -> str:
        """What is to be erased, in words."""
        part = f", version {self.version}" if self.version is not None else ""
        return f"{self.reference}{part}{', with everything under the patient' if self.everything else ''}"


def demand(permit: Permit) -> None:
    """Refuse who may not decide on erasure. Raises Forbidden."""
    if not permit.erases:
        raise Forbidden(f"The role {permit.role} does not decide on erasure.")


async def propose(
    db: Pool | Connection,
    permit: Permit,
    *,
    type_: str,
    id_: str,
    version: int | None,
    everything: bool,
    patient: int | None,
    decision: str,
) -> Erasure:
    """Propose to erase something. Raises Forbidden, Invalid."""
    demand(permit)
    decision = " ".join(decision.split())
    if not 0 < len(decision) <= _LONGEST:
        raise Invalid(f"Say where the decision is filed, such as 2026/4711-3, in at most {_LONGEST} letters.")
    row = await db.fetchrow(
        _SQL.erase_propose, type_, id_, version, everything, patient, decision, permit.actor, permit.role,
        permit.organization, datetime.now(UTC) + WAITS,
    )  # fmt: skip
    return _erasure(row)


async def confirm(db: Pool | Connection, permit: Permit, id_: UUID) -> Erasure:
    """Confirm what somebody else proposed; what is confirmed stays so. Raises Forbidden, NotFound, Unprocessable."""
    demand(permit)
    if not await _is_near(db, permit, (await erasure(db, id_)).organization):
        raise Forbidden("It was proposed in another organisation: somebody of that one confirms it.")
    row = await db.fetchrow(_SQL.erase_confirm, id_, permit.actor)
    if row is not None:
        made = _erasure(row)
        await db.execute(_SQL.erase_looked_over, made.reference, permit.actor)
        return made
    found = await erasure(db, id_)
    if found.confirmed is not None:
        return found
    if found.deadline <= datetime.now(UTC):
        raise Unprocessable(f"The proposal ran out on {found.deadline:%Y-%m-%d}. Propose it anew.")
    raise Forbidden(f"{found.proposed_by} proposed it: another person confirms it.")


async def erasure(db: Pool | Connection, id_: UUID) -> Erasure:
    """One decision. Raises NotFound."""
    row = await db.fetchrow(_SQL.erasure, id_)
    if row is None:
        raise NotFound(f"There is no proposal {id_}. `samjournal record expunge list` tells those that wait.")
    return _erasure(row)


async def erasures(db: Pool | Connection) -> list[Erasure]:
    """What is proposed, and what is confirmed but not carried out, the oldest first."""
    return [_erasure(row) for row in await db.fetch(_SQL.erasures)]


async def erasures_near(db: Pool | Connection, permit: Permit) -> list[Erasure]:
    """Those of them that were proposed in the permit's own organisation."""
    demand(permit)
    found = await erasures(db)
    near = {unit for unit in {one.organization for one in found} if await _is_near(db, permit, unit)}
    return [one for one in found if one.organization in near]


async def _is_near(db: Pool | Connection, permit: Permit, unit: str) -> bool:
    """Whether a unit and the permit's lie under one organisation."""
    mine, theirs = [
        {row["id"] for row in await db.fetch(_SQL.units_above, f"Organization/{one}")}
        for one in (permit.organization, unit)
    ]
    return not mine.isdisjoint(theirs)


async def note_done(db: Pool | Connection, id_: UUID) -> None:
    await db.execute(_SQL.erase_done, id_)


async def decide_again(db: Pool | Connection, one: Erasure) -> Erasure:
    """Put a decision back that is newer than the backup which the database was restored from."""
    columns = [getattr(one, name) for name in Erasure.__struct_fields__[:-1]]
    await db.execute(_SQL.erase_again, *columns)
    return await erasure(db, one.id)


async def forget(db: Connection, gone: Sequence[tuple[str, str]]) -> None:
    """Take away what access keeps of erased patients and units beside their relations."""
    for type_, id_ in gone:
        if type_ == "Patient":
            await db.execute(_SQL.erase_person, patient_key(id_))
        elif type_ in UNITS:
            await db.execute(_SQL.erase_unit, f"{type_}/{id_}")


def _erasure(row: Any) -> Erasure:
    return Erasure(**dict(row.items()))
