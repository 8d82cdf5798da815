"""Walking through every resource of a type, in steps, for jobs; and which of some are there."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.numbers import name, number

_SQL = queries("samjournal.store")


class Walked(NamedTuple):
    """One resource as it lies."""

    id: str
    body: bytes


async def after(db: Pool | Connection, type_: str, id_: str, *, limit: int) -> list[Walked]:
    """The next resources of a type after an id; '' begins."""
    return [Walked(row["id"], row["body"]) for row in await db.fetch(_SQL.ids_of_type, number(type_), id_, limit)]


async def there(db: Pool | Connection, wanted: Collection[tuple[str, str]]) -> set[tuple[str, str]]:
    """Which of some resources are stored and not deleted."""
    rows = await db.fetch(_SQL.there, [number(type_) for type_, _ in wanted], [id_ for _, id_ in wanted])
    return {(name(row["type"]), row["id"]) for row in rows}
