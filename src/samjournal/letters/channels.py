"""How notices leave: ports that each channel implements. What a channel is given is the same for everybody but for
where it goes.

    Channel.send(parcel) -> str     the other side's own id, once it has taken it; raises Unreachable, Refused

At least once: when nothing was heard, the same parcel is sent again with the same id, which is the idempotency key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from uuid import UUID

from samjournal.letters.contacts import Register
from samjournal.letters.push import Push


class Channel(Protocol):
    """One way out to an address: a mobile number, an e-mail address, a printing house."""

    async def send(self, parcel: Parcel) -> str: ...


@dataclass(frozen=True, slots=True)
class Parcel:
    """What goes out. `to` is the number or address, `language` nb, nn or en; `data` is the PDF of a letter; after
    `before` it means nothing any more."""

    id: UUID
    to: str
    title: str
    text: str
    language: str
    is_urgent: bool = False
    before: datetime | None = None
    data: bytes = b""


@dataclass(frozen=True)
class Channels:
    """What the operator set up. `address` is where citizens sign in, without a slash at the end; `phone` a number that
    letters tell; `register` None: the record's own telecom counts; `quiet` from which hour in Oslo until which nothing
    but what is urgent leaves."""

    by_name: Mapping[str, Channel] = field(default_factory=dict)
    push: Push | None = None
    register: Register | None = None
    address: str = ""
    phone: str = ""
    quiet: tuple[int, int] = (21, 8)

    @property
    def link(self) -> str:
        return f"{self.address}/portal"

    def has(self, name: str) -> bool:
        return name in self.by_name or (name == "push" and self.push is not None)
