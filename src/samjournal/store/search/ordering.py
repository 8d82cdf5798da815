"""What matches are sorted by. hl7.org/fhir/R4/search.html#sort

Dates, strings and numbers are in rows; tokens, references and uris are read from the resources as they are written: a
code is sorted by its code, yes and no as such, an identifier by its value, a reference by `Type/id`, a uri as it
stands; signs come in the order of Unicode. Of several values the least counts, or the greatest when it is turned round.
Composites, places and what R4 computes have no order.
"""

from __future__ import annotations

from functools import cache
from typing import Protocol

from samjournal.db.binding import Arguments
from samjournal.fhir import parameters, paths
from samjournal.fhir.definitions import load
from samjournal.fhir.keys import hash64
from samjournal.fhir.parameters import Parameter
from samjournal.fhir.paths import Refers, Step, Where
from samjournal.fhir.protection import closable
from samjournal.store.hiding import hides
from samjournal.store.search import quantity

_ENDS = {
    "Identifier": ".value",
    "Coding": ".code",
    "CodeableConcept": ".coding.code",
    "ContactPoint": ".value",
    "Reference": ".reference",
    **dict.fromkeys(("boolean", "code", "id", "string", "uri", "url", "canonical", "oid", "uuid"), ""),
}
"""What is compared of each type."""


@cache
def written(type_: str, code: str) -> tuple[str, ...]:
    """Where the values of a parameter stand, as JSON paths; none where it has no order of this kind."""
    known = parameters.for_type(type_).get(code)
    if known is None or known.type not in ("token", "reference", "uri") or known.parts or code == "deceased":
        return ()
    declared = [
        one for base in (type_, "DomainResource", "Resource") for one in load().parameters(base) if one.code == code
    ]
    if not declared:
        return ()  # One that was added is not read from R4's own definitions.
    routes = paths.routes(declared[0].expression, type_)
    return tuple(f"$.{_path(route.steps)}{_ENDS[route.type]}" for route in routes if route.type in _ENDS)


def _path(steps: tuple[Step, ...]) -> str:
    """The steps of a route as PostgreSQL's jsonpath, which goes into lists by itself."""
    text = ""
    for step in steps:
        match step:
            case str():
                text += f'."{step}"'
            case int():
                text += f"[{step}]"
            case Where(key, value):
                text += f' ? (@."{key}" == "{value}")'
            case Refers(type_):
                text += f' ? (@."reference" starts with "{type_}/")'
    return text.removeprefix(".")


def direction(expression: str, down: bool) -> str:
    """SQL: which way to sort; without a word of nulls where there are none, so that an index serves both ways."""
    return f"{'DESC' if down else 'ASC'}{'' if expression in _NEVER_NULL else ' NULLS LAST'}"


_NEVER_NULL = ("c.at", "t.at", "c.id")


class Key(Protocol):
    """A key of an order."""

    @property
    def code(self) -> str: ...
    @property
    def descending(self) -> bool: ...


def expression(type_: str, key: Key, *, sees_protected: bool, closes: bool, arguments: Arguments) -> str:
    """SQL for what a row `c` of store.current is sorted by. `closes`: what is kept of somebody with a confidential
    address has no order by what it refers to, by a uri or by what was added."""
    if key.code == "_id":
        return "c.id"
    if key.code == "_lastUpdated":
        return "c.at"
    if key.code == parameters.main_date(type_):
        return "c.lo"
    name, known = f"{type_}.{key.code}", parameters.for_type(type_)[key.code]
    least = "max" if key.descending else "min"
    if known.type in ("number", "quantity"):
        return _least_number(type_, known, least, arguments)
    if known.type not in ("string", "date"):
        found = _as_written(type_, key.code, least, sees_protected=sees_protected, arguments=arguments)
        shut = closes and known.type in ("reference", "uri")
        return f"CASE WHEN NOT {hides(type_)} THEN {found} END" if shut else found
    param = arguments.add(hash64(name), "bigint")
    if known.type == "string":
        open_only = "" if sees_protected else " AND NOT s.closed"
        if closes and key.code in closable(type_):
            open_only += f" AND NOT {hides(type_)}"
        return f"""(SELECT {least}(left(s.folded, 200)) FROM store.string s
            WHERE s.param = {param} AND s.type = c.type AND s.id = c.id{open_only})"""
    return f"""(SELECT {least}(d.lo) FROM store.date d
        WHERE d.param = {param} AND d.type = c.type AND d.id = c.id)"""


def _least_number(type_: str, known: Parameter, least: str, arguments: Arguments) -> str:
    """SQL: the number to sort by. An open range counts by the end that it has; quantities in base units come first."""
    names = [f"{type_}.{code}" for code in known.parts or (known.code,)]
    places = [[hash64(name) for name in names]]
    if known.type == "quantity":
        places.insert(0, [quantity.base_units(name) for name in names])
    found = [
        f"""(SELECT {least}(CASE WHEN n.lo > '-Infinity' THEN n.lo ELSE n.hi END) FROM store.number n
            WHERE n.param = ANY({arguments.add(params, "bigint[]")}) AND n.type = c.type AND n.id = c.id)"""
        for params in places
    ]
    return f"coalesce({', '.join(found)})" if len(found) > 1 else found[0]


def _as_written(type_: str, code: str, least: str, *, sees_protected: bool, arguments: Arguments) -> str:
    """SQL for the least of the values that stand in the resource. What is protected has no order for who may not see
    it."""
    ways = arguments.add(list(written(type_, code)), "text[]")
    found = f"""(SELECT {least}((found.value #>> '{{}}') COLLATE "C") FROM store.version w
            CROSS JOIN LATERAL (SELECT convert_from(w.body, 'UTF8')::jsonb AS body OFFSET 0) whole
            CROSS JOIN unnest({ways}) AS way(path)
            CROSS JOIN LATERAL jsonb_path_query(whole.body, way.path::jsonpath) AS found(value)
            WHERE w.type = c.type AND w.id = c.id AND w.version = c.version)"""
    hidden = code in closable(type_) and not sees_protected
    return f"CASE WHEN NOT c.protected THEN {found} END" if hidden else found
