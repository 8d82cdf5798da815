"""A clinic for tests: a unit with two doctors, a nurse, two rooms and what it offers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from samjournal.fhir.dates import OSLO
from world import World

Resource = dict[str, Any]
NOW = datetime(2027, 3, 1, 8, tzinfo=OSLO)
"""A Monday far enough ahead to be to come whenever the tests run."""


def at(day: int, clock: str, *, month: int = 3) -> datetime:
    """A moment in 2027 as the clock in Oslo shows it."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, month, day, hour, minute, tzinfo=OSLO)


def weekly(opens: str, closes: str, days: str = "mon tue wed thu fri") -> list[Resource]:
    return [
        {
            "daysOfWeek": days.split(),
            "availableStartTime": f"{opens}:00",
            "availableEndTime": f"{closes}:00",
        }
    ]


def post(id_: str, who: str, unit: str = "clinic", hours: list[Resource] | None = None, **more: Any) -> Resource:
    return {
        "resourceType": "PractitionerRole",
        "id": id_,
        "active": True,
        "practitioner": {"reference": f"Practitioner/{who}", "display": who.title()},
        "organization": {"reference": f"Organization/{unit}"},
        **({"availableTime": hours} if hours else {}),
        **more,
    }


def room(id_: str, unit: str = "clinic", kind: str = "ro", **more: Any) -> Resource:
    return {
        "resourceType": "Location",
        "id": id_,
        "status": "active",
        "name": id_.title(),
        "physicalType": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/location-physical-type", "code": kind}]
        },
        "managingOrganization": {"reference": f"Organization/{unit}"},
        **more,
    }


def need(kind: str, *references: str) -> Resource:
    parts: list[Resource] = [{"url": "kind", "valueCode": kind}]
    parts += [{"url": "any", "valueReference": {"reference": one}} for one in references]
    return {"url": "need", "extension": parts}


def visit(id_: str, *extensions: Resource, unit: str = "clinic", minutes: int = 30, **more: Any) -> Resource:
    """A visit type that citizens and staff book, weekdays from 8 to 16."""
    told = {"who": ["citizen", "staff"], "hours": weekly("08:00", "16:00"), **more}
    hours, who = told.pop("hours"), told.pop("who")
    return {
        "resourceType": "HealthcareService",
        "id": id_,
        "active": True,
        "category": [{"coding": [{"system": "urn:samjournal:visit-type", "code": "visit"}]}],
        "providedBy": {"reference": f"Organization/{unit}", "display": unit.title()},
        "name": id_.title(),
        "availableTime": hours,
        "extension": [
            {
                "url": "urn:samjournal:visit",
                "extension": [
                    {"url": "minutes", "valueUnsignedInt": minutes},
                    *({"url": "who", "valueCode": one} for one in who),
                    *extensions,
                ],
            }
        ],
        **told,
    }


async def clinic(world: World) -> None:
    """Two doctors and a nurse, two rooms, a ward that is no room, and what the unit offers as a whole."""
    await world.put(
        {"resourceType": "Organization", "id": "clinic", "name": "Clinic"},
        {
            "resourceType": "HealthcareService",
            "id": "clinic-all",
            "name": "Clinic",
            "providedBy": {"reference": "Organization/clinic"},
        },
        *({"resourceType": "Practitioner", "id": who} for who in ("anne", "bo", "cato")),
        post("anne-post", "anne"),
        post("bo-post", "bo"),
        post("cato-post", "cato", "elsewhere"),
        room("room-1"),
        room("room-2"),
        room("corridor", kind="wa"),
    )


def booked(patient: str, *actors: str, start: datetime, minutes: int = 30, **more: Any) -> Resource:
    """An appointment as somebody sends it."""
    return {
        "resourceType": "Appointment",
        "status": "booked",
        "start": start.isoformat(),
        "end": (start + timedelta(minutes=minutes)).isoformat(),
        "participant": [{"actor": {"reference": one}, "status": "accepted"} for one in (f"Patient/{patient}", *actors)],
        **more,
    }
