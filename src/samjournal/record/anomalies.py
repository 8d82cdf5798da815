"""Looks that ask for a question, found beside the traffic: each look is judged once. access/anomalies.py has the rules

    judge_new(door) -> bool          what was logged since the last time; whether there is more
    judge_later(door) -> bool        a day later: whether what opened the record is there still
    reckon_hour(door) -> bool        who opened unusually many records in the hours that are over

Some statements for a batch of looks, none for each. Who is compared with whom is read here as the record has it, and
goes nowhere: a finding names a rule, a reader and a patient.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec

from samjournal import accounts
from samjournal.access import anomalies
from samjournal.access.anomalies import Facts, Finding, Opened, Person
from samjournal.access.relations import RULES
from samjournal.audit import following
from samjournal.audit.following import Passed
from samjournal.db.pool import Connection
from samjournal.fhir.folding import fold
from samjournal.fhir.identifiers import DNR, FNR
from samjournal.fhir.keys import key
from samjournal.record.door import Door
from samjournal.store import people

OPENING = ("read", "vread", "history", "search", "chart", "everything", "lastn", "async", "validate")
"""Actions that open a record; to be shown in a list of people opens none."""
BATCH = 1000
HOUR = timedelta(hours=1)
_LABEL = ("http://terminology.hl7.org/CodeSystem/v3-ActCode", "CEL")
_HOUSE = re.compile(r"\s*\d+\s*[a-zæøå]?$")


class _Coding(msgspec.Struct):
    system: str = ""
    code: str = ""
    value: str = ""


class _Meta(msgspec.Struct, frozen=True):
    security: list[_Coding] = []


class _Name(msgspec.Struct):
    family: str = ""
    use: str = ""


class _Address(msgspec.Struct):
    postal_code: str = msgspec.field(default="", name="postalCode")
    line: list[str | None] = []
    use: str = ""


class _Body(msgspec.Struct):
    """What of a Patient or a Practitioner is compared: the rest is not even read."""

    identifier: list[_Coding] = []
    name: list[_Name] = []
    address: list[_Address] = []
    meta: _Meta = _Meta()


_body = msgspec.json.Decoder(_Body).decode


async def judge_new(door: Door, *, batch: int = BATCH) -> bool:
    """Judge what was logged since the last time."""
    async with door.pool.transaction() as db:
        followed = await following.follow(db, "anomalies", actions=OPENING, count=batch)
        if followed is None:
            return False
        await anomalies.note(db, await _findings(db, followed.rows))
        await following.keep(db, "anomalies", followed)
    return followed.more


async def judge_later(door: Door, *, batch: int = BATCH, now: datetime | None = None) -> bool:
    """Ask of the looks of a day ago whether a relation stands that held then."""
    until = (now or datetime.now(UTC)) - anomalies.LATER
    async with door.pool.transaction() as db:
        followed = await following.follow(db, "withdrawn", actions=OPENING, count=batch, until=until)
        if followed is None:
            return False
        rows = [row for row in followed.rows if row.why in RULES and row.patient is not None]
        parties = await _parties(db, rows)
        opened = [Opened(row.id, row.at, row.actor, row.patient or 0, parties[row.id]) for row in rows]
        gone = await anomalies.withdrawn(db, opened)
        await anomalies.note(db, [_finding(row, "withdrawn", row.patient or 0) for row in rows if row.id in gone])
        await following.keep(db, "withdrawn", followed)
    return followed.more


async def reckon_hour(door: Door, *, now: datetime | None = None) -> bool:
    """Reckon the next hour that is over; whether there are more. It begins with the hour before, and leaves out those
    in which no server ran for a day."""
    this = (now or datetime.now(UTC)).replace(minute=0, second=0, microsecond=0)
    async with door.pool.transaction() as db:
        if not await following.alone(db, "pace"):
            return False
        last = await anomalies.last_pace(db)
        hour = max(last + HOUR if last else this - HOUR, this - timedelta(days=1))
        if hour >= this:
            return False
        found = await following.paces(db, OPENING, hour, hour + HOUR)
        usual = await anomalies.note_pace(db, hour, [(one["actor"], one["patients"]) for one in found])
        unusual = [one for one in found if anomalies.is_unusual(one["patients"], usual.get(one["actor"]))]
        await anomalies.note(db, [_many(one, usual.get(one["actor"])) for one in unusual])
    return hour + HOUR < this


def _finding(row: Passed, rule: str, patient: int) -> Finding:
    return Finding(row.id, rule, patient, row.actor, row.role, row.organization_id, row.at)


def _many(one: asyncpg.Record, usual: float | None) -> Finding:
    told = f"{one['patients']} {round(usual or 0)}"
    about = (one["actor"], one["role"], one["organization"], one["at"])
    return Finding(one["look"], "many", 0, *about, told=told)


async def _findings(db: Connection, rows: Sequence[Passed]) -> list[Finding]:
    """What the rules that are asked of one look find in some."""
    opened = [(row, key_) for row in rows for key_ in dict.fromkeys(row.patients or (row.patient,)) if key_]
    if not opened:
        return []
    readers = await _readers(db, {row.actor for row, _ in opened})
    patients = {row["patient"]: row for row in await db.fetch(*_asked(people.patients({key_ for _, key_ in opened})))}
    bodies = {key_: _read(row) for key_, row in patients.items()}
    persons = {key_: _person([body]) for key_, body in bodies.items()}
    places = await _workplaces(db, persons)
    roots = await anomalies.roots(db, {row.organization_id for row, _ in opened}.union(*places.values()))
    asked: dict[tuple[str, str, int], list[str]] = {}  # Whoever opens a record looks more than once.
    found = []
    for row, key_ in opened:
        if key_ not in persons:
            continue
        question = (row.actor, row.organization_id, key_)
        if question not in asked:
            mine = roots.get(row.organization_id)
            facts = Facts(
                reader=readers.get(row.actor, Person()),
                patient=persons[key_],
                is_colleague=mine is not None and any(roots.get(place) == mine for place in places.get(key_, ())),
                is_well_known=_is_well_known(bodies[key_]),
            )
            asked[question] = anomalies.judged(facts)
        found += [_finding(row, rule, key_) for rule in asked[question]]
    return found


async def _readers(db: Connection, logins: Iterable[str]) -> dict[str, Person]:
    """Some people at work by login, as their Practitioner and their own Patient tell of them."""
    practitioners = await accounts.practitioners_of(db, logins)
    bodies = await _bodies(db, people.by_id("Practitioner", list(practitioners.values())))
    numbers = {id_: _numbers(body) for id_, body in bodies.items()}
    wanted = {number for some in numbers.values() for number in some}
    inhabitants = await _bodies(db, people.identified("Patient", wanted)) if wanted else {}
    own: dict[str, list[_Body]] = {}
    for body in inhabitants.values():
        for number in _numbers(body):
            own.setdefault(number, []).append(body)
    persons = {
        id_: _person([body, *(one for number in numbers[id_] for one in own.get(number, ()))])
        for id_, body in bodies.items()
    }
    return {login: persons[id_] for login, id_ in practitioners.items() if id_ in persons}


async def _workplaces(db: Connection, persons: dict[int, Person]) -> dict[int, set[str]]:
    """Where some patients work, by account or by the register: the units of their roles, by the patient's key."""
    wanted = {number for person in persons.values() for number in person.numbers}
    bodies = await _bodies(db, people.identified("Practitioner", wanted)) if wanted else {}
    units = await accounts.units_of(db, bodies)
    posts = await anomalies.workplaces(db, bodies)
    by_number: dict[str, set[str]] = {}
    for id_, body in bodies.items():
        for number in _numbers(body):
            by_number.setdefault(number, set()).update(units.get(id_, ()), posts.get(id_, ()))
    return {
        key_: set().union(*(by_number.get(number, set()) for number in person.numbers))
        for key_, person in persons.items()
    }


async def _bodies(db: Connection, statement: tuple[str, list[object]]) -> dict[str, _Body]:
    """Resources by id."""
    return {row["id"]: _read(row) for row in await db.fetch(*_asked(statement))}


def _read(row: asyncpg.Record) -> _Body:
    """What is compared, without an address that is protected: an answer would tell of it, the reader's own as well."""
    body: _Body = _body(row["body"])
    if row["protected"]:
        body.address = []
    return body


def _asked(statement: tuple[str, list[object]]) -> tuple[object, ...]:
    text, values = statement
    return text, *values


def _person(bodies: Sequence[_Body]) -> Person:
    """What somebody is compared by."""
    names = [name for body in bodies for name in body.name if name.family and name.use != "old"]
    addresses = [one for body in bodies for one in body.address if one.use != "old"]
    return Person(
        numbers=frozenset().union(*map(_numbers, bodies)),
        families=frozenset(fold(name.family) for name in names),
        streets=frozenset(street for one in addresses if (street := _street(one))),
    )


def _street(address: _Address) -> tuple[str, str] | None:
    """Postal code and street, without the number of the house; None where no house is told."""
    line = fold(address.line[0]) if address.line and address.line[0] else ""
    return (address.postal_code, _HOUSE.sub("", line)) if address.postal_code and _HOUSE.search(line) else None


def _numbers(body: _Body) -> frozenset[str]:
    """National identity numbers, as `system|value`."""
    return frozenset(f"{one.system}|{one.value}" for one in body.identifier if one.system in (FNR, DNR) and one.value)


def _is_well_known(body: _Body) -> bool:
    return any((one.system, one.code) == _LABEL for one in body.meta.security)


async def _parties(db: Connection, rows: Sequence[Passed]) -> dict[Any, tuple[int, ...]]:
    """The keys that a relation may have named at each look: the person, the role, the unit and those under it."""
    practitioners = await accounts.practitioners_of(db, {row.actor for row in rows})
    under = await anomalies.under(db, {row.organization_id for row in rows})
    return {
        row.id: tuple(
            key(reference)
            for reference in (
                f"Practitioner/{practitioners.get(row.actor, '')}",
                row.agent,
                *under.get(row.organization_id, ()),
            )
        )
        for row in rows
    }
