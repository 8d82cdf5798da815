"""Statements of `$everything`: all rows of a patient or an encounter at once, and what these refer to.

hl7.org/fhir/R4/patient-operation-everything.html. Whether a record is open is asked once for each patient key, not for
each row; the permit's condition stands on every row all the same.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import NamedTuple

from samjournal.db.binding import Arguments
from samjournal.fhir import parameters
from samjournal.fhir.dates import Span
from samjournal.fhir.definitions import load
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import number
from samjournal.store.hiding import is_hidden, protected
from samjournal.store.permitted import Condition, Why

_COLUMNS = "type, id, version, patient, protected, others, at, why, hidden"
_SHOWN = "c.type, c.id, c.version, c.patient, c.protected, c.others, c.at"
OF_ENCOUNTER = ("encounter", "context")
"""What puts a resource in an encounter's compartment. hl7.org/fhir/R4/compartmentdefinition-encounter.html"""


class Narrowed(NamedTuple):
    """What is wanted of it all: some types, what was stored since a moment, what happened within a time."""

    types: tuple[str, ...]
    since: datetime | None = None
    during: Span | None = None


class Place(NamedTuple):
    """Where a row stands in the order: what was asked for comes first, then by type and id."""

    later: bool
    type: int
    id: str


def of_patients(
    ids: Sequence[str],
    keys: Sequence[int],
    *,
    why: Why,
    may: Condition,
    narrowed: Narrowed,
    after: Place | None,
    count: int,
    size: int,
) -> tuple[str, list[object]]:
    """All that lies under a person's patient keys (`ids` begin with the one asked about), and what of the compartment
    lies elsewhere: an appointment of two patients, a note whose author is the patient. At most `count` rows, and no
    more than begin within `size` bytes."""
    arguments = Arguments()
    mine = arguments.add(list(keys), "bigint[]")
    named = arguments.add([hash64(f"@Patient/{id_}") for id_ in ids], "bigint[]")
    members = arguments.add([hash64(f"{name}=Patient/{id_}") for id_ in ids for name in _members()], "bigint[]")
    # The index is asked for the few rows that name the patient at all, not for a hundred ways to name him, which are
    # compared of what lies elsewhere alone.
    found = f"""SELECT {_SHOWN}, home.why, home.hidden
            FROM home CROSS JOIN LATERAL {_under("home.patient")} c
            WHERE home.why IS NOT NULL AND {may("c", arguments, opened="home.why IS NOT NULL")}
              {_narrowed(narrowed, arguments)}
        UNION ALL
        SELECT {_SHOWN}, {why("c.patient", arguments)}, NULL
            FROM store.current c
            WHERE c.tokens && {named} AND NOT c.deleted
              AND CASE WHEN c.patient <> ALL({mine}) THEN (c.tokens || '{{}}') && {members} ELSE false END
              AND {may("c", arguments)} {_narrowed(narrowed, arguments, type_="c.type + 0")}"""
    return _page(mine, found, ("Patient", ids[0]), why, after, count, size, arguments), arguments.values


def of_encounter(
    id_: str,
    patient: int,
    *,
    why: Why,
    may: Condition,
    narrowed: Narrowed,
    after: Place | None,
    count: int,
    size: int,
) -> tuple[str, list[object]]:
    """An encounter and what names it as the one that it belongs to, of the same patient."""
    arguments = Arguments()
    mine = arguments.add([patient], "bigint[]")
    tokens = [hash64(f"{type_}.{code}=Encounter/{id_}") for type_, code in _of_encounter()]
    found = f"""SELECT {_SHOWN}, home.why, home.hidden
            FROM home CROSS JOIN LATERAL {_under("home.patient")} c
            WHERE (home.why IS NOT NULL OR home.patient = 0)
              AND (c.tokens && {arguments.add(tokens, "bigint[]")}
                   OR c.type = {arguments.add(number("Encounter"), "smallint")} AND c.id = {arguments.add(id_, "text")})
              AND {may("c", arguments, opened="home.why IS NOT NULL")} {_narrowed(narrowed, arguments)}"""
    return _page(mine, found, ("Encounter", id_), why, after, count, size, arguments), arguments.values


def referred(
    wanted: Collection[tuple[str, str]],
    keys: Sequence[int],
    *,
    why: Why,
    may: Condition,
    narrowed: Narrowed,
    count: int,
    size: int,
) -> tuple[str, list[object]]:
    """Of some resources that were referred to, those that lie under these patients or under none: nobody else's."""
    arguments = Arguments()
    types = arguments.add([number(type_) for type_, _ in wanted], "smallint[]")
    ids = arguments.add([id_ for _, id_ in wanted], "text[]")
    keys_ = arguments.add([0, *keys], "bigint[]")
    found = f"""SELECT {_SHOWN}, {why("c.patient", arguments)}, NULL::boolean
            FROM unnest({types}, {ids}) AS wanted(type, id) JOIN store.current c USING (type, id)
            WHERE NOT c.deleted AND c.patient = ANY({keys_}) AND {may("c", arguments)}
              {_narrowed(narrowed._replace(during=None), arguments)}"""
    return _page(None, found, None, why, None, count, size, arguments), arguments.values


def _page(
    mine: str | None,
    found: str,
    first: tuple[str, str] | None,
    why: Why,
    after: Place | None,
    count: int,
    size: int,
    arguments: Arguments,
) -> str:
    """SQL of a page of what was found, in order, with what is asked for first. The first row tells what opens the
    record that it lies under."""
    home = ""
    if mine:
        asked = f"{why('p.patient', arguments)} AS why, {is_hidden('p.patient')} AS hidden"
        home = f"home AS MATERIALIZED (SELECT p.patient, {asked} FROM unnest({mine}) p(patient)),"
    later = "true"
    if first is not None:
        type_, id_ = arguments.add(number(first[0]), "smallint"), arguments.add(first[1], "text")
        later = f"(f.type <> {type_} OR f.id <> {id_})"
    beyond = "true"
    if after is not None:
        place = (
            arguments.add(after.later, "boolean"),
            arguments.add(after.type, "smallint"),
            arguments.add(after.id, "text"),
        )
        beyond = f"({later}, f.type, f.id) > ({', '.join(place)})"
    return f"""WITH {home} found ({_COLUMNS}) AS ({found}),
        page AS (SELECT f.*, {later} AS later FROM found f WHERE {beyond}
            ORDER BY later, type, id LIMIT {arguments.add(count, "bigint")}),
        sized AS (SELECT page.*, v.body, sum(octet_length(v.body)) OVER (
                ORDER BY page.later, page.type, page.id) - octet_length(v.body) AS before
            FROM page CROSS JOIN LATERAL (SELECT v.body FROM store.version v
                WHERE v.type = page.type AND v.id = page.id AND v.version = page.version OFFSET 0) v)
        SELECT type, id, version, patient, at, CASE WHEN before = 0 THEN why END AS why, before, body,
            {protected("c.hidden IS NOT NULL", "c.hidden")}
        FROM sized c WHERE before < {arguments.add(size, "bigint")}
        ORDER BY later, type, id"""


def _under(patient: str) -> str:
    """SQL of the rows under a patient key as a table of its own, which is read by the index of patients: the planner
    does not know how few of all rows a patient has, and would read and hash all."""
    return f"(SELECT * FROM store.current c WHERE c.patient = {patient} AND NOT c.deleted OFFSET 0)"


def _narrowed(narrowed: Narrowed, arguments: Arguments, *, type_: str = "c.type") -> str:
    """SQL: what is wanted of a row. What has no date of its own belongs to every time. `type_` is how a row's type is
    named: as a sum where few rows fit, since the planner would read the index of all types beside that of tokens."""
    numbers = _numbers(narrowed.types)
    where = f"AND {type_} = ANY({arguments.add(numbers, 'smallint[]')})" if len(numbers) < len(load().resources) else ""
    if narrowed.since is not None:
        where += f" AND c.at >= {arguments.add(narrowed.since, 'timestamptz')}"
    if narrowed.during is not None:
        lo, hi = (arguments.add(moment, "timestamptz") for moment in narrowed.during)
        where += f" AND (c.lo IS NULL OR (c.lo < {hi} AND c.hi > {lo}))"
    return where


@lru_cache(maxsize=64)
def _numbers(types: tuple[str, ...]) -> tuple[int, ...]:
    """The same object for the same types, so that a statement binds them once."""
    return tuple(number(type_) for type_ in types)


@cache
def _members() -> tuple[str, ...]:
    """The names of the search parameters that put a resource in a patient's compartment."""
    return tuple(
        f"{type_}.{part}"
        for type_ in sorted(load().resources)
        for code in load().compartment(type_)
        if (known := parameters.for_type(type_).get(code))
        for part in known.parts or (known.code,)
    )


@cache
def _of_encounter() -> tuple[tuple[str, str], ...]:
    return tuple(
        (type_, one.code)
        for type_ in sorted(load().resources)
        for one in parameters.for_type(type_).values()
        if one.type == "reference" and one.code in OF_ENCOUNTER and "Encounter" in one.targets
    )
