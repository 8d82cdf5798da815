"""The times that appointments take, so that nobody has the same person, room or bed twice. House rules 1 and 9.

    occupy(prepared, existing, db, lets_in=False) -> list[Double]   in the transaction that stores them
    follow(prepared, db)                        when it becomes another whom a reference means: persons, posts, places
    forget(db, ids)                             what was erased takes nothing
    differing(db, stored), set_right(db, stored)        for `samjournal doctor`
    taken(door, permit, references, since, until) -> {reference: [(from, until)]}

Who is taken: a patient as a person, by whatever of his ids; a practitioner, in whatever post; a room, a bed, a device;
a place of a group session. A ward, a unit or a service is not. What is over when it is written takes nothing, since
nobody can book a time that is over: so a record of many years has as few rows as its future.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from samjournal import access
from samjournal.access import Permit
from samjournal.db.pool import Connection, Pool
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Issue, ReasonNeeded, TimeTaken, Unprocessable
from samjournal.fhir.keys import hash64, key, local, patient_key
from samjournal.fhir.stored import Stored
from samjournal.record.door import Door
from samjournal.store import occupied, writing
from samjournal.store.occupied import Claim

Resource = dict[str, Any]
LANE: Final = "urn:samjournal:lane"
AROUND: Final = "urn:samjournal:around"
"""Extensions of Appointment: a place beside others, with the reason; minutes `before` and `after` that the staff, the
rooms and the equipment are taken too."""
PLACES: Final = "urn:samjournal:places"
"""Extension of an Appointment without patient: a session of a group, which has so many places."""
TAKING: Final = frozenset({"proposed", "pending", "booked", "arrived", "checked-in", "fulfilled"})
"""The statuses in which an appointment has its time."""
_ROOMS = frozenset({"ro", "bd"})
_MOST_LANES = 10_000
_ANY = -1
"""Any place of a session: which one is nobody's concern but the record's."""
_MEANT = ("Patient", "PractitionerRole", "Location")
"""What stands for whom, or for what: a change of it may mean another."""


class Written(Protocol):
    """A change that is being stored."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def resource(self) -> Resource | None: ...


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
    meant = await _meant(db, coming.values(), prepared)
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
    wanting = {one.key for one in claims if one.lane == _ANY}
    if not wanting:
        return list(claims), []
    taken_ = await occupied.lanes_of(db, wanting)
    placed: list[Claim] = []
    full: list[Claim] = []
    for one in claims:
        if one.lane != _ANY:
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
    return _MOST_LANES + (hash64(f"{one.id} {one.lo}") & 0x3FFF_FFFF_FFFF_FFFF)


def _taken(refused: Sequence[Claim], coming: Mapping[str, Resource], meant: Meant) -> TimeTaken:
    """What cannot be had, by the names that the sender gave himself; never who has it."""
    issues = []
    for id_ in dict.fromkeys(one.id for one in refused):
        for name in meant.names(coming[id_], refused):
            told = f"{name} is taken at that time. Choose another time, or somebody else."
            issues.append(Issue(TimeTaken.code, told, "Appointment.participant"))
    told = "The time is taken. Choose another."
    return TimeTaken(issues[0].text if issues else told, issues=issues[:20])


# What an Appointment takes


def takes(appointment: Resource, now: datetime) -> bool:
    """Whether an Appointment has a time of its own, which is not over."""
    period = period_of(appointment)
    return appointment.get("status") in TAKING and period is not None and period[1] > now


def period_of(appointment: Resource) -> tuple[datetime, datetime] | None:
    """From when until when an Appointment is; None when it has no time, or none that lasts."""
    if "start" not in appointment:
        return None
    lo = span(appointment["start"]).lo
    if "end" in appointment:
        hi = span(appointment["end"]).lo
    else:
        hi = lo + timedelta(minutes=min(int(appointment.get("minutesDuration", 0)), 366 * 24 * 60))
    return (lo, hi) if hi > lo else None


@dataclass(frozen=True, slots=True)
class Meant:
    """What references mean: the keys of persons, by their ids and posts; which places are rooms; how many places the
    sessions have."""

    persons: Mapping[int, int]
    posts: Mapping[str, str]
    rooms: frozenset[str]
    sessions: Mapping[str, int]

    def key(self, reference: str) -> int | None:
        """The key of whom or what a reference takes, None when it takes nothing."""
        type_ = reference.partition("/")[0]
        if type_ == "Patient":
            mine = key(reference)
            return self.persons.get(mine, mine)
        if type_ == "PractitionerRole":
            return key(self.posts.get(reference, reference))
        if type_ == "Location":
            return key(reference) if reference in self.rooms else None
        return key(reference) if type_ in ("Practitioner", "Device") else None

    def claims(self, appointment: Resource, id_: str) -> Iterator[Claim]:
        """What one Appointment takes, each once."""
        period = period_of(appointment)
        assert period is not None
        lo, hi = period
        session, lane = self.session(appointment), lane_of(appointment)
        before, after = (timedelta(minutes=minutes) for minutes in around(appointment))
        found: dict[int, Claim] = {}
        if session is not None:
            found[key(session)] = Claim(id_, key(session), _ANY, lo, hi, _ANY)
        for name in actors(appointment):
            mine = self.key(name)
            if mine is None:
                continue
            if name.startswith("Patient/"):
                found[mine] = Claim(id_, mine, 0, lo, hi, 0)
            elif session is None:
                found.setdefault(mine, Claim(id_, mine, lane, lo - before, hi + after, lane))
        yield from found.values()

    def places(self, session: int) -> int:
        """How many places the session of a key has."""
        return next(many for name, many in self.sessions.items() if key(name) == session)

    def session(self, appointment: Resource) -> str | None:
        """The session of a group that an Appointment has a place in."""
        return next((name for name in _about(appointment) if name in self.sessions), None)

    def names(self, appointment: Resource, refused: Sequence[Claim]) -> list[str]:
        """Which of its participants somebody else has, by the names that it gives them."""
        wanted = {one.key for one in refused}
        names = [name for name in actors(appointment) if self.key(name) in wanted]
        session = self.session(appointment)
        return names + ([session] if session is not None and key(session) in wanted else [])

    def refuse_unfit(self, appointment: Resource) -> None:
        """Who stands beside others says why. Raises Unprocessable."""
        lane = lane_of(appointment)
        if lane and self.session(appointment) is None and not _lane(appointment).get("reason"):
            raise Unprocessable("An appointment beside another has a reason: write it in the extension of the lane.")
        if lane > _MOST_LANES:
            raise Unprocessable(f"The lane of an appointment is at most {_MOST_LANES}.")


def actors(appointment: Resource) -> Iterator[str]:
    """`Type/id` of those who take part; who declined, or is only told, does not."""
    for one in appointment.get("participant", ()):
        name = local(one.get("actor", {}).get("reference", ""))
        if name is not None and one.get("status") != "declined" and one.get("required") != "information-only":
            yield name


def _about(appointment: Resource) -> Iterator[str]:
    for one in appointment.get("supportingInformation", ()):
        name = local(one.get("reference", ""))
        if name is not None and name.startswith("Appointment/"):
            yield name


def _lane(appointment: Resource) -> dict[str, Any]:
    for one in appointment.get("extension", ()):
        if one.get("url") == LANE:
            return {part.get("url"): _value(part) for part in one.get("extension", ())}
    return {}


def _value(extension: Resource) -> Any:
    return next((value for name, value in extension.items() if name.startswith("value")), None)


def lane_of(appointment: Resource) -> int:
    """The place beside others that an Appointment says; 0: it is alone."""
    lane = _lane(appointment).get("lane")
    return lane if isinstance(lane, int) else 0


def around(appointment: Resource) -> tuple[int, int]:
    """Minutes before and after in which who works with it is taken."""
    for one in appointment.get("extension", ()):
        if one.get("url") == AROUND:
            parts = {part.get("url"): _value(part) for part in one.get("extension", ())}
            before, after = (parts.get(name) for name in ("before", "after"))
            return _minutes(before), _minutes(after)
    return 0, 0


def _minutes(value: object) -> int:
    return min(value, 24 * 60) if isinstance(value, int) and value > 0 else 0


def places(appointment: Resource) -> int:
    """How many places a session has; 0 for what is none."""
    if any(name.startswith("Patient/") for name in actors(appointment)):
        return 0
    found = next((_value(one) for one in appointment.get("extension", ()) if one.get("url") == PLACES), 0)
    return found if isinstance(found, int) else 0


async def _meant(db: Pool | Connection, appointments: Iterable[Resource], beside: Sequence[Written] = ()) -> Meant:
    """What the references of some Appointments mean, by what is stored and what is stored with them."""
    named = {name for one in appointments for name in (*actors(one), *_about(one))}
    return await _meaning(db, named, {f"{one.type}/{one.id}": one.resource for one in beside})


async def _meaning(db: Pool | Connection, named: Collection[str], beside: Mapping[str, Resource | None]) -> Meant:
    by_type: dict[str, list[str]] = {}
    for name in sorted(named):
        by_type.setdefault(name.partition("/")[0], []).append(name)
    patients = {patient_key(name.partition("/")[2]) for name in by_type.get("Patient", ())}
    posts = {name: post for name in by_type.get("PractitionerRole", ()) if (post := _works_in(beside.get(name)))}
    unknown = [name for name in by_type.get("PractitionerRole", ()) if name not in posts]
    wanted = [*by_type.get("Location", ()), *by_type.get("Appointment", ())]
    bodies = {name: beside[name] for name in wanted if name in beside}
    missing = [(name.partition("/")[0], name.partition("/")[2]) for name in wanted if name not in bodies]
    for (type_, id_), row in (await writing.standing(db, missing)).items():
        bodies[f"{type_}/{id_}"] = msgspec.json.decode(row["body"]) if row["body"] else None
    return Meant(
        await access.person_keys(db, patients),
        posts | (await access.posts(db, unknown) if unknown else {}),
        frozenset(name for name, one in bodies.items() if one and one["resourceType"] == "Location" and is_room(one)),
        {
            name: many
            for name, one in bodies.items()
            if one and one["resourceType"] == "Appointment" and (many := places(one))
        },
    )


def _works_in(role: Resource | None) -> str | None:
    return local((role or {}).get("practitioner", {}).get("reference", ""))


def is_room(location: Resource) -> bool:
    """Whether a Location is a room or a bed, which only one has at a time."""
    codings = location.get("physicalType", {}).get("coding", ())
    return any(one.get("code") in _ROOMS for one in codings)


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
    await _settle(db, coming, await _meant(db, coming.values()), list(ids), lets_in=True)


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
    meant = await _meant(db, coming.values())
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
    patient whom the permit may book. `besides` are ids of Appointments that are to be moved. Raises ReasonNeeded."""
    patients = {patient_key(one.partition("/")[2]) for one in references if one.startswith("Patient/")}
    async with door.pool.acquire() as db:
        if patients and not permit.unrestricted and not permit.writes_unread("Appointment"):
            open_ = await access.decide(db, permit, patients)
            if patients - open_.keys():
                raise ReasonNeeded("You have no relation to this patient. State a reason to open the record.")
        meant = await _meaning(db, references, {})
        keys = {one: found for one in references if (found := meant.key(one)) is not None}
        times = await occupied.times(db, set(keys.values()), since, until, besides=besides)
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
        meant = await _meaning(db, references, {})
        keys = {key(one) if one.startswith("Appointment/") else meant.key(one) for one in references} - {None}
        taken_: set[int] = set()
        for one in keys:
            assert one is not None
            taken_ |= await occupied.lanes(db, one, lo, hi, besides=besides)
    return next(lane for lane in range(_MOST_LANES) if lane not in taken_)
