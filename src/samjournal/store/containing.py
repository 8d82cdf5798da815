"""Searching what is contained in other resources: `_contained`. hl7.org/fhir/R4/search.html#contained

A contained resource has no row of its own, since hardly anybody looks for one. The row of what contains it has its
tokens beside its own, marked, so that an index leads to the few that may fit; what these contain is laid out as rows
for the moment of one statement, and searched as everything is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from samjournal.db.binding import Arguments
from samjournal.fhir.errors import Invalid
from samjournal.fhir.numbers import number as type_number
from samjournal.store.hiding import HIDES, PROTECTED
from samjournal.store.permitted import Condition
from samjournal.store.rows import Index
from samjournal.store.search.marks import contains, marked
from samjournal.store.search.query import Query
from samjournal.store.search.sql import Statement, everything

_COLUMNS = f"c.type, c.id, c.version, c.patient, {PROTECTED}, c.at, v.body"
_OWN = ("_id", "_lastUpdated", "_text", "_content")
"""What is asked of a resource that stands for itself, or of texts, which are kept for these alone."""
_LAID = {
    "current": "type smallint, id text, patient bigint, deleted boolean, tokens bigint[], lo timestamptz,"
    " hi timestamptz",
    "string": "param bigint, type smallint, id text, folded text, written text, closed boolean",
    "date": "param bigint, type smallint, id text, lo timestamptz, hi timestamptz",
    "number": "param bigint, unit bigint, type smallint, id text, lo float8, hi float8",
}
_TABLE = re.compile(rf"\bstore\.({'|'.join(_LAID)})\b")
SamePerson = Callable[[str], Sequence[str]]


def refuse(query: Query) -> None:
    """Raise Invalid for what is not asked of contained resources."""
    wrong = [one.parameter.code for one in query.filters if one.parameter.code in _OWN]
    wrong += [f"{one.parameter.code}:text" for one in query.filters if one.modifier == "text"]
    wrong += [name for name, there in (("_sort", query.sort), ("_include", query.includes)) if there]
    wrong += ["a chain, _has, _list or _filter"] if query.beyond else []
    if wrong:
        raise Invalid(f"What is contained is searched by the parameters of its type alone, not with {wrong[0]}.")


def statement(query: Query, *, same_person: SamePerson, sees_protected: bool) -> Statement:
    """The conditions on a contained resource; whether its container may be seen is asked before."""
    made = Statement(query.type, everything, sees_protected=sees_protected)
    for one in query.filters:
        made.filter(one, same_person=same_person)
    return made


def containers(made: Statement, types: Iterable[str], may: Condition, *, limit: int) -> tuple[str, list[object]]:
    """The newest versions of what may contain something that fits, of some types. Of protected ones nothing is known
    but what type they contain."""
    arguments = Arguments()
    any_of = arguments.add([type_number(type_) for type_ in types], "smallint[]")
    of_type = arguments.add([contains(made.type)], "bigint[]")
    fits = [f"c.tokens @> {of_type}"]
    fits += [f"c.tokens && {arguments.add(marked(hashes), 'bigint[]')}" for hashes in made.wanted]
    text = f"""SELECT {_COLUMNS} FROM store.current c
        JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version
        WHERE (({" AND ".join(fits)}) OR ((c.protected OR {HIDES}) AND c.tokens @> {of_type})) AND NOT c.deleted
          AND c.type = ANY({any_of}) AND {may("c", arguments)}
        ORDER BY c.type, c.id LIMIT {arguments.add(limit, "bigint")}"""
    return text, arguments.values


def among(made: Statement, laid: Sequence[tuple[str, Index]]) -> tuple[str, list[object]]:
    """The ids, of contained resources by ids that the caller gave them, of those that fit."""
    add = made.arguments.add
    type_ = type_number(made.type)
    rows: dict[str, list[dict[str, Any]]] = {table: [] for table in _LAID}
    for id_, index in laid:
        of = {"type": type_, "id": id_}
        rows["current"].append(
            {**of, "patient": index.patient, "deleted": False, "tokens": index.tokens, "lo": index.lo, "hi": index.hi}
        )
        rows["string"] += _rows(of, ("param", "folded", "written", "closed"), index.strings)
        rows["date"] += _rows(of, ("param", "lo", "hi"), index.dates)
        rows["number"] += _rows(of, ("param", "unit", "lo", "hi"), index.numbers)
    clause = _TABLE.sub(r"laid_\1", made.clause())
    tables = ", ".join(
        f"laid_{table} AS MATERIALIZED (SELECT * FROM jsonb_to_recordset("
        f"{add(msgspec.json.encode(rows[table]).decode(), 'jsonb')}) AS one({columns}))"
        for table, columns in _LAID.items()
    )
    return f"WITH {tables} SELECT c.id FROM laid_current c WHERE {clause}", made.arguments.values


def _rows(of: dict[str, Any], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield of | {name: _plain(value) for name, value in zip(names, row, strict=True)}


def _plain(value: Any) -> Any:
    """JSON has no endless numbers; the database reads them from text."""
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
