"""Statements that read versions: of one resource, of a type, of all. hl7.org/fhir/R4/http.html#history

The newest come first, in the order (at, type, id, version), as far as the permit goes for the resource as it is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection
from samjournal.db.queries import queries
from samjournal.fhir.numbers import number
from samjournal.store.hiding import PROTECTED
from samjournal.store.permitted import Condition, Why
from samjournal.store.reading import OPENED, home

_SQL = queries("samjournal.store")
_COLUMNS = f"c.type, c.id, v.version, v.at, v.body, v.method::text AS method, c.patient, {PROTECTED}, c.deleted"


class Place(NamedTuple):
    """Where a version stands in the order."""

    at: datetime
    type: int
    id: str
    version: int


class Times(NamedTuple):
    """Which versions are asked for: stored since a moment, current at some time within a span, or `among` some
    resources (type, id) and versions of them (0: all)."""

    since: datetime | None = None
    during: tuple[datetime, datetime] | None = None
    among: tuple[tuple[str, str, int], ...] | None = None


async def settled(db: Connection) -> datetime:
    """A moment that no version gets from now on: asked before a history is read, it is where to read on from."""
    moment: datetime = await db.fetchval(_SQL.settled)
    return moment


class Page(NamedTuple):
    """Which versions of a resource: at most `most` of those below `before` and within `times`."""

    most: int
    before: int | None = None
    times: Times = Times()


def heads(wanted: Sequence[tuple[str, str]], arguments: Arguments, *, why: Why, may: Condition) -> str:
    """SQL of some resources (type, id) as they are now, each with its `place`; `newest` is how many versions there are
    in all. No row for what was never stored."""
    types = arguments.add([number(type_) for type_, _ in wanted], "smallint[]")
    ids = arguments.add([id_ for _, id_ in wanted], "text[]")
    return f"""SELECT wanted.place - 1 AS place, c.type, c.id, c.version AS newest, c.patient, {PROTECTED}, c.deleted,
            home.why, {may("c", arguments, opened=OPENED)} AS may
        FROM unnest({types}, {ids}) WITH ORDINALITY AS wanted(type, id, place)
        JOIN store.current c ON c.type = wanted.type AND c.id = wanted.id {home(why, arguments)}"""


def versions(heads: str, page: Page, arguments: Arguments) -> str:
    """SQL of the versions of each of `heads`, newest first, which holds the rows of those. One row without a version
    where none fits or may be shown, so that the permit is asked all the same."""
    below = f"AND v.version < {arguments.add(page.before, 'integer')}" if page.before is not None else ""
    return f"""SELECT head.*, v.version, v.at, v.body, v.method::text AS method FROM {heads} head LEFT JOIN LATERAL (
            SELECT * FROM store.version v
            WHERE head.may AND v.type = head.type AND v.id = head.id {below} {_within(page.times, arguments)}
            ORDER BY v.version DESC LIMIT {arguments.add(page.most, "bigint")}) v ON true
        ORDER BY head.place, v.version DESC"""


def of_types(
    types: Sequence[str],
    *,
    may: Condition,
    count: int,
    after: Place | None,
    floor: datetime | None,
    everything: bool,
    times: Times,
) -> tuple[str, list[object]]:
    """At most `count` versions of some types that come after a place, none older than `floor`, as far as the permit
    shows them. With `everything` it shows all, and each type gives no more than a page."""
    arguments = Arguments()
    limit = f"LIMIT {arguments.add(count, 'bigint')}"
    youngest = f"AND v.at >= {arguments.add(floor, 'timestamptz')}" if floor is not None else ""
    text = f"""WITH page AS MATERIALIZED (
            SELECT v.type, v.id, v.version, v.at FROM {_of(types, arguments)} CROSS JOIN LATERAL (
                SELECT v.type, v.id, v.version, v.at FROM store.version v
                WHERE v.type = wanted.number {_after(after, arguments)} {youngest} {_within(times, arguments)}
                ORDER BY v.at DESC, v.id DESC, v.version DESC {limit if everything else ""}) v
            JOIN store.current c USING (type, id)
            WHERE {may("c", arguments)}
            ORDER BY v.at DESC, v.type DESC, v.id DESC, v.version DESC {limit})
        SELECT {_COLUMNS} FROM page JOIN store.version v USING (type, id, version) JOIN store.current c USING (type, id)
        ORDER BY v.at DESC, v.type DESC, v.id DESC, v.version DESC"""
    return text, arguments.values


def floor_of(types: Sequence[str], *, after: Place | None, looked_at: int, times: Times) -> tuple[str, list[object]]:
    """The moment down to which some thousand versions are looked at: NULL when there are no more than these."""
    arguments = Arguments()
    skip = arguments.add(max(looked_at // len(types), 20) - 1, "bigint")
    text = f"""SELECT max(v.at) FROM {_of(types, arguments)} CROSS JOIN LATERAL (
            SELECT v.at FROM store.version v
            WHERE v.type = wanted.number {_after(after, arguments)} {_within(times, arguments)}
            ORDER BY v.at DESC, v.id DESC, v.version DESC OFFSET {skip} LIMIT 1) v"""
    return text, arguments.values


def _of(types: Sequence[str], arguments: Arguments) -> str:
    return f"unnest({arguments.add([number(type_) for type_ in types], 'smallint[]')}) AS wanted(number)"


def _after(place: Place | None, arguments: Arguments) -> str:
    if place is None:
        return ""
    at = arguments.add(place.at, "timestamptz")
    rest = (
        arguments.add(place.type, "smallint"),
        arguments.add(place.id, "text"),
        arguments.add(place.version, "integer"),
    )
    return f"AND v.at <= {at} AND (v.at < {at} OR (v.type, v.id, v.version) < ({', '.join(rest)}))"


def _within(times: Times, arguments: Arguments) -> str:
    """SQL: the version was stored since then, or was the current one at some time of the span."""
    where = ""
    if times.since is not None:
        where += f" AND v.at >= {arguments.add(times.since, 'timestamptz')}"
    if times.during is not None:
        lo, hi = (arguments.add(moment, "timestamptz") for moment in times.during)
        where += f""" AND v.at < {hi} AND (v.at >= {lo} OR (v.body IS NOT NULL AND NOT EXISTS (
            SELECT 1 FROM store.version later WHERE later.type = v.type AND later.id = v.id
                AND later.version = v.version + 1 AND later.at <= {lo})))"""
    if times.among is not None:
        types = arguments.add([number(type_) for type_, _, _ in times.among], "smallint[]")
        ids = arguments.add([id_ for _, id_, _ in times.among], "text[]")
        versions = arguments.add([version for _, _, version in times.among], "integer[]")
        where += f""" AND (v.type, v.id) IN (SELECT * FROM unnest({types}, {ids}))
            AND EXISTS (SELECT 1 FROM unnest({types}, {ids}, {versions}) one(type, id, version)
                WHERE one.type = v.type AND one.id = v.id AND one.version IN (0, v.version))"""
    return where
