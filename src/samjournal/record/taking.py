"""What an Appointment takes: from when until when, and whom its references mean. hl7.org/fhir/R4/appointment.html

takes(appointment, now), period_of(appointment), actors(appointment), places(appointment)      pure
meant_by(db, appointments, beside) -> Meant        what the references of some mean, by what is stored
Meant.claims(appointment, id) -> claims         what one of them takes
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

import msgspec

from samjournal import access
from samjournal.db.pool import Connection, Pool
from samjournal.fhir.dates import span
from samjournal.fhir.errors import Unprocessable
from samjournal.fhir.keys import key, local, patient_key
from samjournal.store import writing
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
MOST_LANES = 10_000
ANY = -1
"""Any place of a session: which one is nobody's concern but the record's."""


class Written(Protocol):
    """A change that is being stored."""

    @property
    def type(self) -> str: ...
    @property
    def id(self) -> str: ...
    @property
    def resource(self) -> Resource | None: ...


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
            found[key(session)] = Claim(id_, key(session), ANY, lo, hi, ANY)
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
        if lane > MOST_LANES:
            raise Unprocessable(f"The lane of an appointment is at most {MOST_LANES}.")


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


async def meant_by(db: Pool | Connection, appointments: Iterable[Resource], beside: Sequence[Written] = ()) -> Meant:
    """What the references of some Appointments mean, by what is stored and what is stored with them."""
    named = {name for one in appointments for name in (*actors(one), *_about(one))}
    return await meaning(db, named, {f"{one.type}/{one.id}": one.resource for one in beside})


async def meaning(db: Pool | Connection, named: Collection[str], beside: Mapping[str, Resource | None]) -> Meant:
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
