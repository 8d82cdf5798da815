"""What a search asks of terminology and of texts is looked up before it becomes a statement.

hl7.org/fhir/R4/search.html#modifiers. ValueSets and CodeSystems are registers, which everybody may read: a value set
means the same whoever searches with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir import parameters
from samjournal.store.search import resolving, sql
from samjournal.store.search.query import Filter, Query
from samjournal.store.search.sql import Statement
from samjournal.terminology import Members, members, related

_SEVERAL = 100
"""So many ValueSets of one url are compared at most."""


async def resolved(permit: Permit, query: Query, db: Connection) -> Query:
    """The search with everything looked up that it needs. Raises Invalid, in words, for what is not known."""
    if not any(map(resolving.needs, query.filters)):
        return query
    filters = [await resolved_filter(permit, query.type, one, db) for one in query.filters]
    return replace(query, filters=tuple(filters))


async def resolved_filter(permit: Permit, type_: str, one: Filter, db: Connection) -> Filter:
    """One filter of a type, ready for a statement."""

    async def codes(modifier: str, values: Sequence[str]) -> list[str]:
        found = Members()
        for value in values:
            if modifier in ("in", "not-in"):
                found |= await members(db, _Shelf(permit, db), value)
            else:
                found |= await related(db, "below" if modifier == "below" else "above", value)
        return list(found.tokens())

    return await resolving.resolve(db, type_, one, codes, closed=permit.shows_protected(type_))


@dataclass(frozen=True, slots=True)
class _Shelf:
    """ValueSets and CodeSystems of the record, as far as the permit sees them."""

    permit: Permit
    db: Connection

    async def value_set(self, url: str, version: str) -> dict[str, Any] | None:
        """The ValueSet of this url: of several an active one, and of these the highest version."""
        found = await self._find("ValueSet", "url", url)
        if version:
            found = [one for one in found if one.get("version") == version]
        return max(found, key=lambda one: (one.get("status") == "active", _parts(one.get("version", ""))), default=None)

    async def by_id(self, type_: str, id_: str) -> dict[str, Any] | None:
        return next(iter(await self._find(type_, "_id", id_)), None)

    async def _find(self, type_: str, code: str, value: str) -> list[dict[str, Any]]:
        wanted = Filter(parameters.for_type(type_)[code], "", (value,))
        query = Query(type_, (wanted,), count=_SEVERAL)
        statement = Statement(type_, self.permit.condition, sees_protected=self.permit.sees_protected)
        statement.filter(wanted, same_person=lambda id_: [id_])
        text = sql.page(query, statement)
        return [msgspec.json.decode(row["body"]) for row in await self.db.fetch(text, *statement.arguments.values)]


def _parts(version: str) -> list[tuple[int, str]]:
    """A version as it is compared: its numbers by their size."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in version.replace("-", ".").split(".")]
