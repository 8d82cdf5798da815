"""What a Task says, as plain values; and what our own code writes into one. hl7.org/fhir/R4/task.html

said(resource) -> Said                      what there is to do, for whom, on whom it waits, until when
written(...) -> dict                        a Task that nobody has begun
with_note(task, permit, words) -> dict      a word to whoever has it next
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from samjournal.access import ALSO, Permit
from samjournal.fhir.dates import span
from samjournal.fhir.keys import local
from samjournal.tasks.kinds import CODES, ESCALATED, STOOD_IN, SYSTEM, TAKEN, URGENT, VISIT, Kind

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Said:
    """A Task in plain values. References are `Type/id` or ""; `note` is the last word with who wrote it; `escalated`:
    its deadline passed and the team (`also`) has it too; `stood_in`: the owner is away, and `also` stands in for him;
    `taken`: the owner took it from the team, which sees it still; `visit`: who said that somebody must go there, ""
    when nobody did; `about` is the version of the result that is to be acknowledged, `renewed` that an earlier one was
    acknowledged."""

    id: str
    version: int
    kind: Kind
    status: str
    patient: str
    focus: str
    words: str
    owner: str
    owner_name: str
    requester: str
    requester_name: str
    urgent: bool
    since: datetime | None
    due: datetime | None
    note: tuple[str, str] | None
    also: str
    also_name: str
    escalated: bool
    stood_in: bool
    about: int | None
    renewed: bool
    taken: bool = False
    visit: str = ""


def said(task: Resource) -> Said:
    """What a Task says; one without a code of ours is something to do."""
    owner, requester = task.get("owner", {}), task.get("requester", {})
    also: Resource = next((each["valueReference"] for each in task.get("extension", ()) if each.get("url") == ALSO), {})
    notes = [one for one in task.get("note", ()) if one.get("text")]
    state = {one.get("code") for one in task.get("businessStatus", {}).get("coding", ()) if one.get("system") == SYSTEM}
    codes = [one.get("code") for one in task.get("code", {}).get("coding", ()) if one.get("system") == SYSTEM]
    kind = next((one for one in codes if one in CODES), "do")
    about = given(task, "version")
    due = task.get("restriction", {}).get("period", {}).get("end")
    return Said(
        id=str(task["id"]),
        version=int(task.get("meta", {}).get("versionId", 0)),
        kind=cast(Kind, kind),
        status=str(task.get("status")),
        patient=_to(task.get("for")),
        focus=_to(task.get("focus")),
        words=str(task.get("description") or task.get("code", {}).get("text") or ""),
        owner=_to(owner),
        owner_name=str(owner.get("display") or ""),
        requester=_to(requester),
        requester_name=str(requester.get("display") or ""),
        urgent=task.get("priority") in URGENT,
        since=span(task["authoredOn"]).lo if task.get("authoredOn") else None,
        due=span(due).hi if due else None,
        note=(str(notes[-1]["text"]), str(notes[-1].get("authorReference", {}).get("display") or ""))
        if notes
        else None,
        also=_to(also),
        also_name=str(also.get("display") or ""),
        escalated=ESCALATED in state,
        stood_in=STOOD_IN in state,
        about=int(about["valueInteger"]) if about else None,
        renewed=given(task, "renewed") is not None,
        taken=TAKEN in state,
        visit=str((given(task, VISIT) or {}).get("valueString") or ""),
    )


def given(task: Resource, name: str) -> dict[str, Any] | None:
    """An input of a Task, by our code for it."""
    for one in task.get("input", ()):
        if any(each.get("system") == SYSTEM and each.get("code") == name for each in one["type"].get("coding", ())):
            found: dict[str, Any] = one
            return found
    return None


def to_give(name: str, **value: Any) -> dict[str, Any]:
    """The same, to be written."""
    return {"type": {"coding": [{"system": SYSTEM, "code": name}]}, **value}


def written(
    *,
    kind: Kind,
    patient: str,
    owner: Resource,
    at: datetime,
    due: datetime,
    words: str = "",
    focus: str = "",
    requester: Resource | None = None,
    urgent: bool = False,
) -> dict[str, Any]:
    """A Task that nobody has begun. `patient` is an id, `focus` a `Type/id`, both may be empty."""
    return {
        "resourceType": "Task",
        "status": "requested",
        "intent": "order",
        "priority": "stat" if urgent else "routine",
        "code": {"coding": [{"system": SYSTEM, "code": kind}]},
        **({"description": words} if words else {}),
        **({"focus": {"reference": focus}} if focus else {}),
        **({"for": {"reference": f"Patient/{patient}"}} if patient else {}),
        "authoredOn": at.isoformat(timespec="milliseconds"),
        "lastModified": at.isoformat(timespec="milliseconds"),
        **({"requester": dict(requester)} if requester else {}),
        **({"owner": dict(owner)} if owner else {}),
        "restriction": {"period": {"end": due.isoformat(timespec="milliseconds")}},
    }


def himself(permit: Permit) -> dict[str, Any]:
    """Whom the permit is for, as a reference."""
    return {"reference": f"PractitionerRole/{permit.practitioner_role}", "display": permit.name}


def team(permit: Permit) -> dict[str, Any]:
    """His team."""
    return {"reference": f"Organization/{permit.organization}", "display": permit.unit}


def with_note(task: Resource, permit: Permit, words: str, at: datetime) -> dict[str, Any]:
    """The Task with a word added, when there is one."""
    text = " ".join(words.split())[:LONGEST]
    if not text:
        return dict(task)
    author = {"reference": f"Practitioner/{permit.practitioner}", "display": permit.name}
    note = {"authorReference": author, "time": at.isoformat(timespec="milliseconds"), "text": text}
    return {**task, "note": [*task.get("note", ()), note]}


LONGEST = 500


def without_also(task: Resource) -> dict[str, Any]:
    """The Task when it waits on its owner alone."""
    kept = [each for each in task.get("extension", ()) if each.get("url") != ALSO]
    plain = {name: value for name, value in task.items() if name not in ("extension", "businessStatus")}
    return {**plain, **({"extension": kept} if kept else {}), **_state(task)}


def beside(task: Resource, also: Resource | None, state: str) -> dict[str, Any]:
    """The Task when it waits on somebody beside its owner, and why (a code of businessStatus)."""
    plain = {**without_also(task), **_state(task, state)}
    if also is None:
        return plain
    return {**plain, "extension": [*plain.get("extension", ()), {"url": ALSO, "valueReference": dict(also)}]}


def _state(task: Resource, code: str | None = None) -> dict[str, Any]:
    """businessStatus with this code of ours alone; what another system says in words or codes of its own stays."""
    held: Resource = task.get("businessStatus", {})
    codings = [each for each in held.get("coding", ()) if each.get("system") != SYSTEM]
    codings += [{"system": SYSTEM, "code": code}] if code else []
    said_there = {name: value for name, value in held.items() if name != "coding"}
    state = {**({"coding": codings} if codings else {}), **said_there}
    return {"businessStatus": state} if state else {}


def _to(reference: Resource | None) -> str:
    return local(str((reference or {}).get("reference") or "")) or ""
