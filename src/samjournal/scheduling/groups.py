"""Groups: a session is set up by staff, each patient takes a place of it, and when it is called off all hear of it.

open_session(door, permit, visit, start, actors=(), places=0) -> Stored
take_place(door, permit, rights, visit, start, wanted, patient, make) -> Stored     raises Taken where none is left
members(door, session) -> list[Stored]                  the appointments that have a place, for a named action
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from samjournal.access import Permit, keeping
from samjournal.fhir.errors import Forbidden, Invalid, TimeTaken
from samjournal.record import PLACES, Change, Door, Stored, change, query_of, search
from samjournal.scheduling.choosing import ATTEMPTS, Taken, alternatives, around, chosen_at, service_of
from samjournal.scheduling.freeing import bounds, names_of
from samjournal.scheduling.making import appointment, in_session, written
from samjournal.scheduling.sessions import Session, sessions
from samjournal.scheduling.visits import VisitType

Resource = dict[str, Any]
_MOST = 500


async def open_session(
    door: Door,
    permit: Permit,
    visit: VisitType,
    start: datetime,
    actors: Sequence[str | Resource] = (),
    *,
    places: int = 0,
    now: datetime | None = None,
) -> Stored:
    """A session of a group, with as many places as the visit type says, or as stated. Raises Taken, Forbidden,
    Invalid."""
    now = now or datetime.now(UTC)
    if permit.kind == "citizen" or not permit.may("c", "Appointment"):
        raise Forbidden("The unit sets up its groups.")
    places = places or visit.places
    if places < 2:
        raise Invalid("A group has two places or more.")
    wanted = names_of(actors)
    for _ in range(ATTEMPTS):
        found = await around(door, permit, visit, start, wanted, "")
        chosen = chosen_at(permit, visit, found, start, wanted, now)
        if chosen is None:
            break
        end = start + timedelta(minutes=visit.minutes)
        made = appointment(visit, None, [one.actor for one in chosen], service_of(visit, found), start, end)
        made["extension"].append({"url": PLACES, "valueUnsignedInt": places})
        try:
            return (await change(door, permit, [written(made)], action="book"))[0]
        except TimeTaken:
            continue
    raise Taken(())


async def take_place(
    door: Door,
    permit: Permit,
    rights: Permit,
    visit: VisitType,
    start: datetime,
    wanted: Sequence[str],
    patient: str,
    make: Callable[[Session], Resource],
    *,
    version: int | None = None,
    claims: Sequence[bytes] = (),
    now: datetime,
) -> Stored:
    """A place in the session that begins then, for the appointment that `make` gives: a new one, or with `version` one
    that is there. `claims` are used once, with it. Raises Taken, Claimed."""
    lo, hi = bounds(permit, visit, start, start + timedelta(seconds=1), now)
    found = await sessions(door, permit, visit, lo, hi, wanted) if lo < hi else []
    for one in (one for one in found if one.left):
        made = in_session(make(one), one.reference)
        new = written(made) if version is None else Change.update(made, if_match=version)
        try:
            action = "book" if version is None else "rebook"
            return (await change(door, rights, [new], action=action, claims=claims))[0]
        except TimeTaken:
            continue  # The last place went meanwhile, or the patient is elsewhere.
    raise Taken(await alternatives(door, permit, visit, start, wanted, patient, now=now))


async def members(door: Door, permit: Permit, session: str) -> list[Stored]:
    """The appointments that have a place of a session, to call them off with it."""
    rights = permit if permit.kind == "system" else keeping(permit, "Appointment", sees_protected=True)
    asked = [("supporting-info", session), ("_count", str(_MOST))]
    return (await search(door, rights, query_of("Appointment", asked))).matches
