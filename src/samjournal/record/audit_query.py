"""What a search of AuditEvents asks of the log of looks. hl7.org/fhir/R4/auditevent.html#search

asked_of(query, persons) -> Asked | None     None when it asks for something that a look does not have
not_of_log(query) -> str | None              the first such thing, for telling
in_order(query)                              refuse another order than newest first
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from samjournal.access import Persons
from samjournal.audit import Asked, Name
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Invalid
from samjournal.fhir.keys import local, patient_key
from samjournal.record.audit_event import LOGIN, PREFIX, ROLE, actions_of
from samjournal.store.search.query import Filter, Query, SortKey

SEARCHED = {
    "_id": ("",),
    "_lastUpdated": ("",),
    "action": ("",),
    "agent": ("", "PractitionerRole", "Patient", "Organization"),
    "agent-name": ("", "contains", "exact"),
    "agent-role": ("",),
    "altid": ("",),
    "date": ("",),
    "outcome": ("",),
    "patient": ("", "Patient"),
    "subtype": ("",),
    "type": ("",),
}
"""The parameters that the log is searched by, with the modifiers of each."""
T = TypeVar("T")
NEWEST = (SortKey("date", True),)
Stretch = tuple[datetime | None, datetime | None]


def not_of_log(query: Query) -> str | None:
    """What of a search a look cannot be asked for, by name."""
    for one in query.filters:
        if one.modifier not in SEARCHED.get(one.parameter.code, ()):
            return f"{one.parameter.code}:{one.modifier}" if one.modifier else one.parameter.code
    if query.includes:
        return "_include or _revinclude"
    return "chains, _has, _list or _filter" if query.beyond else None


def in_order(query: Query) -> None:
    """The log is read newest first. Raises Invalid for another order."""
    if query.sort not in ((), NEWEST):
        raise Invalid("AuditEvents come newest first: leave _sort out, or write _sort=-date.")


def asked_of(query: Query, persons: Persons) -> Asked | None:
    """What is asked of the log; None when it cannot be asked for."""
    if not_of_log(query) is not None:
        return None
    asked = Asked()
    for one in query.filters:
        asked = _READ[one.parameter.code](asked, one, persons)
    return asked


def _patients(asked: Asked, one: Filter, persons: Persons) -> Asked:
    named = [local(value) if "/" in value else f"Patient/{value}" for value in one.values]
    ids = [reference.removeprefix("Patient/") for reference in named if reference and reference.startswith("Patient/")]
    keys = tuple(patient_key(same) for id_ in ids for same in persons.ids(id_))
    return replace(asked, patients=_both(asked.patients, keys))


def _times(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    stretches = tuple(stretch for value in one.values for stretch in _stretches(one.parameter.code, value))
    return replace(asked, times=(*asked.times, stretches))


def _stretches(code: str, text: str) -> list[Stretch]:
    """A look is at one moment, so that it lies before, in or after what the text means.
    hl7.org/fhir/R4/search.html#prefix"""
    prefix, moment = (text[:2], text[2:]) if text[:2].isalpha() else ("eq", text)
    try:
        meant = span(moment.replace(" ", "+"))
    except (ValueError, OverflowError):
        raise Invalid(f"{code}={text[:40]} is not a date or a moment, such as 2026-11-22.") from None
    match prefix:
        case "eq":
            return [(meant.lo, meant.hi)]
        case "ge":
            return [(meant.lo, None)]
        case "gt" | "sa":
            return [(meant.hi, None)]
        case "le":
            return [(None, meant.hi)]
        case "lt" | "eb":
            return [(None, meant.lo)]
        case "ne":
            return [(None, meant.lo), (meant.hi, None)]
    raise Invalid(f"{code}={text[:40]}: the log is searched with eq, ne, gt, ge, lt, le, sa and eb.")


def _agents(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    kinds = (one.modifier,) if one.modifier else ("PractitionerRole", "Patient", "Organization")
    named = tuple(
        reference
        for value in one.values
        for reference in ([value] if "/" in value else [f"{kind}/{value}" for kind in kinds])
    )
    return replace(asked, agents=(*asked.agents, named))


def _names(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    return replace(asked, names=(*asked.names, tuple(Name(value, one.modifier) for value in one.values)))


def _logins(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    return replace(asked, actors=_both(asked.actors, _codes(one, LOGIN)))


def _roles(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    return replace(asked, roles=_both(asked.roles, _codes(one, ROLE)))


def _codes(one: Filter, system: str) -> tuple[str, ...]:
    """The codes that are asked for in a system of ours, or in any."""
    parts = (value.rpartition("|") for value in one.values)
    return tuple(code for of, bar, code in parts if not bar or of == system)


def _actions(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    found: set[str] = set()
    for value in one.values:
        system, bar, code = value.rpartition("|")
        found |= actions_of(one.parameter.code, system if bar else None, code)
    return replace(asked, actions=_both(asked.actions, tuple(sorted(found))))


def _ids(asked: Asked, one: Filter, _persons: Persons) -> Asked:
    found = []
    for value in one.values:
        try:
            found.append(UUID(value.removeprefix(PREFIX)) if value.startswith(PREFIX) else None)
        except ValueError:
            continue
    return replace(asked, ids=_both(asked.ids, tuple(id_ for id_ in found if id_)))


def _both(before: tuple[T, ...] | None, more: tuple[T, ...]) -> tuple[T, ...]:
    """What both ask for: parameters that stand twice must both hold."""
    return more if before is None else tuple(one for one in more if one in before)


_READ: dict[str, Callable[[Asked, Filter, Persons], Asked]] = {
    "_id": _ids,
    "_lastUpdated": _times,
    "action": _actions,
    "agent": _agents,
    "agent-name": _names,
    "agent-role": _roles,
    "altid": _logins,
    "date": _times,
    "outcome": _actions,
    "patient": _patients,
    "subtype": _actions,
    "type": _actions,
}
