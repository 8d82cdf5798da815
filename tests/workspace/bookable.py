"""A ward for tests of booking: two who work there, a room, and what can be booked, in a week that is to come."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from samjournal.fhir.dates import OSLO
from samjournal.scheduling import planning
from scheduling.places import need, visit, weekly
from scheduling.test_planning import post
from world import World, made, to

DAY = "2027-03-01"
"""A Monday."""
REASON = {"coding": [{"system": "urn:samjournal:cancel-reason", "code": "syk"}], "text": "Legen er syk"}
ROOM = {"coding": [{"system": planning.PHYSICAL, "code": "ro"}]}


def at(clock: str, day: str = DAY) -> datetime:
    """A moment as the clock in Oslo shows it."""
    return datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=OSLO)


def things() -> list[dict[str, Any]]:
    hours = weekly("08:00", "12:00")
    ward, doctor, nurse = to("Organization/ward"), "PractitionerRole/doctor-role", "PractitionerRole/nurse-role"
    return [
        post("secretary"),
        {**post("doctor"), "availableTime": hours},
        {**post("nurse"), "availableTime": hours},
        post("homenurse", "homecare"),
        made("Location", "room-7", status="active", name="Rom 7", physicalType=ROOM, managingOrganization=ward),
        visit(
            "check",
            need("person", doctor),
            {"url": "reason", "valueCodeableConcept": REASON},
            {"url": "way", "valueCode": "in-person"},
            {"url": "way", "valueCode": "video"},
            unit="ward",
            hours=weekly("08:00", "16:00"),
        ),
        visit("team", need("person", doctor), need("person", nurse), need("room"), unit="ward"),
    ]


async def bookable(world: World) -> World:
    """The ward, with all of it."""
    await world.put(*things())
    return world
