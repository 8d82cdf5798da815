"""Signatures of a note that stands unsigned: author's, countersigner's, and who that is. Requirements 7.10, 7.11

    opened(door, permit, note_id)                       a note with what it waits for, and what may be done with it
    sign_prepared(door, permit, note_id, changed)       its author signs what was prepared, or sent back
    countersign(door, permit, note_id, changed)         the countersigner signs
    send_back(door, permit, note_id, version, words)    he does not, and says why
    correct_prepared(door, permit, note_id, changed)    who prepared it corrects what came back, to be signed anew
    choose_countersigner(door, permit, note_id, …)      set, changed or taken away, until it is signed

What is signed is a version: who signs says which he read (`Changed.version`), and another one that stands by now is
refused (VersionMoved). Note, Tasks, diagnoses and tariffs change together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, VersionMoved
from samjournal.notes.coding import CHARGE, DIAGNOSIS, Coded, changes_of, codes_of, refer, standing_already
from samjournal.notes.dispatching import Dispatch, dispatched
from samjournal.notes.people import is_himself, named, signs
from samjournal.notes.tasks import (
    CORRECT,
    COUNTERSIGN,
    HELD,
    SIGN,
    asked_again,
    code_of,
    ended,
    is_open,
    requests,
    waiting_for,
)
from samjournal.notes.text import Links, Written, rebuilt, written_of
from samjournal.notes.writing import on_contact, signature
from samjournal.record import Change, Door, Ending, Stored, change, read
from samjournal.tasks import himself, sent_to_correct

SHORTEST_WORD = 3
_WRITES = ("Composition", "Task", "Condition", "ChargeItem", "Encounter", "Communication")


@dataclass(frozen=True, slots=True)
class Changed:
    """What somebody signs: the version that he read, and what he changed of it; None: nothing. `links` are the sources
    of blocks that he took along anew, or dropped; `dispatch` is whom a discharge summary goes to in the same
    transaction, unless it waits for another's signature."""

    version: int
    written: Written | None = None
    diagnoses: Sequence[Coded] | None = None
    tariffs: Sequence[Coded] | None = None
    ending: Ending | None = None
    links: Links = field(default_factory=dict)
    dispatch: Dispatch | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A note as it stands, the Tasks about it, and what the reader may do: sign it as its author, countersign it,
    choose the countersigner, write on it (addendum, correction), correct what he prepared and nobody has signed."""

    note: dict[str, Any]
    version: int
    tasks: list[dict[str, Any]]
    signs: bool
    countersigns: bool
    chooses: bool
    writes: bool
    corrects: bool

    @property
    def countersigner(self) -> dict[str, Any] | None:
        """The Task of whom the countersignature is asked of."""
        return next((one for one in reversed(self.tasks) if code_of(one) == COUNTERSIGN and _waits(one)), None)

    @property
    def asks(self) -> str:
        """The PractitionerRole id of whom the countersignature is asked of; '' of nobody."""
        owner: dict[str, Any] = (self.countersigner or {}).get("owner", {})
        return str(owner.get("reference", "")).removeprefix("PractitionerRole/")

    @property
    def is_last(self) -> bool:
        """Whether the reader's signature is the last one that it waits for."""
        return self.countersigns or (self.signs and not (self.countersigner or _rejected(self.tasks)))

    @property
    def to_sign(self) -> dict[str, Any] | None:
        """The Task of the author, when it waits for him."""
        return next((one for one in reversed(self.tasks) if code_of(one) == SIGN and _waits(one)), None)


def _waits(task: dict[str, Any]) -> bool:
    return is_open(task) or task.get("status") == HELD


async def opened(door: Door, permit: Permit, note_id: str) -> Opened:
    """A note and what may be done with it. Both looks are logged. Raises as `read` does."""
    stored = await read(door, permit, "Composition", note_id)
    note = stored.resource()
    tasks = await requests(door, permit, note_id) if permit.may("s", "Task") else []
    own = himself(permit)["reference"]
    authors = {one.get("reference") for one in note.get("author", ())}
    waits = note["status"] == "preliminary"
    asked = next((one for one in reversed(tasks) if code_of(one) == COUNTERSIGN and is_open(one)), None)
    return Opened(
        note,
        stored.version,
        tasks,
        signs=waits and permit.signs and own in authors and (not is_signed(note, own) or _sent_back(tasks)),
        countersigns=waits and permit.signs and asked is not None and asked.get("owner", {}).get("reference") == own,
        chooses=waits and (own in authors or permit.prepares),
        writes=permit.signs and note["status"] in ("final", "amended"),
        corrects=waits and permit.prepares and not note.get("attester"),
    )


def is_signed(note: dict[str, Any], party: str) -> bool:
    """Whether somebody has signed it as its author."""
    return any(
        one.get("mode") == "professional" and one.get("party", {}).get("reference") == party
        for one in note.get("attester", ())
    )


def _sent_back(tasks: Sequence[dict[str, Any]]) -> bool:
    return any(code_of(one) == SIGN and is_open(one) for one in tasks)


async def sign_prepared(door: Door, permit: Permit, note_id: str, changed: Changed) -> Stored:
    """Sign what was prepared for oneself, or what came back. Raises Forbidden, VersionMoved, Conflict (it waits for
    nobody's signature), and what `change` raises."""
    found = await opened(door, permit, note_id)
    if not found.signs:
        raise _refusal(found, permit, "Only its author signs a note.")
    note, extra = await _as_changed(door, permit, found, changed)
    note["attester"] = [*_others(note, permit), signature("professional", permit)]
    tasks = [ended(found.to_sign, "completed", permit)] if found.to_sign else []
    tasks += await asked_to_correct(door, permit, found, "cancelled")
    asked = found.countersigner or _rejected(found.tasks)
    note["status"] = "preliminary" if asked else "final"
    new: list[Change] = []
    if asked and asked["status"] == HELD:
        tasks.append({**asked, "status": "requested", "lastModified": _now()})
    elif asked and asked["status"] == "rejected":
        new = [Change.create(waiting_for(COUNTERSIGN, note, asked["owner"], permit))]
    return await _store(door, permit, note, changed, [*map(Change.update, tasks), *new, *extra])


async def countersign(door: Door, permit: Permit, note_id: str, changed: Changed) -> Stored:
    """Countersign, with what was changed of text, diagnoses and tariffs. Raises as `sign_prepared`."""
    found = await opened(door, permit, note_id)
    if not found.countersigns or found.countersigner is None:
        raise _refusal(found, permit, "The countersignature of this note is asked of somebody else.")
    if await is_himself(door, permit, [str(one.get("reference")) for one in found.note.get("author", ())]):
        raise Forbidden("Nobody countersigns what he wrote himself, in another role either.")
    note, extra = await _as_changed(door, permit, found, changed)
    note["status"] = "final"
    note["attester"] = [*note.get("attester", ()), signature("legal", permit)]
    task = Change.update(ended(found.countersigner, "completed", permit))
    return await _store(door, permit, note, changed, [task, *extra])


async def send_back(door: Door, permit: Permit, note_id: str, version: int, words: str) -> Stored:
    """Send a note back to its author with a word; he gets a Task to sign it anew. Raises Invalid (no word), and as
    `sign_prepared`."""
    said = " ".join(words.split())[:1000]
    if len(said) < SHORTEST_WORD:
        raise Invalid("Say in a few words what the author should look at.")
    found = await opened(door, permit, note_id)
    if not found.countersigns or found.countersigner is None:
        raise _refusal(found, permit, "The countersignature of this note is asked of somebody else.")
    if found.version != version:
        raise VersionMoved("The note was changed since you opened it. Read it again.")
    author = next(iter(found.note.get("author", ())), None)
    if author is None:
        raise Conflict("The note has no author to send it back to.")
    rejected = Change.update(ended(found.countersigner, "rejected", permit, words=said))
    kind = SIGN if await signs(door, author) else CORRECT
    back = Change.create(waiting_for(kind, found.note, author, permit, words=said))
    labels = bool(found.note.get("meta", {}).get("security"))
    return (await change(door, acting(permit, *_WRITES) if labels else permit, [rejected, back]))[0]


async def correct_prepared(door: Door, permit: Permit, note_id: str, changed: Changed) -> Stored:
    """Correct a note that nobody has signed, and ask its author to sign it again if he sent it back. Raises Forbidden,
    Conflict, VersionMoved, and what `change` raises."""
    found = await opened(door, permit, note_id)
    if not found.corrects:
        raise _refusal(found, permit, "Who prepared a note corrects it until it is signed.")
    note, extra = await _as_changed(door, permit, found, changed)
    tasks = await asked_to_correct(door, permit, found, "completed")
    if found.to_sign and found.to_sign["status"] == HELD:
        tasks.append(asked_again(found.to_sign))
    return await _store(door, permit, note, changed, [*map(Change.update, tasks), *extra])


async def asked_to_correct(door: Door, permit: Permit, found: Opened, status: str) -> list[dict[str, Any]]:
    """What was asked of who prepared the note when its author sent it back, ended so."""
    if found.to_sign is None or not permit.may("s", "Task"):
        return []
    asked = await sent_to_correct(door, permit, str(found.to_sign["id"]))
    return [ended(one.resource(), status, permit) for one in asked if is_open(one.resource())]


async def choose_countersigner(
    door: Door, permit: Permit, note_id: str, role_id: str, *, seen: str | None = None
) -> None:
    """Ask the countersignature of somebody, of somebody else, or ('') of nobody; who was asked before is asked no more.
    Without one a note that its author has signed is done. `seen` is whom the chooser saw there ('' nobody): when it is
    another by now nothing is changed. Raises Forbidden, Invalid, Conflict, VersionMoved, and as `change`."""
    found = await opened(door, permit, note_id)
    if not found.chooses:
        raise _refusal(found, permit, "Its author, or a secretary, chooses who countersigns.")
    note, before = found.note, found.countersigner
    if seen is not None and seen != found.asks:
        raise VersionMoved("Somebody else chose another countersigner since you opened the note.")
    authors = [str(one.get("reference")) for one in note.get("author", ())]
    signed = any(is_signed(note, one) for one in authors) and found.to_sign is None
    changes: list[Change] = []
    if before is not None:
        if before.get("owner", {}).get("reference") == f"PractitionerRole/{role_id}":
            return
        version = int(before["meta"]["versionId"])
        changes.append(Change.update(ended(before, "cancelled", permit), if_match=version))
    if role_id:
        if f"PractitionerRole/{role_id}" in authors:
            raise Invalid("Nobody countersigns what he wrote himself. Choose somebody else.")
        task = waiting_for(COUNTERSIGN, note, await named(door, permit, role_id), permit)
        changes.append(Change.create(task if signed else {**task, "status": HELD}))
    elif signed and before is not None:
        changes.append(Change.update({**note, "status": "final"}, if_match=found.version))
    if changes:
        await change(door, acting(permit, *_WRITES), changes)


async def _as_changed(
    door: Door, permit: Permit, found: Opened, changed: Changed
) -> tuple[dict[str, Any], list[Change]]:
    """The note with what was changed, and what else is stored with it. Raises VersionMoved."""
    if found.version != changed.version:
        raise VersionMoved("The note was changed since you opened it. Nothing was overwritten.")
    note = dict(found.note)
    before = await codes_of(door, permit, note)
    if changed.written is not None and not same_text(changed.written, note):
        note["title"] = changed.written.title or note.get("title", "")
        note["section"] = rebuilt(changed.written, note, changed.links)
    changes: list[Change] = []
    references: list[str] = []
    for type_, wanted in ((DIAGNOSIS, changed.diagnoses), (CHARGE, changed.tariffs)):
        if wanted is None:
            references += [one.reference for one in before[type_]]
            continue
        there: list[Stored] = []
        if type_ == DIAGNOSIS:
            wanted, there = await standing_already(door, permit, note, wanted)
        more, kept = changes_of(wanted, [*before[type_], *there], type_, note, permit)
        changes += more
        references += kept
    if changed.diagnoses is not None or changed.tariffs is not None:
        note["section"] = refer(list(note.get("section", ())), references)
        changes += await _on_encounter(door, permit, note, references)
    return note, changes


def same_text(written: Written, note: dict[str, Any]) -> bool:
    """Whether nothing of the words was changed."""
    stood = written_of(note)
    return (written.title or stood.title, written.words) == (stood.title, stood.words)


async def _on_encounter(door: Door, permit: Permit, note: dict[str, Any], references: Sequence[str]) -> list[Change]:
    """Diagnoses of the note stand on its Encounter too, where the claim reads them."""
    reference = str(note.get("encounter", {}).get("reference", ""))
    if not reference.startswith("Encounter/") or not permit.may("u", "Encounter"):
        return []
    return on_contact(permit, await read(door, permit, "Encounter", reference.partition("/")[2]), references)


def _others(note: dict[str, Any], permit: Permit) -> list[dict[str, Any]]:
    """The signatures of others. The own one is given anew: it is of what stands now."""
    own = himself(permit)["reference"]
    return [one for one in note.get("attester", ()) if one.get("party", {}).get("reference") != own]


def _rejected(tasks: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    asked = [one for one in tasks if code_of(one) == COUNTERSIGN]
    return asked[-1] if asked and asked[-1]["status"] == "rejected" else None


async def _store(door: Door, permit: Permit, note: dict[str, Any], changed: Changed, more: list[Change]) -> Stored:
    if changed.dispatch is not None and note["status"] == "final":
        more = [*more, *await dispatched(door, permit, note, changed.dispatch, datetime.now(UTC))]
    changes = [Change.update(note, if_match=changed.version), *more]
    labels = bool(note.get("meta", {}).get("security"))
    rights = acting(permit, *_WRITES) if labels else permit
    return (await change(door, rights, changes, ending=changed.ending))[0]


def _refusal(found: Opened, permit: Permit, words: str) -> Conflict | Forbidden:
    if found.note["status"] != "preliminary":
        return Conflict("This note is signed already, or stands as an error. Nothing was changed.")
    if not permit.signs:
        return Forbidden(f"The role {permit.role} signs no notes: prepare it, and let its author sign.")
    return Forbidden(words)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
