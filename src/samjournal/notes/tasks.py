"""What a note waits for, as Tasks: to be signed, to be countersigned. hl7.org/fhir/R4/task.html

waiting_for(code, note, owner, …)    a Task `sign` or `countersign` about a note, with owner and deadline
ended(task, status, by, words)       the same, completed, cancelled or rejected
asked_again(task)                    the same, of what was sent back and corrected
requests(door, permit, note_id)      all Tasks about a note, the oldest first: what was asked of whom, and what came
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.fhir.keys import local
from samjournal.record import Door, query_of, search
from samjournal.tasks import DEADLINES, SYSTEM, Kind, himself, with_note, written

SIGN: Final[Kind] = "sign"
COUNTERSIGN: Final[Kind] = "countersign"
CORRECT: Final[Kind] = "do"
"""What is asked of an author who signs nothing, when his note comes back."""
OPEN = frozenset({"requested", "in-progress"})
HELD = "on-hold"
"""A countersignature that waits for the author to sign first; a signature that waits for who prepared the note."""


def waiting_for(
    code: Kind, note: Mapping[str, Any], owner: Mapping[str, str], permit: Permit, *, words: str = ""
) -> dict[str, Any]:
    """A Task about a note. It says nothing of what stands there; that there is a reserved note is told to those who
    read it alone, so its labels are the Task's too."""
    at = datetime.now(UTC)
    task = written(
        kind=code,
        patient=str(local(note["subject"]["reference"])).removeprefix("Patient/"),
        owner=owner,
        at=at,
        due=at + DEADLINES[code],
        focus=f"Composition/{note['id']}",
        requester=himself(permit),
    )
    if labels := note.get("meta", {}).get("security"):
        task["meta"] = {"security": labels}
    return with_note(task, permit, words, at)


def ended(task: Mapping[str, Any], status: str, permit: Permit, *, words: str = "") -> dict[str, Any]:
    """A Task that waits no longer, and by whom."""
    at = datetime.now(UTC)
    moment = at.isoformat(timespec="milliseconds")
    made = {**task, "status": status, "lastModified": moment}
    if status == "completed":
        made["executionPeriod"] = {"start": task.get("authoredOn", moment), "end": moment}
    return with_note(made, permit, words or status, at)


def asked_again(task: Mapping[str, Any]) -> dict[str, Any]:
    """A signature that waited for a correction, asked for anew: it is not late by the time that took."""
    at = datetime.now(UTC)
    due = (at + DEADLINES[SIGN]).isoformat(timespec="milliseconds")
    moment = at.isoformat(timespec="milliseconds")
    return {**task, "status": "requested", "lastModified": moment, "restriction": {"period": {"end": due}}}


async def requests(door: Door, permit: Permit, note_id: str) -> list[dict[str, Any]]:
    """Every Task `sign` and `countersign` about a note that the reader sees, the oldest first. Logged as a search."""
    asked = query_of("Task", [("focus", f"Composition/{note_id}"), ("_sort", "authored-on"), ("_count", "50")])
    found = [one.resource() for one in (await search(door, permit, asked)).matches]
    return [one for one in found if code_of(one) in (SIGN, COUNTERSIGN)]


def code_of(task: Mapping[str, Any]) -> str:
    """The code of what is to be done, '' of older Tasks."""
    codings = task.get("code", {}).get("coding", ())
    return next((str(one["code"]) for one in codings if one.get("system") == SYSTEM and one.get("code")), "")


def is_open(task: Mapping[str, Any]) -> bool:
    return task.get("status") in OPEN
