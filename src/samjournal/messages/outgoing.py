"""A message to somebody who does not write in this record: one Communication for each receiver. House rule 5, README
7.1

    sending(message, now) -> list[Change]       to be stored with whatever it tells of, in the same transaction
    stepped(resource, state, now)               a message that has come to another state, with the time

From then on it is on its way: `delivery` tells how it goes on, and `closing` what a person does when it does not.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

from samjournal.fhir.parsing import compact_of
from samjournal.messages.making import bare, coded, instant
from samjournal.messages.states import DOCUMENT, KIND, NUMBER, VERSION, Sent, stating
from samjournal.record import Change, new_id

Resource = dict[str, Any]
OUTBOX: Final = "urn:samjournal:outbox"
"""The system of an identifier that a message has as long as it waits for a job: `signed`, `queued`, or `awaiting` its
receipt."""
STEP: Final = "urn:samjournal:step"
"""An extension with what a message came to, and when."""
ENDPOINT: Final = "urn:samjournal:endpoint"
"""An extension with the Endpoint that a message goes to."""
SENT_BY: Final = "urn:samjournal:sent-by"
SIGNED_BY: Final = "urn:samjournal:signed-by"
"""Extensions with the posts of who sent a message, and of who answers for what it says: one may send for another."""
WAITS: Final[dict[str, str]] = {"signed": "signed", "queued": "queued", "transported": "awaiting"}


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message as it is signed. `kind` is its code of 8279 with its name; `about` the reference of what it is made
    from; `sender` the unit, `by` the post of who sends it, `signer` that of who answers for its contents where that is
    another; `receiver` an organisation and `endpoint` the id of its Endpoint; `document` is what its versions have in
    common, `status` N, M or C, `answers` the MsgId that it answers; `text` what a person reads."""

    kind: tuple[str, str]
    about: str
    patient: str
    sender: Resource
    by: Resource
    receiver: Resource
    endpoint: str
    document: str
    text: str
    status: str = "N"
    answers: str = ""
    signer: Resource | None = None
    is_urgent: bool = False
    id: str = field(default_factory=new_id)
    number: str = field(default_factory=lambda: str(uuid4()))


def sending(message: Outgoing, now: datetime) -> list[Change]:
    """The changes that put a message on its way, when they are stored."""
    patient = {"subject": {"reference": f"Patient/{message.patient}"}} if message.patient else {}
    answers = {"inResponseTo": [{"identifier": {"system": NUMBER, "value": message.answers}}]}
    made = {
        "resourceType": "Communication",
        "id": message.id,
        "extension": [
            {"url": ENDPOINT, "valueReference": {"reference": f"Endpoint/{message.endpoint}"}},
            {"url": SENT_BY, "valueReference": message.by},
            {"url": SIGNED_BY, "valueReference": message.signer or message.by},
        ],
        "identifier": [
            {"system": NUMBER, "value": message.number},
            *([{"system": DOCUMENT, "value": message.document}] if message.document else []),
        ],
        **(answers if message.answers else {}),
        "category": [coded(KIND, *message.kind), *([coded(VERSION, message.status)] if message.status else [])],
        "priority": "urgent" if message.is_urgent else "routine",
        **patient,
        "topic": {"text": message.kind[1]},
        **({"about": [{"reference": message.about}]} if message.about else {}),
        "sent": instant(now),
        "recipient": [message.receiver],
        "sender": message.sender,
        "payload": [{"contentString": message.text}],
    }
    signed = stepped(made, "signed", now)
    return [Change("create", "Communication", message.id, signed, compact_of(signed))]


def stepped(message: Resource, state: Sent, now: datetime) -> Resource:
    """The message in another state: what it waits for, and the step with its time."""
    others = [one for one in message.get("identifier", ()) if one.get("system") != OUTBOX]
    waits = [{"system": OUTBOX, "value": WAITS[state]}] if state in WAITS else []
    step = {
        "url": STEP,
        "extension": [{"url": "state", "valueCode": state}, {"url": "at", "valueInstant": instant(now)}],
    }
    return {
        **bare(message),
        **stating(state),
        "identifier": [*others, *waits],
        "extension": [*message.get("extension", ()), step],
    }


def steps_of(message: Resource) -> list[tuple[str, datetime]]:
    """What a message came to, in order, with the times."""
    found = []
    for one in message.get("extension", ()):
        if one.get("url") == STEP:
            said = {each["url"]: each.get("valueCode") or each.get("valueInstant") for each in one["extension"]}
            found.append((str(said["state"]), datetime.fromisoformat(said["at"])))
    return found


def number_of(message: Resource) -> str:
    """The MsgId of a message."""
    return next((one["value"] for one in message.get("identifier", ()) if one.get("system") == NUMBER), "")


def endpoint_of(message: Resource) -> str:
    """The id of the Endpoint that a message goes to."""
    for one in message.get("extension", ()):
        if one.get("url") == ENDPOINT:
            return str(one["valueReference"]["reference"]).removeprefix("Endpoint/")
    return ""


def signer_of(message: Resource) -> Resource | None:
    """Who answers for what a message says, as a reference."""
    return next((one["valueReference"] for one in message.get("extension", ()) if one.get("url") == SIGNED_BY), None)


def kind_of(message: Resource) -> tuple[str, str]:
    """The code of 8279 and its name."""
    for each in message.get("category", ()):
        for one in each.get("coding", ()):
            if one.get("system") == KIND:
                return str(one.get("code", "")), str(one.get("display", ""))
    return "", ""
