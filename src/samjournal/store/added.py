"""Added search parameters as they lie in the database, and how far resources are indexed by them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.custom import Custom
from samjournal.fhir.numbers import name, number

_SQL = queries("samjournal.store")
_LOCK = 7_265_766_004
_TYPE = "SearchParameter"


class Active(NamedTuple):
    """An active parameter of one type: of which version of its SearchParameter, since which set of the type."""

    custom: Custom
    version: int
    since: int
    at: datetime
    author: str


class Renewal(NamedTuple):
    """How far the resources of a type are indexed: `ready` is the set that all have, `wanted` the newest."""

    type: str
    wanted: int
    ready: int
    asked: datetime
    walked: str | None
    done: int
    total: int | None
    begun: datetime | None
    looked: datetime


class StoredParameter(NamedTuple):
    """A SearchParameter as it lies."""

    id: str
    version: int
    body: bytes


async def active(db: Pool | Connection) -> list[Active]:
    """The active parameters, one for each type that they are about."""
    return [
        Active(
            Custom(row["id"], row["code"], row["kind"], name(row["type"]), row["expression"], tuple(row["targets"])),
            row["version"],
            row["since"],
            row["at"],
            row["author"],
        )
        for row in await db.fetch(_SQL.parameters)
    ]


async def renewals(db: Pool | Connection) -> list[Renewal]:
    """The types whose set of parameters ever changed."""
    return [Renewal(name(type_), *rest) for type_, *rest in await db.fetch(_SQL.renewals)]


class Mark(NamedTuple):
    """What is another once something changed: what is active, what is stored, and how far the indexing is."""

    active: str
    stored: str
    done: int


async def mark(db: Pool | Connection) -> Mark:
    """The mark of now."""
    row = await db.fetchrow(_SQL.parameters_mark, number(_TYPE))
    assert row is not None
    return Mark(*row)


async def stored(db: Pool | Connection) -> list[StoredParameter]:
    """Every SearchParameter that is stored."""
    return [StoredParameter(*row) for row in await db.fetch(_SQL.search_parameters, number(_TYPE))]


async def hold(db: Connection) -> None:
    """Nobody else changes what is active until the transaction ends."""
    await db.execute(_SQL.hold_parameters, _LOCK)


async def replace(
    db: Connection, id_: str, customs: Sequence[Custom], *, version: int, at: datetime, author: str
) -> None:
    """Make a parameter active for these types and no others; each type concerned gets a new set."""
    dropped = {row["type"] for row in await db.fetch(_SQL.drop_parameter, id_)}
    types = dropped | {number(one.type) for one in customs}
    await db.execute(_SQL.ask_renewal, sorted(types))
    for one in customs:
        await db.execute(
            _SQL.add_parameter,
            *(id_, number(one.type), one.code, one.kind, one.expression, list(one.targets), version, at, author),
        )


async def confirm(db: Connection, id_: str, version: int) -> None:
    """A later version of the SearchParameter says the same."""
    await db.execute(_SQL.confirm_parameter, id_, version)
