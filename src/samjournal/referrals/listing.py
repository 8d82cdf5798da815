"""Lists of referrals: those of a unit, received and sent, and those of one patient.

of_unit(door, permit, direction, ended) -> Listed   "received" or "sent"; each open referral is on both lists
paired(tasks, requests) -> list[Referral]           those of which both are there, the newest first
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from samjournal.access import Permit, for_job
from samjournal.record import Door, query_of, search
from samjournal.record.beside import matches
from samjournal.referrals.states import FROM, TO, Referral, referral
from samjournal.tasks import SYSTEM

Direction = Literal["received", "sent"]
MOST: Final = 300
OPEN: Final = "requested,in-progress"
_ENDED: Final = "completed,rejected,cancelled"


@dataclass(frozen=True, slots=True)
class Listed:
    """Referrals with their patients, by `Patient/id`, as far as they are open to the reader; `more`: there are more
    than are shown."""

    referrals: tuple[Referral, ...]
    patients: Mapping[str, dict[str, Any]]
    more: bool


async def of_unit(door: Door, permit: Permit, direction: Direction, *, ended: bool = False) -> Listed:
    """Those that the unit has or has sent: what is open, or the last that ended. One look at those whom it names."""
    system = TO if direction == "received" else FROM
    asked = [
        ("code", f"{SYSTEM}|assess"),
        ("identifier", f"{system}|{permit.organization}"),
        ("status", _ENDED if ended else OPEN),
        ("_sort", "-modified" if ended else "authored-on"),
        ("_count", str(MOST if not ended else 100)),
        ("_include", "Task:patient"),
        ("_include", "Task:focus"),
    ]
    page = await search(door, permit, query_of("Task", asked))
    about = {one.reference: one.resource() for one in page.included}
    found = paired(
        (one.resource() for one in page.matches),
        {name: body for name, body in about.items() if name.startswith("ServiceRequest/")},
    )
    patients = {name: body for name, body in about.items() if name.startswith("Patient/")}
    return Listed(tuple(found), patients, len(page.matches) >= MOST)


def paired(tasks: Iterable[Mapping[str, Any]], requests: Mapping[str, Mapping[str, Any]]) -> list[Referral]:
    """The referrals of which both the Task and what is asked are there, in the order of the Tasks."""
    both = ((task, requests.get(f"ServiceRequest/{task['id']}")) for task in tasks)
    return [referral(task, request) for task, request in both if request is not None]


async def last_receivers(door: Door, unit: str, *, most: int = 8) -> list[str]:
    """The units (ids) that a unit sent referrals to last: of whom they were is shown to nobody, so it is no look."""
    asked = [
        ("identifier", f"{FROM}|{unit}"),
        ("code", f"{SYSTEM}|assess"),
        ("_sort", "-authored-on"),
        ("_count", "60"),
    ]
    found = await matches(door, for_job("receivers"), "Task", asked)
    named = [local_of(one.resource()) for one in found]
    return list(dict.fromkeys(one for one in named if one))[:most]


def local_of(task: Mapping[str, Any]) -> str:
    """The id of the unit that has a referral."""
    return next((str(one.get("value")) for one in task.get("identifier") or () if one.get("system") == TO), "")


async def hidden(door: Door, permit: Permit, direction: Direction, shown: int) -> int:
    """How many more open referrals a unit has, or has sent, whose records are closed to the reader."""
    system = TO if direction == "received" else FROM
    asked = [
        ("identifier", f"{system}|{permit.organization}"),
        ("code", f"{SYSTEM}|assess"),
        ("status", OPEN),
        ("_count", str(MOST)),
    ]
    return max(len(await matches(door, for_job("lists"), "Task", asked)) - shown, 0)
