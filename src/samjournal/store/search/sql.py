"""One statement for a page of a search: the filters, the permit's condition and the sort in one place.

A row is `c` (store.current). Every token and reference condition that has one value goes into one array condition, so
that the index starts from the rarest; the permit's condition is part of every statement, counts included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from samjournal.db.binding import Arguments
from samjournal.fhir import compartment, parameters
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64, patient_key
from samjournal.fhir.numbers import number
from samjournal.store.search import date, reference, string, token
from samjournal.store.search.query import Filter, Include, Query, SortKey

Condition = Callable[[str, Arguments], str]
"""The permit's condition on a row alias."""

_COLUMNS = "c.type, c.id, c.version, c.patient, c.protected, c.at, v.body"
_ALWAYS = ("_id", "_lastUpdated")
"""What every row has in a column of its own."""
_JOIN = "JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version"


class Statement:
    """A WHERE clause as it grows, and the values that it binds."""

    def __init__(self, type_: str, may: Condition, *, sees_protected: bool) -> None:
        self.type = type_
        self.arguments = Arguments()
        self.sees_protected = sees_protected
        self.where = [f"c.type = {self.arguments.add(number(type_), 'smallint')}", "NOT c.deleted"]
        self.permit = may("c", self.arguments)
        self._all: list[int] = []
        self._patients: list[int] | None = None

    def filter(self, one: Filter, *, same_person: Callable[[str], Sequence[str]]) -> None:
        """Add one parameter. `same_person` gives every id that the person behind a patient id has."""
        code, kind = one.parameter.code, one.parameter.type
        if one.modifier == "missing" and code in _ALWAYS:
            self.where.append("false" if one.values[0] == "true" else "true")
        elif one.modifier == "missing":
            there = self._any([hash64(f"{name}?") for name in self._names(code)])
            self.where.append(f"NOT {there}" if one.values[0] == "true" else there)
        elif code == "_id":
            listed = f"c.id = ANY({self.arguments.add(list(one.values), 'text[]')})"
            self.where.append(f"NOT {listed}" if one.modifier == "not" else listed)
        elif code == "_lastUpdated":
            any_of = [date.condition(code, value, ("c.at", "c.at"), self.arguments) for value in one.values]
            self.where.append(f"({' OR '.join(any_of)})")
        elif kind == "token":
            self._hashes([[token.wanted(n, v) for n in self._names(code)] for v in one.values], one.modifier == "not")
        elif kind == "uri":
            self._hashes([[token.wanted(n, v) for n in self._names(code)] for v in one.values], negate=False)
        elif kind == "reference":
            self._references(one, same_person)
        elif kind == "string":
            self._strings(one)
        else:
            self._dates(one)

    def _names(self, code: str) -> list[str]:
        return list(token.names(self.type, code, closed=self.sees_protected))

    def _hashes(self, values: Sequence[Sequence[int]], negate: bool) -> None:
        flat = [hashed for alternatives in values for hashed in alternatives]
        if negate:
            self.where.append(f"NOT {self._any(flat)}")
        elif len(flat) == 1:
            self._all.append(flat[0])
        else:
            self.where.append(self._any(flat))

    def _any(self, hashes: Sequence[int]) -> str:
        return f"c.tokens && {self.arguments.add(list(hashes), 'bigint[]')}"

    def _references(self, one: Filter, same_person: Callable[[str], Sequence[str]]) -> None:
        code = one.parameter.code
        values: list[str] = []
        patients: list[str] | None = []
        for value in one.values:
            id_ = patient_of(one, value)
            same = same_person(id_) if id_ else ()
            values += [f"Patient/{other}" for other in same] or [value]
            patients = [*patients, *same] if patients is not None and same else None
        hashes = [
            hashed
            for name in self._names(code)
            for value in values
            for hashed in reference.wanted(name, value, targets=one.parameter.targets, type_=one.modifier)
        ]
        by_home = code in ("patient", "subject") and compartment.lives_by_one_element(self.type)
        if patients and by_home and self._patients is None:
            # It names the patient that the row lives under, so the per-patient index serves as well.
            self._patients = [patient_key(patient) for patient in patients]
        self._hashes([hashes], negate=False)

    def _strings(self, one: Filter) -> None:
        any_of = " OR ".join(string.condition(value, one.modifier, "s", self.arguments) for value in one.values)
        open_only = "" if self.sees_protected else " AND NOT s.closed"
        self.where.append(
            f"""EXISTS (SELECT 1 FROM store.string s WHERE s.param = {self._param(one.parameter.code)}
                AND s.type = c.type AND s.id = c.id AND ({any_of}){open_only})"""
        )

    def _dates(self, one: Filter) -> None:
        code = one.parameter.code
        if code == parameters.main_date(self.type):
            any_of = [date.condition(code, value, ("c.lo", "c.hi"), self.arguments) for value in one.values]
            self.where.append(f"({' OR '.join(any_of)})")
            return
        any_of = [date.condition(code, value, ("d.lo", "d.hi"), self.arguments) for value in one.values]
        self.where.append(
            f"""EXISTS (SELECT 1 FROM store.date d WHERE d.param = {self._param(code)}
                AND d.type = c.type AND d.id = c.id AND ({" OR ".join(any_of)}))"""
        )

    def _param(self, code: str) -> str:
        return self.arguments.add(hash64(f"{self.type}.{code}"), "bigint")

    def clause(self) -> str:
        """The whole WHERE clause, permit included."""
        conditions = list(self.where)
        only_patient = self._patients is not None and len(self._all) <= 1
        if only_patient and self._patients is not None:
            conditions.append(
                f"c.patient = ANY({self.arguments.add(self._patients, 'bigint[]')})"
                if len(self._patients) > 1
                else f"c.patient = {self.arguments.add(self._patients[0], 'bigint')}"
            )
        if self._all and not only_patient:
            conditions.append(f"c.tokens @> {self.arguments.add(self._all, 'bigint[]')}")
        return " AND ".join([*conditions, self.permit])


def patient_of(one: Filter, value: str) -> str | None:
    """The patient id that a reference value names, None when it names something else."""
    if value.startswith("Patient/"):
        return value.removeprefix("Patient/")
    if "/" not in value and ":" not in value and (one.modifier == "Patient" or one.parameter.targets == ("Patient",)):
        return value
    if "/" not in value and one.parameter.code == "patient":
        return value
    return None


def page(query: Query, statement: Statement) -> str:
    """SQL of one page and one row more, which tells whether there is a next page. The last columns are sort values."""
    arguments = statement.arguments
    keys = [(_expression(key, statement), key.descending) for key in query.sort]
    selected = "".join(f", {expression} AS k{place}" for place, (expression, _) in enumerate(keys))
    order = "".join(f"{expression} {'DESC' if down else 'ASC'} NULLS LAST, " for expression, down in keys)
    where = statement.clause()
    if query.cursor is not None:
        where += f" AND {_after(query, keys, arguments)}"
    limit = arguments.add(query.count + 1, "bigint")
    again = ", ".join([*(f"k{n} {'DESC' if down else 'ASC'} NULLS LAST" for n, (_, down) in enumerate(keys)), "c.id"])
    carried = "".join(f", c.k{place}" for place in range(len(keys)))
    return f"""WITH page AS MATERIALIZED (
            SELECT c.type, c.id, c.version, c.patient, c.protected, c.at{selected} FROM store.current c
            WHERE {where} ORDER BY {order}c.id LIMIT {limit})
        SELECT {_COLUMNS}{carried} FROM page c {_JOIN} ORDER BY {again}"""


def _expression(key: SortKey, statement: Statement) -> str:
    if key.code == "_id":
        return "c.id"
    if key.code == "_lastUpdated":
        return "c.at"
    if key.code == parameters.main_date(statement.type):
        return "c.lo"
    param = statement.arguments.add(hash64(f"{statement.type}.{key.code}"), "bigint")
    least = "max" if key.descending else "min"
    if parameters.for_type(statement.type)[key.code].type == "string":
        open_only = "" if statement.sees_protected else " AND NOT s.closed"
        return f"""(SELECT {least}(left(s.folded, 200)) FROM store.string s
            WHERE s.param = {param} AND s.type = c.type AND s.id = c.id{open_only})"""
    return f"""(SELECT {least}(d.lo) FROM store.date d
        WHERE d.param = {param} AND d.type = c.type AND d.id = c.id)"""


def _after(query: Query, keys: Sequence[tuple[str, bool]], arguments: Arguments) -> str:
    """SQL: the rows after the cursor, in the order of the sort, undated rows last."""
    assert query.cursor is not None
    *values, id_ = query.cursor
    if len(values) != len(keys):
        raise Invalid("This page link belongs to another search. Follow the links of the Bundle as they are.")
    alternatives = []
    equal: list[str] = []
    for (expression, down), key, value in zip(keys, query.sort, values, strict=True):
        place = _bind(key, query.type, value, arguments)
        if place is not None:
            beyond = f"{expression} {'<' if down else '>'} {place}"
            alternatives.append(" AND ".join([*equal, f"({beyond} OR {expression} IS NULL)"]))
        equal.append(f"{expression} IS NULL" if place is None else f"{expression} = {place}")
    alternatives.append(" AND ".join([*equal, f"c.id > {arguments.add(id_, 'text')}"]))
    return "(" + " OR ".join(alternatives) + ")"


def _bind(key: SortKey, type_: str, value: Any, arguments: Arguments) -> str | None:
    if value is None:
        return None
    known = parameters.for_type(type_).get(key.code)
    if key.code == "_lastUpdated" or (known is not None and known.type == "date"):
        try:
            return arguments.add(datetime.fromisoformat(value), "timestamptz")
        except (TypeError, ValueError):
            raise Invalid("This page link is broken. Follow the links of the Bundle as they are.") from None
    return arguments.add(str(value), "text")


def count(statement: Statement, *, limit: int | None = None) -> str:
    """SQL that counts the matches, up to a limit where one is given."""
    inner = f"SELECT 1 FROM store.current c WHERE {statement.clause()}"
    if limit is not None:
        inner += f" LIMIT {limit}"
    return f"SELECT count(*) FROM ({inner}) counted"


def included(targets: Iterable[tuple[str, str]], may: Condition, arguments: Arguments) -> str:
    """SQL of the newest versions of some resources, as far as the permit goes."""
    wanted = list(targets)
    types = arguments.add([number(type_) for type_, _ in wanted], "smallint[]")
    ids = arguments.add([id_ for _, id_ in wanted], "text[]")
    return f"""SELECT {_COLUMNS} FROM unnest({types}, {ids}) AS wanted(type, id)
        JOIN store.current c USING (type, id) {_JOIN}
        WHERE NOT c.deleted AND {may("c", arguments)} ORDER BY c.type, c.id"""


def referring(
    include: Include, matches: Sequence[tuple[str, str]], may: Condition, arguments: Arguments, *, limit: int
) -> str:
    """SQL of the resources of another type that refer to the matches."""
    name = f"{include.source}.{include.parameter.code}"
    hashes = arguments.add([hash64(f"{name}={type_}/{id_}") for type_, id_ in matches], "bigint[]")
    return f"""SELECT {_COLUMNS} FROM store.current c {_JOIN}
        WHERE c.type = {arguments.add(number(include.source), "smallint")} AND NOT c.deleted
          AND c.tokens && {hashes} AND {may("c", arguments)} ORDER BY c.id LIMIT {limit}"""
