"""What terminology keeps of the record, written in the transaction that stores it. House rule 9.

A projection is told of each stored version: FHIR type → pure function (`concepts`) → rows in tables of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.stored import Stored
from samjournal.terminology.concepts import Concept, aliases, concepts, system

_SQL = queries("samjournal.terminology")
_BETWEEN = "\x1f"
"""Between the items of a list on its way to the database: a character that no FHIR string holds."""

TYPES = frozenset({"CodeSystem", "NamingSystem"})
"""The types that `project` wants to be told of."""


async def project(db: Connection, stored: Sequence[Stored]) -> None:
    """Make the codes and names of stored resources anew."""
    if not any(one.type in TYPES for one in stored):
        return
    for type_, forget in _FORGET.items():
        mine = [one for one in stored if one.type == type_]
        if was := [one.id for one in mine if one.existed]:
            for statement in forget:
                await db.execute(statement, was)
        for one in mine:
            if one.resource is not None:
                await (_put_codes if type_ == "CodeSystem" else _put_names)(db, one.resource)


async def differs(db: Connection, one: Stored) -> bool:
    """Whether what stands in the tables is not what the resource says."""
    if one.type == "NamingSystem":
        standing = {(row["one"], row["other"]) for row in await db.fetch(_SQL.standing_aliases, one.id)}
        return standing != set(aliases(one.resource) if one.resource else [])
    whole = system(one.resource) if one.resource else None
    row = await db.fetchrow(_SQL.standing_system, one.id)
    if (tuple(row) if row else None) != whole:
        return True
    rows = await db.fetch(_SQL.standing_concepts, one.id)
    return {_standing(row) for row in rows} != set(concepts(one.resource) if one.resource else [])


_FORGET = {
    "CodeSystem": (_SQL.forget_concepts, _SQL.forget_systems),
    "NamingSystem": (_SQL.forget_aliases,),
}


async def _put_codes(db: Connection, resource: dict[str, Any]) -> None:
    whole = system(resource)
    if whole is None:
        return
    await db.execute(_SQL.add_system, *whole)
    columns = [list(column) for column in zip(*map(_row, concepts(resource)), strict=True)]
    if columns:
        await db.execute(_SQL.add_concepts, whole.source, whole.system, *columns)


async def _put_names(db: Connection, resource: dict[str, Any]) -> None:
    if named := aliases(resource):
        await db.executemany(_SQL.add_alias, [(resource["id"], one, other) for one, other in named])


def _row(one: Concept) -> tuple[Any, ...]:
    return tuple(_BETWEEN.join(value) if isinstance(value, tuple) else value for value in one)


def _standing(row: Any) -> Concept:
    values = {name: tuple(value) if isinstance(value, list) else value for name, value in row.items()}
    return Concept(**values | {"words": tuple(sorted(values["words"]))})
