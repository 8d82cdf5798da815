"""Proposals that two records are one person's, kept as Tasks of a named action. hl7.org/fhir/R4/task.html

    propose(door, permit, going, staying, reason)     somebody who registers has seen that they are one person
    proposals(door, permit) -> list[Proposal]         what waits for whoever decides, the oldest first
    standing(door, permit) -> list[Proposal]          what was merged, and still is
    decline(door, permit, id, reason)                 they are not

Such a Task is about no patient (`for`), so that it opens no record for the unit that answers for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from samjournal.access import NAMED_TASKS, Permit, keeping
from samjournal.fhir.errors import Conflict, Forbidden, NotFound
from samjournal.patients.linking import id_of, is_closed, replaced_by, said
from samjournal.record import Change, Door, Stored, change, query_of, read, search

DUE = timedelta(days=7)
"""So long a proposal may wait."""
TYPES = ("Patient", "Task", "Provenance")
"""What a named action about who is who reads and writes."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """That `going` is the same person as `staying`, whose record stays; `login` and `name` are of who proposed it."""

    id: str
    version: int
    going: str
    staying: str
    reason: str
    login: str
    name: str
    at: datetime
    due: datetime
    status: str


async def propose(door: Door, permit: Permit, going: str, staying: str, reason: str) -> Stored:
    """Propose that two records are one person's. Raises Forbidden, Invalid (no real reason), NotFound, Conflict (they
    are one already, or it was proposed before)."""
    if not permit.registers:
        raise Forbidden(f"The role {permit.role} does not propose that records are merged.")
    told = said(reason)
    rights = keeping(permit, *TYPES, sees_protected=True)
    await parted(door, rights, going, staying)
    for one in await _open(door, rights):
        if {one.going, one.staying} == {going, staying}:
            raise Conflict("It was proposed before that these two are one person. It waits for somebody who decides.")
    now = datetime.now(UTC)
    who = {
        "reference": f"PractitionerRole/{permit.practitioner_role}",
        "identifier": {"system": NAMED_TASKS, "value": permit.actor},
        "display": permit.name,
    }
    task = {
        "resourceType": "Task",
        "status": "requested",
        "intent": "proposal",
        "code": {"coding": [{"system": NAMED_TASKS, "code": "merge"}]},
        "focus": {"reference": f"Patient/{going}"},
        "authoredOn": now.isoformat(timespec="seconds"),
        "requester": who,
        "owner": {"reference": f"Organization/{permit.organization}"},
        "reasonCode": {"text": told},
        "restriction": {"period": {"end": (now + DUE).isoformat(timespec="seconds")}},
        "input": [{"type": {"text": "staying"}, "valueReference": {"reference": f"Patient/{staying}"}}],
    }
    (stored,) = await change(door, rights, [Change.create(task)], action="propose")
    return stored


async def proposals(door: Door, permit: Permit) -> list[Proposal]:
    """What waits to be decided, the oldest first."""
    return await _open(door, keeping(deciding(permit), *TYPES, sees_protected=True))


async def proposal(door: Door, permit: Permit, id_: str) -> Proposal:
    """One proposal, decided or not. Raises NotFound, Forbidden."""
    return _proposal(await read(door, keeping(deciding(permit), *TYPES, sees_protected=True), "Task", id_))


async def standing(door: Door, permit: Permit) -> list[Proposal]:
    """The latest that were merged and still are, the newest first."""
    rights = keeping(deciding(permit), *TYPES, sees_protected=True)
    asked = [("code", f"{NAMED_TASKS}|merge"), ("status", "completed"), ("_sort", "-authored-on"), ("_count", "50")]
    page = await search(door, rights, query_of("Task", asked))
    found = {one.going: one for one in map(_proposal, page.matches) if door.persons.stays(one.going) != one.going}
    return list(found.values())


async def _open(door: Door, rights: Permit) -> list[Proposal]:
    asked = [("code", f"{NAMED_TASKS}|merge"), ("status", "requested"), ("_sort", "authored-on"), ("_count", "200")]
    page = await search(door, rights, query_of("Task", asked))
    return [_proposal(one) for one in page.matches]


def _proposal(stored: Stored) -> Proposal:
    task = stored.resource()
    if not any(one.get("code") == "merge" for one in task.get("code", {}).get("coding", ())):
        raise NotFound(f"There is no proposal {stored.id} here.")
    return Proposal(
        id=stored.id,
        version=stored.version,
        going=id_of(task["focus"]),
        staying=id_of(task["input"][0]["valueReference"]),
        reason=task["reasonCode"]["text"],
        login=task["requester"]["identifier"]["value"],
        name=task["requester"].get("display", ""),
        at=datetime.fromisoformat(task["authoredOn"]),
        due=datetime.fromisoformat(task["restriction"]["period"]["end"]),
        status=task["status"],
    )


async def decline(door: Door, permit: Permit, id_: str, reason: str) -> None:
    """Say that two records are not one person's; who proposed it may take it back himself."""
    rights = keeping(deciding(permit), *TYPES, sees_protected=True)
    one = await undecided(door, rights, id_)
    await change(door, rights, [await decided(door, rights, one, "rejected", said(reason))], action="decline")


def deciding(permit: Permit) -> Permit:
    """The same permit, of who may decide. Raises Forbidden."""
    if not permit.merges:
        raise Forbidden(f"The role {permit.role} does not decide who is who.")
    return permit


async def parted(door: Door, rights: Permit, going: str, staying: str) -> tuple[Stored, Stored]:
    """Both records, neither of them merged into another. Raises Conflict, NotFound."""
    if going == staying:
        raise Conflict("That is one record. Choose two.")
    both = await read(door, rights, "Patient", going), await read(door, rights, "Patient", staying)
    for one in both:
        if (other := replaced_by(one.resource())) is not None:
            raise Conflict(f"Patient/{one.id} was merged into Patient/{other} already. Compare with that one.")
        if is_closed(one.resource()):
            raise Conflict("One of the records is closed: what belonged to it is linked with nobody.")
    if door.persons.stays(going) == door.persons.stays(staying):
        raise Conflict("These two are one person already.")
    return both


async def undecided(door: Door, rights: Permit, id_: str) -> Proposal:
    """A proposal that waits. Raises NotFound, Conflict."""
    one = _proposal(await read(door, rights, "Task", id_))
    if one.status != "requested":
        raise Conflict("This proposal is decided already.")
    return one


async def decided(door: Door, rights: Permit, one: Proposal, status: str, reason: str | None = None) -> Change:
    """The change that says how a proposal was decided, of the version that was read."""
    stored = await read(door, rights, "Task", one.id)
    task = {**stored.resource(), "status": status, "lastModified": datetime.now(UTC).isoformat(timespec="seconds")}
    if reason:
        task["statusReason"] = {"text": reason}
    task.pop("meta", None)
    return Change.update(task, if_match=one.version)
