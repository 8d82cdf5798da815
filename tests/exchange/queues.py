"""Two parties at one broker, for the tests: each with its certificates, and a register that knows both."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from assets.broker import PASSWORD, USER, Broker

from exchange.authorities import Authority
from samjournal.exchange import wire
from samjournal.exchange.amqp import Amqp, Setting
from samjournal.exchange.register import Party, Unknown
from samjournal.exchange.transport import Arrived, Failed, Parcel, Taken, Unreachable

OURS, THEIRS = "8141705", "93238"
CA = Authority("Queue CA")
SIGNING = {her: CA.signing(her) for her in (OURS, THEIRS)}
KEYS = {her: CA.encryption(her) for her in (OURS, THEIRS)}
TRUST = CA.trust()


def party(her: str, **changes: object) -> Party:
    made = Party(
        her=her,
        name=f"Part {her}",
        level="Service",
        parent="100",
        parent_name="Virksomheten",
        organisation_number="",
        is_active=True,
        is_valid=True,
        asked=datetime.now(UTC),
        agreement="51795e2c-9d39-44e0-9168-5bee38f20819" if her == THEIRS else "",
        queues={"error": f"tb.test.nhn.no/NHN/{her}_error"},
        encryption=(KEYS[her].certificate,),
        signing=(SIGNING[her].certificate,),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


@dataclass
class Registered:
    """A register of our own making."""

    parties: dict[str, Party] = field(default_factory=lambda: {her: party(her) for her in (OURS, THEIRS)})
    is_away: bool = False

    async def __call__(self, her: str, *, fresh: bool = False) -> Party:
        if self.is_away:
            raise Unreachable("the register does not answer")
        if her not in self.parties:
            raise Unknown(her)
        return self.parties[her]


def place(broker: Broker) -> wire.Place:
    return wire.Place("127.0.0.1", broker.port, USER, PASSWORD, patience=30)


def transport(broker: Broker, her: str, register: Registered | None = None, **changes: object) -> Amqp:
    setting = Setting(
        place=place(broker),
        hers=(her,),
        signing=SIGNING[her],
        keys=(KEYS[her],),
        trust=lambda: TRUST,
        first_wait=0.01,
        longest_wait=0.5,
    )
    return Amqp(replace(setting, **changes), register or Registered())  # type: ignore[arg-type]


@dataclass
class Desk:
    """Who takes messages: what came, what failed, which receipts were sent. It refuses so many, and all with
    poison in them; `answers` are its receipts."""

    answers: Sequence[Parcel] = ()
    refuses: int = 0
    poison: bytes | None = None
    refused: list[Arrived] = field(default_factory=list)
    came: list[Arrived] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    sent: list[Parcel] = field(default_factory=list)
    unsent: list[tuple[Parcel, str]] = field(default_factory=list)
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def take(self, arrived: Arrived) -> Taken:
        if len(self.refused) < self.refuses or (self.poison is not None and self.poison in arrived.data):
            self.refused.append(arrived)
            self.heard.set()
            raise OSError("the record is away")
        self.came.append(arrived)
        self.heard.set()
        receipts = [replace(one, answers=arrived.id) for one in self.answers]

        async def handed() -> None:
            self.sent += receipts
            self.heard.set()

        async def refused(receipt: Parcel, why: str) -> None:
            self.unsent.append((receipt, why))
            self.heard.set()

        return Taken(receipts, handed, refused)

    async def hear(self, fault: Failed) -> None:
        self.failed.append(fault)
        self.heard.set()

    async def until(self, what: str, count: int = 1) -> None:
        """Wait till so many came, failed or were sent."""
        async with asyncio.timeout(120):
            while len(getattr(self, what)) < count:
                self.heard.clear()
                await self.heard.wait()


@asynccontextmanager
async def receiving(amqp: Amqp, desk: Desk) -> AsyncIterator[Desk]:
    stopping = asyncio.Event()
    task = asyncio.create_task(amqp.receive(desk.take, stopping, desk.hear))
    try:
        yield desk
    finally:
        stopping.set()
        async with asyncio.timeout(60):
            await task


async def put(broker: Broker, queue: str, message: wire.Message) -> None:
    """Lay a message into a queue as anybody could."""
    out = wire.Outbound(place(broker))
    assert await out.send(queue, wire.written(message)) == wire.ACCEPTED
    await out.close()


async def taken(broker: Broker, queue: str, count: int = 1) -> list[wire.Message]:
    """Read so many messages from a queue."""
    connection = await wire.connected(place(broker))
    found = []
    try:
        link = await connection.receiver(queue, count)
        async with asyncio.timeout(60):
            for _ in range(count):
                delivery = await link.next()
                found.append(wire.read(delivery.data))
                link.settle(delivery, wire.ACCEPTED)
    finally:
        await connection.close()
    return found


async def is_empty(broker: Broker, queue: str) -> bool:
    """Whether nothing lies in a queue: what is laid there now comes first."""
    marked = wire.Message("00000000-0000-0000-0000-000000000000", subject="MARK")
    await put(broker, queue, marked)
    first = (await taken(broker, queue))[0]
    return first.id == marked.id
