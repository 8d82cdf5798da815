"""What all letters have in common, whatever they are about: who sends what to whom about whom, with which files.

    letter_of(envelope) -> Letter       the same values of a message that came

`Passage` is text under a heading: messages differ in what they say, and hardly in how.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from samjournal.exchange.envelope import Envelope, Party, Person
from samjournal.exchange.xml import Coded, text
from samjournal.fhir.dates import OSLO

STATUSES: Final = {"N": "Ny", "M": "Endring", "C": "Kansellering"}
"""Code system 7309."""
NOBODY: Final = Party("")


class NotWritable(Exception):
    """What is to be sent cannot be written as this kind and version of message. Said for a person, without anything of
    the patient."""


@dataclass(frozen=True, slots=True)
class Passage:
    """Text under a heading: its code, and what it is called."""

    heading: Coded
    text: str


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along."""

    name: str
    mime: str
    data: bytes


HELPER: Final = Coded("SEK", "2.16.578.1.12.4.1.1.8254", "Sekretær")
"""Who sends on behalf of another (8254)."""


@dataclass(frozen=True, slots=True)
class Letter:
    """The outside of a message. `kind` is its code of 8279, `id` its MsgId, `document` what all its versions have in
    common, `status` N, M or C; `made` is when the message was made, `written` when what it says was; `author` is the
    professional who answers for it, `helper` who sends it on his behalf. `parent` is the MsgId before it in the
    conversation, `conversation` the first."""

    kind: Coded
    id: str
    made: datetime
    written: datetime
    status: str
    document: str
    sender: Party
    receiver: Party
    patient: Person
    author: Party = NOBODY
    helper: Party = NOBODY
    copies: tuple[Party, ...] = ()
    files: tuple[File, ...] = ()
    parent: str = ""
    conversation: str = ""


def letter_of(read: Envelope) -> Letter:
    """The outside of a message that came, as far as its envelope tells it. What is missing is empty."""
    primary = [party for party, role in read.receivers if role == "PRIM"]
    made = moment(read.made)
    content = next((one for one in read.documents if one.body is not None), None)
    return Letter(
        kind=read.kind,
        id=read.id,
        made=made,
        written=moment(content.issued) if content and content.issued else made,
        status=read.status,
        document=document_of(read),
        sender=read.sender,
        receiver=primary[0] if primary else NOBODY,
        patient=read.patient or Person("", "", "", "", ()),
        copies=tuple(party for party, role in read.receivers if role == "COP"),
        files=tuple(File(one.about, one.mime, one.data) for one in read.documents if one.data is not None),
        parent=read.parent,
        conversation=read.conversation if read.form == "MsgHead" else "",
    )


def document_of(read: Envelope) -> str:
    """What all versions of a message have in common; the id of a referral is in what it says, whatever conversation it
    belongs to (HISD 1154)."""
    return text(read.content, "DocumentId") or read.conversation or read.id


def moment(written: str) -> datetime:
    """A moment as messages write it; without a zone it is of Oslo, and what cannot be read is the first of all."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)
    return at if at.tzinfo else at.replace(tzinfo=OSLO)
