"""Orders that the index does not hold: of tokens, references and uris, read from the resources as they are written.

hl7.org/fhir/R4/search.html#sort. A code is sorted by its code, yes and no as such, an identifier by its value, a
reference by `Type/id`, a uri as it stands; signs come in the order of Unicode. Of several values the least counts, or
the greatest when it is turned round. Composites, places and what R4 computes have no order.
"""

from __future__ import annotations

from functools import cache

from samjournal.db.binding import Arguments
from samjournal.fhir import parameters, paths
from samjournal.fhir.definitions import load
from samjournal.fhir.paths import Refers, Step, Where
from samjournal.fhir.protection import closable

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


def expression(type_: str, code: str, least: str, *, sees_protected: bool, arguments: Arguments) -> str:
    """SQL for what a row `c` of store.current is sorted by. What is protected has no order for who may not see it."""
    ways = arguments.add(list(written(type_, code)), "text[]")
    found = f"""(SELECT {least}((found.value #>> '{{}}') COLLATE "C") FROM store.version w
            CROSS JOIN LATERAL (SELECT convert_from(w.body, 'UTF8')::jsonb AS body OFFSET 0) whole
            CROSS JOIN unnest({ways}) AS way(path)
            CROSS JOIN LATERAL jsonb_path_query(whole.body, way.path::jsonpath) AS found(value)
            WHERE w.type = c.type AND w.id = c.id AND w.version = c.version)"""
    hidden = code in closable(type_) and not sees_protected
    return f"CASE WHEN NOT c.protected THEN {found} END" if hidden else found
