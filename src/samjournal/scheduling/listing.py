"""What the calendars of a unit show: who comes when, as *find* shows people, and no more of their records.

    booked(door, permit, actors, since, until) -> list[Booked]      what takes the time of persons, rooms and equipment
    booked_one(door, permit, id) -> Booked                          one of them, with its version
    to_go_on(door, permit, booked) -> Permit                        the permit by which it is moved or called off
    goes_on(door, permit, booked) -> bool                           whether he may at all
    waits(door, permit) -> list[Booked]                             who is on the unit's waiting list, first come first
    in_queue(door, permit, visit) -> list[tuple[int, Booked]]       who waits in turn today, by number

Those at work at a unit see its calendars without a relation to each who comes: a name, a kind of visit, a time. It is a
named action, logged as a look at each who was shown. What somebody does in a post elsewhere takes his time here too,
and is told as taken, without a name.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from samjournal.access import Permit, keeping
from samjournal.fhir.dates import period, span
from samjournal.fhir.errors import Forbidden, NotFound, ReasonNeeded
from samjournal.fhir.keys import local
from samjournal.record import LANE, Door, Stored, period_of, places_of, query_of, read, search, times_taken
from samjournal.scheduling.intervals import difference, intersection, union
from samjournal.scheduling.making import INTERPRETER, VIDEO, patient_of, session_of, staff_of, visit_id, way_of
from samjournal.scheduling.queue import in_turn
from samjournal.scheduling.series import series_of
from samjournal.scheduling.visits import VisitType, value
from samjournal.scheduling.waiting import waiting_list

Resource = Mapping[str, Any]
MOST: Final = "1000"
LONGEST: Final = timedelta(days=1)
_AT_ONCE: Final = 40


@dataclass(frozen=True, slots=True)
class Booked:
    """One appointment as a calendar shows it. `name` is "" for what is not the unit's own; `born` a year; `actors` are
    references with names; `service` what offers it; `overbooked` the reason why it stands beside others; `is_own`: of
    the reader's unit; `session` the id of the group session that it has a place of, `places` how many a session has;
    `series` that which it comes again in. What has no id is taken by what is not shown, or to prepare and to tidy
    (status `around`)."""

    id: str
    version: int
    start: datetime
    end: datetime
    status: str
    patient: str = ""
    name: str = ""
    born: str = ""
    type: str = ""
    visit: str = ""
    way: str = "in-person"
    video: str = ""
    interpreter: str = ""
    words: str = ""
    overbooked: str = ""
    reason: str = ""
    actors: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    is_own: bool = False
    session: str = ""
    places: int = 0
    series: str = ""


async def booked(
    door: Door,
    permit: Permit,
    actors: Sequence[str],
    since: datetime,
    until: datetime,
    *,
    look: UUID | None = None,
    refreshes: UUID | None = None,
) -> list[Booked]:
    """What is in the calendars of some (`PractitionerRole/x`, `Location/y`) within a time, by when it begins; what was
    called off too. `look` is what the look of an open page is called, `refreshes` the one that this is a refresh of.
    Raises Forbidden for who does not work at a unit."""
    rights = _at_work(permit)
    found: dict[str, Booked] = {}
    own = await _own(door, permit)
    for at in range(0, len(actors), _AT_ONCE):
        asked = [
            ("actor", ",".join(actors[at : at + _AT_ONCE])),
            ("date", f"ge{(since - LONGEST).isoformat()}"),
            ("date", f"lt{until.isoformat()}"),
            ("_include", "Appointment:patient"),
            ("_count", MOST),
        ]
        first = None if at or refreshes else look
        rest = refreshes or (look if at else None)
        page = await search(door, rights, query_of("Appointment", asked), look_id=first, refreshes=rest)
        people = {one.id: one.resource() for one in page.included if one.type == "Patient"}
        for stored in page.matches:
            entry = _entry(stored.resource(), stored.version, people, own)
            if entry is not None and entry.start < until and entry.end > since:
                found[entry.id] = entry
    hidden = await _hidden(door, permit, actors, since, until, found.values())
    return sorted([*found.values(), *hidden], key=lambda one: (one.start, one.end, one.id))


async def _hidden(
    door: Door, permit: Permit, actors: Sequence[str], since: datetime, until: datetime, shown: Iterable[Booked]
) -> list[Booked]:
    """What else is taken: by a post elsewhere, by what the unit does not see, to prepare and to tidy."""
    seen: dict[str, list[tuple[int, int]]] = {name: [] for name in actors}
    for one in shown:
        for name in one.actors:
            if name in seen:
                seen[name].append((int(one.start.timestamp()), int(one.end.timestamp())))
    window = [(int(since.timestamp()), int(until.timestamp()))]
    found = []
    for name, taken in (await times_taken(door, permit, list(seen), since, until)).items():
        edges = {edge for stretch in seen[name] for edge in stretch}
        for lo, hi in difference(intersection(union(taken), window), union(seen[name])):
            around = lo in edges or hi in edges
            start, end = datetime.fromtimestamp(lo, UTC), datetime.fromtimestamp(hi, UTC)
            found.append(Booked("", 0, start, end, "around" if around else "booked", actors={name: ""}))
    return found


async def booked_one(door: Door, permit: Permit, id_: str) -> Booked:
    """One appointment of the own unit, or in a record that is open to the reader. Raises NotFound for what is neither,
    ReasonNeeded for what is in a record that a reason opens."""
    asked = [("_id", id_), ("_include", "Appointment:patient")]
    own = await _own(door, permit)
    for rights in (_at_work(permit), permit):
        page = await search(door, rights, query_of("Appointment", asked))
        people = {one.id: one.resource() for one in page.included if one.type == "Patient"}
        for stored in page.matches:
            whole = own if rights is not permit else None
            entry = _entry(stored.resource(), stored.version, people, own, shows_all=whole is None)
            if entry is not None and (entry.is_own or whole is None):
                return entry
    await read(door, permit, "Appointment", id_)
    raise NotFound(f"The appointment {id_} has no time.")


async def waits(door: Door, permit: Permit) -> list[Booked]:
    """Who is on the waiting list of the own unit, and who has an offer now; `end` is until when he waits."""
    found = await waiting_list(door, _at_work(permit), unit=permit.organization)
    return await _told(door, permit, found)


async def in_queue(door: Door, permit: Permit, visit: VisitType) -> list[tuple[int, Booked]]:
    """Who came today without a time and waits in turn, by number."""
    found = await in_turn(door, _at_work(permit), visit)
    told = await _told(door, permit, [one.stored for one in found])
    return list(zip((one.number for one in found), told, strict=True))


async def _told(door: Door, permit: Permit, found: Sequence[Stored]) -> list[Booked]:
    """What is shown of some appointments of the own unit, in their order."""
    bodies = [(one, one.resource()) for one in found]
    ids = sorted({patient_of(body) for _, body in bodies} - {""})
    people: dict[str, Resource] = {}
    for at in range(0, len(ids), _AT_ONCE):
        asked = [("_id", ",".join(ids[at : at + _AT_ONCE])), ("_count", MOST)]
        page = await search(door, _at_work(permit), query_of("Patient", asked))
        people |= {one.id: one.resource() for one in page.matches}
    entries = [_entry(body, one.version, people, (), shows_all=True) for one, body in bodies]
    return [replace(one, is_own=True) for one in entries if one is not None]


def _at_work(permit: Permit) -> Permit:
    if permit.kind != "staff" or permit.oversees or permit.merges or permit.operates:
        raise Forbidden("The calendars of a unit are for those who work there.")
    types = ("Appointment", "Patient", "PractitionerRole", "Location", "Device", "HealthcareService")
    return keeping(permit, *types, why="calendar")


async def to_go_on(door: Door, permit: Permit, one: Booked) -> Permit:
    """The permit by which somebody goes on with an appointment that was shown: the own where the record is open, else
    that of who books at the own unit without reading. Raises Forbidden for who does neither."""
    if one.patient and one.is_own and permit.writes_unread("Appointment"):
        try:
            await read(door, permit, "Appointment", one.id)
        except (NotFound, ReasonNeeded):
            return keeping(permit, "Appointment", why="booking")
    return permit


async def goes_on(door: Door, permit: Permit, one: Booked) -> bool:
    """Whether somebody may move or call off an appointment that was shown: what is not done is not offered."""
    if not one.is_own or not permit.may("u", "Appointment"):
        return False
    if not one.patient or permit.writes_unread("Appointment"):
        return True
    try:
        await read(door, permit, "Appointment", one.id)
    except (NotFound, ReasonNeeded):
        return False
    return True


async def _own(door: Door, permit: Permit) -> set[str]:
    """The references that the own unit's appointments name: who works there, its rooms, what it offers."""
    unit = f"Organization/{permit.organization}"
    found = set()
    for type_ in ("PractitionerRole", "Location", "HealthcareService", "Device"):
        asked = [("organization", unit), ("_count", MOST)]
        page = await search(door, _at_work(permit), query_of(type_, asked))
        found |= {one.reference for one in page.matches}
    return found


def _entry(
    one: dict[str, Any],
    version: int,
    people: Mapping[str, Resource],
    own: Collection[str],
    *,
    shows_all: bool = False,
) -> Booked | None:
    when = period_of(one) or _moment(one)
    if when is None:
        return None
    participants = [part.get("actor") or {} for part in one.get("participant") or ()]
    named = {local(str(actor.get("reference") or "")) or "": str(actor.get("display") or "") for actor in participants}
    actors = {
        local(str(actor.get("reference") or "")) or "": str(actor.get("display") or "") for actor in staff_of(one)
    }
    base = Booked(one["id"], version, when[0], when[1], str(one.get("status")), actors=actors, way=way_of(one))
    is_own = any(each in own for each in named)
    if not is_own and not shows_all:
        return base
    patient = patient_of(one)
    who = people.get(patient, {})
    extensions = {each.get("url"): value(each) for each in one.get("extension") or ()}
    spoken = (extensions.get(INTERPRETER) or {}).get("coding") or [{}]
    lanes = [each for each in one.get("extension") or () if each.get("url") == LANE]
    beside = [str(value(part)) for each in lanes for part in each.get("extension") or () if part.get("url") == "reason"]
    cancelled = one.get("cancelationReason") or {}
    services = [display for name, display in named.items() if name.startswith("HealthcareService/")]
    return Booked(
        id=one["id"],
        version=version,
        start=when[0],
        end=when[1],
        status=str(one.get("status")),
        patient=patient,
        name=_name(who),
        born=str(who.get("birthDate") or "")[:4],
        type=str(one.get("description") or ""),
        visit=visit_id(one),
        way=way_of(one),
        video=str(extensions.get(VIDEO) or ""),
        interpreter=str(spoken[0].get("code") or ""),
        words=" ".join(str(each.get("text") or "") for each in one.get("reasonCode") or ()),
        overbooked=" ".join(beside),
        reason=str(
            cancelled.get("text") or next((each.get("display") for each in cancelled.get("coding") or ()), "") or ""
        ),
        actors=actors,
        service=next(iter(services), ""),
        is_own=is_own,
        session=session_of(one).partition("/")[2],
        places=places_of(one),
        series=series_of(one),
    )


def _moment(one: Resource) -> tuple[datetime, datetime] | None:
    """When somebody came who waits in turn; from when until when somebody is on the waiting list."""
    if "start" in one:
        at = span(one["start"]).lo
        return at, at
    wanted = next(iter(one.get("requestedPeriod") or ()), None)
    found = period(wanted) if wanted else None
    return (found.lo, found.hi) if found else None


def _name(who: Resource) -> str:
    names = [one for one in who.get("name") or () if one.get("use") not in ("old", "maiden")]
    best = next((one for one in names if one.get("use") == "official"), names[0] if names else {})
    family, given = str(best.get("family") or "").upper(), " ".join(best.get("given") or ())
    return ", ".join(part for part in (family, given) if part) or str(best.get("text") or "")
