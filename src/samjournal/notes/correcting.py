"""What comes after a signature: an addition, a correction, and that it was an error. The old text can be read.

    add_to(door, permit, note_id, changed)          an addition, a section of its author
    correct(door, permit, note_id, changed, why)    other words, and why; helsepersonelloven section 42
    mark_wrong(door, permit, note_id, changed, why) it should not stand here; by decision, looked over by another; 43

Each is a version, signed by who made it. What was before stands in the history, and nothing is taken out of it: erasing
is a decision of its own (section 43, `record.expunging`). The reason stands in the note as a section, so that everybody
who reads it sees that it was changed, by whom, when and why.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from samjournal.access import Permit, acting
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, VersionMoved
from samjournal.fhir.keys import local
from samjournal.fhir.narrative import narrative
from samjournal.messages.states import FAILED
from samjournal.notes.delivered import deliveries
from samjournal.notes.signing import Changed, Opened, asked_to_correct, opened, same_text
from samjournal.notes.summaries import is_summary, sender_of
from samjournal.notes.tasks import HELD, ended, is_open
from samjournal.notes.text import ADDITION, CORRECTION, ERROR, rebuilt, relinked, section_code
from samjournal.notes.writing import signature
from samjournal.record import Change, Decision, Door, Stored, change
from samjournal.tasks import himself, written
from samjournal.tasks.kinds import DEADLINES

SHORTEST_REASON = 10
TITLES = {ADDITION: "Tillegg", CORRECTION: "Rettet", ERROR: "Feilført"}
WRONG = "entered-in-error"


async def add_to(door: Door, permit: Permit, note_id: str, changed: Changed) -> Stored:
    """Add to a signed note: `changed.written` has the addition alone. Raises Invalid (empty), Forbidden, Conflict (it
    is not signed, or an error), VersionMoved, and what `change` raises."""
    text = changed.written.words if changed.written else ""
    if not text:
        raise Invalid("The addition is empty.")
    found = await _standing(door, permit, note_id, changed.version)
    section = relinked(_section(ADDITION, text, permit), 0, changed.links)
    return await _store(door, permit, found, {"status": "amended"}, section, changed)


async def correct(door: Door, permit: Permit, note_id: str, changed: Changed, why: str) -> Stored:
    """Correct a signed note: `changed.written` is all of it as it should be. Raises Invalid (no reason, or nothing is
    changed), and as `add_to`."""
    said = _reason(why)
    if changed.written is None or changed.written.is_empty:
        raise Invalid("Nothing would be left of the note. Mark it as an error instead.")
    found = await _standing(door, permit, note_id, changed.version)
    if same_text(changed.written, found.note):
        raise Invalid("Nothing was changed.")
    title = changed.written.title or found.note["title"]
    made = {"status": "amended", "title": title, "section": rebuilt(changed.written, found.note, changed.links)}
    return await _store(door, permit, found, made, _section(CORRECTION, said, permit), changed)


async def mark_wrong(door: Door, permit: Permit, note_id: str, changed: Changed, why: str) -> Stored:
    """Say that a note should not stand, as of `changed.version`; what it waits for is cancelled, and the decision is
    looked over. Raises Invalid (no reason), Forbidden, Conflict (it is an error already), VersionMoved, and what
    `change` raises."""
    said = _reason(why)
    found = await opened(door, permit, note_id)
    if found.note["status"] == WRONG:
        raise Conflict("It is marked as an error already.")
    if not (permit.signs or found.chooses):
        raise Forbidden(f"The role {permit.role} does not mark notes as errors.")
    _refuse_moved(found, changed.version)
    waiting = [one for one in found.tasks if is_open(one) or one.get("status") == HELD]
    corrected = await asked_to_correct(door, permit, found, "cancelled")
    tasks = [Change.update(one) for one in (*(ended(each, "cancelled", permit) for each in waiting), *corrected)]
    tasks += await _to_tell(door, permit, found.note)
    decision = Decision(WRONG, said)
    section = _section(ERROR, said, permit)
    return await _store(door, permit, found, {"status": WRONG}, section, changed, tasks=tasks, decision=decision)


async def _to_tell(door: Door, permit: Permit, note: dict[str, Any]) -> list[Change]:
    """Work for the unit when a discharge summary went to others before it was known to be an error: they go by it."""
    if not is_summary(note):
        return []
    went = await deliveries(door, permit, note)
    names = ", ".join(dict.fromkeys(one.name for one in went.sent if one.state not in _NOT_THERE))
    if not names:
        return []
    now = datetime.now(UTC)
    task = written(
        kind="do",
        patient=(local(note["subject"]["reference"]) or "").removeprefix("Patient/"),
        owner=sender_of(note, permit),
        at=now,
        due=now + DEADLINES["deliver"],
        words=f"Epikrisen er feilført. Ring og si fra at den ikke gjelder til: {names}"[:500],
        focus=f"Composition/{note['id']}",
        requester=himself(permit),
        urgent=True,
    )
    labels = note.get("meta", {}).get("security")
    return [Change.create({**task, **({"meta": {"security": labels}} if labels else {})})]


_NOT_THERE = FAILED | {"resent", "other-receiver"}


async def _standing(door: Door, permit: Permit, note_id: str, version: int) -> Opened:
    found = await opened(door, permit, note_id)
    if not permit.signs:
        raise Forbidden(f"The role {permit.role} signs no notes, and corrects none.")
    if not found.writes:
        raise Conflict("The note is not signed yet, or stands as an error: there is nothing to add to.")
    _refuse_moved(found, version)
    return found


def _refuse_moved(found: Opened, version: int) -> None:
    if found.version != version:
        raise VersionMoved("The note was changed since you opened it. Nothing was overwritten.")


async def _store(
    door: Door,
    permit: Permit,
    found: Opened,
    made: dict[str, Any],
    section: dict[str, Any],
    changed: Changed,
    *,
    tasks: list[Change] | None = None,
    decision: Decision | None = None,
) -> Stored:
    note = {**found.note, **made}
    note["section"] = [*note.get("section", ()), section]
    if permit.signs:
        note["attester"] = [*note.get("attester", ()), signature("professional", permit)]
    else:
        note.pop("attester", None)
    labels = bool(note.get("meta", {}).get("security"))
    rights = acting(permit, "Composition", "Task") if labels else permit
    changes = [Change.update(note, if_match=found.version), *(tasks or ())]
    return (await change(door, rights, changes, decision=decision, ending=changed.ending))[0]


def _section(code: str, text: str, permit: Permit) -> dict[str, Any]:
    return {
        "title": TITLES[code],
        "code": section_code(code),
        "author": [himself(permit)],
        "text": narrative(text),
    }


def _reason(why: str) -> str:
    said = " ".join(why.split())[:500]
    if len(said) < SHORTEST_REASON:
        raise Invalid("Say in a sentence why. It stands in the note, and the patient can read it.")
    return said
