"""What a message says, kept as resources of the record beside its words: made by whoever reads the format.

    Place, Contents                             for whom a message was taken over; what makes its resources
    placed(door, permit, made) -> list[Change]  each is new, or a new version of what an earlier version said
    ended(door, permit, earlier, kept, state)   what earlier versions said and the newest does not, or takes back
    named_by(communication) -> list[str]        the resources that a message became

All versions of a message become the same resources, so these have an id that follows from the sender, the document id
and the patient. What people here did with them stays: how far a referral has come, and who has it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal

from samjournal.access import Permit
from samjournal.fhir.keys import local
from samjournal.messages.incoming import Incoming, sender_number, whence
from samjournal.messages.making import created
from samjournal.record import Change, Door, Stored
from samjournal.record.beside import resources

Resource = dict[str, Any]
_OURS: Final = {"ServiceRequest": ("status", "performer", "extension"), "Composition": ("extension",)}
"""What people here decide of what somebody else wrote: it stays when he writes anew."""
_HIS: Final = frozenset({"occurrencePeriod", "orderDetail", "reasonCode", "note", "section", "event", "authoredOn"})
"""What is the sender's alone: what he says no longer does not stand. All else that was written here stays."""
_ADDED: Final = "urn:samjournal:note-section"
"""The system of the code of a section that somebody here wrote under a note."""
_OPEN: Final = frozenset({"draft", "active", "on-hold"})
WRONG: Final = "entered-in-error"


@dataclass(frozen=True, slots=True)
class Place:
    """For whom a message was taken over: `name` is the id of its Communication and of its DocumentReference, `patient`
    an id, `unit` who has it, `receiver` which of the receivers that is, and `key` the id that what it says has."""

    name: str
    patient: str
    unit: Resource
    receiver: int
    key: str


class Unreadable(Exception):
    """What a message says cannot be made to resources: it is kept as words."""


Contents = Callable[[Place], Sequence[Resource]]
"""Makes the resources that a message becomes, each with `Place.key` as its id; none for words alone.
Raises Unreadable."""


def key_of(message: Incoming, patient: str) -> str:
    """The id of what all versions of a message say of a patient. An addition (A) stands beside what it adds to."""
    of = message.id if message.status == "A" else message.document or message.id
    digest = sha256(f"{sender_number(message) or whence(message)} {of} {patient}".encode()).hexdigest()
    return f"content-{digest[:32]}"


async def listed(door: Door, permit: Permit, made: Sequence[Resource]) -> tuple[list[Resource], bool]:
    """What a message says without Tasks that are there already, and whether one is new: then it waits by that one, and
    by no other."""
    tasks = [("Task", one["id"]) for one in made if one["resourceType"] == "Task"]
    there = await resources(door, permit, tasks) if tasks else {}
    kept = [one for one in made if f"{one['resourceType']}/{one['id']}" not in there]
    return kept, any(one["resourceType"] == "Task" for one in kept)


async def placed(door: Door, permit: Permit, made: Sequence[Resource]) -> list[Change]:
    """The changes that keep what a message says."""
    standing = await resources(door, permit, [(one["resourceType"], one["id"]) for one in made])
    changes = []
    for one in made:
        was = standing.get(f"{one['resourceType']}/{one['id']}")
        if was is None:
            changes.append(created(one))
        else:
            changes.append(Change.update(_anew(was.resource(), one), if_match=was.version))
    return changes


def _anew(was: Resource, new: Resource) -> Resource:
    """The newest version of what somebody else wrote, with what was decided here."""
    ours = _OURS.get(new["resourceType"], ())
    kept = {name: was[name] for name in was if name in ours or (name not in new and name not in {*_HIS, "meta"})}
    if "occurrenceDateTime" in was:  # It is done: when it was wanted no longer stands.
        new = {name: value for name, value in new.items() if name != "occurrencePeriod"}
        kept["occurrenceDateTime"] = was["occurrenceDateTime"]
    if new["resourceType"] == "Composition":
        kept["status"] = WRONG if was.get("status") == WRONG else "amended"
        kept["section"] = [*new.get("section", ()), *(one for one in was.get("section", ()) if _is_added(one))]
    return {**new, **_labels(was), **kept}


def _is_added(section: Resource) -> bool:
    return any(one.get("system") == _ADDED for one in section.get("code", {}).get("coding", ()))


def _labels(resource: Resource) -> Resource:
    """The security labels of a resource that is written again: all else of its meta is the record's to say."""
    security = resource.get("meta", {}).get("security")
    return {"meta": {"security": security}} if security else {}


async def ended(
    door: Door,
    permit: Permit,
    earlier: Sequence[Stored],
    kept: Collection[str],
    state: Literal["cancelled", "superseded"],
) -> list[Change]:
    """What earlier versions became and is not among what is `kept` now: a referral that is taken back is revoked, if
    it was open; a note that is taken back, and all that stood with another patient, is an error."""
    named = dict.fromkeys(ref for one in earlier for ref in named_by(one.resource()) if ref not in kept)
    found = await resources(door, permit, [(type_, id_) for type_, _, id_ in (one.partition("/") for one in named)])
    changes = []
    for one in found.values():
        body = one.resource()
        is_referral = body["resourceType"] == "ServiceRequest" and state == "cancelled"
        status = "revoked" if is_referral else WRONG
        if body["status"] not in (WRONG, status) and (not is_referral or body["status"] in _OPEN):
            bare = {name: value for name, value in body.items() if name != "meta"}
            changes.append(Change.update({**bare, **_labels(body), "status": status}, if_match=one.version))
    return changes


def named_by(communication: Resource) -> list[str]:
    """The resources that a message became, as references; not those that it is only about."""
    found = (local(one.get("reference", "")) or "" for one in communication.get("about", ()))
    return [one for one in found if one.partition("/")[0] in _OURS and one.partition("/")[2].startswith("content-")]
