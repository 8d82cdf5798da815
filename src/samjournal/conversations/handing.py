"""A question goes on to another team of the patient, and the patient is told by whom and to whom.

    hand_over(door, permit, task, version, unit, words) -> Stored

Its deadline stays. What the patient reads and the Task that moves are stored together.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from samjournal.access import Permit
from samjournal.conversations.kinds import KIND, UNIT, category, is_from_patient, kind_of, root_of
from samjournal.conversations.teams import Unwritable, other_teams
from samjournal.fhir.errors import Conflict
from samjournal.fhir.reserved import ORDINARY, part_of
from samjournal.record import Change, Door, Stored, change, new_id, read
from samjournal.tasks.doing import opened
from samjournal.tasks.saying import himself, with_note, without_also

_LONGEST = 500


async def hand_over(door: Door, permit: Permit, id_: str, version: int, unit: str, words: str = "") -> Stored:
    """The team of `unit` (`Organization/7`) has it from now on; `words` are for the patient and for them. Raises
    Conflict (it is no question of a patient, or is done), Unwritable (no team of the patient, or none that takes
    messages), VersionMoved."""
    task, what = await opened(door, permit, id_, version)
    type_, _, focus = what.focus.partition("/")
    message = (await read(door, permit, type_, focus)).resource() if type_ == "Communication" else {}
    if what.kind != "answer" or not is_from_patient(message) or kind_of(message) is None:
        raise Conflict("What goes to another team in this way is a question of a patient.")
    if part_of(message) != ORDINARY:
        raise Conflict("The question is about what is reserved for this unit, so nobody else reads it.")
    to = next(
        (one for one in await other_teams(door, permit, what.patient.partition("/")[2]) if one.unit == unit), None
    )
    if to is None:
        raise Unwritable("unknown")
    now = datetime.now(UTC)
    text = " ".join(words.split())[:_LONGEST]
    told = {
        "resourceType": "Communication",
        "id": new_id(),
        "extension": [{"url": UNIT, "valueReference": to.reference}],
        "partOf": [{"reference": f"Communication/{root_of(message)}"}],
        "status": "completed",
        "category": [category(KIND, "moved")],
        "subject": message["subject"],
        **({"topic": message["topic"]} if message.get("topic") else {}),
        "sent": now.isoformat(timespec="milliseconds"),
        "sender": himself(permit),
        "recipient": [message["subject"]],
        "payload": [{"contentString": text or f"Meldingen er gitt videre til {to.name}."}],
    }
    gone = {**without_also(task), "status": "requested", "owner": to.reference}
    gone = {name: value for name, value in with_note(gone, permit, words, now).items() if name != "meta"}
    gone["lastModified"] = now.isoformat(timespec="milliseconds")
    moved = Change.update(gone, if_match=version)
    return (await change(door, permit, [moved, replace(Change.create(told), id=told["id"])]))[0]
