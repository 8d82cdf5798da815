"""What waits on whom, without what it is about: counted on every page, and told to who sees to it on time.

    count_waiting(door, permit) -> int          on the reader himself, and on whom he stands in for
    counts(door, permit) -> Counts              the same, with the messages of his unit
    messages_waiting(door, permit, today) -> Letters    ids of the Tasks about messages to his unit
    waiting(door, permit) -> Work               ids of the Tasks that wait on him and on his team
    waits_in(door, roles) -> dict               how much waits in other roles of the same person
    time_used(door, permit, since) -> TimeUsed  how long things wait, and took

Nothing of a patient is told by it, so it is no look. What a Task says is read through the door like anything else.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from samjournal.access import Counts, Figures, Permit, Waiting
from samjournal.access import waiting as access_waiting
from samjournal.fhir.keys import key
from samjournal.record.door import Door, watch_key


@dataclass(frozen=True, slots=True)
class Work:
    """What waits on the reader (`mine`) and on his team, the oldest first; `watches` are the keys by which an open page
    hears of more."""

    mine: tuple[Waiting, ...]
    team: tuple[Waiting, ...]
    watches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Letters:
    """Ids of the Tasks about messages to the reader's unit: those that wait on it or on somebody there, what is due
    first, and those done since a moment, the newest first; `figures` of them; how many of its own did not arrive
    (`failed`); `watches` as of Work."""

    open: tuple[str, ...]
    done: tuple[str, ...]
    figures: Figures
    failed: int
    watches: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TimeUsed:
    """Figures of the reader and of his team, both since the same moment."""

    mine: Figures
    team: Figures


WATCHED = 60
"""So many of the patients of a list are listened for: who lets go of the oldest work is heard of."""


def keys_of(permit: Permit) -> tuple[int, ...]:
    """The keys of the person himself: as practitioner, and in the active role. Empty for who does no such work."""
    return permit.parties[:2] if permit.kind == "staff" else ()


def _team(permit: Permit) -> int:
    return key(f"Organization/{permit.organization}")


async def count_waiting(door: Door, permit: Permit) -> int:
    """How much waits on the reader."""
    own = keys_of(permit)
    return await access_waiting.count(door.pool, own) if own else 0


async def counts(door: Door, permit: Permit) -> Counts:
    """How much waits on the reader, and of the messages of his unit."""
    own = keys_of(permit)
    return await access_waiting.counts(door.pool, own, f"Organization/{permit.organization}") if own else Counts()


def unit_watch(door: Door, permit: Permit) -> str:
    """The key by which an open page hears of work of the reader's unit."""
    return watch_key(door, permit, _team(permit)) if keys_of(permit) else ""


async def messages_waiting(door: Door, permit: Permit, since: datetime, *, today: datetime) -> Letters:
    """What waits of messages to the reader's unit; figures since a moment, what was done since another."""
    unit = f"Organization/{permit.organization}"
    if not keys_of(permit):
        return Letters((), (), Figures(0, None, 0, None), 0, ())
    found, done, failed = await access_waiting.messages(door.pool, unit, today=today)
    figures = await access_waiting.message_figures(door.pool, unit, since=since)
    watched = dict.fromkeys((_team(permit), *(one.patient for one in found if one.patient)))
    watches = tuple(watch_key(door, permit, one) for one in list(watched)[:WATCHED])
    return Letters(tuple(one.id for one in found), tuple(done), figures, failed, watches)


async def message_times(door: Door, since: datetime) -> list[tuple[str, Figures, int]]:
    """Of each unit (`Organization/id`): figures of the messages to it since a moment, and how many are late."""
    return await access_waiting.message_times(door.pool, since)


async def waiting(door: Door, permit: Permit) -> Work:
    """What waits on the reader and on his team."""
    own = keys_of(permit)
    if not own:
        return Work((), (), ())
    team = _team(permit)
    found = await access_waiting.mine(door.pool, [*own, team], [*own, team])
    mine = tuple(one for one in found if one.owner in own or one.also in own)
    watched = dict.fromkeys((own[1], team, *(one.patient for one in found if one.patient)))
    watches = tuple(watch_key(door, permit, one) for one in list(watched)[:WATCHED])
    return Work(mine, tuple(one for one in found if team in (one.owner, one.also)), watches)


async def waits_in(door: Door, roles: Collection[str]) -> dict[str, int]:
    """How much waits in each of some roles (PractitionerRole ids) in which anything does."""
    by_key = {key(f"PractitionerRole/{role}"): role for role in roles}
    if not by_key:
        return {}
    found = await access_waiting.by_owner(door.pool, list(by_key))
    return {by_key[owner]: number for owner, number in found.items()}


async def time_used(door: Door, permit: Permit, since: datetime, *, today: datetime) -> tuple[TimeUsed, int]:
    """Figures since a moment, and how much the reader did since another."""
    own, unit = keys_of(permit), f"Organization/{permit.organization}"
    team = [key(unit), *await access_waiting.posts_at(door.pool, unit)]
    mine = await access_waiting.figures(door.pool, own, since=since)
    done = await access_waiting.figures(door.pool, own, since=today)
    return TimeUsed(mine, await access_waiting.figures(door.pool, team, since=since)), done.done


async def overdue(door: Door, now: datetime, *, count: int, apart: str | None = None) -> list[str]:
    """Ids of Tasks that wait though their deadline is over: those that go to the team, or those of a kind that is seen
    to apart. For jobs."""
    return await access_waiting.overdue(door.pool, now, count=count, apart=apart)


async def units_waited_on(door: Door, apart: str) -> list[str]:
    """The units (`Organization/id`) that Tasks of a kind wait on which is seen to apart. For jobs."""
    return await access_waiting.units_waited_on(door.pool, apart)


async def waited_on(door: Door) -> list[str]:
    """The posts (`PractitionerRole/id`) that anything waits on, by the register. For jobs."""
    return [role for role, _ in await access_waiting.posts_waited_on(door.pool)]


async def in_charge(door: Door, patient_id: str) -> list[str]:
    """The units (`Organization/id`) that have a patient in care now. For jobs."""
    return await access_waiting.in_charge(door.pool, key(f"Patient/{patient_id}"))


async def rising(door: Door, unit: str) -> list[str]:
    """A unit (`Organization/id`) and what it lies under, itself first. For jobs."""
    return await access_waiting.rising(door.pool, unit)


async def owners_of(door: Door, tasks: Collection[str]) -> set[int]:
    """Keys of those whom some Tasks wait on, and of their units, for whom pages are listening. For jobs."""
    return await access_waiting.owners_of(door.pool, tasks)
