"""Conditions that reach beyond the row: what other resources were found, as SQL on a row of the type searched.

A chain is looked up from its far end. What was found there is looked for among this row's references (`Refers`), its
own id (`Among`) or the patient that it lives under (`Under`); where it is too much to carry back and forth, PostgreSQL
joins by the patient (`Joined`). References lie in the rows as hashes only, so nothing but the patient can be joined by.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

from samjournal.db.binding import Arguments
from samjournal.fhir import compartment
from samjournal.fhir.keys import SYSTEM, hash64
from samjournal.fhir.numbers import number as type_number
from samjournal.fhir.parameters import Parameter
from samjournal.store.hiding import HIDES, hides
from samjournal.store.permitted import Condition
from samjournal.store.search import token
from samjournal.store.search.query import Filter, Query
from samjournal.store.search.sql import FEW, Known, Statement, everything


class Reader(NamedTuple):
    """Who searches: the permit's condition, of which types protected values are found, all ids of a person."""

    may: Condition
    shows_protected: Callable[[str], bool]
    same_person: Callable[[str], Sequence[str]]
    known: Known = None


@dataclass(frozen=True, slots=True)
class Refers:
    """The row has one of these tokens; of somebody with a confidential address one that is not `telling`, which are of
    places that the reader does not know."""

    tokens: tuple[int, ...]
    telling: frozenset[int] = frozenset()


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
class Has:
    """The row has this token, as most have: no start for a search."""

    token: int


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


def one_of(parts: Sequence[object]) -> object:
    """That one of the parts holds, in as few parts as can be: what is looked for among references is one list."""
    tokens = [token for part in parts if isinstance(part, Refers | Under) for token in part.tokens]
    telling = frozenset(token for part in parts if isinstance(part, Refers) for token in part.telling)
    ids = [id_ for part in parts if isinstance(part, Among) for id_ in part.ids]
    others = [part for part in parts if part != NOTHING and not isinstance(part, Refers | Among)]
    under = [part for part in others if isinstance(part, Under) and part.tokens]
    if tokens and (len(others) > 1 or under != others or any(isinstance(part, Refers) for part in parts)):
        others = [part for part in others if part not in under]
        others.append(Refers(tuple(dict.fromkeys(tokens)), telling))
    if ids:
        others.append(Among(tuple(dict.fromkeys(ids))))
    return others[0] if len(others) == 1 else AnyOf(tuple(others))


def by_home(type_: str, code: str) -> bool:
    """Whether a reference parameter names the patient that a resource of the type lives under."""
    return code in ("patient", "subject") and compartment.lives_by_one_element(type_)


def tokens(parameter: Parameter, references: Sequence[str], *, closed: bool) -> list[int]:
    """The tokens of rows that refer by this parameter to one of the `references` (Type/id, or the url of a canonical);
    protected ones only for those who may see them."""
    names = tuple(token.names(parameter.base, parameter.code, closed=closed))
    return [hash64(f"{name}={reference}") for reference in references for name in names]


def statement(query: Query, reader: Reader, arguments: Arguments | None = None, *, walks: bool = False) -> Statement:
    """The statement of a search. `query.beyond` has only what this module knows; `walks` as of a Statement."""
    made = Statement(
        query.type,
        reader.may,
        sees_protected=reader.shows_protected(query.type),
        arguments=arguments,
        known=reader.known,
        walks=walks,
    )
    # Names come last: beside a day or a number they are looked up among the few of that day.
    for one in sorted(query.filters, key=lambda one: one.parameter.type == "string"):
        made.filter(one, same_person=reader.same_person)
    for condition in query.beyond:
        made.where.append(_sql(condition, made, reader))
        match condition:
            case Refers(tokens, _) if tokens:
                made.start_from(len(tokens), partial(_led, tokens, "r.tokens @> ARRAY[place.key]", made))
            case Under(patients, tokens) if tokens and len(patients) > _FEW:
                made.start_from(len(patients), partial(_led, patients, "r.patient = place.key", made))
    return made


def _led(keys: Sequence[int], place: str, made: Statement) -> str:
    """SQL for the ids of rows at one of many places. Each place is gone to by its index: how many rows have one of many
    tokens is not in the planner's statistics, so that it would read all, or all of the type for each."""
    spared = " + 0" if "tokens" in place else ""
    return f"""SELECT found.id FROM unnest({made.arguments.add(list(keys), "bigint[]")}) AS place(key)
        CROSS JOIN LATERAL (SELECT r.id FROM store.current r
            WHERE {place} AND r.type{spared} = {type_number(made.type)} AND NOT r.deleted OFFSET 0) found"""


_FEW = 50
"""So few are written into the condition, where an index finds them."""


def _sql(one: object, made: Statement, reader: Reader) -> str:
    add = made.arguments.add
    match one:
        case Filter():
            alone = Statement(
                made.type, everything, sees_protected=made.sees_protected, arguments=made.arguments, known=made.known
            )
            alone.filter(one, same_person=reader.same_person)
            return f"({alone.clause()})"
        case Refers(tokens, telling):
            if not telling:
                return _has_one(tokens, made)
            known = [token for token in tokens if token not in telling]
            hidden = hides(made.type)
            told = f"({_has_one(known, made)} OR NOT {hidden})" if known else f"NOT {hidden}"
            return f"({_has_one(tokens, made)} AND {told})"
        case Has(token):
            return f"(c.tokens @> {add([token], 'bigint[]')}) IS TRUE"
        case Among(ids):
            return f"c.id = ANY({add(list(ids), 'text[]')})"
        case Under(patients, tokens):
            if tokens and len(patients) > _FEW:
                return _has_one(tokens, made)
            listed = add(list(patients), "bigint[]")
            under = f"c.patient = ANY({listed})" if len(patients) <= _FEW else f"c.patient IN (SELECT unnest({listed}))"
            return f"({under} AND {_has_one(tokens, made)})" if tokens else under
        case Joined(inner, patients, there):
            found = statement(inner, reader, made.arguments)
            joined = f"""c.patient IN (SELECT c.patient FROM store.current c
                WHERE {found.clause()} AND c.patient <> {SYSTEM})"""
            if patients:
                joined = f"({joined} OR c.patient = ANY({add(list(patients), 'bigint[]')}))"
            return joined if there is None else f"({joined} AND {_sql(Has(there), made, reader)})"
        case AnyOf(parts):
            return f"({' OR '.join(_sql(part, made, reader) for part in parts)})" if parts else "false"
        case AllOf(parts):
            return f"({' AND '.join(_sql(part, made, reader) for part in parts)})" if parts else "true"
        case Not(part):
            # What is unknown, such as the day of what has none, does not hold either.
            return f"({_sql(part, made, reader)}) IS NOT TRUE"
    raise TypeError(one)


def _has_one(tokens: Sequence[int], made: Statement) -> str:
    """SQL: the row has one of the tokens. Many are hashed once, and no index serves that."""
    listed = made.arguments.add(list(tokens), "bigint[]")
    if len(tokens) <= _FEW:
        return f"c.tokens && {listed}"
    # Without IS TRUE the planner makes a join of it, and goes through all of them for each row.
    return f"""EXISTS (SELECT 1 FROM unnest(c.tokens) own(token)
        WHERE (own.token IN (SELECT unnest({listed}))) IS TRUE)"""


# What the far end of a chain is looked up with.


def ids(found: Statement, *, most: int) -> str:
    """SQL for the ids of matches: at most so many."""
    return _few_or_many(found, "SELECT c.id FROM store.current c", f"LIMIT {most}")


def bodies(found: Statement, *, most: int) -> str:
    """SQL for id, tokens, patient and bytes of matches, and whether they are of somebody with a confidential address:
    at most so many."""
    rows = f"""SELECT c.id, c.tokens, c.patient, v.body, {HIDES} AS hidden FROM store.current c
        JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version"""
    return _few_or_many(found, rows, f"LIMIT {most}")


def homes(found: Statement, *, most: int, among: Sequence[int] | None = None) -> str:
    """SQL for the patients whom matches live under: at most so many, and only some where they are given."""
    if among is not None:
        found.where.append(f"c.patient = ANY({found.arguments.add(list(among), 'bigint[]')})")
    found.where.append(f"c.patient <> {SYSTEM}")
    return _few_or_many(found, "SELECT DISTINCT c.patient FROM store.current c", f"LIMIT {most}")


def present(found: Statement, wanted: Sequence[int]) -> str:
    """SQL for those of some tokens that matches have."""
    listed = found.arguments.add(list(wanted), "bigint[]")
    return f"""SELECT DISTINCT own.token FROM store.current c, unnest(c.tokens) own(token)
        WHERE {found.clause()} AND c.tokens && {listed} AND (own.token IN (SELECT unnest({listed}))) IS TRUE"""


def _few_or_many(found: Statement, rows: str, end: str) -> str:
    """SQL for matches, begun from the few that a day, a number or a link leads to, when they are few: see sql.page."""
    where = found.clause()
    start = found.start(FEW + 1)
    if start is None:
        return f"{rows} WHERE {where} {end}"
    many = f"(SELECT count(*) FROM few) > {FEW}"
    return f"""WITH few AS MATERIALIZED ({start})
        ({rows} WHERE {where} AND NOT {many} AND c.id = ANY(ARRAY(SELECT few.id FROM few)) {end})
        UNION ALL ({rows} WHERE {where} AND {many} {end})"""
