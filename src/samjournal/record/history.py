"""FHIR history of one instance, newest first. hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.access import Permit
from samjournal.record.door import Door, Stored, rendition
from samjournal.record.read import absent, log, refused
from samjournal.store import reading


@dataclass(frozen=True, slots=True)
class Version:
    """One version and how it came: C(reate), U(pdate) or D(elete)."""

    stored: Stored
    method: str


async def history(
    door: Door, permit: Permit, type_: str, id_: str, *, count: int = 50, before: int | None = None
) -> tuple[list[Version], int]:
    """Versions below `before`, newest first, and how many there are in all. Raises as `read` does."""
    permit.demand("r", type_)
    text, values = reading.versions(type_, id_, why=permit.why, may=permit.condition, count=count, before=before)
    rows = await door.pool.fetch(text, *values)
    if not rows:
        raise absent(type_, id_)
    if not rows[0]["may"]:
        raise refused(permit, type_, id_, deleted=rows[0]["deleted"])
    await log(door, permit, "history", rows[0], type_, id_)
    versions = [
        Version(
            Stored(
                type_,
                id_,
                row["version"],
                row["at"],
                rendition(row["body"], row, permit),
                row["version"] == 1,
            ),
            row["method"],
        )
        for row in rows
        if row["version"] is not None
    ]
    return versions, rows[0]["newest"]
