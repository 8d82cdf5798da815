"""Where a message stands: one state for each receiver, with one owner as long as it is open. House rule 5.

A message is a Communication. Its `status` says whether something is still to happen, and the code in `statusReason`
says what: hl7.org/fhir/R4/communication.html. Each change of state is a version, so the history tells when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

SYSTEM: Final = "urn:samjournal:message-state"
NUMBER: Final = "urn:samjournal:message-id"
"""The MsgId of a message, as an identifier: unique for every message ever, changes and cancellations too."""
DOCUMENT: Final = "urn:samjournal:document-id"
"""What all versions of one message have in common: the id of the referral, the discharge summary, the conversation."""
CONVERSATION: Final = "urn:samjournal:conversation"
"""The MsgId of the first message of a conversation, which all messages in it have."""
DESK: Final = "urn:samjournal:desk"
"""An Organization with the identifier `messages` of this system sees to what comes for nobody else."""
VERSION: Final = "urn:oid:2.16.578.1.12.4.1.1.7309"
"""Whether a message is new (N), a change (M), a cancellation (C) or an addition (A)."""
KIND: Final = "urn:oid:2.16.578.1.12.4.1.1.8279"
"""What a message is for: the national code system of message types."""

Received = Literal[
    "received",
    "held",
    "refused",
    "cancelled",
    "superseded",
    "parked",
    "unplaced",
    "clash",
    "matched",
    "retaken",
    "put-away",
]
"""`received`: taken over, and a unit has it. `held`: a person finds the patient. `refused`: the sender was told.
`cancelled`: the sender took it back. `superseded`: a later version of it is here. `parked`: it cancels what has not
come. `unplaced`: for nobody here, and nobody was told. `clash`: its id stands for another message.
`matched`: a person found the patient, and it is kept anew in his record. `retaken`: it was for nobody here or had the
id of another, and was taken anew. `put-away`: a person at the desk looked at it, and said why nothing comes of it."""

Sent = Literal[
    "signed",
    "queued",
    "transported",
    "accepted",
    "opened",
    "acted",
    "rejected",
    "timed-out",
    "no-route",
    "resent",
    "other-receiver",
    "paper",
    "phone",
]
"""`signed`: somebody answers for it. `queued`: its bytes are made and wait for the transport. `transported`: the
transport has it. `accepted`: the receiver took responsibility (AppRec 1), which does not say that anybody read it.
`opened`, `acted`: the receiver read it, did something with it. `rejected`, `timed-out`, `no-route`: a person of the
sending unit sees to it, and `resent`, `other-receiver`, `paper`, `phone` say how."""
ON_ITS_WAY: Final[frozenset[str]] = frozenset({"signed", "queued", "transported"})
TAKEN_OVER: Final[frozenset[str]] = frozenset({"accepted", "opened", "acted"})
FAILED: Final[frozenset[str]] = frozenset({"rejected", "timed-out", "no-route"})
_STATUS: Final[dict[Received | Sent, str]] = {
    "received": "completed",
    "held": "on-hold",
    "refused": "not-done",
    "cancelled": "stopped",
    "superseded": "stopped",
    "parked": "on-hold",
    "unplaced": "not-done",
    "clash": "not-done",
    "matched": "completed",
    "retaken": "completed",
    "put-away": "stopped",
    "signed": "preparation",
    "queued": "preparation",
    "transported": "in-progress",
    "accepted": "completed",
    "opened": "completed",
    "acted": "completed",
    "rejected": "not-done",
    "timed-out": "not-done",
    "no-route": "not-done",
    "resent": "stopped",
    "other-receiver": "stopped",
    "paper": "stopped",
    "phone": "stopped",
}
TEXTS: Final[dict[Received | Sent, str]] = {
    "received": "Mottatt",
    "held": "Venter på at noen finner pasienten",
    "refused": "Avvist",
    "cancelled": "Kansellert av avsender",
    "superseded": "Endret av avsender",
    "parked": "Kansellerer noe som ikke er kommet",
    "unplaced": "Ikke til noen her",
    "clash": "Samme meldings-id som en annen melding",
    "matched": "Pasienten er funnet",
    "retaken": "Tatt inn på nytt",
    "put-away": "Lagt bort",
    "signed": "Signert",
    "queued": "Venter på å bli sendt",
    "transported": "Sendt",
    "accepted": "Mottatt",
    "opened": "Åpnet av mottaker",
    "acted": "Behandlet av mottaker",
    "rejected": "Avvist av mottaker",
    "timed-out": "Ingen kvittering i tide",
    "no-route": "Kunne ikke sendes",
    "resent": "Sendt på nytt",
    "other-receiver": "Sendt til en annen mottaker",
    "paper": "Sendt på papir",
    "phone": "Gitt på telefon",
}


def state_of(communication: Mapping[str, Any]) -> str:
    """The state that a Communication says, "" for one that is no message."""
    for one in communication.get("statusReason", {}).get("coding", ()):
        if one.get("system") == SYSTEM:
            return str(one.get("code", ""))
    return ""


def is_internal(communication: Mapping[str, Any]) -> bool:
    """Whether its number is one of ours, as the number it came with is another message's."""
    numbers = (str(one.get("value", "")) for one in communication.get("identifier", ()) if one.get("system") == NUMBER)
    return any(" " in one for one in numbers)


def stating(state: Received | Sent) -> dict[str, Any]:
    """The elements that say a state."""
    return {
        "status": _STATUS[state],
        "statusReason": {"coding": [{"system": SYSTEM, "code": state, "display": TEXTS[state]}]},
    }
