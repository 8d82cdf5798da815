"""Links of a session: one sends to an address, one receives from it.

    await sender.send(data) -> int              the outcome: ACCEPTED, REJECTED, RELEASED …; raises Lost
    await receiver.next() -> Delivery           raises Lost when the connection or the link ended
    receiver.settle(delivery, outcome)

docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html §2.6
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from samjournal.exchange.wire import encoding as as_
from samjournal.exchange.wire.encoding import Described

ACCEPTED, REJECTED, RELEASED = 0x24, 0x25, 0x26
LARGEST: Final = 64 * 2**20
"""What one message may weigh."""
_TAKEN: Final = 0x14
Write = Callable[[bytes], None]


class Lost(Exception):
    """The connection, or the link, is no more. What was not settled comes again."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message as it came, and by which number it is settled."""

    number: int
    data: bytes


class Session:
    """What both kinds of links share: numbers of deliveries, and how much either side may send."""

    def __init__(self, write: Write, frame: int) -> None:
        self.write, self.frame = write, frame
        self.outgoing = 0
        """The number of the next frame that carries a part of a message."""
        self.incoming = 0
        self.window = 0
        """How many such frames the other side takes now."""
        self.deliveries = 0
        self.opened = asyncio.Event()

    def counts(self) -> tuple[bytes, bytes, bytes, bytes]:
        """The first four fields of a flow: there is no end to what we take, the links' credit rules that."""
        return as_.uint(self.incoming), as_.uint(2**31 - 1), as_.uint(self.outgoing), as_.uint(2**31 - 1)

    def flow(self, frame: Described) -> None:
        """The other side says how much more it takes."""
        expected = frame.field(0)
        self.window = ((expected if expected is not None else 0) + frame.field(1) - self.outgoing) & 0xFFFFFFFF
        self.opened.set()


class Link:
    """What is known of either kind of link. `failed` says why it ended, once it has."""

    def __init__(self, session: Session, name: str, handle: int) -> None:
        self.session, self.name, self.handle = session, name, handle
        self.attached: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.failed: Exception | None = None

    def fail(self, why: Exception) -> None:
        """It ended: whoever waits is told."""
        self.failed = self.failed or why
        if not self.attached.done():
            self.attached.set_exception(why)
            self.attached.exception()


class Sender(Link):
    """Sends messages, several at a time."""

    def __init__(self, session: Session, name: str, handle: int) -> None:
        super().__init__(session, name, handle)
        self._credit = self._sent = 0
        self._may = asyncio.Event()
        self._waiting: dict[int, asyncio.Future[int]] = {}

    async def send(self, data: bytes) -> int:
        """Send one and wait for what becomes of it."""
        parts = max(1, -(-len(data) // (self.session.frame - 512)))
        while self.failed is None and (self._credit < 1 or self.session.window < parts):
            waiting = self._may if self._credit < 1 else self.session.opened
            waiting.clear()
            await waiting.wait()
        if self.failed is not None:
            raise self.failed
        number = self.session.deliveries
        self.session.deliveries += 1
        self._credit -= 1
        self._sent += 1
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        self._transfer(number, data, parts)
        try:
            return int(await answer)
        finally:
            self._waiting.pop(number, None)

    def _transfer(self, number: int, data: bytes, parts: int) -> None:
        size = self.session.frame - 512
        for part in range(parts):
            head = as_.described(
                _TAKEN,
                as_.uint(self.handle),
                as_.uint(number),
                as_.binary(number.to_bytes(4)),
                as_.uint(0),
                as_.boolean(False),
                as_.boolean(part < parts - 1),
            )
            self.session.write(head + data[part * size : (part + 1) * size])
        self.session.outgoing += parts
        self.session.window -= parts

    def flow(self, frame: Described) -> None:
        """How many more messages the other side takes."""
        self._credit = ((frame.field(5) or 0) + (frame.field(6) or 0) - self._sent) & 0xFFFFFFFF
        self._may.set()

    def disposed(self, frame: Described) -> None:
        """What became of some that were sent."""
        first, last = frame.field(1), frame.field(2)
        state = frame.field(4)
        for number in range(first, (first if last is None else last) + 1):
            answer = self._waiting.get(number)
            if answer is not None and not answer.done() and isinstance(state, Described):
                answer.set_result(int(state.code))

    def fail(self, why: Exception) -> None:
        super().fail(why)
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(why)
        self._may.set()
        self.session.opened.set()


class Receiver(Link):
    """Receives messages, at most `credit` of them unsettled."""

    def __init__(self, session: Session, name: str, handle: int, credit: int) -> None:
        super().__init__(session, name, handle)
        self._credit, self._open, self._settled, self.count = credit, 0, 0, 0
        self._came: asyncio.Queue[Delivery | None] = asyncio.Queue()
        self._parts: list[bytes] = []
        self._number: int | None = None

    async def next(self) -> Delivery:
        """The next that came."""
        if self.failed is not None and self._came.empty():
            raise self.failed
        delivery = await self._came.get()
        if delivery is None:
            raise self.failed or Lost("The link ended.")
        return delivery

    def settle(self, delivery: Delivery, outcome: int) -> None:
        """Say what became of one; silent when the connection is gone, for then it comes again."""
        if self.failed is not None:
            return
        number = as_.uint(delivery.number)
        fields = (as_.boolean(True), number, number, as_.boolean(True), as_.described(outcome))
        self.session.write(as_.described(0x15, *fields))
        self._open -= 1
        self._settled += 1
        if self._settled * 2 >= self._credit:
            self.ask()

    def ask(self) -> None:
        """Give the other side credit for as many as may be open."""
        self._settled = 0
        credit = as_.uint(max(0, self._credit - self._open))
        fields = (*self.session.counts(), as_.uint(self.handle), as_.uint(self.count), credit)
        self.session.write(as_.described(0x13, *fields))

    def transferred(self, frame: Described, payload: bytes) -> None:
        """A message, or a part of one."""
        if self._number is None:
            self._number = frame.field(1)
        self._parts.append(payload)
        if frame.field(9):
            self._number, self._parts = None, []
        elif not frame.field(5):
            self.count = (self.count + 1) & 0xFFFFFFFF
            self._open += 1
            self._came.put_nowait(Delivery(self._number or 0, b"".join(self._parts)))
            self._number, self._parts = None, []

    def fail(self, why: Exception) -> None:
        super().fail(why)
        self._came.put_nowait(None)
