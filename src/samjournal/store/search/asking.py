"""A whole search as it was sent: the parameters of the type, and what reaches beyond them.

    parse(type, pairs, own=, lenient=) -> Query

Chains and `_has` are read by `links`, the rest by `query`. hl7.org/fhir/R4/search.html
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from samjournal.fhir.errors import Invalid, UnknownParameter
from samjournal.store.search import links, query
from samjournal.store.search.query import Query

MAX_CONDITIONS = 60
"""So many conditions at most make one search."""


def parse(type_: str, pairs: Iterable[tuple[str, str]], *, own: Sequence[str] = (), lenient: bool = False) -> Query:
    """The search that name-value pairs (decoded) ask for; references to `own`, our addresses, are local ones.

    Raises Invalid for anything that is not understood. A `lenient` search leaves unknown parameters out and names them
    (hl7.org/fhir/R4/search.html#lenient)."""
    plain: list[tuple[str, str]] = []
    beyond: list[object] = []
    asked: list[tuple[str, str]] = []
    ignored: list[str] = []
    for name, value in pairs:
        if "\x00" in value or "\x00" in name:
            raise Invalid("A search value cannot hold a NUL character.")
        try:
            found = _beyond(type_, name, value, own)
            if found is None and lenient and name.partition(":")[0] not in query.OTHERS:
                query.filter_of(type_, name, value, own=own)
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
        return made
    told = tuple(pair for pair in asked if pair[0] != "_cursor")
    return checked(replace(made, beyond=tuple(beyond), asked=told, ignored=tuple(ignored)))


def _beyond(type_: str, name: str, value: str, own: Sequence[str]) -> object | None:
    """What reaches beyond the parameters of the type; None for a plain one."""
    if links.is_linked(name):
        return links.read(type_, name, value, own=own)
    return None


def checked(one: Query) -> Query:
    """The search, when it is not more than is looked up at once."""
    hops = sum(links.size(condition) for condition in one.beyond if isinstance(condition, links.Chained))
    if len(one.filters) + len(one.beyond) > MAX_CONDITIONS or hops > MAX_CONDITIONS:
        raise Invalid(f"The search has more than {MAX_CONDITIONS} conditions. Leave some out, or search in steps.")
    return one
