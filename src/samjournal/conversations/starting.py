"""Staff write to a citizen first, with or without an answer being taken.

start(door, permit, patient, topic, words, answers, once) -> str      the id of the message
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from samjournal.access import Permit
from samjournal.conversations.kinds import KIND, UNIT, category
from samjournal.conversations.saying import TOPIC, text_of
from samjournal.fhir.errors import Invalid
from samjournal.record import Change, Door, change, new_id
from samjournal.tasks.saying import himself, team

Resource = dict[str, Any]


async def start(
    door: Door, permit: Permit, patient_id: str, topic: str, words: str, *, answers: bool, once: str
) -> str:
    """Write to a patient whose record is open to the writer; `once` is a key of the form, so that a form that is sent
    twice is one message ("" then). Raises Invalid (no topic, no words), ReasonNeeded, Forbidden."""
    about = " ".join(topic.split())[:TOPIC]
    text = text_of(words)
    if not about:
        raise Invalid("Write what the message is about.")
    if not text:
        raise Invalid("Write the message.")
    permit.demand("c", "Communication")
    patient = {"reference": f"Patient/{door.persons.stays(patient_id)}"}
    message: Resource = {
        "resourceType": "Communication",
        "id": new_id(),
        "extension": [{"url": UNIT, "valueReference": team(permit)}],
        "status": "completed",
        "category": [category(KIND, "contact" if answers else "told")],
        "subject": patient,
        "topic": {"text": about},
        "sent": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "sender": himself(permit),
        "recipient": [patient],
        "payload": [{"contentString": text}],
    }
    claim = sha256(f"message {permit.actor} {once}".encode()).digest()
    stored = await change(door, permit, [replace(Change.create(message), id=message["id"])], claim=claim)
    return stored[0].id if stored else ""
