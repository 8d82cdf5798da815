"""Who and what a visit could take, when they work, and when they are taken: read anew each time, stored nowhere.

calendars(door, permit, visits, since, until, actors=(), patient="", besides=()) -> Calendars
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from samjournal.access import Permit, keeping
from samjournal.fhir.keys import local
from samjournal.record import Door, is_room, query_of, search, times_taken
from samjournal.scheduling.hours import Hours, absences, hours
from samjournal.scheduling.intervals import Times
from samjournal.scheduling.visits import Need, VisitType, is_visit_type

Resource = dict[str, Any]
_TYPES = {"person": "PractitionerRole", "room": "Location", "device": "Device"}
_KINDS = {type_: kind for kind, type_ in _TYPES.items()}
_MOST = 1000
_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Calendar:
    """One person, room or device: what it is called, the unit it belongs to, who works in the post, when it works
    (None: it says no hours), when it is away, and when it is taken."""

    reference: str
    display: str
    kind: str
    unit: str = ""
    hours: Hours | None = None
    absent: Times = field(default_factory=list)
    taken: Times = field(default_factory=list)
    practitioner: str = ""

    @property
    def actor(self) -> Resource:
        return {"reference": self.reference, **({"display": self.display} if self.display else {})}


@dataclass(frozen=True, slots=True)
class Calendars:
    """Those of some visit types, by reference; what each unit offers as a whole (its HealthcareService); and when the
    patient is taken."""

    all: Mapping[str, Calendar]
    services: Mapping[str, Resource]
    patient: Times

    def pool(self, visit: VisitType, need: Need) -> list[Calendar]:
        """Of whom one is needed: those who are named, else those of the unit."""
        if need.any:
            wanted = (local(one["reference"]) for one in need.any)
            return [self.all[name] for name in wanted if name is not None and name in self.all]
        unit = unit_of(visit)
        return [one for one in self.all.values() if one.kind == need.kind and one.unit == unit]


def unit_of(visit: VisitType) -> str:
    """The unit of a visit type as `Organization/id`."""
    return local(visit.unit.get("reference", "")) or ""


def needs_of(visit: VisitType) -> tuple[Need, ...]:
    """What a visit takes; one person of the unit where it says nothing."""
    return visit.needs or (Need("person"),)


async def calendars(
    door: Door,
    permit: Permit,
    visits: Sequence[VisitType],
    since: datetime,
    until: datetime,
    *,
    actors: Collection[str] = (),
    patient: str = "",
    besides: Collection[str] = (),
) -> Calendars:
    """Whom some visits could take, with the `actors` who are asked for. `besides` are Appointments that are to be
    moved, whose times count as free. Raises ReasonNeeded for a patient of others."""
    units = sorted({unit_of(one) for one in visits} - {""})
    needs = [need for one in visits for need in needs_of(one)]
    named = {name for need in needs for one in need.any if (name := local(one["reference"]))}.union(actors)
    found = await _named(door, permit, named)
    for kind in sorted({need.kind for need in needs if not need.any}):
        for one in await _of_units(door, permit, kind, units):
            found.setdefault(one.reference, one)
    whom = [f"Patient/{patient}"] if patient else []
    taken = await times_taken(door, permit, [*found, *whom], since, until, besides=besides)
    return Calendars(
        {name: replace(one, taken=taken[name]) for name, one in found.items()},
        await services(door, permit, units),
        taken[whom[0]] if whom else [],
    )


async def _named(door: Door, permit: Permit, names: Iterable[str]) -> dict[str, Calendar]:
    by_type: dict[str, list[str]] = {}
    for name in sorted(names):
        by_type.setdefault(name.partition("/")[0], []).append(name.partition("/")[2])
    found: dict[str, Calendar] = {}
    for type_ in _KINDS:
        ids = by_type.get(type_, [])
        for at in range(0, len(ids), _AT_ONCE):
            asked = [("_id", ",".join(ids[at : at + _AT_ONCE])), ("_count", str(_AT_ONCE))]
            found |= {one.reference: one for one in await _registered(door, permit, type_, asked)}
    return found


async def _of_units(door: Door, permit: Permit, kind: str, units: Sequence[str]) -> list[Calendar]:
    """Everybody who works at some units, or all their rooms or equipment, in the order of their ids."""
    if not units:
        return []
    asked = [("organization", ",".join(units)), ("_count", str(_MOST)), ("_sort", "_id")]
    return await _registered(door, permit, _TYPES[kind], asked)


async def _registered(door: Door, permit: Permit, type_: str, asked: list[tuple[str, str]]) -> list[Calendar]:
    if type_ == "Device":  # No register for everybody: what a patient has of devices is his.
        permit = permit if permit.kind == "system" else keeping(permit, "Device")
    found = (await search(door, permit, query_of(type_, asked))).matches
    return [made for one in found if (made := _calendar(one.resource())) is not None]


def _calendar(resource: Resource) -> Calendar | None:
    type_ = resource["resourceType"]
    if type_ == "PractitionerRole":
        usable = resource.get("active", True)
        display = resource.get("practitioner", {}).get("display", "")
        unit = resource.get("organization", {})
    elif type_ == "Location":
        usable = resource.get("status", "active") == "active" and is_room(resource)
        display, unit = resource.get("name", ""), resource.get("managingOrganization", {})
    else:
        usable = resource.get("status", "active") == "active" and "patient" not in resource
        names = resource.get("deviceName") or [{}]
        display, unit = names[0].get("name", ""), resource.get("owner", {})
    if not usable:
        return None
    return Calendar(
        f"{type_}/{resource['id']}",
        display,
        _KINDS[type_],
        local(unit.get("reference", "")) or "",
        hours(resource) if type_ != "Device" else None,
        absences(resource),
        practitioner=local(resource.get("practitioner", {}).get("reference", "")) or "",
    )


async def services(door: Door, permit: Permit, units: Collection[str]) -> dict[str, Resource]:
    """What each unit offers as a whole, by unit: appointments point at it, and it says when the unit is open."""
    if not units:
        return {}
    asked = [("organization", ",".join(sorted(units))), ("_count", str(_MOST)), ("_sort", "_id")]
    found: dict[str, Resource] = {}
    for one in (await search(door, permit, query_of("HealthcareService", asked))).matches:
        resource = one.resource()
        if not is_visit_type(resource) and resource.get("active", True):
            found.setdefault(local(resource.get("providedBy", {}).get("reference", "")) or "", resource)
    return found
