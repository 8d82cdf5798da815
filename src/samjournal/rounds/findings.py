"""What a round finds, and which Tasks there are about something.

Rule            an async function that yields what does not hold
about(door, permit, references) -> dict     the Tasks on some resources, by the reference of what they are about
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.keys import local
from samjournal.record import Door
from samjournal.record.beside import matches
from samjournal.tasks.doing import OPEN

Resource = dict[str, Any]
_AT_ONCE: Final = 40


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that does not hold: `about` is the reference of what it is about, `patient` an id or "", `unit` who has
    it as far as that is known, `words` what is wrong, in Norwegian and without anything of a patient's health."""

    about: str
    words: str
    patient: str = ""
    unit: Resource | None = None


Rule = Callable[[Door, Permit, datetime], AsyncIterator[Finding]]


async def about(door: Door, permit: Permit, references: Iterable[str]) -> dict[str, list[Resource]]:
    """The Tasks on some resources, by the reference of what they are about; those with none are not in it."""
    wanted = list(dict.fromkeys(references))
    found: dict[str, list[Resource]] = {}
    for begin in range(0, len(wanted), _AT_ONCE):
        asked = [("focus", ",".join(wanted[begin : begin + _AT_ONCE])), ("_count", "1000")]
        for task in await matches(door, permit, "Task", asked):
            body = task.resource()
            found.setdefault(local(body["focus"]["reference"]) or "", []).append(body)
    return found


def is_open(task: Resource) -> bool:
    """Whether a Task waits on somebody."""
    return task["status"] in OPEN


def is_owned(task: Resource) -> bool:
    """Whether a Task has an owner and a deadline."""
    return bool(task.get("owner")) and "end" in task.get("restriction", {}).get("period", {})


def patient_of(resource: Resource) -> str:
    """The id of the patient that something is about, "" for none."""
    return (local(resource.get("subject", {}).get("reference", "")) or "").removeprefix("Patient/")
