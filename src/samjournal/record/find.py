"""Find: who somebody is, without opening the record. Name, birth year, and the number that was typed. House rule 2.

The permit's *find* tier: every staff role; what is found is logged for each patient. A full birth date, number and
municipality are shown only where a relation opens the record anyway.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import asyncpg
import msgspec

from samjournal import access, audit
from samjournal.access import Permit
from samjournal.fhir.errors import Forbidden, TooMany
from samjournal.record.door import Door, look_of
from samjournal.store import reading
from samjournal.store.search import query as searching
from samjournal.store.search.sql import Statement, everything

LIMIT = 20


class Judged(Protocol):
    """What is said of somebody who is alike."""

    @property
    def score(self) -> float: ...


T = TypeVar("T", bound=Judged)
MOST_JUDGED = 50
"""So many at most are looked at more closely for each of the searches for who is alike."""
LONGEST_NAME = 4
"""Words of one name, as `Vikan Strand`, that are looked for together."""
PER_MINUTE, MINUTE = 100, 60.0
_NUMBER = re.compile(r"\d{6}\s?\d{5}")
_DATE = re.compile(r"(\d{1,2})[.\-/](\d{1,2})[.\-/](\d{4})")
_ISO = re.compile(r"\d{4}(-\d{2}){0,2}")


@dataclass(frozen=True, slots=True)
class Card:
    """What *find* shows of a patient. `birth` is a year unless `why` names a relation; `number` and `municipality` are
    None without one, or when they are not known; `protected` hides where the person lives from everybody."""

    id: str
    family: str
    given: str
    birth: str | None
    number: str | None
    gender: str | None
    municipality: str | None
    protected: bool
    deceased: bool
    why: str | None
    number_system: str | None = None


async def find_cards(door: Door, permit: Permit, text: str) -> list[Card]:
    """At most 20 patients by name, birth date (24.12.1948 or 1948) and number, in any mix; none for an empty text."""
    refuse_too_many(permit.actor)
    if not permit.finds or not permit.may("r", "Patient"):
        raise Forbidden(f"The role {permit.role} cannot look people up.")
    filters = _filters(text)
    if not filters:
        return []
    cards = await _cards(door, permit, _statement(searching.parse("Patient", filters)), by=text)
    found = {card.id for card in cards}
    # Of a merged person who is found twice, the record that stays is shown.
    return [card for card in cards if door.persons.stays(card.id) not in found - {card.id}]


async def find_alike(
    door: Door,
    permit: Permit,
    searches: Sequence[Sequence[tuple[str, str]]],
    judge: Callable[[dict[str, Any]], T | None],
    *,
    besides: Sequence[str] = (),
) -> list[tuple[Card, T]]:
    """Those among what some searches find whom `judge` does not turn down (None), each with what it said. It is shown
    the whole Patient; what leaves here is what *find* shows. Of a merged person the record that stays is told."""
    if not permit.unrestricted:
        refuse_too_many(permit.actor)
    if not permit.finds or not permit.may("r", "Patient"):
        raise Forbidden(f"The role {permit.role} cannot look people up.")
    said: dict[str, T] = {}
    for filters in searches:
        statement = _statement(searching.parse("Patient", filters))
        text, values = reading.patients(statement, why=lambda *_: "NULL", limit=MOST_JUDGED)
        for row in await door.pool.fetch(text, *values):
            id_ = door.persons.stays(row["id"])
            judged = judge(msgspec.json.decode(row["body"])) if id_ not in besides else None
            if judged is not None and (id_ not in said or judged.score > said[id_].score):
                said[id_] = judged
    if not said:
        return []
    statement = _statement(searching.parse("Patient", [("_id", ",".join(said))]))
    cards = await _cards(door, permit, statement, by="match", limit=len(said))
    return [(card, said[card.id]) for card in cards]


def _statement(query: searching.Query) -> Statement:
    statement = Statement("Patient", everything, sees_protected=False)
    for one in query.filters:
        statement.filter(one, same_person=lambda id_: (id_,))
    return statement


async def my_cards(door: Door, permit: Permit, *, count: int = 100) -> list[Card]:
    """The patients whom this role has in care now."""
    kinds = dict(await access.mine(door.pool, permit, count=count))
    ids = list(dict.fromkeys(door.persons.stays(id_) for id_ in kinds))
    if not ids:
        return []
    statement = Statement("Patient", permit.condition, sees_protected=False)
    statement.filter(searching.parse("Patient", [("_id", ",".join(ids))]).filters[0], same_person=lambda id_: (id_,))
    return await _cards(door, permit, statement, by="mine", limit=count)


_found: dict[str, deque[float]] = {}


def refuse_too_many(actor: str) -> None:
    """Looking people up one after the other is not care: so many in a minute, for each person and process."""
    now = time.monotonic()
    latest = _found.setdefault(actor, deque(maxlen=PER_MINUTE))
    if len(latest) == PER_MINUTE and now - latest[0] < MINUTE:
        raise TooMany(f"You have looked up {PER_MINUTE} times in a minute. Wait half a minute, then go on.")
    latest.append(now)


def _filters(text: str) -> list[tuple[str, str]]:
    """What a typed line asks for: a number, a date, the rest names."""
    filters = []
    if match := _NUMBER.search(text):
        filters.append(("identifier", re.sub(r"\s", "", match[0])))
        text = text.replace(match[0], " ")
    if match := _DATE.search(text):
        filters.append(("birthdate", f"{match[3]}-{int(match[2]):02}-{int(match[1]):02}"))
        text = text.replace(match[0], " ")
    names: list[str] = []
    for word in re.split(r"[\s,]+", text):
        if _ISO.fullmatch(word):
            filters.append(("birthdate", word))
        elif word and not word.isdigit():
            names.append(re.sub(r"([$|\\])", r"\\\1", word))
        elif word:
            filters.append(("identifier", word))
    return [*filters, *(("name", either) for either in _either(names))]


def _either(names: Sequence[str]) -> Iterator[str]:
    """For each word: a name begins with it, or with it after the words before it, as in the family name `Vikan
    Strand`."""
    for at in range(len(names)):
        yield ",".join(" ".join(names[begin : at + 1]) for begin in range(at, max(at - LONGEST_NAME, -1), -1))


async def cards_of(door: Door, permit: Permit, ids: Sequence[str]) -> list[Card]:
    """Some people by id, as *find* shows them; for who answers for access or registers people. Raises Forbidden."""
    if not (permit.oversees or permit.registers):
        raise Forbidden(f"The role {permit.role} does not look over the access of others.")
    return await _by_id(door, permit, ids)


async def represented_cards(door: Door, permit: Permit, ids: Sequence[str]) -> list[Card]:
    """Some people by id, as *find* shows them, for who acts for them or they for him: the caller has seen to that."""
    return await _by_id(door, permit, ids)


async def _by_id(door: Door, permit: Permit, ids: Sequence[str]) -> list[Card]:
    if not ids:
        return []
    statement = Statement("Patient", everything, sees_protected=False)
    statement.filter(searching.parse("Patient", [("_id", ",".join(ids))]).filters[0], same_person=lambda id_: (id_,))
    return await _cards(door, permit, statement, by="id", limit=len(ids))


async def _cards(door: Door, permit: Permit, statement: Statement, *, by: str, limit: int = LIMIT) -> list[Card]:
    text, values = reading.patients(statement, why=permit.why, limit=limit)
    rows = await door.pool.fetch(text, *values)
    if rows:
        look = look_of(
            permit,
            by if by in ("mine", "match") else "find",
            patients=tuple({row["patient"] for row in rows}),
            why="find",
            shown=audit.shown(("Patient", row["id"]) for row in rows),
        )
        await door.looks.write(look)
    cards = [_card(row) for row in rows]
    return sorted(cards, key=lambda card: (card.why is None, card.family.casefold(), card.given.casefold(), card.id))


def _card(row: asyncpg.Record) -> Card:
    patient: dict[str, Any] = msgspec.json.decode(row["body"])
    open_ = row["why"] is not None
    name = _official(patient.get("name", []))
    birth = patient.get("birthDate")
    system, number = _number(patient) if open_ else (None, None)
    return Card(
        id=row["id"],
        family=name.get("family", ""),
        given=" ".join(name.get("given", [])) or name.get("text", ""),
        birth=birth if open_ or not birth else birth[:4],
        number=number,
        gender=patient.get("gender"),
        municipality=_municipality(patient) if open_ and not row["protected"] else None,
        protected=row["protected"],
        deceased=bool(patient.get("deceasedBoolean") or patient.get("deceasedDateTime")),
        why=row["why"],
        number_system=system,
    )


def _official(names: Sequence[dict[str, Any]]) -> dict[str, Any]:
    usable = [name for name in names if name.get("use") not in ("old", "maiden")]
    return next((name for name in usable if name.get("use") == "official"), usable[0] if usable else {})


def _number(patient: dict[str, Any]) -> tuple[str | None, str | None]:
    """The national number that is in use, with its system; an old one when there is no other."""
    for identifier in sorted(patient.get("identifier", []), key=lambda one: one.get("use") == "old"):
        if str(identifier.get("system", "")).startswith("urn:oid:2.16.578.1.12.4.1.4."):
            return identifier["system"], identifier.get("value")
    return None, None


def _municipality(patient: dict[str, Any]) -> str | None:
    addresses = patient.get("address", [])
    return addresses[0].get("district") or addresses[0].get("city") if addresses else None
