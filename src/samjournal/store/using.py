"""How often something is used: counted by a token, naming nobody."""

from __future__ import annotations

from samjournal.db.pool import Connection
from samjournal.db.queries import queries

_SQL = queries("samjournal.store")


async def used(db: Connection, type_: int, token: int, owners: list[int], most: int) -> int:
    """How many resources of a type (number) that one of the owners answers for have the token; `most` is as many as
    are counted."""
    return int(await db.fetchval(_SQL.used, type_, token, owners, most))
