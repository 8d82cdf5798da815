"""Conditions that reach beyond the row: what other resources were found, as SQL on a row of the type searched.

A chain is looked up from its far end. What was found there is looked for among this row's references (`Refers`), its
own id (`Among`) or the patient that it lives under (`Under`); where it is too much to carry back and forth, PostgreSQL
joins by the patient (`Joined`). References lie in the rows as hashes only, so nothing but the patient can be joined by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from samjournal.db.binding import Arguments
from samjournal.fhir import compartment
from samjournal.fhir.keys import SYSTEM, hash64
from samjournal.fhir.parameters import Parameter
from samjournal.store.search import token
from samjournal.store.search.query import Filter, Query
from samjournal.store.search.sql import Condition, Statement


class Reader(NamedTuple):
    """Who searches: the permit's condition, whether protected values are found, all ids of the person behind one."""

    may: Condition
    sees_protected: bool
    same_person: Callable[[str], Sequence[str]]


@dataclass(frozen=True, slots=True)
class Refers:
    """The row has one of these tokens."""

    tokens: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Among:
    """The row has one of these ids."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Under:
    """The row lives under one of these patients, and has one of the tokens where there are any."""

    patients: tuple[int, ...]
    tokens: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Joined:
    """The row lives under a patient whom a match of `inner` lives under, or under one of these, who are the same
    persons as such; `token` says that it has the reference at all."""

    inner: Query
    patients: tuple[int, ...] = ()
    token: int | None = None


@dataclass(frozen=True, slots=True)
class AnyOf:
    """One of the parts holds."""

    parts: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every part holds."""

    parts: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold."""

    part: object


NOTHING = AnyOf(())


def by_home(type_: str, code: str) -> bool:
    """Whether a reference parameter names the patient that a resource of the type lives under."""
    return code in ("patient", "subject") and compartment.lives_by_one_element(type_)


def tokens(parameter: Parameter, references: Sequence[str], *, closed: bool) -> list[int]:
    """The tokens of rows that refer by this parameter to one of the `references` (Type/id, or the url of a canonical);
    protected ones only for those who may see them."""
    names = tuple(token.names(parameter.base, parameter.code, closed=closed))
    return [hash64(f"{name}={reference}") for reference in references for name in names]


def statement(query: Query, reader: Reader, arguments: Arguments | None = None) -> Statement:
    """The statement of a search. `query.beyond` has only what this module knows."""
    made = Statement(query.type, reader.may, sees_protected=reader.sees_protected, arguments=arguments)
    # Names come last: beside a day or a number they are looked up among the few of that day.
    for one in sorted(query.filters, key=lambda one: one.parameter.type == "string"):
        made.filter(one, same_person=reader.same_person)
    for condition in query.beyond:
        made.where.append(_sql(condition, made, reader))
    return made


def _sql(one: object, made: Statement, reader: Reader) -> str:
    add = made.arguments.add
    match one:
        case Filter():
            alone = Statement(made.type, _everything, sees_protected=made.sees_protected, arguments=made.arguments)
            alone.filter(one, same_person=reader.same_person)
            return f"({alone.clause()})"
        case Refers(tokens):
            return _refers(tokens, made)
        case Among(ids):
            return f"c.id = ANY({add(list(ids), 'text[]')})"
        case Under(patients, tokens):
            under = f"c.patient = ANY({add(list(patients), 'bigint[]')})"
            return f"({under} AND {_has_one(tokens, made)})" if tokens else under
        case Joined(inner, patients, there):
            found = statement(inner, reader, made.arguments)
            joined = f"""c.patient IN (SELECT c.patient FROM store.current c
                WHERE {found.clause()} AND c.patient <> {SYSTEM})"""
            if patients:
                joined = f"({joined} OR c.patient = ANY({add(list(patients), 'bigint[]')}))"
            return joined if there is None else f"({joined} AND c.tokens @> {add([there], 'bigint[]')})"
        case AnyOf(parts):
            return f"({' OR '.join(_sql(part, made, reader) for part in parts)})" if parts else "false"
        case AllOf(parts):
            return f"({' AND '.join(_sql(part, made, reader) for part in parts)})" if parts else "true"
        case Not(part):
            # What is unknown, such as the day of what has none, does not hold either.
            return f"({_sql(part, made, reader)}) IS NOT TRUE"
    raise TypeError(one)


def _refers(tokens: Sequence[int], made: Statement) -> str:
    if len(tokens) > _MANY and len(made.where) > 1:
        return _has_one(tokens, made)
    return f"c.tokens && {made.arguments.add(list(tokens), 'bigint[]')}"


_MANY = 500
"""Beyond this, what else is asked for is a better start, and an array is compared with an array too slowly."""


def _has_one(tokens: Sequence[int], made: Statement) -> str:
    """SQL: the row has one of the tokens, however many there are: they are hashed once. No index serves it."""
    return f"""EXISTS (SELECT 1 FROM unnest(c.tokens) own(token)
        WHERE own.token IN (SELECT unnest({made.arguments.add(list(tokens), "bigint[]")})))"""


def _everything(_row: str, _arguments: Arguments) -> str:
    return "true"


# What the far end of a chain is looked up with.


def ids(found: Statement, *, most: int) -> str:
    """SQL for the ids of matches, and their bytes' tokens: at most so many."""
    return f"SELECT c.id FROM store.current c WHERE {found.clause()} LIMIT {most}"


def bodies(found: Statement, *, most: int) -> str:
    """SQL for id, tokens and bytes of matches: at most so many."""
    return f"""SELECT c.id, c.tokens, v.body FROM store.current c
        JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE {found.clause()} LIMIT {most}"""


def homes(found: Statement, *, most: int, among: Sequence[int] | None = None) -> str:
    """SQL for the patients whom matches live under: at most so many, and only some where they are given."""
    only = "" if among is None else f" AND c.patient = ANY({found.arguments.add(list(among), 'bigint[]')})"
    return f"""SELECT DISTINCT c.patient FROM store.current c
        WHERE {found.clause()} AND c.patient <> {SYSTEM}{only} LIMIT {most}"""


def present(found: Statement, wanted: Sequence[int]) -> str:
    """SQL for those of some tokens that matches have."""
    listed = found.arguments.add(list(wanted), "bigint[]")
    return f"""SELECT DISTINCT own.token FROM store.current c, unnest(c.tokens) own(token)
        WHERE {found.clause()} AND c.tokens && {listed} AND own.token IN (SELECT unnest({listed}))"""
