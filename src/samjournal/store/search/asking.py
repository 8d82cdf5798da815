"""A whole search as it was sent: the parameters of the type, and what reaches beyond them.

    parse(type, pairs, own=, lenient=, within=) -> Query
    several(types, pairs, own=, lenient=, within=) -> Several       of several types at once

Chains and `_has` are read by `links`, `_list` and compartments here, the rest by `query`. hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from samjournal.fhir import parameters
from samjournal.fhir.compartments import members
from samjournal.fhir.errors import Invalid, UnknownParameter
from samjournal.store.search import filtering, including, links, query
from samjournal.store.search.including import Include
from samjournal.store.search.joining import NOTHING, AllOf, AnyOf, Not
from samjournal.store.search.query import Filter, Query, SortKey, filter_of
from samjournal.store.search.suggesting import nearest

MAX_CONDITIONS = 60
"""So many conditions at most make one search."""
BEYOND = {
    "_filter": 'Conditions with and, or, not, parentheses: name co "hans" and (birthdate lt 1950 or gender eq male).',
    "_has": "What is referred to by something: _has:Type:reference:parameter=value, to any depth.",
    "_list": "Members of a List: its id.",
}
"""What every search takes beside the parameters of its type, and what it means."""
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_SORTED = ("_id", "_lastUpdated")
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Listed:
    """Members of one of these Lists. hl7.org/fhir/R4/search.html#list"""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Several:
    """A search of several types: one for each, and what they have together; `asked` is what the links say."""

    queries: tuple[Query, ...]
    sort: tuple[SortKey, ...]
    includes: tuple[Include, ...]
    cursor: tuple[object, ...] | None
    asked: tuple[tuple[str, str], ...]
    ignored: tuple[str, ...]


def parse(
    type_: str,
    pairs: Pairs,
    *,
    own: Sequence[str] = (),
    lenient: bool = False,
    within: tuple[str, str] | None = None,
) -> Query:
    """The search that name-value pairs (decoded) ask for; references to `own`, our addresses, are local ones; `within`
    the compartment of a type and id.

    Raises Invalid for anything that is not understood. A `lenient` search leaves unknown parameters out and names them
    (hl7.org/fhir/R4/search.html#lenient)."""
    pairs = tuple(pairs)
    if within is None and not lenient and not any(_reaches(name) for name, _ in pairs):
        return _checked(query.parse(type_, pairs, own=own))
    plain: list[tuple[str, str]] = []
    beyond: list[object] = [] if within is None else [_compartment(type_, *within)]
    asked: list[tuple[str, str]] = []
    ignored: list[str] = []
    for name, value in pairs:
        if "\x00" in value or "\x00" in name:
            raise Invalid("A search value cannot hold a NUL character.")
        try:
            found = _beyond(type_, name, value, own)
            if found is None and lenient and name.partition(":")[0] not in query.OTHERS:
                filter_of(type_, name, value, own=own)
        except UnknownParameter:
            if not lenient:
                raise
            ignored.append(name)
            continue
        if found is None:
            plain.append((name, value))
        else:
            beyond.append(found)
        asked.append((name, value))
    made = query.parse(type_, plain, own=own)
    if not beyond and not ignored:
        return _checked(made)
    told = tuple(pair for pair in asked if pair[0] != "_cursor")
    return _checked(replace(made, beyond=tuple(beyond), asked=told, ignored=tuple(ignored)))


def _reaches(name: str) -> bool:
    return "." in name or name.startswith(("_has", "_list", "_filter"))


def _beyond(type_: str, name: str, value: str, own: Sequence[str]) -> object | None:
    """What reaches beyond the parameters of the type; None for a plain one."""
    if links.is_linked(name):
        return links.read(type_, name, value, own=own)
    if name.partition(":")[0] == "_list":
        return _list(name, value, own)
    if name.partition(":")[0] == "_filter":
        return _filtered(type_, name, value, own)
    return None


def _filtered(type_: str, name: str, value: str, own: Sequence[str]) -> object:
    if name != "_filter":
        raise Invalid(f"“_filter” does not take the modifier “:{name.partition(':')[2][:40]}”.")
    try:
        return filtering.read(type_, value, own=own)
    except UnknownParameter as problem:
        # It is the value that is not understood, and no leniency leaves out half of a condition.
        raise Invalid(f"_filter={value[:120]}: {problem.text}") from None


def _list(name: str, value: str, own: Sequence[str]) -> Listed:
    if ":" in name:
        raise Invalid(f"“_list” does not take the modifier “:{name.partition(':')[2][:40]}”.")
    ids = []
    for part in value.split(","):
        id_ = part
        for base in own:
            id_ = id_.removeprefix(f"{base}/")
        id_ = id_.removeprefix("List/")
        if id_.startswith("$"):
            raise Invalid(f"“_list={part[:60]}”: this server keeps no such list. Name a List by its id.")
        if not _ID.fullmatch(id_):
            raise Invalid(f"“_list={part[:60]}” is not the id of a List.")
        ids.append(id_)
    return Listed(tuple(ids))


def _compartment(type_: str, compartment: str, id_: str) -> object:
    """That a resource lies in a compartment: it names its resource by one of the parameters that R4 has for that.
    hl7.org/fhir/R4/http.html#vsearch"""
    codes = members(compartment).get(type_)
    if codes is None:
        told = nearest(type_, members(compartment))
        raise Invalid(f"A {type_} never lies in the compartment of a {compartment}.{told}")
    if not _ID.fullmatch(id_):
        return NOTHING
    known = parameters.for_type(type_)
    return AnyOf(tuple(Filter(known[code], "", (id_ if code == "_id" else f"{compartment}/{id_}",)) for code in codes))


def _checked(one: Query) -> Query:
    """The search, when it is not more than is looked up at once."""
    if len(one.filters) + sum(map(_size, one.beyond)) > MAX_CONDITIONS:
        raise Invalid(f"The search has more than {MAX_CONDITIONS} conditions. Leave some out, or search in steps.")
    return one


def _size(condition: object) -> int:
    """Of how many conditions one is made."""
    match condition:
        case AnyOf(parts) | AllOf(parts):
            return sum(map(_size, parts))
        case Not(part):
            return _size(part)
        case links.Chained(_, hops):
            return sum(_size(hop.inner) for hop in hops)
    return 1


def several(
    types: Sequence[str],
    pairs: Pairs,
    *,
    own: Sequence[str] = (),
    lenient: bool = False,
    within: tuple[str, str] | None = None,
) -> Several:
    """A search of several types; each has to know every parameter. hl7.org/fhir/R4/http.html#search

    Raises Invalid, also for an order that the types have not in common."""
    pairs = list(pairs)
    includes = [(name, value) for name, value in pairs if name.partition(":")[0] in ("_include", "_revinclude")]
    if len(includes) > including.MAX_INCLUDES:
        raise Invalid(f"A search has at most {including.MAX_INCLUDES} includes; Type:* stands for all of a type.")
    rest = [pair for pair in pairs if pair not in includes and pair[0] != "_cursor"]
    queries = []
    for type_ in types:
        try:
            queries.append(parse(type_, rest, own=own, lenient=lenient, within=within))
        except UnknownParameter as problem:
            told = "" if len(types) == 1 else " A search of several types has parameters that each of them knows."
            raise UnknownParameter(f"{problem.text}{told}") from None
    ignored = set.union(*({*one.ignored} for one in queries))
    if lenient and ignored:
        # What one type does not know would else be asked of the others alone.
        rest = [pair for pair in rest if pair[0] not in ignored]
        queries = [parse(type_, rest, own=own, within=within) for type_ in types]
    sort = queries[0].sort
    if any(key.code not in _SORTED for key in sort):
        raise Invalid(f"A search of several types is sorted by {' or '.join(_SORTED)}.")
    cursors = [value for name, value in pairs if name == "_cursor"]
    return Several(
        queries=tuple(replace(one, sort=sort) for one in queries),
        sort=sort,
        includes=tuple(including.read(types, name, value) for name, value in includes),
        cursor=query.decode(cursors[0]) if cursors else None,
        asked=tuple(pair for pair in pairs if pair[0] != "_cursor" and pair[0] not in ignored),
        ignored=tuple(sorted(ignored)),
    )
