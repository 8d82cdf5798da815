"""What a unit plans its days by: when it is open, who works there when, which rooms and equipment it has. Row 5.5

    may_plan(door, permit) -> bool              by role, or as its leader by the register
    plan(door, permit, unit) -> Plan            of a unit: everybody at work may read it
    set_hours(door, permit, reference, version, week)       when the unit, a person or a room can be booked
    add_room(door, permit, name), add_device(door, permit, name), close(door, permit, reference, version)

The register is the truth: PractitionerRole, Location, Device and the HealthcareService of the unit. People write it by
these alone, of their own unit. A leader has the code `leader` of `urn:samjournal:post` in the own PractitionerRole,
which systems write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit, acting
from samjournal.fhir.dates import period
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid, NotFound
from samjournal.fhir.keys import local
from samjournal.messages.making import bare
from samjournal.record import Change, Door, Stored, change, query_of, read, search
from samjournal.scheduling.hours import Hours, hours
from samjournal.scheduling.intervals import intersection
from samjournal.scheduling.visits import is_visit_type
from samjournal.scheduling.weekly import Weekly, weekly, with_weekly

Resource = dict[str, Any]
POST: Final = "urn:samjournal:post"
LEADER: Final = "leader"
PHYSICAL: Final = "http://terminology.hl7.org/CodeSystem/location-physical-type"
REGISTER: Final = ("PractitionerRole", "Location", "Device", "HealthcareService")
MOST: Final = "200"
_BELONGS: Final = {
    "PractitionerRole": "organization",
    "Location": "managingOrganization",
    "Device": "owner",
    "HealthcareService": "providedBy",
}
LONGEST: Final = 80


@dataclass(frozen=True, slots=True)
class Away:
    """A time in which somebody or something cannot be booked, and the word of why; `end` is not included."""

    start: datetime
    end: datetime
    words: str


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that has a calendar. `kind` is unit, person, room or device; `week` None: no hours said."""

    reference: str
    name: str
    kind: str
    title: str
    version: int
    week: Weekly | None
    away: tuple[Away, ...]
    hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """A unit with those who work there, its rooms and its equipment, by name. `unit` is None before its first hours."""

    unit: Actor | None
    people: tuple[Actor, ...]
    rooms: tuple[Actor, ...]
    devices: tuple[Actor, ...]

    @property
    def actors(self) -> tuple[Actor, ...]:
        """Those that appointments take."""
        return self.people + self.rooms + self.devices


async def may_plan(door: Door, permit: Permit) -> bool:
    """Whether this person plans the own unit."""
    if permit.kind != "staff" or not permit.practitioner_role:
        return False
    if permit.plans:
        return True
    try:
        role = (await read(door, permit, "PractitionerRole", permit.practitioner_role)).resource()
    except FhirError:
        return False
    codes = [coding for concept in role.get("code") or () for coding in concept.get("coding") or ()]
    return any(one.get("system") == POST and one.get("code") == LEADER for one in codes)


async def demand(door: Door, permit: Permit, *types: str) -> Permit:
    """The permit for a change of the plan. Raises Forbidden for who does not plan the unit."""
    if not await may_plan(door, permit):
        raise Forbidden("The office and the leader of a unit plan it: they say who works when, and what can be booked.")
    return acting(permit, *types)


async def plan(door: Door, permit: Permit, unit: str = "") -> Plan:
    """The plan of a unit (an Organization id), the own one when none is named."""
    reference = f"Organization/{unit or permit.organization}"
    people = await _found(door, permit, "PractitionerRole", "organization", reference)
    rooms = await _found(door, permit, "Location", "organization", reference)
    devices = await _found(door, permit, "Device", "organization", reference)
    services = await _found(door, permit, "HealthcareService", "organization", reference)
    unit_itself = [one for one in services if not is_visit_type(one)]
    return Plan(
        unit=actor(unit_itself[0]) if unit_itself else None,
        people=_named(one for one in people if one.get("active") is not False and one.get("practitioner")),
        rooms=_named(one for one in rooms if is_room(one) and one.get("status") != "inactive"),
        devices=_named(one for one in devices if not one.get("patient") and one.get("status") != "inactive"),
    )


async def _found(door: Door, permit: Permit, type_: str, name: str, reference: str) -> list[Resource]:
    asked = [(name, reference), ("_count", MOST)]
    return [one.resource() for one in (await search(door, permit, query_of(type_, asked))).matches]


def _named(resources: Any) -> tuple[Actor, ...]:
    return tuple(sorted((actor(one) for one in resources), key=lambda one: (one.name.casefold(), one.reference)))


def actor(resource: Mapping[str, Any]) -> Actor:
    """What has a calendar, from its resource."""
    type_ = str(resource["resourceType"])
    kind = {"PractitionerRole": "person", "Location": "room", "Device": "device"}.get(type_, "unit")
    titles = [str(one.get("text") or "") for one in resource.get("code") or ()] if type_ == "PractitionerRole" else []
    return Actor(
        reference=f"{type_}/{resource['id']}",
        name=_name(resource),
        kind=kind,
        title=next((one for one in titles if one), ""),
        version=int(resource.get("meta", {}).get("versionId", 0)),
        week=weekly(resource),
        away=away_of(resource),
        hours=hours(dict(resource)),
    )


def _name(resource: Mapping[str, Any]) -> str:
    if resource["resourceType"] == "PractitionerRole":
        return str((resource.get("practitioner") or {}).get("display") or resource["id"])
    if resource["resourceType"] == "Device":
        return str(next((one.get("name") for one in resource.get("deviceName") or ()), "") or resource["id"])
    return str(resource.get("name") or resource["id"])


def away_of(resource: Mapping[str, Any]) -> tuple[Away, ...]:
    """When it is away, in the order of the resource."""
    found = []
    for one in resource.get("notAvailable") or ():
        during = period(one.get("during") or {})
        if during is not None:
            found.append(Away(during.lo, during.hi, str(one.get("description") or "")))
    return tuple(found)


def open_between(plan: Plan, one: Actor, start: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    """When somebody or something can be booked within a time, by the hours said: those of the unit count for all, and
    alone for who says none. Absences are told apart (`away_between`)."""
    window = int(start.timestamp()), int(end.timestamp())
    found = None
    for each in (plan.unit, one):
        if each is not None and each.hours is not None:
            stated = replace(each.hours, absent=()).within(*window)
            found = stated if found is None else intersection(found, stated)
    return [(datetime.fromtimestamp(lo, UTC), datetime.fromtimestamp(hi, UTC)) for lo, hi in found or ()]


def away_between(plan: Plan, one: Actor, start: datetime, end: datetime) -> list[Away]:
    """The absences of somebody or something within a time, and when the unit is closed."""
    unit = plan.unit.away if plan.unit is not None and plan.unit != one else ()
    return [each for each in (*one.away, *unit) if each.start < end and each.end > start]


def is_room(location: Mapping[str, Any]) -> bool:
    """Whether a place is a room, which one appointment has at a time."""
    codings = (location.get("physicalType") or {}).get("coding") or ()
    return any(one.get("system") == PHYSICAL and one.get("code") == "ro" for one in codings)


async def week_of(door: Door, permit: Permit, reference: str) -> Weekly | None:
    """The weekly hours of anything in the register, as people write them; None where it says none."""
    type_, _, id_ = reference.partition("/")
    return weekly((await read(door, permit, type_, id_)).resource())


async def set_hours(door: Door, permit: Permit, reference: str, version: int, week: Weekly) -> Stored:
    """Say when the unit is open, when a person works or a room can be had, as of the version that was seen. Raises
    VersionMoved, NotFound for what is not of the own unit, Forbidden."""
    type_ = reference.partition("/")[0]
    rights = await demand(door, permit, *REGISTER)
    if type_ not in ("PractitionerRole", "Location", "HealthcareService"):
        raise Invalid("A unit, a person or a room has hours; equipment can be had whenever the room can.")
    was = await own(door, permit, rights, reference)
    return (await change(door, rights, [Change.update(with_weekly(bare(was), week), if_match=version)]))[0]


async def open_unit(door: Door, permit: Permit) -> Stored:
    """The HealthcareService that the unit's opening hours stand in, where the register has none yet."""
    rights = await demand(door, permit, *REGISTER)
    found = await plan(door, permit)
    if found.unit is not None:
        raise Conflict("The unit stands in the register already.")
    unit = {"reference": f"Organization/{permit.organization}", "display": permit.unit}
    service = {"resourceType": "HealthcareService", "active": True, "providedBy": unit, "name": permit.unit}
    return (await change(door, rights, [Change.create(service)]))[0]


async def add_room(door: Door, permit: Permit, name: str) -> Stored:
    """A room of the own unit. Raises Invalid for no name, Conflict when it has one of that name."""
    rights = await demand(door, permit, *REGISTER)
    called = await _new_name(door, permit, name, "room")
    room = {
        "resourceType": "Location",
        "status": "active",
        "mode": "instance",
        "name": called,
        "physicalType": {"coding": [{"system": PHYSICAL, "code": "ro", "display": "Room"}]},
        "managingOrganization": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
    }
    return (await change(door, rights, [Change.create(room)]))[0]


async def add_device(door: Door, permit: Permit, name: str) -> Stored:
    """Equipment of the own unit that an appointment can need. Raises as `add_room`."""
    rights = await demand(door, permit, *REGISTER)
    called = await _new_name(door, permit, name, "device")
    device = {
        "resourceType": "Device",
        "status": "active",
        "deviceName": [{"name": called, "type": "user-friendly-name"}],
        "owner": {"reference": f"Organization/{permit.organization}", "display": permit.unit},
    }
    return (await change(door, rights, [Change.create(device)]))[0]


async def close(door: Door, permit: Permit, reference: str, version: int) -> Stored:
    """A room or equipment is not to be booked any longer; what is booked in it stays."""
    rights = await demand(door, permit, *REGISTER)
    if not reference.startswith(("Location/", "Device/")):
        raise Invalid("Only rooms and equipment are closed; who leaves a post leaves it in the register.")
    was = await own(door, permit, rights, reference)
    return (await change(door, rights, [Change.update({**bare(was), "status": "inactive"}, if_match=version)]))[0]


async def _new_name(door: Door, permit: Permit, name: str, kind: str) -> str:
    called = " ".join(name.replace("\x00", "").split())[:LONGEST]
    if not called:
        raise Invalid("Give it a name.")
    found = await plan(door, permit)
    others = found.rooms if kind == "room" else found.devices
    if any(one.name.casefold() == called.casefold() for one in others):
        raise Conflict("The unit has one of that name already.")
    return called


async def own(door: Door, permit: Permit, rights: Permit, reference: str) -> Resource:
    """A resource of the own unit's plan. Raises NotFound for what belongs to others."""
    type_, _, id_ = reference.partition("/")
    if type_ not in _BELONGS:
        raise NotFound(f"There is no {reference} in the plan of the unit.")
    found = (await read(door, rights, type_, id_)).resource()
    whose = local(str((found.get(_BELONGS[type_]) or {}).get("reference") or ""))
    if whose != f"Organization/{permit.organization}":
        raise NotFound(f"There is no {reference} in the plan of the unit.")
    return found
