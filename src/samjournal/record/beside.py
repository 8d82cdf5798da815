"""What jobs read beside the requests: it is shown to nobody, so it is no look; what they write is logged like all else.

    resources(door, permit, named) -> dict      the newest versions of some resources, by reference
    matches(door, permit, type, pairs) -> list  what a search finds
    assuming(door, permit, type, text)          what a criterion finds, and that a change may assume that it still does
    every(door, permit, type, pairs)            all that a search finds, page by page
    recent(door, named, since) -> list          those of some that are not of before a moment, and who wrote them
    versions(door, permit, wanted) -> dict      some versions as they were written, and by whom
    shown_to(door, permit, reader, named)       which of some resources a citizen, or who acts for him, is shown now

For permits of jobs alone (`access.for_job`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime

from samjournal.access import Permit
from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Forbidden
from samjournal.record.conditional import Assumed, criterion
from samjournal.record.door import Door, Stored, stored_of
from samjournal.record.search import matching, query_of
from samjournal.store import feed, reading

_AT_ONCE = 50


async def resources(door: Door, permit: Permit, named: Iterable[tuple[str, str]]) -> dict[str, Stored]:
    """The newest versions of those of some resources (type, id) that are there, by `Type/id`."""
    _demand(permit)
    wanted = list(dict.fromkeys(named))
    found: dict[str, Stored] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        some = [(type_, id_, None) for type_, id_ in wanted[begin : begin + _AT_ONCE]]
        arguments = Arguments()
        text = reading.several(some, arguments, why=permit.why, may=permit.condition)
        rows = await door.pool.fetch(text, *arguments.values)
        stored = (stored_of(row, permit) for row in rows if row["body"] is not None and row["may"])
        found.update((one.reference, one) for one in stored)
    return found


async def matches(door: Door, permit: Permit, type_: str, pairs: Sequence[tuple[str, str]]) -> list[Stored]:
    """What a search finds, at most a page of it."""
    _demand(permit)
    async with door.pool.lane(same_plans=True) as db:
        rows, _ = await matching(door, permit, query_of(type_, pairs), db)
    return [stored_of(row, permit) for row in rows]


async def every(
    door: Door, permit: Permit, type_: str, pairs: Sequence[tuple[str, str]], *, count: int = 200
) -> AsyncIterator[list[Stored]]:
    """All that a search finds, in pages. What changes meanwhile may be missed, or found as it was."""
    _demand(permit)
    cursor: str | None = None
    while True:
        asked = [*pairs, ("_count", str(count)), *([("_cursor", cursor)] if cursor else [])]
        async with door.pool.lane(same_plans=True) as db:
            rows, cursor = await matching(door, permit, query_of(type_, asked), db)
        if rows:
            yield [stored_of(row, permit) for row in rows]
        if cursor is None:
            return


async def assuming(door: Door, permit: Permit, type_: str, text: str) -> tuple[list[Stored], Assumed]:
    """What a criterion finds, at most a thousand, and what to give to `change` as `assumed`: of two who act on the same
    criterion at once, the second is told (Moved), and looks again."""
    _demand(permit)
    one = criterion(type_, text, many=True)
    async with door.pool.lane(same_plans=True) as db:
        rows, _ = await matching(door, permit, one.query, db)
    found = [stored_of(row, permit) for row in rows]
    return found, Assumed(one, tuple(each.id for each in found))


async def recent(door: Door, named: Sequence[tuple[str, str]], since: datetime) -> list[tuple[str, str, str]]:
    """Those of some resources (type, id) that are there and are not of before a moment."""
    return await feed.recent(door.pool, named, since) if named else []


async def versions(
    door: Door, permit: Permit, wanted: Iterable[tuple[str, str, int]]
) -> dict[tuple[str, str, int], feed.Written]:
    """Those of some versions that are there, by type, id and version."""
    _demand(permit)
    asked = list(dict.fromkeys(wanted))
    found: dict[tuple[str, str, int], feed.Written] = {}
    for begin in range(0, len(asked), _AT_ONCE):
        some = await feed.versions(door.pool, asked[begin : begin + _AT_ONCE])
        found.update(((one.type, one.id, one.version), one) for one in some)
    return found


async def shown_to(door: Door, permit: Permit, reader: Permit, named: Iterable[tuple[str, str]]) -> set[str]:
    """Which of some resources (type, id) are shown to a citizen now, by `Type/id`: released, not withheld, of a type
    that he reads (`access.as_reader`). That it is shown is told to nobody here."""
    _demand(permit)
    wanted = [one for one in dict.fromkeys(named) if reader.may("r", one[0])]
    found: set[str] = set()
    for begin in range(0, len(wanted), _AT_ONCE):
        some = [(type_, id_, None) for type_, id_ in wanted[begin : begin + _AT_ONCE]]
        arguments = Arguments()
        text = reading.several(some, arguments, why=reader.why, may=reader.condition)
        for row in await door.pool.fetch(text, *arguments.values):
            if row["may"] and row["body"] is not None and not row["deleted"]:
                found.add("/".join(some[row["place"]][:2]))
    return found


def _demand(permit: Permit) -> None:
    if not (permit.keeps_marks and permit.kind == "system"):
        raise Forbidden("Only jobs read beside the log: they show nobody anything.")
