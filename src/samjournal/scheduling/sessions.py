"""Sessions of groups: one appointment that takes who leads it and the room, and has so many places.

    sessions(door, permit, visit, since, until) -> list[Session]       those that are to be held, by beginning
    session(door, permit, id) -> Session

A session has no patient. Each patient's appointment names it and takes one of its places, so that two patients of a
group are told nothing of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import NotFound
from samjournal.record import TAKING, Door, Stored, period_of, places_of, places_taken, query_of, read, search
from samjournal.scheduling.making import staff_of, way_of
from samjournal.scheduling.visits import SYSTEM, VisitType

Resource = dict[str, Any]
_MOST = 500


@dataclass(frozen=True, slots=True)
class Session:
    """One session: from when until when, who leads it and where (references), and the numbers of the places that are
    left."""

    id: str
    start: datetime
    end: datetime
    actors: tuple[Resource, ...]
    way: str
    left: tuple[int, ...]
    places: int
    stored: Stored

    @property
    def reference(self) -> str:
        return f"Appointment/{self.id}"


async def sessions(
    door: Door, permit: Permit, visit: VisitType, since: datetime, until: datetime, actors: Sequence[str] = ()
) -> list[Session]:
    """The sessions of a visit type that begin within a time, with the actors who are asked for; full ones too."""
    asked = [
        ("service-type", f"{SYSTEM}|{visit.id}"),
        ("status", ",".join(sorted(TAKING))),
        ("date", f"ge{since.astimezone(UTC).isoformat()}"),
        ("date", f"lt{until.astimezone(UTC).isoformat()}"),
        ("patient:missing", "true"),
        ("_sort", "date"),
        ("_count", str(_MOST)),
    ]
    page = await search(door, _rights(permit), query_of("Appointment", asked))
    found = await _read(door, page.matches)
    return [one for one in found if {*actors} <= {actor["reference"] for actor in one.actors}]


async def session(door: Door, permit: Permit, id_: str) -> Session:
    """One session by id, whatever its status. Raises NotFound for what is none."""
    found = await _read(door, [await read(door, _rights(permit), "Appointment", id_)])
    if not found:
        raise NotFound(f"Appointment/{id_} is no session of a group.")
    return found[0]


def _rights(permit: Permit) -> Permit:
    """A session names no patient: whoever may book sees that it is held."""
    return permit if permit.kind == "system" else keeping(permit, "Appointment")


async def _read(door: Door, some: Sequence[Stored]) -> list[Session]:
    bodies = [(one, one.resource()) for one in some]
    bodies = [(one, body) for one, body in bodies if places_of(body)]
    taken = await places_taken(door, [one.reference for one, _ in bodies])
    found = []
    for one, body in bodies:
        if (period := period_of(body)) is None:
            continue
        places = places_of(body)
        left = tuple(place for place in range(places) if place not in taken[one.reference])
        found.append(Session(one.id, *period, tuple(staff_of(body)), way_of(body), left, places, one))
    return found
