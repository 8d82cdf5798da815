"""Statements that read one resource, patients, or what refers to some, each with what the permit says of the row."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection
from samjournal.fhir.numbers import number
from samjournal.store.hiding import PROTECTED
from samjournal.store.permitted import Condition, Why
from samjournal.store.search import sql
from samjournal.store.search.query import Query
from samjournal.store.search.sql import Statement

_COLUMNS = f"c.type, c.id, v.version, v.at, v.body, c.patient, {PROTECTED}, c.deleted"


def one(type_: str, id_: str, *, why: Why, may: Condition, version: int | None = None) -> tuple[str, list[object]]:
    """The newest version of a resource, or a given one: a row also when that version is not there, so that the permit
    is asked first. `why` and `may` are columns of their own."""
    arguments = Arguments()
    at = "c.version" if version is None else arguments.add(version, "integer")
    text = f"""SELECT {_COLUMNS}, home.why, {may("c", arguments, opened=OPENED)} AS may
        FROM store.current c {home(why, arguments)}
        LEFT JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = {at}
        WHERE {_is(type_, id_, arguments)}"""
    return text, arguments.values


def with_pages(
    type_: str, id_: str, asked: Sequence[tuple[Query, Statement]], arguments: Arguments, *, why: Why
) -> str:
    """SQL of the newest version of a resource (`list` NULL, with `why` and whether it was deleted) and of pages of
    searches (`search.sql.pages`), all at one moment. The statements bind into `arguments`, and each has its permit."""
    head = f"""(SELECT NULL::integer AS list, 0::bigint AS place, c.type, c.id, c.version, c.patient,
        v.at, v.body, {PROTECTED}, c.deleted, home.why, NULL::text AS sorted_by
        FROM store.current c {home(why, arguments)}
        LEFT JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE {_is(type_, id_, arguments)})"""
    return f"{head} UNION ALL {sql.pages(asked)}" if asked else head


Wanted = tuple[str, str, int | None]
"""Type, id, and a version; None: the newest."""


def several(wanted: Sequence[Wanted], arguments: Arguments, *, why: Why, may: Condition) -> str:
    """The same for some resources at once, each with its `place`; no row for what was never stored."""
    types = arguments.add([number(type_) for type_, _, _ in wanted], "smallint[]")
    ids = arguments.add([id_ for _, id_, _ in wanted], "text[]")
    versions = arguments.add([version for _, _, version in wanted], "integer[]")
    return f"""SELECT wanted.place - 1 AS place, {_COLUMNS}, home.why, {may("c", arguments, opened=OPENED)} AS may
        FROM unnest({types}, {ids}, {versions}) WITH ORDINALITY AS wanted(type, id, version, place)
        JOIN store.current c ON c.type = wanted.type AND c.id = wanted.id {home(why, arguments)}
        LEFT JOIN store.version v ON v.type = c.type AND v.id = c.id
            AND v.version = coalesce(wanted.version, c.version)"""


def patients(statement: Statement, *, why: Why, limit: int) -> tuple[str, list[object]]:
    """The patients of a search, oldest first, each with what opens the record."""
    arguments = statement.arguments
    text = f"""SELECT c.id, c.patient, {PROTECTED}, v.body, {why("c.patient", arguments)} AS why
        FROM store.current c JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE {statement.clause()} ORDER BY c.lo, c.id LIMIT {arguments.add(limit, "bigint")}"""
    return text, arguments.values


def reserved(keys: Sequence[int], parts: Sequence[int], *, may: Condition) -> tuple[str, list[object]]:
    """Which of some parts have something of these patients that the permit does not show."""
    arguments = Arguments()
    text = f"""SELECT DISTINCT c.part FROM store.current c
        WHERE c.patient = ANY({arguments.add(list(keys), "bigint[]")}) AND c.part <> 0
          AND c.part = ANY({arguments.add(list(parts), "smallint[]")})
          AND NOT c.deleted AND NOT {may("c", arguments)}"""
    return text, arguments.values


def written_since(patients: Sequence[int], since: datetime, *, limit: int) -> tuple[str, list[object]]:
    """What lives under some patients and was written after a moment, newest first; not the Patients themselves."""
    arguments = Arguments()
    text = f"""SELECT c.patient, c.type, c.id, v.version, v.at, v.author
        FROM store.current c JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE c.patient = ANY({arguments.add(list(patients), "bigint[]")}) AND NOT c.deleted
          AND c.type <> {arguments.add(number("Patient"), "smallint")} AND v.at > {arguments.add(since, "timestamptz")}
        ORDER BY v.at DESC, c.type, c.id LIMIT {arguments.add(limit, "bigint")}"""
    return text, arguments.values


def referring(
    tokens: Sequence[int], *, besides: Sequence[tuple[str, str]], never: Sequence[str], may: Condition
) -> tuple[str, list[object]]:
    """Some of what refers to each of the resources behind these tokens (`@Type/id`), and whether the permit shows it;
    `besides` some resources, and of some types `never`."""
    arguments = Arguments()
    wanted = arguments.add(list(tokens), "bigint[]")
    types = arguments.add([number(type_) for type_, _ in besides], "smallint[]")
    ids = arguments.add([id_ for _, id_ in besides], "text[]")
    passed = arguments.add([number(type_) for type_ in never], "smallint[]")
    text = f"""SELECT wanted.token, r.type, r.id, r.protected, r.may FROM unnest({wanted}) AS wanted(token)
        CROSS JOIN LATERAL (
            SELECT c.type, c.id, {PROTECTED}, {may("c", arguments)} AS may FROM store.current c
            WHERE c.tokens @> ARRAY[wanted.token] AND NOT c.deleted AND NOT c.type = ANY({passed})
              AND NOT EXISTS (SELECT 1 FROM unnest({types}, {ids}) AS own(type, id)
                              WHERE own.type = c.type AND own.id = c.id)
            LIMIT {_SOME_REFERRERS}) r"""
    return text, arguments.values


_SOME_REFERRERS = 20
OPENED = "home.why IS NOT NULL"


def home(why: Why, arguments: Arguments) -> str:
    """SQL to join: what opens the record that a row lies under, asked once."""
    return f"CROSS JOIN LATERAL (SELECT {why('c.patient', arguments)} AS why OFFSET 0) home"


def _is(type_: str, id_: str, arguments: Arguments) -> str:
    return f"c.type = {arguments.add(number(type_), 'smallint')} AND c.id = {arguments.add(id_, 'text')}"


def homes(wanted: Sequence[tuple[str, str]]) -> tuple[str, list[object]]:
    """Under which patient each of some resources lives (0: none); no row for what is not stored."""
    arguments = Arguments()
    types = arguments.add([number(type_) for type_, _ in wanted], "smallint[]")
    ids = arguments.add([id_ for _, id_ in wanted], "text[]")
    text = f"""SELECT c.type, c.id, c.patient FROM unnest({types}, {ids}) AS wanted(type, id)
        JOIN store.current c ON c.type = wanted.type AND c.id = wanted.id"""
    return text, arguments.values


async def is_hidden(db: Connection, patient: int) -> bool:
    """Whether somebody has a confidential address, by any of his ids."""
    return bool(await db.fetchval("SELECT hidden FROM access.civil WHERE patient = $1", patient))
