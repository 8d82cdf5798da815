"""What is stored of a message for one of its receivers: the bytes as they came, what a person reads, and the work.

Made(message, place, state, unit, patient, receipt, now)    with document, communication and task
created(resource) -> Change                                 one of them, which must not be there yet
bare(resource)                                              a resource as it is written again
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from samjournal.fhir.identifiers import HER
from samjournal.fhir.parsing import compact_of
from samjournal.fhir.primitives import FORMATS
from samjournal.messages.incoming import FROM, Attached, Incoming, name_of, sender_number, sender_of, sender_within
from samjournal.messages.states import CONVERSATION, DOCUMENT, KIND, NUMBER, VERSION, Received, stating
from samjournal.record import Change, Condition
from samjournal.tasks import written
from samjournal.tasks.kinds import DEADLINES, Kind

Resource = dict[str, Any]
ANSWERED_WITHIN: Final = timedelta(hours=96)
"""A sender who has heard nothing so long after GenDate counts his message as not delivered. HISD 1168"""
_MARGIN = timedelta(hours=24)
"""So long before that a person must have found the patient."""
_ASKING = frozenset({"DIALOG_FORESPORSEL", "DIALOG_HELSEFAGLIG"})
_URGENT = timedelta(hours=2)
_NEW = Condition(none_match=frozenset({"*"}))
UNREAD: Final = ". Den kunne ikke legges inn i journalen: les den her"
RECEIPT: Final = "Kvittering"
ERRORS: Final = "urn:oid:2.16.578.1.12.4.1.1.8221"
DUE: Final = "urn:samjournal:receipt"
"""The system of an identifier that a message has until its receipt is on its way, when a decision made it due."""
_XML = "application/xml"
_LONGEST: Final = 1_000_000
CUT: Final = "\n\n[Teksten er lengre enn det som vises. Resten står i meldingen som den kom.]"
_MIME: Final = FORMATS["http://hl7.org/fhir/ValueSet/mimetypes"][0]


def created(resource: Resource) -> Change:
    """A resource that must not be there yet."""
    return Change("update", resource["resourceType"], resource["id"], resource, compact_of(resource), _NEW)


@dataclass(frozen=True, slots=True)
class Made:
    """What is stored of a message for one of its receivers. `about` are the resources that it became or is about,
    `answered` the Communication that it answers; `unread`: it should have become resources, and is words alone;
    `due`: a receipt with these errors is to be made, None for none."""

    message: Incoming
    place: int
    state: Received
    unit: Resource
    patient: str
    receipt: bytes | None
    now: datetime
    about: tuple[str, ...] = ()
    answered: str = ""
    unread: bool = False
    due: tuple[str, ...] | None = None

    @property
    def id(self) -> str:
        return name_of(self.message, self.place)

    @property
    def _about(self) -> Resource:
        return {"subject": {"reference": f"Patient/{self.patient}"}} if self.patient else {}

    @property
    def _kind(self) -> Resource:
        return coded(KIND, *self.message.kind)

    @property
    def _sender(self) -> Resource:
        number = sender_number(self.message)
        identifier = {"identifier": {"system": HER, "value": number}} if number else {}
        return {"display": sender_of(self.message), **identifier}

    @property
    def document(self) -> Resource:
        """The message as it came, byte for byte, and the files in it."""
        message = self.message
        attachments = [message.original, *message.files]
        return {
            "resourceType": "DocumentReference",
            "id": self.id,
            "masterIdentifier": {"system": NUMBER, "value": message.id or self.id},
            "status": "current" if self.state in ("received", "held", "parked") else "superseded",
            "type": self._kind,
            **self._about,
            "date": instant(self.now),
            "author": [self._sender],
            "custodian": self.unit,
            "description": message.about,
            "content": [{"attachment": attachment(one)} for one in attachments],
        }

    @property
    def communication(self) -> Resource:
        """What a person reads, and where the message stands."""
        message = self.message
        numbers: tuple[tuple[str, str], ...] = (
            (NUMBER, message.id or self.id),
            (DOCUMENT, message.document),
            (CONVERSATION, message.conversation),
        )
        state = stating(self.state)
        if self.due is not None:
            numbers = (*numbers, (DUE, "due"))
            state["statusReason"]["coding"] += [{"system": ERRORS, "code": code} for code in self.due]
        answers: Resource = {"identifier": {"system": NUMBER, "value": message.answers}}
        if self.answered:
            answers["reference"] = f"Communication/{self.answered}"
        return {
            "resourceType": "Communication",
            "id": self.id,
            **({"extension": [{"url": FROM, "valueString": within}]} if (within := sender_within(message)) else {}),
            "identifier": [{"system": system, "value": value} for system, value in numbers if value],
            **({"inResponseTo": [answers]} if message.answers else {}),
            **state,
            "category": [self._kind, *([coded(VERSION, message.status)] if message.status else [])],
            "priority": "urgent" if message.is_urgent else "routine",
            **self._about,
            "topic": {"text": message.about},
            **({"about": [{"reference": one} for one in self.about]} if self.about else {}),
            "sent": instant(message.made),
            "received": instant(self.now),
            "recipient": [self.unit],
            "sender": self._sender,
            "payload": [
                {"contentString": _shown(message.text or message.about)},
                {"contentReference": {"reference": f"DocumentReference/{self.id}"}},
                *([{"contentAttachment": attachment(Attached(_XML, RECEIPT, self.receipt))}] if self.receipt else []),
            ],
        }

    @property
    def task(self) -> Resource | None:
        """On whom it waits; None where nothing is left to do here."""
        words = _words(self.message, self.state, self.now)
        if words is None:
            return None
        words += UNREAD if self.unread else ""
        kind: Kind = "answer" if self.message.kind[0] in _ASKING and self.state == "received" else "do"
        made = written(
            kind=kind,
            patient=self.patient,
            owner=self.unit,
            at=self.now,
            due=self._due(kind),
            words=words,
            focus=f"Communication/{self.id}",
            urgent=self.message.is_urgent,
        )
        return {**made, "id": self.id}

    def _due(self, kind: Kind) -> datetime:
        if self.message.is_urgent:
            return self.now + _URGENT
        if self.state == "held":
            return max(min(self.message.made + ANSWERED_WITHIN - _MARGIN, self.now + _MARGIN), self.now + _URGENT)
        return self.now + DEADLINES[kind]


def _shown(text: str) -> str:
    """What a person reads: a string holds a megabyte, and the message itself lies beside it."""
    whole = text.encode()
    return text if len(whole) <= _LONGEST else whole[:_LONGEST].decode(errors="ignore") + CUT


def _words(message: Incoming, state: Received, now: datetime) -> str | None:
    """What is to be done with a message, in the words of a list."""
    said = f"{message.about} fra {sender_of(message)}"
    match state:
        case "received" if message.status == "C":
            return f"Kansellert av avsender: {said}"
        case "received":
            return f"{'Endret av avsender: ' if message.status == 'M' else ''}{said}"
        case "superseded" if message.status == "M" and now - message.made > ANSWERED_WITHIN:
            # No sender waits so long: his clock may be wrong, and this may be the newest all the same.
            return f"Kom etter en nyere versjon, men datoen kan være feil. Se hvilken som gjelder: {said}"
        case "held":
            return f"Finn pasienten: {said}"
        case "parked":
            return f"Kansellerer noe som ikke er kommet: {said}"
        case "clash":
            return f"Har samme id som en annen melding: {said}"
        case "unplaced" if message.receivers and not message.sender:
            return f"Kan ikke legges inn, og ingen avsender som kan få svar: {message.about}"
        case "unplaced":
            return f"Til ingen som er kjent her: {said}"
        case _:
            return None


def coded(system: str, code: str, name: str = "") -> Resource:
    code = " ".join(code.split())
    if not code:
        return {"text": name or "Ukjent"}
    return {"coding": [{"system": system, "code": code, **({"display": name} if name else {})}]}


def attachment(one: Attached) -> Resource:
    """A file as an Attachment; one that came empty says so."""
    mime = " ".join(one.mime.split())
    mime = mime if _MIME.fullmatch(mime) else "application/octet-stream"
    if not one.data:
        return {"contentType": mime, "title": f"{one.title} (kom tomt)"}
    return {"contentType": mime, "title": one.title, "data": base64.b64encode(one.data).decode()}


def bare(resource: Mapping[str, Any]) -> Resource:
    """A resource as it is written again: who may read it stays as it was said."""
    meta = {name: value for name, value in resource.get("meta", {}).items() if name in ("security", "tag")}
    plain = {name: value for name, value in resource.items() if name != "meta"}
    return {**plain, "meta": meta} if meta else plain


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
