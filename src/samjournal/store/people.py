"""Statements that find people whom a job compares: patients by key, and who bears some identifiers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from samjournal.db.binding import Arguments
from samjournal.fhir.keys import hash64
from samjournal.fhir.numbers import number

_BODIES = """SELECT c.id, c.patient, c.protected, v.body FROM store.current c
    JOIN store.version v ON v.type = c.type AND v.id = c.id AND v.version = c.version WHERE NOT c.deleted"""


def patients(keys: Iterable[int]) -> tuple[str, list[object]]:
    """The Patients of some keys."""
    arguments = Arguments()
    type_ = arguments.add(number("Patient"), "smallint")
    return (
        f"{_BODIES} AND c.type = {type_} AND c.patient = ANY({arguments.add(list(keys), 'bigint[]')})",
        arguments.values,
    )


def by_id(type_: str, ids: Sequence[str]) -> tuple[str, list[object]]:
    """Resources of a type by their ids."""
    arguments = Arguments()
    of = arguments.add(number(type_), "smallint")
    return f"{_BODIES} AND c.type = {of} AND c.id = ANY({arguments.add(list(ids), 'text[]')})", arguments.values


def identified(type_: str, identifiers: Iterable[str]) -> tuple[str, list[object]]:
    """Resources of a type that bear one of some identifiers (`system|value`)."""
    arguments = Arguments()
    of = arguments.add(number(type_), "smallint")
    names = [f"{type_}.identifier", f"{type_}.identifier|closed"]
    tokens = arguments.add([hash64(f"{name}={one}") for one in identifiers for name in names], "bigint[]")
    return f"{_BODIES} AND c.type = {of} AND c.tokens && {tokens}", arguments.values
