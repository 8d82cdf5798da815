"""What a search brings along: `_include` and `_revinclude`, level by level. hl7.org/fhir/R4/search.html#revinclude

A level is what the one before it brought, beginning with the matches; only `:iterate` goes on. Each level asks the
database once for what is referred to and once for what refers, whatever the number of includes, and ends where nothing
new comes: references that go in a circle end there too. The permit's condition is in each statement, and references are
read from what the permit shows of a resource, so that nothing is told of what is protected.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import asyncpg

from samjournal.access import Permit
from samjournal.db.binding import Arguments
from samjournal.db.pool import Connection
from samjournal.fhir import custom, parameters
from samjournal.fhir.canonicals import has_url, is_canonical, named_as
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import name
from samjournal.fhir.parameters import Parameter, Ref, Value
from samjournal.record.door import Door, Stored, all_stored, stored_of
from samjournal.store.search import including, joining
from samjournal.store.search.including import Include

MAX_INCLUDED = 5000
_FEW = 3
"""So few parameters are read each for itself, more together with all others."""

Target = tuple[str, str, int | None]
"""Type, id, and the version where the reference names one. hl7.org/fhir/R4/search.html: the version named is given."""


class Brought(NamedTuple):
    """Rows, and each as the permit shows it."""

    rows: list[asyncpg.Record]
    stored: list[Stored]


async def brought(
    door: Door,
    permit: Permit,
    includes: Sequence[Include],
    matches: Sequence[Stored],
    db: Connection,
    *,
    mostly: int | None = None,
) -> Brought:
    """What the includes bring along with the matches, none of them twice. Where the matches lie under one patient, most
    of it does too: of him (`mostly`) it is asked once whether the record is open. Raises Invalid when it is too much.
    """
    found = Brought([], [])
    if not includes or not matches:
        return found
    there = {(one.type, one.id, one.version) for one in matches}
    level, following = list(matches), includes
    while level and following:
        rows = [
            *await _referred(permit, following, level, there, mostly, db),
            *await _referring(door, permit, following, level, mostly, db),
        ]
        level = []
        stored_rows = all_stored(rows, permit)
        read = {type_ for type_ in {one.type for one in stored_rows} if permit.may("r", type_)}
        for row, stored in zip(rows, stored_rows, strict=True):
            where = (stored.type, stored.id, stored.version)
            if where not in there and stored.type in read:
                there.add(where)
                found.rows.append(row)
                level.append(stored)
        found.stored.extend(level)
        if len(found.rows) > MAX_INCLUDED:
            raise Invalid(f"The search brings along more than {MAX_INCLUDED} resources. Ask for smaller pages.")
        following = [one for one in following if one.iterate]
    return found


# What is referred to.


@dataclass(slots=True)
class _Wanted:
    """What the references of a level lead to: resources, and canonical urls with the version that each names."""

    targets: dict[Target, None] = field(default_factory=dict)
    urls: dict[int, set[str | None]] = field(default_factory=dict)


async def _referred(
    permit: Permit,
    includes: Sequence[Include],
    level: Sequence[Stored],
    there: set[tuple[str, str, int]],
    mostly: int | None,
    db: Connection,
) -> list[asyncpg.Record]:
    """What the resources of a level refer to."""
    forward = [one for one in includes if not one.reverse]
    if not forward:
        return []
    wanted = _Wanted()
    newest = {where[:2] for where in there}
    for stored in level:
        _look_through(stored, forward, wanted)
    rows: list[asyncpg.Record] = []
    if targets := [one for one in wanted.targets if one[2] is not None or one[:2] not in newest]:
        arguments = Arguments()
        text = including.targets(targets, permit.condition, arguments, most=MAX_INCLUDED + 1, mostly=mostly)
        rows += await db.fetch(text, *arguments.values)
    if wanted.urls:
        arguments = Arguments()
        text = including.having(
            tuple(wanted.urls), permit.condition, arguments, most=MAX_INCLUDED + 1, mostly=mostly, tells_tokens=True
        )
        rows += [row for row in await db.fetch(text, *arguments.values) if _is_version(row, permit, wanted)]
    return rows


def _look_through(stored: Stored, includes: Sequence[Include], wanted: _Wanted) -> None:
    """Note what a resource refers to by the parameters of some includes."""
    followed = [(one, parameter) for one in includes for parameter in one.goes_by(stored.type)]
    if not followed:
        return
    resource = stored.resource()
    values = parameters.extract(resource) if len(followed) > _FEW else None
    for one, parameter in followed:
        for value in parameter.extract(resource) if values is None else _given(parameter, resource, values):
            if not isinstance(value, Ref):
                continue
            if value.url is not None:
                _want_url(value, parameter, one, wanted)
            elif value.type and value.id and one.target in (None, value.type):
                version = int(value.version) if value.version and value.version.isdecimal() else None
                wanted.targets[value.type, value.id, version] = None


def _want_url(value: Ref, parameter: Parameter, include: Include, wanted: _Wanted) -> None:
    """Note a canonical url. An address that lies elsewhere is no resource of ours, and its url is nobody's here."""
    if not is_canonical(parameter.base, parameter.code):
        return
    types = (include.target,) if include.target else parameter.targets
    for type_ in types:
        if has_url(type_):
            wanted.urls.setdefault(hash64(f"{type_}.url={value.url}"), set()).add(value.version)


def _is_version(row: asyncpg.Record, permit: Permit, wanted: _Wanted) -> bool:
    """Whether one of the references means this resource: those that name a version mean that one alone."""
    versions = {version for token in row["tokens"] for version in wanted.urls.get(token, ())}
    return None in versions or stored_of(row, permit).resource().get("version") in versions


# What refers.


async def _referring(
    door: Door,
    permit: Permit,
    includes: Sequence[Include],
    level: Sequence[Stored],
    mostly: int | None,
    db: Connection,
) -> list[asyncpg.Record]:
    """What refers to the resources of a level."""
    reverse = [one for one in includes if one.reverse and (one.source is None or permit.may("s", one.source))]
    tokens: set[int] = set()
    anywhere: set[tuple[str, str]] = set()
    for stored in level if reverse else ():
        ids = door.persons.ids(stored.id) if stored.type == "Patient" else (stored.id,)
        for one in reverse:
            if one.target not in (None, stored.type):
                continue
            if one.source is None:
                anywhere |= {(stored.type, id_) for id_ in ids}
            tokens |= set(_tokens(one, stored, ids, permit))
    if not tokens and not anywhere:
        return []
    asked = [*tokens, *(hash64(f"@{type_}/{id_}") for type_, id_ in anywhere)]
    arguments = Arguments()
    text = including.having(
        asked, permit.condition, arguments, most=MAX_INCLUDED + 1, mostly=mostly, tells_tokens=bool(anywhere)
    )
    rows: list[asyncpg.Record] = await db.fetch(text, *arguments.values)
    if not anywhere and not any(row["protected"] for row in rows):
        return rows
    there = {(one.type, id_) for one in level for id_ in (one.id, *door.persons.ids(one.id))}
    return [
        row
        for row in rows
        # Of somebody with a confidential address only what is shown to refer comes along.
        if (
            (not anywhere or not tokens.isdisjoint(row["tokens"]))
            and not (row["protected"] and _hides(row, permit, there))
        )
        or (anywhere and permit.may("s", name(row["type"])) and _names_one(stored_of(row, permit), anywhere))
    ]


def _hides(row: asyncpg.Record, permit: Permit, targets: set[tuple[str, str]]) -> bool:
    """Whether a protected row, as the reader sees it, names none of the targets."""
    return permit.known is not None and not _names_one(stored_of(row, permit), targets)


def _tokens(include: Include, stored: Stored, ids: Sequence[str], permit: Permit) -> Iterator[int]:
    """The tokens of what refers to a resource by the parameters of an include. Where it is any parameter of any type,
    one token says so of all but Bundles, and of all but canonical urls."""
    resource: dict[str, Any] | None = None
    going = [*include.goes_by(include.source or "Bundle")]
    if include.source is None:
        by_url = (one for one in including.referring(stored.type) if is_canonical(one.base, one.code))
        going += [one for one in by_url if permit.may("s", one.base)]
    for parameter in going:
        if parameter.targets and stored.type not in parameter.targets:
            continue
        references = [f"{stored.type}/{id_}" for id_ in ids]
        if is_canonical(parameter.base, parameter.code) and has_url(stored.type):
            resource = resource or stored.resource()
            references += named_as(resource)
        yield from joining.tokens(parameter, references, closed=permit.shows_protected(parameter.base))


def _names_one(stored: Stored, targets: set[tuple[str, str]]) -> bool:
    """Whether a reference parameter of the resource, as the reader sees it, names one of the targets."""
    resource = stored.resource()
    values = parameters.extract(resource)
    known = parameters.for_type(stored.type)
    return any(
        isinstance(value, Ref) and value.url is None and (value.type, value.id) in targets
        for code in including.references(stored.type)
        for value in _given(known[code], resource, values)
    )


def _given(parameter: Parameter, resource: dict[str, Any], values: Mapping[str, Sequence[Value]]) -> Sequence[Value]:
    """What a resource gives a parameter: R4's own, which are read together, or one that was added."""
    found = values.get(parameter.code)
    if found is None and custom.is_added(resource["resourceType"], parameter.code):
        return parameter.extract(resource)
    return found or ()
