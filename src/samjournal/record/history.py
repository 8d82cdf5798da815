"""FHIR history of one instance, newest first. hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from dataclasses import dataclass

from samjournal.access import Permit
from samjournal.audit import shown
from samjournal.db.binding import Arguments
from samjournal.fhir import numbers as types
from samjournal.record.door import Door, Stored, look_of, rendition
from samjournal.record.read import absent, refused

MAX_COUNT = 1000


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
    arguments = Arguments()
    below = f"AND v.version < {arguments.add(before, 'integer')}" if before is not None else ""
    sql = f"""SELECT c.type, c.id, v.version, v.at, v.body, v.method::text AS method, c.patient, c.protected, c.deleted,
            c.version AS newest, {permit.why("c.patient", arguments)} AS why,
            {permit.condition("c", arguments)} AS may
        FROM store.current c LEFT JOIN LATERAL (
            SELECT * FROM store.version v WHERE v.type = c.type AND v.id = c.id {below}
            ORDER BY v.version DESC LIMIT {arguments.add(count, "bigint")}) v ON true
        WHERE c.type = {arguments.add(types.number(type_), "smallint")} AND c.id = {arguments.add(id_, "text")}
        ORDER BY v.version DESC"""
    rows = await door.pool.fetch(sql, *arguments.values)
    if not rows:
        raise absent(type_, id_)
    if not rows[0]["may"]:
        raise refused(permit, type_, id_, deleted=rows[0]["deleted"])
    if rows[0]["patient"] != 0:
        look = look_of(
            permit,
            "history",
            patient=rows[0]["patient"],
            why=rows[0]["why"] or "",
            shown=shown([(type_, id_)]),
        )
        await door.looks.write(look)
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
