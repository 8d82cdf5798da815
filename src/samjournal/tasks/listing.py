"""The inbox: what waits on somebody and on his team, with what it is about, each open to him.

inbox(door, permit, roles) -> Inbox
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from samjournal.access import Permit
from samjournal.fhir.dates import OSLO
from samjournal.record import Door, TimeUsed, query_of, search, time_used, waiting, waits_in
from samjournal.tasks.saying import Said, said

WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Inbox:
    """`mine` and `team` are what waits, the oldest first; `about` the patients and what each is about, by `Type/id`, as
    far as it is open; `closed` is how much more waits on the reader in records that are closed to him, `elsewhere` how
    much in his other roles (by PractitionerRole id); `used` of the last week, `done` how much he did today."""

    mine: tuple[Said, ...]
    team: tuple[Said, ...]
    about: Mapping[str, dict[str, Any]]
    closed: int
    elsewhere: Mapping[str, int]
    used: TimeUsed
    done: int
    watches: tuple[str, ...]


async def inbox(door: Door, permit: Permit, *, roles: Collection[str] = (), now: datetime) -> Inbox:
    """What waits now; `roles` are the other roles of the same person. One look at those whom the list names."""
    work = await waiting(door, permit)
    ids = list(dict.fromkeys(one.id for one in (*work.mine, *work.team)))
    tasks: dict[str, Said] = {}
    about: dict[str, dict[str, Any]] = {}
    if ids:
        asked = [
            ("_id", ",".join(ids)),
            ("_count", str(len(ids))),
            ("_include", "Task:patient"),
            ("_include", "Task:focus"),
            ("_include:iterate", "DiagnosticReport:result"),
        ]
        page = await search(door, permit, query_of("Task", asked))
        tasks = {one.id: said(one.resource()) for one in page.matches}
        about = {one.reference: one.resource() for one in page.included}
    used, done = await time_used(door, permit, now - WEEK, today=_midnight(now))
    mine = [tasks[one.id] for one in work.mine if one.id in tasks]
    return Inbox(
        tuple(mine),
        tuple(tasks[one.id] for one in work.team if one.id in tasks),
        about,
        len(work.mine) - len(mine),
        await waits_in(door, roles),
        used,
        done,
        work.watches,
    )


def _midnight(now: datetime) -> datetime:
    return now.astimezone(OSLO).replace(hour=0, minute=0, second=0, microsecond=0)
