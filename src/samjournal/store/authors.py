"""Who stored a version, as a row beside the record's own."""

from __future__ import annotations

from typing import Any

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries

_SQL = queries("samjournal.store")


async def author(db: Pool | Connection, type_: int, id_: str, version: int) -> Any:
    """`author` (a login or a client) of a version, and whether where its patient lives is confidential (`hidden`)."""
    return await db.fetchrow(_SQL.author, type_, id_, version)
