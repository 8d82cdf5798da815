"""FHIR search of one type: matches, totals, includes and pages, each with the permit's condition.

hl7.org/fhir/R4/http.html#search
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from samjournal.access import OWN_PART, Permit, decide
from samjournal.audit import Look, shown_of
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import SYSTEM
from samjournal.fhir.numbers import name
from samjournal.record.cost import in_time
from samjournal.record.door import Door, Stored, all_stored, look_of
from samjournal.record.includes import brought
from samjournal.record.links import named_by, reader, resolved
from samjournal.store.search import asking, joining, sql
from samjournal.store.search.query import Query, encode
from samjournal.store.search.sql import Statement

ESTIMATED = 10_000
"""`_total=estimate` counts up to here."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page: matches in order, what they brought along, the total where it is known, the cursor of the next page."""

    query: Query
    matches: list[Stored]
    included: list[Stored]
    total: int | None
    next_cursor: str | None


def query_of(
    type_: str,
    pairs: Iterable[tuple[str, str]],
    *,
    own: Sequence[str] = (),
    lenient: bool = False,
    within: tuple[str, str] | None = None,
) -> Query:
    """The search that decoded name-value pairs ask for; `own` are our addresses, `within` a compartment. Raises Invalid
    for anything that is not understood, but for unknown parameters in a `lenient` search, which are left out and said
    so."""
    return asking.parse(type_, pairs, own=own, lenient=lenient, within=within)


@in_time
async def search(
    door: Door, permit: Permit, query: Query, *, look_id: UUID | None = None, refreshes: UUID | None = None
) -> Page:
    """Run a search, log who was shown: as the look `look_id`, or as a refresh of an open page that had a look before
    (`refreshes`), which counts once for all whom it showed then. Raises Forbidden, Invalid, Busy."""
    permit.demand("s", query.type)
    async with door.pool.lane(same_plans=sql.is_narrow(query)) as db:
        query = await resolved(door, permit, query, db)
        rows, next_cursor = await matching(door, permit, query, db, tells_why=not permit.unrestricted)
        matches = all_stored(rows, permit)
        included = await brought(door, permit, query.includes, matches, db, mostly=only_patient(rows))
        total = await _total(door, permit, query, len(rows), next_cursor, db)
        look = await _look(door, permit, query, rows, db, included=included.rows)
    if look is not None:
        await door.looks.write(msgspec.structs.replace(look, id=look_id, page=refreshes))
    return Page(query, matches, included.stored, total, next_cursor)


@in_time
async def search_count(door: Door, permit: Permit, query: Query) -> int:
    """How many match: `_summary=count`. A count tells of a patient as much as a list does, so it is logged too."""
    permit.demand("s", query.type)
    async with door.pool.lane(same_plans=False) as db:
        query = await resolved(door, permit, query, db)
        total = await total_of(door, permit, query, db)
        look = await _look(door, permit, query, [], db)
    if look is not None:
        await door.looks.write(look)
    return total


async def matching(
    door: Door, permit: Permit, query: Query, db: Connection, *, tells_why: bool = False
) -> tuple[list[asyncpg.Record], str | None]:
    """The rows of one page and the cursor of the next, for searches and charts alike. The caller logs."""
    if query.count == 0:
        return [], None
    query = await resolved(door, permit, query, db)
    statement = _statement(door, permit, query)
    text = sql.page(query, statement, why=permit.why if tells_why else None)
    rows = await db.fetch(text, *statement.arguments.values)
    if len(rows) <= query.count:
        return rows, None
    rows = rows[: query.count]
    return rows, encode([*(_plain(rows[-1][f"k{place}"]) for place in range(len(query.sort))), rows[-1]["id"]])


def _statement(door: Door, permit: Permit, query: Query) -> Statement:
    return joining.statement(query, reader(door, permit))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


async def _total(
    door: Door, permit: Permit, query: Query, found: int, next_cursor: str | None, db: Connection
) -> int | None:
    """The total when asked for, or when it costs nothing because all of it is on the first page."""
    if query.total == "none":
        return None
    if query.cursor is None and next_cursor is None and query.count > 0:
        return found
    if query.total is None and query.count > 0:
        return None
    return await total_of(door, permit, query, db, estimate=query.total == "estimate")


async def total_of(door: Door, permit: Permit, query: Query, db: Connection, *, estimate: bool = False) -> int:
    """How many match, counted up to a limit for an estimate. The caller logs."""
    statement = _statement(door, permit, query)
    total: int = await db.fetchval(
        sql.count(statement, limit=ESTIMATED if estimate else None), *statement.arguments.values
    )
    return total


async def _look(
    door: Door,
    permit: Permit,
    query: Query,
    rows: Sequence[asyncpg.Record],
    db: Connection,
    *,
    included: Sequence[asyncpg.Record] = (),
) -> Look | None:
    """Patients whom the search named count as seen also when nothing was found: that too is an answer."""
    told = {} if permit.unrestricted else why_told(rows)
    named = patients_named(door, query)
    return await look_at_many(permit, "search", [*rows, *included], db, named=named, told=told)


def only_patient(rows: Sequence[asyncpg.Record]) -> int | None:
    """The patient under whom all of some rows lie; None where there is no such, or nothing."""
    patients = {row["patient"] for row in rows}
    return patients.pop() if len(patients) == 1 and SYSTEM not in patients else None


def why_told(rows: Sequence[asyncpg.Record]) -> dict[int, str]:
    """What opens the record of one of the patients of a page, which its statement tells."""
    return next(({row["patient"]: row["why"] or OWN_PART} for row in rows if row["patient"] != SYSTEM), {})


async def look_at_many(
    permit: Permit,
    action: str,
    rows: Sequence[asyncpg.Record],
    db: Connection,
    *,
    named: Collection[int] = (),
    told: Mapping[int, str] = MappingProxyType({}),
) -> Look | None:
    """One look for the request: at one patient, or at several who are unfolded later. None when nothing of anybody
    was told. `told` is what opens some of the records, where that was asked before."""
    seen: set[int] = set()
    ids: dict[int, dict[str, None]] = {}
    for row in rows:
        if (patient := row["patient"]) != SYSTEM:
            seen.add(patient)
            ids.setdefault(row["type"], {})[row["id"]] = None
    # Why a record is open is said of one; of several, that a relation opens each of them.
    unsure = ({*named} - seen) if len(seen) > 1 else ({*named} | seen)
    open_ = {**told, **await decide(db, permit, unsure - told.keys())}
    patients = seen | open_.keys()
    what = shown_of({name(type_): mine for type_, mine in ids.items()})
    if not patients:
        # Nobody was shown. What staff asked of everybody stays on the log all the same.
        return look_of(permit, action, why="nobody", shown="") if permit.kind == "staff" else None
    if len(patients) > 1:
        why = permit.bond if permit.kind == "citizen" else _SEVERAL.get(permit.kind, permit.kind)
        why = permit.blanket if permit.keeps else why
        return look_of(permit, action, patients=tuple(sorted(patients)), why=why, shown=what)
    (only,) = patients
    return look_of(permit, action, patient=only, why=open_.get(only, ""), shown=what)


def patients_named(door: Door, query: Query) -> set[int]:
    """The keys of the patients that the search names, at most a hundred of them."""
    named = named_of(door, query)
    if len(named) > MOST_NAMED:
        raise Invalid(f"A search names at most {MOST_NAMED} patients.")
    return named


def named_of(door: Door, query: Query) -> set[int]:
    """The keys of the patients that a search names, by a link too."""
    return {*query.named}.union(*(named_by(query.type, one, door.persons) for one in query.filters))


MOST_NAMED = 100
_SEVERAL = {"staff": "relation"}
