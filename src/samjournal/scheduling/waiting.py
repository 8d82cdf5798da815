"""The waiting list: who wants a time sooner, and gets the first one that is freed and fits.

    wait(door, permit, patient, visit, until=…, words="") -> Stored     on the list until a day
    waiting_list(door, permit, unit="", visit="") -> list[Stored]       who waits, first come first
    offer_freed(door, permit, now) -> int                               a job: offers made, and those that ran out
    accept(door, permit, id, version, instead=None), decline(door, permit, id, version) -> Stored

Who waits has an Appointment with the status waitlist. When something is free for him it becomes pending, with that
time, which nobody else gets while it is held; he accepts it, declines it, or the time to answer runs out, and then he
waits on and the next is asked. No time is offered twice to one, and nothing is booked for who has not said yes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO, span
from samjournal.fhir.errors import Conflict, FhirError, Invalid, NotFound, TimeTaken, VersionMoved
from samjournal.fhir.keys import local
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, query_of, search
from samjournal.record.beside import every
from samjournal.scheduling.booking import cancelled, is_late
from samjournal.scheduling.calendars import Calendars, calendars, services
from samjournal.scheduling.choosing import service_of
from samjournal.scheduling.freeing import offer, possible
from samjournal.scheduling.making import (
    appointment,
    instant,
    moved,
    staff_of,
    visit_id,
    with_extension,
    written,
)
from samjournal.scheduling.rights import Had, booking, had
from samjournal.scheduling.visits import VisitType, value, visit_type

_log = logging.getLogger("samjournal.scheduling")
Resource = dict[str, Any]
OFFER: Final = "urn:samjournal:offer"
"""Extension of a pending Appointment: `until` when the time is held (valueInstant)."""
PASSED: Final = "urn:samjournal:offer-passed"
"""Extension of a waiting one: a time (valueInstant) that was offered and not taken."""
WANTED: Final = "urn:samjournal:wanted"
"""Extension of a waiting one: whom the patient wants to come to (valueReference)."""
HELD: Final = timedelta(hours=4)
MORNING, EVENING = 9, 21
"""Nobody has to answer at night: what would run out then is held until the morning."""
SHORTEST: Final = timedelta(minutes=30)
_MOST = 500
_AT_ONCE = 50


async def wait(
    door: Door,
    permit: Permit,
    patient: str,
    visit: VisitType,
    *,
    until: datetime,
    actors: Sequence[Resource] = (),
    words: str = "",
    now: datetime | None = None,
) -> Stored:
    """Put a patient (id) on the waiting list of a visit type, with the persons whom he wants to come to. Raises
    Conflict when he is on it, Invalid, Forbidden."""
    now, patient = now or datetime.now(UTC), patient.removeprefix("Patient/")
    rights = booking(permit, patient, visit)
    if until <= now or visit.places > 1 or visit.drop_in:
        raise Invalid("One waits until a day that is to come, and for what has times of its own.")
    if any(visit_id(one.resource()) == visit.id for one in await _of_patient(door, permit, patient)):
        raise Conflict("He is on this waiting list already.")
    found = Calendars({}, await services(door, permit, _unit(visit)), [])
    who = {"reference": f"Patient/{patient}"}
    made = appointment(visit, who, [], service_of(visit, found), now, now, words=words)
    del made["start"], made["end"]
    period = {"start": instant(now), "end": instant(until)}
    made |= {"status": "waitlist", "created": instant(now), "requestedPeriod": [period]}
    made["extension"] += [{"url": WANTED, "valueReference": one} for one in actors]
    return (await change(door, rights, [written(made)], action="book"))[0]


def _unit(visit: VisitType) -> list[str]:
    found = local(visit.unit.get("reference", ""))
    return [found] if found else []


async def _of_patient(door: Door, permit: Permit, patient: str) -> list[Stored]:
    asked = [("patient", f"Patient/{patient}"), ("status", "waitlist"), ("_count", str(_MOST))]
    return (await search(door, permit, query_of("Appointment", asked))).matches


async def waiting_list(door: Door, permit: Permit, *, unit: str = "", visit: str = "") -> list[Stored]:
    """Who waits, and who has an offer now, first come first: as far as the permit shows them; of a unit or a visit type
    (ids)."""
    asked = [("status", "waitlist,pending"), ("_count", str(_MOST))]
    if visit:
        asked.append(("service-type", f"urn:samjournal:visit-type|{visit}"))
    if unit:
        whole = await services(door, permit, [f"Organization/{unit}"])
        names = [f"HealthcareService/{one['id']}" for one in whole.values()]
        asked.append(("actor", ",".join(names) or f"HealthcareService/{unit}"))
    found = (await search(door, permit, query_of("Appointment", asked))).matches
    return sorted((one for one in found if "requestedPeriod" in one.resource()), key=_since)


def _since(one: Stored) -> tuple[str, str]:
    return str(one.resource().get("created", "")), one.id


def held_until(one: Resource) -> datetime | None:
    """Until when the time of an offer is held; None for what is no offer."""
    for each in one.get("extension", ()):
        if each.get("url") == OFFER:
            until = next((value(part) for part in each.get("extension", ()) if part.get("url") == "until"), None)
            return span(str(until)).lo if until else None
    return None


def answer_by(now: datetime, start: datetime, visit: VisitType) -> datetime:
    """Until when a time is held that is offered now: some hours, not at night, and not past the hour until which it
    is booked. Pure."""
    until = now + HELD
    wall = until.astimezone(OSLO)
    if not MORNING <= wall.hour < EVENING:
        day = wall.date() + timedelta(days=1 if wall.hour >= EVENING else 0)
        until = datetime(day.year, day.month, day.day, MORNING + 1, tzinfo=OSLO)
    return min(until.astimezone(UTC), start - timedelta(hours=visit.notice))


# The job


async def offer_freed(door: Door, permit: Permit, now: datetime) -> int:
    """Offers that ran out are taken back, and what is free is offered to who waits, first come first. Safe to repeat,
    and by several at once: an offer is one change of the version that was seen."""
    done, waiting_ = 0, []
    async for page in every(door, permit, "Appointment", [("status", "waitlist,pending")]):
        for stored in page:
            one = stored.resource()
            if "requestedPeriod" not in one:
                continue
            if one["status"] == "waitlist":
                waiting_.append(stored)
            elif (until := held_until(one)) is not None and until <= now:
                done += await _try(door, permit, stored, taken_back(bare(one)))
    by_visit: dict[str, list[Stored]] = {}
    for stored in sorted(waiting_, key=_since):
        by_visit.setdefault(visit_id(stored.resource()), []).append(stored)
    for id_, some in by_visit.items():
        if id_:
            done += await _offered(door, permit, id_, some, now)
    return done


async def _offered(door: Door, permit: Permit, id_: str, some: Sequence[Stored], now: datetime) -> int:
    try:
        visit = await visit_type(door, permit, id_)
    except NotFound:
        return 0  # It is no longer there: those who wait are seen on the list.
    if not visit.active:
        return 0
    lo = now + timedelta(hours=visit.notice) + SHORTEST
    ends = [_until(one.resource()) for one in some]
    hi = min(max(ends), now + timedelta(days=max(visit.horizon, 1)))
    if hi <= lo:
        return 0
    wanted = {name for one in some for name in _wanted(one.resource())}
    found = await calendars(door, permit, [visit], lo, hi + timedelta(days=1), actors=wanted)
    done = 0
    for stored, end in zip(some, ends, strict=True):
        if done == _AT_ONCE:
            break
        one = stored.resource()
        if await _offered_one(door, permit, visit, found, stored, lo, min(hi, end), now):
            done += 1
            found = await calendars(door, permit, [visit], lo, hi + timedelta(days=1), actors=wanted)
            _log.info("a freed time was offered", extra={"visit": visit.id, "waited": _waited(one, now)})
    return done


def _waited(one: Resource, now: datetime) -> int:
    """Days that somebody has waited, for the log."""
    return (now - span(one["requestedPeriod"][0]["start"]).lo).days


async def _offered_one(
    door: Door,
    permit: Permit,
    visit: VisitType,
    found: Calendars,
    stored: Stored,
    lo: datetime,
    hi: datetime,
    now: datetime,
) -> bool:
    """Whether something was free for one of those who wait, and is held for him now."""
    one = stored.resource()
    passed = set(_passed(one))
    can = possible(visit, found, (int(lo.timestamp()) + 1, int(hi.timestamp())), _wanted(one))
    for tried, second in enumerate(can.offered()):
        if tried == _TRIED:
            return False
        chosen = can.choose(second)
        made = offer(visit, second, chosen or ())
        if made.start in passed:
            continue
        told = moved(bare(one), made.actors, made.start, made.end)
        parts = [{"url": "until", "valueInstant": instant(answer_by(now, made.start, visit))}]
        told = with_extension({**told, "status": "pending"}, OFFER, {"url": OFFER, "extension": parts})
        if await _try(door, permit, stored, told):
            return True
    return False


_TRIED = 20
"""So many times are tried for one who is elsewhere then."""


async def _try(door: Door, permit: Permit, stored: Stored, told: Resource) -> bool:
    """Whether a change was done; when somebody did something meanwhile, it was not."""
    try:
        await change(door, permit, [Change.update(told, if_match=stored.version)], action="offer")
    except (TimeTaken, VersionMoved):
        return False
    except FhirError:
        _log.exception("an offer cannot be made", extra={"reference": stored.reference})
        return False
    return True


def taken_back(one: Resource) -> Resource:
    """Who was offered a time waits on, and that time is not offered to him again. Pure."""
    start = one.get("start")
    rest = {name: told for name, told in one.items() if name not in ("start", "end")}
    staff = [actor["reference"] for actor in staff_of(one)]
    staying = [part for part in one["participant"] if part.get("actor", {}).get("reference") not in staff]
    rest = with_extension({**rest, "status": "waitlist", "participant": staying}, OFFER)
    if start:
        rest["extension"] = [*rest.get("extension", ()), {"url": PASSED, "valueInstant": start}]
    return rest


def _passed(one: Resource) -> Iterator[datetime]:
    for each in one.get("extension", ()):
        if each.get("url") == PASSED:
            yield span(str(value(each))).lo


def _until(one: Resource) -> datetime:
    return span(one["requestedPeriod"][0]["end"]).hi


def _wanted(one: Resource) -> list[str]:
    """The persons whom somebody wants to come to."""
    wanted = (value(each) for each in one.get("extension", ()) if each.get("url") == WANTED)
    return [name for each in wanted if isinstance(each, dict) and (name := local(each.get("reference", "")))]


# What the citizen does


async def accept(
    door: Door, permit: Permit, id_: str, version: int, *, instead: tuple[str, int] | None = None,
    now: datetime | None = None,
) -> Stored:  # fmt: skip
    """Take the time that is held; with `instead` (id and version) that of another of the same kind, which is called off
    in the same moment. Raises Conflict when it is held no longer, or the other cannot be given up for nothing."""
    now = now or datetime.now(UTC)
    one = await _held(door, permit, id_, version, now)
    told = with_extension({**bare(one.resource), "status": "booked"}, OFFER)
    told = with_extension(told, PASSED)
    del told["requestedPeriod"]
    changes = [Change.update(told, if_match=version)]
    if instead is not None:
        changes.append(await _given_up(door, permit, one, *instead, now))
    return (await change(door, one.rights, changes, action="book"))[0]


async def _given_up(door: Door, permit: Permit, one: Had, id_: str, version: int, now: datetime) -> Change:
    """The appointment that somebody has no need of any more: of the same patient, and the same kind."""
    other = await had(door, permit, id_, version)
    kind = visit_id(one.resource)
    if other.patient != one.patient or visit_id(other.resource) != kind or other.resource.get("status") != "booked":
        raise Conflict("That is no appointment that this one takes the place of.")
    visit = await visit_type(door, permit, kind)
    if permit.kind == "citizen" and is_late(visit, other.resource, now):
        raise Conflict("It is too late to give it up here: call the unit.")
    return Change.update(cancelled(bare(other.resource), "pat", visit=visit), if_match=other.stored.version)


async def decline(door: Door, permit: Permit, id_: str, version: int, *, now: datetime | None = None) -> Stored:
    """Wait on: the time goes to the next."""
    one = await _held(door, permit, id_, version, now or datetime.now(UTC))
    told = taken_back(bare(one.resource))
    return (await change(door, one.rights, [Change.update(told, if_match=version)], action="cancel"))[0]


async def _held(door: Door, permit: Permit, id_: str, version: int, now: datetime) -> Had:
    one = await had(door, permit, id_, version)
    until = held_until(one.resource)
    if one.resource.get("status") != "pending" or until is None:
        raise Conflict("Nothing is offered here.")
    if until <= now:
        raise Conflict("The offer has run out. You are still on the waiting list.")
    return one
