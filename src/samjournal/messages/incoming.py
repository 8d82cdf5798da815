"""A message that came, as plain values, and what it is known by. HIS 80601

name_of(message, place), claim_of(message)      the id of what is kept for a receiver; that it came
sender_of(message), sender_number(message)      who sent it, for people and for comparing
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from samjournal.messages.addressing import Level
from samjournal.messages.subjects import Said

AGAIN: Final = "-a"
"""How the id of what was taken anew ends."""
FROM: Final = "urn:samjournal:from"
"""An extension of a message from outside: the HER-id of the service or person that sent it, the innermost."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came along, or the message itself."""

    mime: str
    title: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message as plain values. `kind` is its code of 8279 with its name; `made` is when it was written; `receivers`
    are addresses; `document` is what its versions have in common, `answers` the MsgId that it answers, `conversation`
    the MsgId of the first message of its conversation; `status` N, M, C or A; `about` a heading for a list, `text` all
    that a person reads. `is_old`: from before there were HER-ids; `fault`: it cannot be taken over, and the sender is
    told. `again`: which of its receivers it is taken anew for, as nobody here had what was kept first."""

    id: str
    kind: tuple[str, str]
    made: datetime
    sender: tuple[Level, ...]
    receivers: tuple[tuple[Level, ...], ...]
    patient: Said | None
    document: str
    answers: str
    status: str
    about: str
    text: str
    original: Attached
    files: tuple[Attached, ...] = ()
    conversation: str = ""
    is_old: bool = False
    is_urgent: bool = False
    fault: bool = False
    again: int | None = None


def sender_of(message: Incoming) -> str:
    """Who sent a message, as a person says it."""
    names = [level.name for level in message.sender if level.name]
    return ", ".join(dict.fromkeys(reversed(names))) or "ukjent avsender"


def sender_number(message: Incoming) -> str:
    """The HER-id of the organisation that sent a message."""
    return message.sender[0].number("HER") if message.sender else ""


def sender_within(message: Incoming) -> str:
    """The HER-id of the service or person that sent it; "" where there is none but the organisation's."""
    return message.sender[-1].number("HER") if len(message.sender) > 1 else ""


def whence(message: Incoming) -> str:
    """The sender, as far as a message says it: two senders may use the same MsgId by mistake."""
    return " ".join(level.number("HER") or level.number("ENH") for level in message.sender)


def name_of(message: Incoming, place: int) -> str:
    """The id of what is kept of a message for one of its receivers."""
    digest = sha256(f"{whence(message)} {message.id} {place}".encode()).hexdigest()
    return f"message-{digest[:32]}{AGAIN if message.again is not None else ''}"


def claim_of(message: Incoming) -> bytes:
    anew = f" again {message.again}" if message.again is not None else ""
    return sha256(f"message {whence(message)} {message.id}{anew}".encode()).digest()
