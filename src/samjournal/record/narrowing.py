"""Narrow scopes: the search that a scope names is a condition on every row that its app comes to, whichever way.

    narrowed(door, permit, scopes, …) -> Permit     the permit of somebody as an app has it
    refuse_unsearched(scopes)                       a scope whose search this server cannot hold anybody to

The search of a scope becomes the same SQL as the search of a page, asked of one row. What is written is held to it
before and after, in its own transaction. Older versions of what a search restricts are not shown: search knows the
newest alone. docs/decisions/0056
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

import asyncpg

from samjournal import access
from samjournal.access import Grant, Permit, Restriction, Scopes, Searched
from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.fhir.numbers import number
from samjournal.record.door import Door
from samjournal.record.read import absent
from samjournal.store import writing
from samjournal.store.permitted import Condition
from samjournal.store.search import resolving, sql
from samjournal.store.search.query import Filter, filter_of
from samjournal.store.search.sql import Statement

_LETTER = {"create": "c", "update": "u", "delete": "d"}


class Written(Protocol):
    """A change that is being done (`change.Prepared`)."""

    @property
    def method(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def resource(self) -> dict[str, Any] | None: ...


def narrowed(door: Door, permit: Permit, scopes: Scopes, *, app: str = "", patients: Collection[int] = ()) -> Permit:
    """The permit within some scopes; `patients` are the keys of the patient whom an app was opened for. Raises
    Invalid."""
    made: dict[Searched, Restriction] = {
        (one.type, one.query): partial(_found, door, permit, one.type, _filters(one))
        for one in scopes.grants
        if one.query
    }
    return access.within(permit, scopes, made, app=app, patients=patients)


def refuse_unsearched(scopes: Scopes) -> None:
    """Raises Invalid for a scope with a parameter that is not searched by, or that must be looked up elsewhere."""
    for one in scopes.grants:
        if one.query and one.type == "AuditEvent":
            raise Invalid(f"Scope “{one.word[:80]}” restricts the log, which is given whole or not at all.")
        _filters(one)


def _filters(one: Grant) -> tuple[Filter, ...]:
    filters = tuple(filter_of(one.type, name, value) for name, value in one.query)
    for name, made in zip((name for name, _ in one.query), filters, strict=True):
        if resolving.needs(made):
            raise Invalid(f"Scope “{one.word[:80]}” searches by “{name}”, which restricts no scope: write the codes.")
    return filters


def _found(door: Door, permit: Permit, type_: str, filters: Sequence[Filter], row: str, arguments: Arguments) -> str:
    """SQL: whether a row is found by the filters. The row's own alias may be that of the search, so it is renamed
    before that begins."""
    shown = permit.shows_protected(type_)
    known = permit.known
    search = Statement(type_, sql.everything, sees_protected=shown, arguments=arguments, known=known)
    for one in filters:
        search.filter(one, same_person=door.persons.ids)
    return f"""EXISTS (SELECT 1 FROM (SELECT {row}.type AS type, {row}.id AS id OFFSET 0) narrow
        JOIN store.current c ON c.type = narrow.type AND c.id = narrow.id WHERE {search.clause()})"""


async def refuse_standing(
    permit: Permit, prepared: Sequence[Written], existing: Mapping[tuple[str, str], asyncpg.Record], db: Connection
) -> None:
    """What stands is changed and deleted within the scopes only. Raises NotFound as for what is not there."""
    for letter, named in _by_letter(prepared, existing).items():
        seen = await _covered(permit, letter, named, db)
        for one in named:
            if one not in seen:
                raise absent(*one)


async def refuse_made(permit: Permit, prepared: Sequence[Written], db: Connection) -> None:
    """What was stored just now lies within the scopes. Raises Forbidden."""
    for letter, named in _by_letter([one for one in prepared if one.resource is not None]).items():
        outside = set(named) - await _covered(permit, letter, named, db)
        if outside:
            type_, _ = min(outside)
            raise Forbidden(
                f"The scopes of this app do not reach to this {type_}: write what they give, of the patient."
            )


def _by_letter(
    prepared: Sequence[Written], existing: Mapping[tuple[str, str], asyncpg.Record] | None = None
) -> dict[str, list[tuple[str, str]]]:
    """Types and ids by the letter of what is done; only of what stands, where that is given."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in prepared:
        named = one.type, one.id
        if existing is not None and (named not in existing or existing[named]["deleted"]):
            continue
        found.setdefault(_LETTER[one.method], []).append(named)
    return found


async def _covered(
    permit: Permit, letter: str, named: Sequence[tuple[str, str]], db: Connection
) -> set[tuple[str, str]]:
    narrow = permit.narrow
    assert narrow is not None

    def may(row: str, arguments: Arguments, /, **_beside: object) -> str:
        return narrow.covers(letter, row, arguments)

    return await writing.seen_among(db, named, may=may)


def newest_only(permit: Permit) -> Condition:
    """The permit's condition on a row `c` beside a version `v`: of what a search restricts the newest version alone."""
    if permit.narrow is None:
        return permit.condition
    restricted = [number(one.type) for one in permit.narrow.scopes.grants if one.query]

    def may(row: str, arguments: Arguments, /, *, opened: str | None = None, mostly: int | None = None) -> str:
        shown = permit.condition(row, arguments, opened=opened, mostly=mostly)
        if not restricted:
            return shown
        types = arguments.add(restricted, "smallint[]")
        return f"({shown} AND ({row}.type <> ALL({types}) OR v.version = {row}.version))"

    return may


def restricts(permit: Permit, type_: str) -> bool:
    """Whether a search restricts what is seen of a type, and so older versions are not."""
    return permit.narrow is not None and permit.narrow.scopes.narrows(type_)
