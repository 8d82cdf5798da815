"""How messages are carried: a port that each transport implements, whatever it is.

    Transport.send(parcel) -> str               its own id for it, once taken over; raises Unreachable, Refused
    Transport.receive(take, stopping, …)        hands over what comes until it is told to stop

At least once: a parcel that was sent when the network broke is sent again with the same MsgId, and one that was not
taken comes again. That nothing is done twice is the record's to see to.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way out. `id` is its MsgId (an AppRec's own id), `kind` its code of 8279, `sender` and
    `receiver` HER-ids of the second level, `address` where the receiver's Endpoint says that it is to be sent;
    `answers` is the transport's own id of what it answers, "" for none.

    `attempt` counts from 1, and is raised when it is sent anew after a fault came back (`Failed`), for then the
    transport's id must be another; after Unreachable it stays, for then the id must be the same."""

    id: str
    kind: str
    sender: str
    receiver: str
    data: bytes
    address: str = ""
    answers: str = ""
    attempt: int = 1


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as a transport hands it over: `id` is the transport's own, `sender` the HER-id that it vouches for (""
    for a transport that vouches for nobody), `fault` a code of 8221 (S01, S02, S03 …) with words where signature or
    certificate do not hold."""

    id: str
    data: bytes
    sender: str = ""
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Failed:
    """The receiver's side could not take what was sent, before anybody read it: `id` is the transport's own of that
    parcel, `condition` a word such as `transport:expired-certificate`, `words` what was said about it."""

    id: str
    condition: str
    words: str


class Unreachable(Exception):
    """The transport could not be reached, or has not answered: the same parcel is to be tried again later."""


class Refused(Exception):
    """The transport will never carry this parcel: no such receiver, no certificate, too large. Said in words for a
    person, without anything of the patient."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message was taken over for good: the receipts that are to be sent, and what to call when they are on their way.
    Only then may the transport forget the message. `refused` is told which of them it will never carry, and why."""

    receipts: Sequence[Parcel]
    handed: Callable[[], Awaitable[None]]
    refused: Callable[[Parcel, str], Awaitable[None]] | None = None


Take = Callable[[Arrived], Awaitable[Taken]]
"""Take a message over. When it raises, the message comes again."""
Heard = Callable[[Failed], Awaitable[None]]
"""Hear that something sent before failed. When it raises, it is told again."""


class Transport(Protocol):
    """One way that messages are carried."""

    @property
    def name(self) -> str:
        """As Endpoint.connectionType has it: `no-amqp`, `folder`, `sftp`."""
        ...

    async def send(self, parcel: Parcel) -> str: ...

    async def receive(self, take: Take, stopping: asyncio.Event, failed: Heard | None = None) -> None: ...
