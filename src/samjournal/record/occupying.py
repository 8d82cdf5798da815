"""The times that appointments take, so that nobody has the same person, room or bed twice. House rules 1 and 9.

    occupy(prepared, existing, db, lets_in=False) -> list[Double]   in the transaction that stores them
    follow(prepared, db)                        when it becomes another whom a reference means: persons, posts, places
    forget(db, ids)                             what was erased takes nothing
    take_anew(db, ids), differing(db, stored)   for `samjournal doctor`
    occupy_stored(pool, now), tidy(door, now)   what an earlier release stored; what is over
    taken(door, permit, references, since, until) -> {reference: [(from, until)]}

Who is taken: a patient as a person, by whatever of his ids; a practitioner, in whatever post; a room, a bed, a device;
a place of a group session. A ward, a unit or a service is not. What is over when it is written takes nothing, since
nobody can book a time that is over: so a record of many years has as few rows as its future.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from samjournal import access
from samjournal.access import Permit
from samjournal.db.pool import Connection, Pool
from samjournal.fhir.errors import Issue, ReasonNeeded, TimeTaken
from samjournal.fhir.keys import hash64, key, patient_key
from samjournal.fhir.stored import Stored
from samjournal.record.door import Door, look_of
from samjournal.record.taking import ANY, MOST_LANES, Meant, Written, meaning, meant_by, takes
from samjournal.store import occupied, writing
from samjournal.store.occupied import Claim

Resource = dict[str, Any]
_MEANT = ("Patient", "PractitionerRole", "Location")
"""What stands for whom, or for what: a change of it may mean another."""


@dataclass(frozen=True, slots=True)
class Double:
    """An appointment that was let in though somebody in it has the time already, and which of its participants."""

    id: str
    actors: tuple[str, ...]


async def occupy(
    prepared: Sequence[Written], existing: Collection[tuple[str, str]], db: Connection, *, lets_in: bool = False
) -> list[Double]:
    """Take the times of the Appointments among some changes, and free those that they had. With `lets_in` what is
    double gets a lane of its own, and is told. Raises TimeTaken, Unprocessable."""
    changed = [one for one in prepared if one.type == "Appointment"]
    if not changed:
        return []
    now = datetime.now(UTC)
    coming = {one.id: one.resource for one in changed if one.resource and takes(one.resource, now)}
    meant = await meant_by(db, coming.values(), prepared)
    if not lets_in:
        for appointment in coming.values():
            meant.refuse_unfit(appointment)
    old_ids = [one.id for one in changed if (one.type, one.id) in existing]
    return await _settle(db, coming, meant, old_ids, lets_in=lets_in)


async def _settle(
    db: Connection,
    coming: Mapping[str, Resource],
    meant: Meant,
    old_ids: Sequence[str],
    *,
    lets_in: bool,
) -> list[Double]:
    claims = [claim for id_, one in coming.items() for claim in meant.claims(one, id_)]
    if not claims and not old_ids:
        return []
    # Whose they are changes only under the lock of the Appointment, which is held: so this may be asked first.
    old = await occupied.standing(db, old_ids) if old_ids else {}
    await occupied.in_turn(db, {one.key for some in (claims, *old.values()) for one in some})
    claims = [_kept(one, old.get(one.id, ())) for one in claims]
    claims, full = await _in_places(db, claims, meant)
    unchanged = {one for some in old.values() for one in some}.intersection(claims)
    leaving = [id_ for id_, some in old.items() if not unchanged.issuperset(some)]
    if leaving:
        await occupied.leave(db, leaving)
        unchanged = {one for one in unchanged if one.id not in leaving}
    refused = full + await occupied.take(db, [one for one in claims if one not in unchanged])
    if not refused:
        return []
    if not lets_in:
        raise _taken(refused, coming, meant)
    await occupied.take(db, [one._replace(lane=_own_lane(one)) for one in refused])
    return [Double(id_, tuple(meant.names(coming[id_], refused))) for id_ in dict.fromkeys(one.id for one in refused)]


async def _in_places(db: Connection, claims: Sequence[Claim], meant: Meant) -> tuple[list[Claim], list[Claim]]:
    """The claims, those that want any place of a session with the first that is left; and those for whom none is."""
    wanting = {one.key for one in claims if one.lane == ANY}
    if not wanting:
        return list(claims), []
    taken_ = await occupied.lanes_of(db, wanting)
    placed: list[Claim] = []
    full: list[Claim] = []
    for one in claims:
        if one.lane != ANY:
            placed.append(one)
            continue
        place = next((lane for lane in range(meant.places(one.key)) if lane not in taken_[one.key]), None)
        if place is None:
            full.append(one)
        else:
            taken_[one.key].add(place)
            placed.append(one._replace(lane=place))
    return placed, full


def _kept(one: Claim, old: Iterable[Claim]) -> Claim:
    """A claim in the lane in which it stands: who goes on with what was let in beside another, or takes less of it,
    takes nothing from anybody."""
    for was in old:
        if was.key == one.key and was.asked == one.asked and was.lo <= one.lo and one.hi <= was.hi:
            return one._replace(lane=was.lane)
    return one


def _own_lane(one: Claim) -> int:
    """A lane that no other appointment has."""
    return MOST_LANES + (hash64(f"{one.id} {one.lo}") & 0x3FFF_FFFF_FFFF_FFFF)


def _taken(refused: Sequence[Claim], coming: Mapping[str, Resource], meant: Meant) -> TimeTaken:
    """What cannot be had, by the names that the sender gave himself; never who has it."""
    issues = []
    for id_ in dict.fromkeys(one.id for one in refused):
        for name in meant.names(coming[id_], refused):
            told = f"{name} is taken at that time. Choose another time, or somebody else."
            issues.append(Issue(TimeTaken.code, told, "Appointment.participant"))
    told = "The time is taken. Choose another."
    return TimeTaken(issues[0].text if issues else told, issues=issues[:20])


# When it becomes another whom a reference means


async def follow(
    prepared: Sequence[Written], existing: Mapping[tuple[str, str], Mapping[str, Any]], db: Connection
) -> None:
    """Take anew what is to come of appointments that name a person who was merged or parted, a post that changed hands,
    or a place that became a room. What is double by it was so before, and is let in."""
    names = {f"{one.type}/{one.id}" for one in prepared if _may_mean_another(one, existing.get((one.type, one.id)))}
    if not names:
        return
    patients = [patient_key(name.partition("/")[2]) for name in names if name.startswith("Patient/")]
    for ids in (await access.persons_of(db, patients)).values() if patients else ():
        names.update(f"Patient/{id_}" for id_ in ids)
    ids = await occupied.naming(db, names)
    if ids:
        await take_anew(db, ids)


def _may_mean_another(one: Written, was: Mapping[str, Any] | None) -> bool:
    if one.type == "Patient":
        linked = was is not None and was["body"] is not None and b'"link"' in was["body"]
        return linked or (one.resource is not None and "link" in one.resource)
    return one.type in _MEANT


async def take_anew(db: Connection, ids: Sequence[str]) -> None:
    """Take the times of some stored Appointments by what their references mean now."""
    rows = (await writing.lock(db, [("Appointment", id_) for id_ in ids])).values()
    now = datetime.now(UTC)
    bodies = {row["id"]: msgspec.json.decode(row["body"]) for row in rows if row["body"] and not row["deleted"]}
    coming = {id_: one for id_, one in bodies.items() if takes(one, now)}
    await _settle(db, coming, await meant_by(db, coming.values()), list(ids), lets_in=True)


async def forget(db: Connection, gone: Sequence[tuple[str, str]]) -> None:
    """What was erased takes nothing."""
    ids = [id_ for type_, id_ in gone if type_ == "Appointment"]
    if ids:
        await occupied.leave(db, ids)


# For the doctor


async def differing(db: Connection, stored: Sequence[Stored]) -> set[str]:
    """References of those Appointments that take other times than they say. What is over is not compared."""
    found = [one for one in stored if one.type == "Appointment"]
    if not found:
        return set()
    now = datetime.now(UTC)
    coming = {one.id: one.resource for one in found if one.resource and takes(one.resource, now)}
    meant = await meant_by(db, coming.values())
    standing = await occupied.standing(db, [one.id for one in found])
    wrong = set()
    for one in found:
        if one.id not in coming and one.resource and takes(one.resource, access.ALWAYS):
            continue  # It is over.
        wanted = {claim[:5] for claim in meant.claims(coming[one.id], one.id)} if one.id in coming else set()
        there = {claim[:5] for claim in standing.get(one.id, ()) if claim.hi > now}
        if there != wanted:
            wrong.add(one.reference)
    return wrong


async def occupy_stored(pool: Pool, now: datetime) -> int:
    """Take, once, the times of appointments that an earlier release stored; how many appointments. Safe to repeat."""
    if await writing.claimed_of(pool, [_TAKEN_ONCE]):
        return 0
    done, after = 0, ""
    while ids := await occupied.to_come(pool, now - timedelta(days=2), after, limit=_AT_ONCE):
        after = ids[-1]
        async with pool.transaction() as db:
            await take_anew(db, ids)
        done += len(ids)
    await writing.claim(pool, _TAKEN_ONCE)
    return done


_TAKEN_ONCE = b"times of earlier releases"
_AT_ONCE = 200


async def tidy(door: Door, now: datetime) -> int:
    """Forget some of what was over a day ago; how many."""
    return await occupied.tidy(door.pool, now - timedelta(days=1), limit=10_000)


# To find what is free


async def taken(
    door: Door,
    permit: Permit,
    references: Collection[str],
    since: datetime,
    until: datetime,
    *,
    besides: Collection[str] = (),
) -> dict[str, list[tuple[int, int]]]:
    """When some persons, rooms and devices are taken, in seconds since 1970: of nobody by what, or by whom. Of a
    patient whom the permit may book; that staff asked for it is logged. `besides` are ids of Appointments that are to
    be moved. Raises ReasonNeeded."""
    patients = {patient_key(one.partition("/")[2]) for one in references if one.startswith("Patient/")}
    open_: dict[int, str] = {}
    async with door.pool.acquire() as db:
        if patients and not permit.unrestricted:
            open_ = await access.decide(db, permit, patients)
            if patients - open_.keys() and not permit.writes_unread("Appointment"):
                raise ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
        meant = await meaning(db, references, {})
        keys = {one: found for one in references if (found := meant.key(one)) is not None}
        times = await occupied.times(db, set(keys.values()), since, until, besides=besides)
    if permit.kind == "staff":
        for patient in sorted(patients):
            why = open_.get(patient, permit.blanket if permit.unrestricted else "booking")
            await door.looks.write(look_of(permit, "free-times", patient=patient, why=why, shown=""))
    return {one: times[keys[one]] if one in keys else [] for one in references}


async def places_taken(door: Door, sessions: Collection[str]) -> dict[str, set[int]]:
    """Which places of some sessions (`Appointment/id`) are taken."""
    found = await occupied.lanes_of(door.pool, [key(one) for one in sessions]) if sessions else {}
    return {one: found[key(one)] for one in sessions}


async def free_lane(
    door: Door, references: Collection[str], lo: datetime, hi: datetime, *, besides: Collection[str] = ()
) -> int:
    """The first lane in which none of some persons, rooms or sessions is taken at a time."""
    async with door.pool.acquire() as db:
        meant = await meaning(db, references, {})
        keys = {key(one) if one.startswith("Appointment/") else meant.key(one) for one in references} - {None}
        taken_: set[int] = set()
        for one in keys:
            assert one is not None
            taken_ |= await occupied.lanes(db, one, lo, hi, besides=besides)
    return next(lane for lane in range(MOST_LANES) if lane not in taken_)
