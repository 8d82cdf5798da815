"""Who comes without a time waits in turn: a number for each day and visit type, and whoever is free calls the next.

    draw(door, permit, patient, visit, words="") -> Stored          he is here, and has a number
    in_turn(door, permit, visit, day) -> list[Waiting]              who waits, by number
    call_in(door, permit, id, version, visit, actors=()) -> Stored  it is his turn: the time is taken now

Who waits has an Appointment with the status arrived, that begins and ends when he came: it takes nobody's time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO, SECOND
from samjournal.fhir.errors import Conflict, Forbidden, TimeTaken
from samjournal.messages.making import bare
from samjournal.record import Change, Claimed, Door, Stored, change, query_of, search
from samjournal.scheduling.choosing import ATTEMPTS, Taken, around, chosen_at, service_of
from samjournal.scheduling.freeing import names_of
from samjournal.scheduling.making import appointment, moved, written
from samjournal.scheduling.rights import booking, had
from samjournal.scheduling.visits import SYSTEM, VisitType

Resource = dict[str, Any]
NUMBER: Final = "urn:samjournal:queue"
"""The system of the identifier that is a number in a queue: `day/number`."""
_MOST = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """Who waits: his number, since when, and the appointment."""

    number: int
    since: datetime
    stored: Stored
    appointment: Resource


async def draw(
    door: Door,
    permit: Permit,
    patient: str,
    visit: VisitType,
    *,
    words: str = "",
    way: str = "",
    interpreter: str = "",
    now: datetime | None = None,
) -> Stored:
    """The next number of today. Raises Conflict where the visit type is not held without a time, or is closed now."""
    now, patient = now or datetime.now(UTC), patient.removeprefix("Patient/")
    rights = booking(permit, patient, visit)
    if not visit.drop_in and permit.kind == "citizen":
        raise Conflict("For this one books a time.")
    second = int(now.timestamp())
    if permit.kind == "citizen" and visit.hours is not None and not visit.hours.within(second, second + 1):
        raise Conflict("It is not open now.")
    found = await around(door, permit, visit, now, (), "")
    day = now.astimezone(OSLO).date()
    who, service = {"reference": f"Patient/{patient}"}, service_of(visit, found)
    made = appointment(
        visit, who, [], service, now, now, status="arrived", way=way, words=words, interpreter=interpreter
    )  # fmt: skip
    made["minutesDuration"] = visit.minutes
    number = await _last(door, permit, visit, day) + 1
    while True:
        told = {**made, "identifier": [{"system": NUMBER, "value": f"{day.isoformat()}/{number}"}]}
        try:
            claim = sha256(f"{NUMBER} {visit.id} {day} {number}".encode()).digest()
            return (await change(door, rights, [written(told)], action="book", claims=[claim]))[0]
        except Claimed:
            number += 1  # Somebody came at the same moment.


async def _last(door: Door, permit: Permit, visit: VisitType, day: date) -> int:
    """The highest number of a day that the reader sees: from there on it is counted."""
    return max((one.number for one in await _drawn(door, permit, visit, day, "")), default=0)


async def in_turn(door: Door, permit: Permit, visit: VisitType, *, day: date | None = None) -> list[Waiting]:
    """Who waits, by number; as far as the permit shows them."""
    day = day or datetime.now(OSLO).date()
    found = await _drawn(door, permit, visit, day, "arrived")
    return sorted((one for one in found if _waits(one.appointment)), key=lambda one: one.number)


async def _drawn(door: Door, permit: Permit, visit: VisitType, day: date, status: str) -> list[Waiting]:
    asked = [
        ("service-type", f"{SYSTEM}|{visit.id}"),
        ("date", day.isoformat()),
        *([("status", status)] if status else []),
        ("_count", str(_MOST)),
    ]
    found = []
    for stored in (await search(door, permit, query_of("Appointment", asked))).matches:
        one = stored.resource()
        if number := number_of(one):
            found.append(Waiting(number, datetime.fromisoformat(one["start"]), stored, one))
    return found


def number_of(one: Resource) -> int:
    """The number in the queue, 0 for who has none."""
    values = (str(each.get("value", "")) for each in one.get("identifier", ()) if each.get("system") == NUMBER)
    return next((int(text) for value in values if (text := value.rpartition("/")[2]).isdigit()), 0)


def _waits(one: Resource) -> bool:
    return datetime.fromisoformat(one["end"]) - datetime.fromisoformat(one["start"]) < SECOND


async def call_in(
    door: Door,
    permit: Permit,
    id_: str,
    version: int,
    visit: VisitType,
    actors: Sequence[str | Resource] = (),
    *,
    now: datetime | None = None,
) -> Stored:
    """It is his turn: the time from now on is taken, with the actors or with who is free. Raises Taken where nobody
    is, Conflict for who does not wait."""
    now = now or datetime.now(UTC)
    if permit.kind == "citizen":
        raise Forbidden("The unit says whose turn it is.")
    one = await had(door, permit, id_, version)
    if one.resource.get("status") != "arrived" or not _waits(one.resource):
        raise Conflict("He does not wait any longer.")
    wanted = names_of(actors)
    start = now.replace(microsecond=0)
    for _ in range(ATTEMPTS):
        found = await around(door, permit, visit, start, wanted, one.patient)
        chosen = chosen_at(permit, visit, found, start, wanted, now)
        if chosen is None:
            break
        end = start + timedelta(minutes=visit.minutes)
        made = moved(bare(one.resource), [each.actor for each in chosen], start, end)
        try:
            return (await change(door, one.rights, [Change.update(made, if_match=version)], action="rebook"))[0]
        except TimeTaken:
            continue
    raise Taken(())
