"""What a conversation is about, how soon it is answered, and how its messages say so.

A message is a Communication whose category says its kind (`KIND`); an answer that decides something says what in a
category too (`OUTCOME`). All messages of one conversation but the first name that first one in `partOf`.
hl7.org/fhir/R4/communication.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Literal, cast

from samjournal.fhir.keys import local
from samjournal.tasks import after

KIND: Final = "urn:samjournal:conversation-kind"
OUTCOME: Final = "urn:samjournal:answer"
BEHALF: Final = "urn:samjournal:on-behalf"
"""The extension of a message that says who wrote it for the patient: `name`, and `as` what."""
READ: Final = "urn:samjournal:read"
"""The extension of a message to the patient that says who read it, once for the patient and each kind of
representation: `as`, `at`."""

UNIT: Final = "urn:samjournal:of-unit"
"""The extension of a message from staff that says of which unit."""
STEP: Final = "urn:samjournal:step"
"""The extension of every message that says what it came to, with the time: here that the team opened it."""

Kind = Literal["question", "renewal", "correction", "deletion", "hiding", "look", "contact", "told", "moved"]
"""`contact`: the unit wrote first, and may be answered; `told`: it may not; `moved`: the patient is told that another
unit has it."""
ASKED: Final[tuple[Kind, ...]] = ("question", "renewal", "correction", "deletion", "hiding", "look")
"""What a patient begins, each answered by a person."""
ABOUT_RECORD: Final[tuple[Kind, ...]] = ("correction", "deletion", "hiding")
"""Demands about what stands in the record: helsepersonelloven §§ 42-44, pasientjournalloven § 17."""

Outcome = Literal["yes", "no", "visit", "granted", "partly", "refused", "noted"]
"""`noted`: it was read, and needs no answer: never of what began a conversation."""
OUTCOMES: Final[Mapping[Kind, tuple[Outcome, ...]]] = {
    "renewal": ("yes", "no", "visit"),
    **dict.fromkeys(ABOUT_RECORD, ("granted", "partly", "refused")),
}
"""What an answer decides, by kind. Others decide nothing."""

LONGEST: Final = 5
"""Working days: an e-consultation is answered within five. A unit may promise less, never more."""
MONTH: Final = 20
"""Working days within which a demand about the record is decided: a month, GDPR article 12 (3)."""
LOOK: Final = 5

Resource = Mapping[str, Any]


def deadline(kind: Kind, days: int, now: datetime) -> datetime:
    """Until when an answer is to be there, in working days; `days` is what the unit promises."""
    if kind in ABOUT_RECORD:
        return after(now, MONTH)
    return after(now, LOOK if kind == "look" else min(days, LONGEST))


def kind_of(message: Resource) -> Kind | None:
    """What kind of conversation a message is of; None for what is none."""
    found = _coded(message, KIND)
    return cast(Kind, found) if found else None


def outcome_of(message: Resource) -> Outcome | None:
    """What an answer decided."""
    found = _coded(message, OUTCOME)
    return cast(Outcome, found) if found else None


def category(system: str, code: str) -> dict[str, Any]:
    """An element of Communication.category."""
    return {"coding": [{"system": system, "code": code}]}


def begins(message: Resource) -> bool:
    """Whether it is the first of its conversation."""
    return not message.get("partOf") and not message.get("inResponseTo")


def root_of(message: Resource) -> str:
    """The id of the first message of its conversation, as far as it says."""
    for one in message.get("partOf") or ():
        type_, _, id_ = (local(str(one.get("reference") or "")) or "").partition("/")
        if type_ == "Communication":
            return id_
    return str(message["id"])


def is_from_patient(message: Resource) -> bool:
    """Whether the patient sent it, or somebody for the patient."""
    sender = local(str((message.get("sender") or {}).get("reference") or "")) or ""
    return sender.startswith("Patient/")


def behalf_of(message: Resource) -> tuple[str, str]:
    """Who wrote it for the patient, and as what; empty when the patient did."""
    for one in message.get("extension") or ():
        if one.get("url") == BEHALF:
            said = {each["url"]: str(each.get("valueString") or each.get("valueCode")) for each in one["extension"]}
            return said.get("name", ""), said.get("as", "")
    return "", ""


def read_at(message: Resource, as_: str) -> str | None:
    """When it was read by the patient ("self"), or by who acts for the patient as `as_`."""
    for one in message.get("extension") or ():
        if one.get("url") == READ:
            said = {each["url"]: each for each in one["extension"]}
            if said.get("as", {}).get("valueCode") == as_:
                return str(said["at"]["valueInstant"])
    return None


def _coded(message: Resource, system: str) -> str:
    for concept in message.get("category") or ():
        for one in concept.get("coding") or ():
            if one.get("system") == system:
                return str(one.get("code") or "")
    return ""
