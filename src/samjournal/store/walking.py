"""Walking through every resource of a type, in steps, for jobs."""

from __future__ import annotations

from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import number

_SQL = queries("samjournal.store")


class Walked(NamedTuple):
    """One resource as it lies."""

    id: str
    body: bytes


async def after(db: Pool | Connection, type_: str, id_: str, *, limit: int) -> list[Walked]:
    """The next resources of a type after an id; '' begins."""
    return [Walked(row["id"], row["body"]) for row in await db.fetch(_SQL.ids_of_type, number(type_), id_, limit)]
