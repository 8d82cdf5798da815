"""Organisations that begin to work here, by a file alone, and leave again. Requirement 2.8

    add(door, permit, units, dry=) -> list[Done]     Organization, HealthcareService, Location, Endpoint and groups
    leave(door, permit, id) -> Left                  it works here no longer: nothing that it wrote is lost

From the moment of `add` people who are provisioned at a unit sign in there, the unit is found and sent to, and what it
writes is reached by whoever has a relation. Done twice it does nothing. What the file does not speak of stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.db.pool import Pool
from samjournal.db.queries import queries
from samjournal.fhir.errors import NotFound
from samjournal.fhir.identifiers import HER, ORGANIZATION
from samjournal.messages.receivers import CONNECTION, SHARED
from samjournal.messages.states import KIND
from samjournal.provisioning.configuration import KINDS, PLACES, Unit, Wrong
from samjournal.provisioning.posts import is_same, without_meta
from samjournal.provisioning.putting import leave_units
from samjournal.provisioning.teams import TeamWish, put_team, team, team_named
from samjournal.provisioning.units import RESH
from samjournal.record import Change, Door, change
from samjournal.record.beside import matches, resources

_SQL = queries("samjournal.provisioning")
Resource = dict[str, Any]
HL7: Final = "http://terminology.hl7.org/CodeSystem/"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done, or would be: `what` is new, changed or same; `name` a resource or a group."""

    what: str
    name: str


@dataclass(frozen=True, slots=True)
class Left:
    """What became of an organisation that left: its units, how many people lost their last role, or one of several."""

    units: int
    people: int


async def add(door: Door, permit: Permit, units: Sequence[Unit], *, dry: bool = False) -> list[Done]:
    """Have some units work here from now on, or be as the file says by now. Raises Wrong for what does not fit what the
    record has: a unit above that is not there, a number that another has."""
    now = datetime.now(UTC)
    wanted = [(one, _resources(one, now)) for one in units]
    named = [(each["resourceType"], each["id"]) for _, several in wanted for each in several]
    standing = await resources(door, permit, named)
    if problems := await _unfitting(door, permit, units, {one.id for one in units}):
        raise Wrong(problems)
    done: list[Done] = []
    for one, several in wanted:
        changes = []
        for each in several:
            name = f"{each['resourceType']}/{each['id']}"
            was = standing[name].resource() if name in standing else None
            now_is = _merged(was, each)
            if is_same(was, now_is):
                done.append(Done("same", name))
                continue
            done.append(Done("new" if was is None else "changed", name))
            changes.append(Change.update(now_is, if_match=standing[name].version if name in standing else None))
        if changes and not dry:
            await change(door, permit, changes, action="organisation")
        done += await _groups(door, permit, one, dry=dry)
        if one.approval is not None and not dry:
            await door.pool.execute(_SQL.ask, one.id, one.approval, permit.actor)
    return done


async def _unfitting(door: Door, permit: Permit, units: Sequence[Unit], ids: set[str]) -> list[str]:
    problems = []
    for one in units:
        if one.part_of is not None and one.part_of not in ids:
            above = await resources(door, permit, [("Organization", one.part_of)])
            if not above:
                problems.append(f"{one.id}: there is no Organization {one.part_of} that it could be part of.")
        for system, value in ((ORGANIZATION, one.number), (HER, one.her), (RESH, one.resh)):
            if value is None:
                continue
            asked = [("identifier", f"{system}|{value}"), ("_count", "5")]
            others = [each.id for each in await matches(door, permit, "Organization", asked) if each.id != one.id]
            if others:
                problems.append(f"{one.id}: Organization {others[0]} has the number {value} already.")
    return problems


async def _groups(door: Door, permit: Permit, one: Unit, *, dry: bool) -> list[Done]:
    """A group for each role at the unit, for the directory to put people into."""
    done = []
    for code in one.roles:
        name = f"{code}@{one.id}"
        id_ = await team_named(door.pool, name)
        there = await team(door.pool, id_) if id_ else None
        if there is not None and (there.code, there.organization) == (code, one.id):
            done.append(Done("same", f"group {name}"))
            continue
        done.append(Done("new" if there is None else "changed", f"group {name}"))
        if not dry:
            members = frozenset(login for login, _ in there.members) if there else frozenset()
            wish = TeamWish(name, there.external_id if there else None, code, one.id, members)
            await put_team(door, permit, wish, id_=id_)
    return done


def _resources(one: Unit, now: datetime) -> list[Resource]:
    """What the record says of a unit."""
    reference = {"reference": f"Organization/{one.id}", "display": one.name}
    numbers = ((ORGANIZATION, one.number), (HER, one.her), (RESH, one.resh))
    found: list[Resource] = [
        {
            "resourceType": "Organization",
            "id": one.id,
            "active": True,
            "name": one.name,
            "type": [{"coding": [{"system": f"{HL7}organization-type", "code": one.kind, "display": KINDS[one.kind]}]}],
            "identifier": [{"system": system, "value": value} for system, value in numbers if value],
            "partOf": {"reference": f"Organization/{one.part_of}"} if one.part_of else None,
            "telecom": [{"system": "phone", "value": one.phone, "use": "work"}] if one.phone else None,
            "address": [_address(one.address)] if one.address else None,
        },
        {"resourceType": "HealthcareService", "id": one.id, "active": True, "providedBy": reference, "name": one.name},
    ]
    for place in one.places:
        kind = {"system": f"{HL7}location-physical-type", "code": place.kind, "display": PLACES[place.kind]}
        found.append(
            {
                "resourceType": "Location",
                "id": place.id,
                "status": "active",
                "name": place.name,
                "mode": "instance",
                "physicalType": {"coding": [kind]},
                "managingOrganization": reference,
                "partOf": {"reference": f"Location/{place.part_of}"} if place.part_of else None,
            }
        )
    if one.receives:
        start = one.shared_from.isoformat() if one.shared_from else now.date().isoformat()
        found.append(
            {
                "resourceType": "Endpoint",
                "id": one.id,
                "status": "active",
                "connectionType": {"system": CONNECTION, "code": SHARED},
                "name": one.name,
                "managingOrganization": reference,
                "period": {"start": start},
                "payloadType": [{"coding": [{"system": KIND, "code": code}]} for code in one.receives],
                "address": one.her or one.id,
            }
        )
    return [{name: value for name, value in each.items() if value not in (None, [])} for each in found]


def _address(said: dict[str, str]) -> Resource:
    named = {"postal_code": "postalCode", "city": "city"}
    made: Resource = {"use": "work", "country": "NO", **{named[name]: said[name] for name in named if name in said}}
    return {**made, "line": [said["line"]]} if said.get("line") else made


def _merged(was: Resource | None, said: Resource) -> Resource:
    """What stands, with what the file says. A connection that is open goes on from when it began."""
    if was is None:
        return said
    made = {**without_meta(was), **said}
    if said["resourceType"] == "Endpoint" and was.get("status") == "active" and "end" not in was.get("period", {}):
        made["period"] = was["period"]
    if "identifier" in was and "identifier" in said:
        systems = {one["system"] for one in said["identifier"]}
        kept = [one for one in was["identifier"] if one.get("system") not in systems]
        made["identifier"] = [*said["identifier"], *kept]
    return made


async def leave(door: Door, permit: Permit, id_: str) -> Left:
    """An organisation with all its units works here no longer, from now on: its people have no role there, no message
    comes to it through this record, and its referrals go on as messages. What it wrote stays, and is read as before.
    Raises NotFound."""
    if not await resources(door, permit, [("Organization", id_)]):
        raise NotFound(f"There is no Organization {id_} in this record.")
    rows = await door.pool.fetch(_SQL.units_under, f"Organization/{id_}")
    units = sorted({row["id"].removeprefix("Organization/") for row in rows} | {id_})
    people = await leave_units(door, permit, units)
    now = datetime.now(UTC)
    named = [(type_, unit) for unit in units for type_ in ("Organization", "HealthcareService", "Endpoint")]
    standing = await resources(door, permit, named)
    changes = []
    for one in standing.values():
        was = one.resource()
        made = without_meta(was)
        if was["resourceType"] == "Endpoint":
            if was.get("status") == "off":
                continue
            made |= {"status": "off", "period": {**was.get("period", {}), "end": now.isoformat(timespec="seconds")}}
        elif was.get("active") is False:
            continue
        else:
            made["active"] = False
        changes.append(Change.update(made, if_match=one.version))
    if changes:
        await change(door, permit, changes, action="organisation")
    return Left(len(units), people)


async def people_at(db: Pool, units: Sequence[str]) -> dict[str, list[tuple[str, int]]]:
    """How many have which role at some units."""
    found: dict[str, list[tuple[str, int]]] = {}
    for row in await db.fetch(_SQL.people_at, list(units)):
        found.setdefault(row["organization"], []).append((row["code"], row["people"]))
    return found
