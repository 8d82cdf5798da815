"""A message of a citizen, as it is written: by the patient, or by who acts for the patient, who is named."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from samjournal.access import Permit
from samjournal.conversations.kinds import BEHALF, KIND, Kind, category
from samjournal.record import Door, new_id

Resource = dict[str, Any]
LONGEST: Final = 4000
TOPIC: Final = 100


def message_of(door: Door, permit: Permit, to: Resource, kind: Kind, topic: str, words: str, now: datetime) -> Resource:
    patient = door.persons.stays(permit.patient or "")
    acts = permit.represents
    behalf = {
        "url": BEHALF,
        "extension": [
            {"url": "name", "valueString": permit.name},
            {"url": "as", "valueCode": acts.kind if acts else ""},
        ],
    }
    return {
        "resourceType": "Communication",
        "id": new_id(),
        **({"extension": [behalf]} if acts else {}),
        "status": "completed",
        "category": [category(KIND, kind)],
        "subject": {"reference": f"Patient/{patient}"},
        "topic": {"text": topic},
        "sent": now.isoformat(timespec="milliseconds"),
        "recipient": [to],
        "sender": {"reference": f"Patient/{patient}"},
        "payload": [{"contentString": words}],
    }


def text_of(words: str) -> str:
    """What somebody wrote, without spaces at the ends of its lines."""
    return "\n".join(line.rstrip() for line in words.strip().splitlines())[:LONGEST]
