"""Hazard: the broker or the way to it goes away in the middle, and a message with it."""

from __future__ import annotations

import asyncio
import random
import struct
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from uuid import uuid4

import pytest
from assets.broker import Broker

from exchange.letters import dialog, message
from exchange.queues import OURS, THEIRS, Desk, is_empty, place, put, receiving, transport
from samjournal.exchange import wire
from samjournal.exchange.amqp import FAULT, Amqp
from samjournal.exchange.transport import Arrived, Parcel, Taken, Unreachable
from samjournal.exchange.wire import encoding as as_

pytestmark = pytest.mark.anyio


_DETACH = as_.described(0x16, as_.uint(0), as_.boolean(True))
_CLOSED = struct.pack(">IBBH", len(_DETACH) + 8, 2, 0, 0) + _DETACH
"""That the broker closes our first link, which reads the queue `async`."""


class Line:
    """The way to a broker, which somebody cuts."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._open: set[asyncio.StreamWriter] = set()
        self._near: set[asyncio.StreamWriter] = set()
        self.cuts = 0

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            far_reader, far = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, far}
        self._near.add(writer)
        await asyncio.gather(_pump(reader, far), _pump(far_reader, writer))
        self._open -= {writer, far}
        self._near.discard(writer)

    def cut(self) -> None:
        self.cuts += 1
        for one in self._open:
            one.transport.abort()

    def say(self, frame: bytes) -> None:
        """As if the broker said it, between two frames of its own."""
        for one in self._near:
            one.write(frame)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.transport.abort()


@asynccontextmanager
async def lined(port: int) -> AsyncIterator[tuple[Line, int]]:
    line = Line(port)
    server = await asyncio.start_server(line.carry, "127.0.0.1", 0)
    try:
        yield line, server.sockets[0].getsockname()[1]
    finally:
        server.close()
        line.cut()


def letters(count: int) -> list[Parcel]:
    return [Parcel(str(uuid4()), "DIALOG_HELSEFAGLIG", THEIRS, OURS, _letter(number)) for number in range(count)]


def _letter(number: int) -> bytes:
    id_ = f"00000000-0000-4000-8000-{number:012}"
    return (
        message(dialog(), to=("800001", OURS), id_=id_).replace(b"900002", THEIRS.encode()).replace(b"900001", b"100")
    )


async def outbox(amqp: Amqp, parcels: Sequence[Parcel]) -> list[str]:
    """Send each till it is taken over, as the record's outbox does."""

    async def persistently(parcel: Parcel) -> str:
        while True:
            try:
                return await amqp.send(parcel)
            except Unreachable:
                await asyncio.sleep(0.1)

    return [await persistently(one) for one in parcels]


async def test_a_line_that_is_cut_again_and_again_loses_nothing(broker: Broker) -> None:
    parcels, chance = letters(100), random.Random(7)
    receipt = Parcel(str(uuid4()), "APPREC", OURS, THEIRS, b"<receipt/>")
    async with lined(broker.port) as (line, port):
        there = replace(place(broker), port=port)
        ours, theirs = transport(broker, OURS, place=there), transport(broker, THEIRS, place=there)
        async with receiving(ours, Desk(answers=[receipt])) as desk:
            cutting = asyncio.create_task(_cut(line, desk, chance))
            ids = await outbox(theirs, parcels)
            cutting.cancel()
            await _all_came(desk, ids)
        async with receiving(theirs, Desk()) as back:
            await back.until("came", len(parcels))
    assert line.cuts >= 3
    assert {one.data for one in desk.came} == {one.data for one in parcels}
    assert len(set(ids)) == len(parcels)
    assert await is_empty(broker, f"{OURS}_async")


async def test_a_broker_that_is_killed_loses_nothing_of_what_it_took_over(broker: Broker) -> None:
    """Killed, not stopped, with messages in its queues and on their way."""
    parcels = letters(40)
    theirs = transport(broker, THEIRS)
    waiting = await outbox(theirs, parcels[:10])
    async with receiving(transport(broker, OURS), Desk()) as desk:
        sending = asyncio.create_task(outbox(theirs, parcels[10:]))
        await desk.until("came", 5)
        broker.kill()
        await asyncio.to_thread(broker.start)
        ids = await sending
        await _all_came(desk, [*waiting, *ids])
    assert {one.data for one in desk.came} == {one.data for one in parcels}


@dataclass
class Night(Desk):
    """The record is away till each letter was tried a dozen times after a fault was heard; then one stumbles once more,
    behind another."""

    tries: set[bytes] = field(default_factory=set)
    since: Counter[bytes] = field(default_factory=Counter)
    unlucky: bytes = b""
    has_stumbled: bool = False

    async def take(self, arrived: Arrived) -> Taken:
        self.tries.add(arrived.data)
        self.since[arrived.data] += bool(self.failed)
        self.heard.set()
        is_night = len(self.tries) < 2 or min(self.since.values()) < 12
        if is_night or (arrived.data == self.unlucky and not self.has_stumbled):
            self.has_stumbled = not is_night and bool(self.came)
            raise OSError("the record is away")
        return await super().take(arrived)


async def test_a_night_without_the_record_makes_no_dead_letters(broker: Broker) -> None:
    """Neither though a fault is heard meanwhile, which needs no record: it does not say that the letters are wrong."""
    first, second = letters(2)
    await outbox(transport(broker, THEIRS), [first, second])
    desk = Night(unlucky=second.data)
    fault = wire.Message(str(uuid4()), subject=FAULT, properties={"originalMessageId": str(uuid4())})
    async with receiving(transport(broker, OURS, longest_wait=0.02), desk):
        await desk.until("tries", 2)
        await put(broker, f"{OURS}_error", fault)
        await desk.until("came", 2)
    assert desk.has_stumbled
    assert {one.data for one in desk.came} == {first.data, second.data}
    assert await is_empty(broker, f"{OURS}_dl")


async def test_a_queue_that_the_broker_closes_alone_is_read_again(broker: Broker) -> None:
    """The connection stays, with the other queues on it: nobody but the reader could see that one is not read."""
    first, second = letters(2)
    theirs = transport(broker, THEIRS)
    async with lined(broker.port) as (line, port):
        ours = transport(broker, OURS, place=replace(place(broker), port=port))
        async with receiving(ours, Desk()) as desk:
            await outbox(theirs, [first])
            await desk.until("came")
            line.say(_CLOSED)
            await outbox(theirs, [second])
            await desk.until("came", 2)
    assert {one.data for one in desk.came} == {first.data, second.data}


async def _cut(line: Line, desk: Desk, chance: random.Random) -> None:
    for _ in range(10):
        await desk.until("came", len(desk.came) + chance.randint(1, 9))
        line.cut()


async def _all_came(desk: Desk, ids: Sequence[str]) -> None:
    async with asyncio.timeout(180):
        while {one.id for one in desk.came} != set(ids):
            desk.heard.clear()
            await desk.heard.wait()
