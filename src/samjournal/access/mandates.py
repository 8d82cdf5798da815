"""Mandates as they are kept: projected from Patient, RelatedPerson and Consent, and asked at each request.

    project(db, permit, stored)                 keep what resources say now, in the transaction that stores them
    differing(db, stored) -> set[str]           references of those of which something else is kept
    held(db, mine, at=) -> list[Held]           for whom somebody may act now
    given(db, theirs, at=) -> list[Given]       who may act for somebody, or would if nothing hindered it
    represented(db, mine, patient_id, at=) -> Represented      raises NotRepresenting
    has_own_login(db, mine, at=) -> bool        whether somebody is old enough for a login

What a system with the right `access.change` writes counts. What others write is kept with their mark and opens nothing:
a parent is a parent by the register.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

import asyncpg

from samjournal.access.representing import (
    AGREED,
    REPRESENTATION,
    Civil,
    Level,
    Mandate,
    Refusal,
    Verdict,
    attributed,
    civil,
    mandates,
    may_sign_in,
    one_person,
    verdict,
    widest,
)
from samjournal.db.pool import Connection, Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import NotRepresenting
from samjournal.fhir.keys import patient_key
from samjournal.fhir.stored import Stored

_SQL = queries("samjournal.access")
_SOURCES = ("RelatedPerson", "Consent")
TYPES = frozenset({"Patient", *_SOURCES})


class Represented(NamedTuple):
    """Whom a citizen acts for: the patient's id, by which kind of mandate and from what, at which level. `holder` are
    the keys of whoever acts."""

    id: str
    kind: str
    level: Level
    source: str
    holder: tuple[int, ...]


class Given(NamedTuple):
    """A mandate as the represented reads it: whom it is given to (a patient id, None where the holder is not known
    here), and why it does not hold, where it does not."""

    source: str
    kind: str
    level: str
    types: tuple[str, ...]
    holder: str | None
    starts: datetime
    ends: datetime
    refusal: Refusal | None


async def project(db: Connection, stored: Sequence[Stored], *, author: str | None) -> None:
    """Keep what stored resources say; `author` is who wrote them without the right to, None for who has it."""
    people = [civil(one.resource)._replace(made_by=author) for one in stored if one.type == "Patient" and one.resource]
    if people:
        # Whether somebody is dead is kept with the person (access/deaths.py).
        rows = [(one.patient, sorted(one.numbers), one.born, one.home, one.protected, one.made_by) for one in people]
        await db.executemany(_SQL.put_civil, rows)
        await db.execute(_SQL.spread_protection, [one.patient for one in people])
    for one in stored:
        if one.type == "Patient" and one.resource is None:
            await db.execute(_SQL.forget_civil, patient_key(one.id))
    sources = [one for one in stored if one.type in _SOURCES]
    old = await _standing(db, [one.reference for one in sources])
    for one in sources:
        was = old.get(one.reference, [])
        now = attributed(mandates(one.resource) if one.resource else [], was, author=author)
        if was == now:
            continue
        await db.execute(_SQL.forget_mandates, one.reference)
        await db.executemany(_SQL.add_mandate, [(*made, one.reference) for made in now])


async def differing(db: Connection, stored: Sequence[Stored]) -> set[str]:
    """Of stored resources those of which something else is kept than they say. Who may have said so is not compared."""
    wrong = set()
    kept = await _standing(db, [one.reference for one in stored if one.type in _SOURCES])
    for one in stored:
        if one.type in _SOURCES:
            said = set(mandates(one.resource) if one.resource else [])
            if {made._replace(made_by=None) for made in kept.get(one.reference, ())} != said:
                wrong.add(one.reference)
    people = {patient_key(one.id): one for one in stored if one.type == "Patient"}
    known = {one.patient: one for one in await _civils(db, people)}
    wrong |= (
        {people[row["patient"]].reference for row in await db.fetch(_SQL.unspread, list(people))} if people else set()
    )
    for patient, one in people.items():
        was = known.get(patient)
        if (was and was._replace(made_by=None)) != (civil(one.resource) if one.resource else None):
            wrong.add(one.reference)
    return wrong


async def _standing(db: Connection, sources: Sequence[str]) -> dict[str, list[Mandate]]:
    found: dict[str, list[Mandate]] = {}
    for row in await db.fetch(_SQL.mandates_from, list(sources)) if sources else ():
        found.setdefault(row["source"], []).append(_mandate(row))
    return found


def _mandate(row: asyncpg.Record) -> Mandate:
    fields = {name: row[name] for name in Mandate._fields}
    return Mandate(**{**fields, "types": tuple(row["types"])})


async def _civils(db: Pool | Connection, patients: Collection[int]) -> list[Civil]:
    rows = await db.fetch(_SQL.civils, list(patients)) if patients else ()
    return [Civil(row["patient"], frozenset(row["numbers"]), *list(row)[2:]) for row in rows]


async def _ids(db: Pool | Connection, patient: int) -> list[int]:
    """Every key of a person, the given one first."""
    return [patient, *(row["patient"] for row in await db.fetch(_SQL.same_person, patient))]


class _Judged(NamedTuple):
    """One mandate for a person, whom it is for, and whether it holds."""

    mandate: Mandate
    source: str
    who: int | None
    who_id: str | None
    verdict: Verdict


async def _judged(db: Pool | Connection, theirs: Sequence[int], at: datetime) -> list[_Judged]:
    """Every mandate for a person, judged."""
    rows = await db.fetch(_SQL.mandates_for, list(theirs))
    if not rows:
        return []
    holders = {row["who"]: await _ids(db, row["who"]) for row in rows if row["who"] is not None}
    wanted = {*theirs, *(one for ids in holders.values() for one in ids)}
    civils = {one.patient: one for one in await _civils(db, wanted)}
    represented = _one(theirs, civils)
    people = {who: _one(ids, civils) for who, ids in holders.items()}
    parents = [
        person
        for row in rows
        if row["kind"] == "parent" and row["made_by"] is None and row["starts"] <= at < row["ends"]
        if (person := people.get(row["who"])) is not None
    ]
    found = []
    for row in rows:
        mandate = _mandate(row)
        told = verdict(mandate, represented, people.get(row["who"]), parents, at=at)
        found.append(_Judged(mandate, row["source"], row["who"], row["id"], told))
    return found


def _one(ids: Iterable[int], civils: dict[int, Civil]) -> Civil | None:
    listed = list(ids)
    return one_person([civils[one] for one in listed if one in civils], listed[0])


async def represented(db: Pool | Connection, mine: Sequence[int], patient_id: str, *, at: datetime) -> Represented:
    """What somebody, by all his patient keys, may do for a patient now. Raises NotRepresenting."""
    theirs = await _ids(db, patient_key(patient_id))
    holds = [one for one in await _judged(db, theirs, at) if one.who in mine and one.verdict.level is not None]
    if not holds:
        raise NotRepresenting("You may not act for this person, or not any longer. Your own record is open to you.")
    level = widest(one.verdict.level for one in holds if one.verdict.level is not None)
    by = next(one for one in holds if one.verdict.level == level)
    return Represented(patient_id, by.mandate.kind, level, by.source, tuple(mine))


async def held(db: Pool | Connection, mine: Sequence[int], *, at: datetime) -> list[Represented]:
    """For whom somebody, by all his patient keys, may act now."""
    numbers = {number for one in await _civils(db, mine) if one.counts for number in one.numbers}
    found = []
    for row in await db.fetch(_SQL.represented_by, [*mine, *numbers]):
        try:
            found.append(await represented(db, mine, row["id"], at=at))
        except NotRepresenting:
            continue
    return found


async def given(db: Pool | Connection, theirs: Sequence[int], *, at: datetime) -> list[Given]:
    """Every mandate for somebody that has not run out, those that hold first."""
    found = [
        Given(
            one.source,
            one.mandate.kind,
            one.verdict.level.code if one.verdict.level else one.mandate.level,
            one.mandate.types,
            one.who_id,
            one.mandate.starts,
            one.mandate.ends,
            one.verdict.refusal,
        )
        for one in await _judged(db, theirs, at)
        if one.mandate.kind in REPRESENTATION and one.mandate.made_by is None and one.mandate.ends > at
    ]
    return sorted(found, key=lambda one: one.refusal is not None)


async def has_own_login(db: Pool | Connection, mine: Sequence[int], *, at: datetime) -> bool:
    """Whether somebody is old enough for a login of his own, or his parents have agreed to one."""
    person = _one(mine, {one.patient: one for one in await _civils(db, mine)})
    if may_sign_in(person, agreed=False, at=at):
        return True
    agreed = any(
        one.mandate.kind == AGREED and one.mandate.made_by is None and one.mandate.starts <= at < one.mandate.ends
        for one in await _judged(db, mine, at)
        if one.who in mine
    )
    return may_sign_in(person, agreed=agreed, at=at)


async def would_hold(db: Pool | Connection, theirs: Sequence[int], made: Mandate, *, at: datetime) -> Verdict:
    """Whether a mandate by consent would hold for a person, if it were made."""
    mine = await _ids(db, made.holder)
    civils = {one.patient: one for one in await _civils(db, {*theirs, *mine})}
    return verdict(made, _one(theirs, civils), _one(mine, civils), (), at=at)


async def with_number(db: Pool | Connection, numbers: Sequence[int]) -> list[str]:
    """Ids of the patients who have one of these official numbers, the record that stays of each."""
    return [row["id"] for row in await db.fetch(_SQL.with_number, list(numbers))]


async def mandates_from(db: Pool | Connection, source: str) -> list[Mandate]:
    """What one resource lets others do."""
    return [_mandate(row) for row in await db.fetch(_SQL.mandates_from, [source])]
