"""Absences of those who work at a unit, and days on which it is closed; what is booked meanwhile becomes work. Row 5.5

    hit(door, permit, plan, reference, start, end) -> list[Booked]     what is booked in a time
    go_away(door, permit, reference, version, start, end, words, seen=ids) -> list[Booked]
    come_back(door, permit, reference, version, away)                 it is over, or never was
    settle(door, permit, appointment)                                 it was moved or called off: the work is done
    settle_changed(door, permit, changes) -> int                      the same for a job, whoever changed it

An absence is a `notAvailable` of the PractitionerRole, or of the HealthcareService of the unit. In the same transaction
each appointment that it hits becomes a Task of the unit, with a deadline before it: it is moved or called off by
somebody, and nothing of it in silence. The Task names the appointment and no patient, so it opens no record.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from samjournal.access import Permit, acting
from samjournal.fhir.dates import OSLO, period
from samjournal.fhir.errors import Conflict, Invalid, PreconditionFailed
from samjournal.fhir.keys import local
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, period_of, query_of, search
from samjournal.record.beside import matches, resources
from samjournal.record.feed import Changed
from samjournal.scheduling.listing import Booked, booked
from samjournal.scheduling.planning import REGISTER, Away, Plan, away_of, demand, own, plan
from samjournal.tasks import himself, said, written
from samjournal.tasks.saying import given, to_give

Resource = dict[str, Any]
LONGEST: Final = timedelta(days=800)
WORDS: Final = 120
AT_STAKE: Final = frozenset({"proposed", "pending", "booked", "checked-in", "arrived"})
"""The statuses of what somebody comes to."""
WAITING: Final = "requested,received,accepted,ready,in-progress,on-hold"
_SOON: Final = timedelta(days=3)
_BEFORE: Final = timedelta(hours=2)
_AT_LEAST: Final = timedelta(minutes=30)


class Unseen(Conflict):
    """Something is booked in the time that whoever asked has not seen: `entries` are all that are."""

    def __init__(self, entries: Collection[Booked]) -> None:
        super().__init__("Something is booked in that time. Look at it first.")
        self.entries = list(entries)


async def hit(door: Door, permit: Permit, of: Plan, reference: str, start: datetime, end: datetime) -> list[Booked]:
    """What is booked in a time with somebody, or with anybody when the unit is closed, by when it begins."""
    whole = of.unit is not None and of.unit.reference == reference
    whose = [one.reference for one in of.actors] if whole else [reference]
    found = await booked(door, permit, whose, start, end)
    return [one for one in found if one.id and one.status in AT_STAKE and one.start < end and one.end > start]


async def go_away(
    door: Door,
    permit: Permit,
    reference: str,
    version: int,
    start: datetime,
    end: datetime,
    words: str,
    *,
    seen: Collection[str] = (),
    now: datetime | None = None,
) -> list[Booked]:
    """Say that somebody cannot be booked from one moment until another, or that the unit is closed; `seen` are the ids
    of what is booked then, which become work of the unit. Returns what was hit. Raises Unseen, Invalid for times that
    cannot be, VersionMoved, Forbidden, NotFound."""
    now = now or datetime.now(UTC)
    rights = await demand(door, permit, *REGISTER, "Task")
    if end <= start or end <= now or end - start > LONGEST:
        raise Invalid("The end comes before the beginning, is over, or is too far away.")
    if not reference.startswith(("PractitionerRole/", "HealthcareService/")):
        raise Invalid("People are away and units are closed; a room is taken out of use.")
    was, of = await own(door, permit, rights, reference), await plan(door, permit)
    hits = await hit(door, permit, of, reference, start, end)
    if not {one.id for one in hits} <= set(seen):
        raise Unseen(hits)
    why = " ".join(words.split())[:WORDS]
    absent = {"description": why or "Borte", "during": {"start": _instant(start), "end": _instant(end)}}
    gone = {**bare(was), "notAvailable": [*was.get("notAvailable", ()), absent]}
    who = next((one.name for one in (*of.people, *([of.unit] if of.unit else ())) if one.reference == reference), "")
    away = _Gone(reference, who, start, end)
    work = [Change.create(_task(permit, one, away, now)) for one in hits]
    await change(door, rights, [Change.update(gone, if_match=version), *work])
    # What was booked at this very moment is found by looking once more: its hours were read before.
    late = [one for one in await hit(door, permit, of, reference, start, end) if one.id not in seen]
    if late:
        await change(door, rights, [Change.create(_task(permit, one, away, now)) for one in late])
    return [*hits, *late]


async def come_back(door: Door, permit: Permit, reference: str, version: int, start: datetime) -> None:
    """Take away the absence that begins at a moment; the work that it made stays until somebody does it."""
    rights = await demand(door, permit, *REGISTER)
    was = await own(door, permit, rights, reference)
    kept = [one for one in was.get("notAvailable", ()) if not _is(one, start)]
    if len(kept) == len(was.get("notAvailable", ())):
        raise Conflict("That absence is over, or was taken away already.")
    back = {name: value for name, value in bare(was).items() if name != "notAvailable"}
    await change(door, rights, [Change.update({**back, **({"notAvailable": kept} if kept else {})}, if_match=version)])


def _is(one: Resource, start: datetime) -> bool:
    return any(each.start == start for each in away_of({"notAvailable": [one]}))


async def settle(door: Door, permit: Permit, appointment: str) -> int:
    """Close the work that an absence made of an appointment (id) that was moved or called off; how much."""
    rights = acting(permit, "Task")
    asked = [("focus", f"Appointment/{appointment}"), ("code", _CODE), ("status", WAITING)]
    found = (await search(door, rights, query_of("Task", asked))).matches
    return await _close(door, rights, found) if found else 0


async def settle_changed(door: Door, permit: Permit, changes: Collection[Changed]) -> int:
    """The same by a reader of the feed, whoever moved or called off the appointments: what is still in the absence that
    made the work stays work. For jobs."""
    ids = {one.id for one in changes if one.type == "Appointment"}
    if not ids:
        return 0
    focus = ",".join(f"Appointment/{id_}" for id_ in sorted(ids))
    asked = [("focus", focus), ("code", _CODE), ("status", WAITING), ("_count", "200")]
    tasks = await matches(door, permit, "Task", asked)
    about = await resources(
        door, permit, [("Appointment", said(one.resource()).focus.partition("/")[2]) for one in tasks]
    )
    done = [one for one in tasks if not _still_hit(one.resource(), about)]
    return await _close(door, permit, done)


def _still_hit(task: Resource, about: Mapping[str, Stored]) -> bool:
    """Whether somebody still comes at the time of an absence, to whom is away."""
    stored = about.get(said(task).focus)
    if stored is None:
        return False
    one = stored.resource()
    window = period((given(task, ABSENCE) or {}).get("valuePeriod") or {})
    when = period_of(one)
    if one.get("status") not in AT_STAKE or when is None or window is None:
        return False
    absent = str(((given(task, WHO) or {}).get("valueReference") or {}).get("reference") or "")
    named = {local(str((part.get("actor") or {}).get("reference") or "")) for part in one.get("participant") or ()}
    return when[0] < window.hi and when[1] > window.lo and (not absent or absent in named)


async def _close(door: Door, permit: Permit, tasks: Iterable[Stored]) -> int:
    done = 0
    for one in tasks:
        ended = {**bare(one.resource()), "status": "completed", "lastModified": _instant(datetime.now(UTC))}
        try:
            await change(door, permit, [Change.update(ended, if_match=one.version)])
        except (Conflict, PreconditionFailed):
            continue  # Somebody is at it, and sees that it is done.
        done += 1
    return done


ABSENCE, WHO = "absence", "absent"
"""Codes of inputs of such a Task: the time, and who is away; nobody where the unit is closed."""
_CODE: Final = "urn:samjournal:task|rebook"


@dataclass(frozen=True, slots=True)
class _Gone:
    """Who is away, or which unit is closed (reference, name), from when until when."""

    reference: str
    name: str
    start: datetime
    end: datetime


def _task(permit: Permit, one: Booked, away: _Gone, now: datetime) -> Resource:
    """What the unit must do about an appointment, before it would be."""
    due = max(min(now + _SOON, one.start - _BEFORE), now + _AT_LEAST)
    at = one.start.astimezone(OSLO)
    unit = {"reference": f"Organization/{permit.organization}", "display": permit.unit}
    task = written(
        kind="do",
        patient="",
        owner=unit,
        at=now,
        due=due,
        words=f"Flytt eller avlys timen {at:%d.%m.%Y} kl. {at:%H.%M}: {away.name} er borte",
        focus=f"Appointment/{one.id}",
        requester=himself(permit),
        urgent=one.start - now < timedelta(days=1),
    )
    system, _, code = _CODE.partition("|")
    task["code"]["coding"].append({"system": system, "code": code})
    during = {"start": _instant(away.start), "end": _instant(away.end)}
    task["input"] = [to_give(ABSENCE, valuePeriod=during)]
    if away.reference.startswith("PractitionerRole/"):
        task["input"].append(to_give(WHO, valueReference={"reference": away.reference}))
    return task


def whole_days(first: date, last: date) -> tuple[datetime, datetime]:
    """From the beginning of one day to the end of another, in Oslo."""
    after = last + timedelta(days=1)
    return datetime.combine(first, time(), OSLO), datetime.combine(after, time(), OSLO)


def coming(found: Iterable[Away], now: datetime) -> list[Away]:
    """Those that are not over, by their beginning."""
    return sorted((one for one in found if one.end > now), key=lambda one: one.start)


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
