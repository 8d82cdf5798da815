"""Conditional interactions: what a criterion finds, and that it still finds the same when the change is done.

hl7.org/fhir/R4/http.html#ccreate, #cond-update. A criterion is looked up before the transaction, so that this is
short, and once more within it under a lock of its own: of two who ask for the same at once, the second sees what the
first did.

    criterion(type, text, own=, many=) -> Criterion    Invalid for what is no criterion
    look_up(door, permit, criterion) -> list[Stored]    what fits, as far as the permit sees; logged as a search
    hold(door, permit, assumed, db)                     raises Moved when something else fits now
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import parse_qsl

from samjournal.access import Permit
from samjournal.db.pool import Connection
from samjournal.fhir.errors import Conflict, Invalid, SeveralFit
from samjournal.fhir.keys import hash64
from samjournal.record.door import Door, Stored
from samjournal.record.search import matching, search
from samjournal.store import writing
from samjournal.store.search import asking
from samjournal.store.search.query import Query

MAX_DELETED = 1000
"""So many at most are deleted by one criterion."""
_OF_THE_RESOURCE = ("_id", "_tag", "_profile", "_security", "_source", "_lastUpdated")


class Moved(Conflict):
    """Since it was looked up, somebody changed what a criterion finds."""


@dataclass(frozen=True, slots=True)
class Criterion:
    """A search that must fit one resource at most, or some when it deletes; `key` is alike for the same criterion
    however it was written."""

    query: Query
    text: str
    key: int


@dataclass(frozen=True, slots=True)
class Assumed:
    """What a criterion found when it was looked up."""

    criterion: Criterion
    ids: tuple[str, ...]


def criterion(type_: str, text: str, *, own: Sequence[str] = (), many: bool = False) -> Criterion:
    """The criterion that a query string states; `own` are our addresses. The address of the type may stand before it,
    and how the answer is to be written in it, as HAPI's client sends If-None-Exist. Raises Invalid for an empty one,
    and for parameters that shape an answer."""
    before, mark, after = text.partition("?")
    is_address = mark and "=" not in before and before.rpartition("/")[2] in ("", type_)
    query_string = after if is_address else text
    asked = [one for one in parse_qsl(query_string, keep_blank_values=True) if one[0] not in ("_format", "_pretty")]
    if not asked or any(_shapes(name) for name, _ in asked):
        raise Invalid(f"“{text[:120]}” is no criterion: name at least one parameter, and none that shapes an answer.")
    query = asking.parse(type_, asked, own=own)
    stated = sorted(f"{one.parameter.code}:{one.modifier}={sorted(one.values)}" for one in query.filters)
    stated += sorted(repr(one) for one in query.beyond)
    query = replace(query, count=MAX_DELETED if many else 1, total="none")
    return Criterion(query, text, hash64(f"criterion {type_}?{stated}"))


def _shapes(name: str) -> bool:
    return name.startswith("_") and not name.startswith("_has:") and name not in _OF_THE_RESOURCE


async def look_up(door: Door, permit: Permit, one: Criterion) -> list[Stored]:
    """What fits a criterion now. Raises SeveralFit when it is more than the interaction may touch."""
    page = await search(door, permit, one.query)
    if page.next_cursor is not None:
        told = f"More than {one.query.count} fit “{one.text[:120]}”" if one.query.count > 1 else "More than one fits"
        raise SeveralFit(f"{told}: {one.query.type}?{one.text[:200]}. Name what you mean more narrowly.")
    return page.matches


async def hold(door: Door, permit: Permit, assumed: Sequence[Assumed], db: Connection) -> None:
    """Keep others from acting on the same criteria until the transaction ends, and see that they find what they did."""
    if not assumed:
        return
    await writing.hold(db, {one.criterion.key for one in assumed})
    await writing.plan_anew(db)
    for one in assumed:
        rows, more = await matching(door, permit, one.criterion.query, db)
        if more is not None or tuple(row["id"] for row in rows) != one.ids:
            raise Moved("Others change what the criterion finds at this moment. Try again.")
