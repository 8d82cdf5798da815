"""A connection of AMQP 1.0 with one session.

    connected(place) -> Connection              raises Lost, Denied
    await connection.sender(address)            a link that sends; raises Lost, Denied
    await connection.receiver(address, credit)  a link that receives
    await connection.close()

docs.oasis-open.org/amqp/core/v1.0/os/amqp-core-transport-v1.0-os.html, …-security-v1.0-os.html §5.3 (SASL)
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import struct
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from samjournal.exchange.wire import encoding as as_
from samjournal.exchange.wire.encoding import Described, Malformed
from samjournal.exchange.wire.links import LARGEST, Link, Lost, Receiver, Sender, Session

_FRAME: Final = 131_072
_IDLE: Final = 60.0
"""Seconds without a sign of life after which the other side counts as gone."""
_SASL, _AMQP = b"AMQP\x03\x01\x00\x00", b"AMQP\x00\x01\x00\x00"


class Denied(Exception):
    """The broker does not let us in, or not to this address. Trying again does not help until somebody acts."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a broker is, and who comes. Without `user` it is a certificate of ours in `tls` that tells."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    tls: ssl.SSLContext | None = None
    patience: float = 20.0


async def connected(place: Place) -> Connection:
    """A connection with a session, ready for links."""
    try:
        async with asyncio.timeout(place.patience):
            reader, writer = await asyncio.open_connection(
                place.host, place.port, ssl=place.tls, server_hostname=place.host if place.tls else None
            )
            try:
                await _let_in(reader, writer, place)
                return await _opened(reader, writer, place)
            except BaseException:
                writer.close()
                raise
    except (OSError, TimeoutError, asyncio.IncompleteReadError, Malformed) as error:
        raise Lost(f"{place.host}:{place.port} cannot be reached: {error or type(error).__name__}") from None


async def _let_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: Place) -> None:
    writer.write(_SASL)
    if await reader.readexactly(8) != _SASL:
        raise Malformed("the other side speaks no AMQP 1.0 with SASL")
    offered, _ = await _frame(reader)
    names = offered.field(0) if offered else None
    mechanisms = names if isinstance(names, list) else [names]
    wanted = "PLAIN" if place.user else "EXTERNAL" if place.tls and "EXTERNAL" in mechanisms else "ANONYMOUS"
    if wanted not in mechanisms:
        raise Denied(f"{place.host} does not let in by {wanted}.")
    answer = f"\0{place.user}\0{place.password}".encode() if place.user else b""
    writer.write(_packed(as_.described(0x41, as_.symbol(wanted), as_.binary(answer), as_.string(place.host)), kind=1))
    outcome, _ = await _frame(reader)
    if outcome is None or outcome.code != 0x44 or outcome.field(0) != 0:
        raise Denied(f"{place.host} does not know {place.user or 'our certificate'} by this password or certificate.")


async def _opened(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, place: Place) -> Connection:
    writer.write(_AMQP)
    opening = as_.described(
        0x10,
        as_.string(f"samjournal-{uuid4()}"),
        as_.string(place.host),
        as_.uint(_FRAME),
        as_.ushort(0),
        as_.uint(int(_IDLE * 1000)),
    )
    beginning = as_.described(0x11, None, as_.uint(0), as_.uint(2**31 - 1), as_.uint(2**31 - 1))
    writer.write(_packed(opening) + _packed(beginning))
    if await reader.readexactly(8) != _AMQP:
        raise Malformed("the other side speaks no AMQP 1.0")
    frame, began = _FRAME, None
    idle: int | None = None
    while began is None:
        one, _ = await _frame(reader)
        if one is not None and one.code == 0x10:
            frame, idle = min(_FRAME, one.field(2) or _FRAME), one.field(4)
        elif one is not None and one.code == 0x11:
            began = one
        elif one is not None and one.code in (0x17, 0x18):
            raise Denied(f"{place.host}: {_why(one, 0)}")
    connection = Connection(reader, writer, frame)
    connection.session.incoming, connection.session.window = began.field(1) or 0, began.field(2) or 0
    connection.start((idle or int(_IDLE * 1000)) / 1000)
    return connection


class Connection:
    """One connection. When it ends, `lost` is set and every link has failed."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, frame: int) -> None:
        self._reader, self._writer = reader, writer
        self.session = Session(self._write, frame)
        self.lost = asyncio.Event()
        self._links: dict[str, Link] = {}
        self._theirs: dict[int, Link] = {}
        self._tasks: list[asyncio.Task[None]] = []
        self._handles = 0
        self._attaching: Link | None = None
        self._alone = asyncio.Lock()

    def start(self, idle: float) -> None:
        """Read what comes, and give signs of life."""
        self._tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._beat(idle / 2))]

    async def sender(self, address: str) -> Sender:
        """A link to an address."""
        link = Sender(self.session, f"out-{self._handles}-{address}", self._handles)
        self._handles += 1
        await self._attach(link, address, is_receiver=False)
        return link

    async def receiver(self, address: str, credit: int) -> Receiver:
        """A link from an address, with at most `credit` messages open."""
        link = Receiver(self.session, f"in-{self._handles}-{address}", self._handles, credit)
        self._handles += 1
        await self._attach(link, address, is_receiver=True)
        link.ask()
        return link

    async def _attach(self, link: Link, address: str, *, is_receiver: bool) -> None:
        async with self._alone:
            if self.lost.is_set():
                raise Lost("The connection is gone.")
            self._attaching = link
            try:
                await self._asked(link, address, is_receiver=is_receiver)
            finally:
                self._attaching = None

    async def _asked(self, link: Link, address: str, *, is_receiver: bool) -> None:
        self._links[link.name] = link
        here, there = as_.described(0x29 if is_receiver else 0x28), as_.string(address)
        other = as_.described(0x28 if is_receiver else 0x29, there, as_.uint(2))
        self._write(
            as_.described(
                0x12,
                as_.string(link.name),
                as_.uint(link.handle),
                as_.boolean(is_receiver),
                as_.ubyte(0),
                as_.ubyte(0),
                other if is_receiver else here,
                here if is_receiver else other,
                None,
                None,
                None if is_receiver else as_.uint(0),
                as_.ulong(LARGEST),
            )
        )
        try:
            async with asyncio.timeout(20):
                await link.attached
        except TimeoutError:
            raise Lost(f"The broker does not answer about {address}.") from None

    async def close(self) -> None:
        """Leave. What is not settled comes again."""
        if not self.lost.is_set():
            self._write(as_.described(0x18))
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(5):
                    await self._writer.drain()
                    await self.lost.wait()
        self._end(Lost("The connection was closed."))
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with contextlib.suppress(OSError, TimeoutError):
            async with asyncio.timeout(5):
                await self._writer.wait_closed()

    # --- What comes ---------------------------------------------------------------------------------------------------

    async def _read(self) -> None:
        try:
            while True:
                async with asyncio.timeout(_IDLE * 1.5):
                    frame, payload = await _frame(self._reader)
                if frame is not None and self._took(frame, payload):
                    return
        except (OSError, TimeoutError, asyncio.IncompleteReadError, Malformed) as error:
            self._end(Lost(f"The connection broke: {error or type(error).__name__}"))
        except Exception as error:  # (whatever the other side sent, nobody may wait for ever)
            self._end(Lost(f"The broker sent what nobody understands: {error!r}"[:300]))

    def _took(self, frame: Described, payload: bytes) -> bool:
        """Whether that was the end."""
        if frame.code == 0x14:
            self.session.incoming = (self.session.incoming + 1) & 0xFFFFFFFF
            receiver = self._theirs.get(frame.field(0))
            if isinstance(receiver, Receiver):
                receiver.transferred(frame, payload)
        elif frame.code == 0x13:
            self._flowed(frame)
        elif frame.code == 0x15:
            for link in self._links.values():
                if isinstance(link, Sender):
                    link.disposed(frame)
        elif frame.code == 0x12:
            self._attached(frame)
        elif frame.code == 0x16:
            self._detached(frame)
        elif frame.code in (0x17, 0x18):
            self._end(_refusal(frame, 0) or Lost("The broker ended the connection."))
            return True
        return False

    def _attached(self, frame: Described) -> None:
        link = self._links.get(frame.field(0))
        if link is None:
            return
        self._theirs[frame.field(1)] = link
        # A broker that refuses a link answers with one that leads nowhere, and detaches it at once.
        leads = frame.field(5 if isinstance(link, Receiver) else 6) is not None
        if leads and not link.attached.done():
            link.attached.set_result(None)

    def _detached(self, frame: Described) -> None:
        link = self._theirs.pop(frame.field(0), None)
        if link is not None:
            self._links.pop(link.name, None)
            link.fail(_refusal(frame, 2) or Lost("The broker ended the link."))
            self._write(as_.described(0x16, as_.uint(link.handle), as_.boolean(True)))

    def _flowed(self, frame: Described) -> None:
        self.session.flow(frame)
        link = self._theirs.get(frame.field(4)) if frame.field(4) is not None else None
        if isinstance(link, Sender):
            link.flow(frame)
        elif isinstance(link, Receiver) and frame.field(9):
            link.ask()

    def _end(self, why: Exception) -> None:
        # Some brokers end all of it for one link that they refuse: the others have done nothing wrong.
        self.lost.set()
        for link in list(self._links.values()):
            link.fail(why if link is self._attaching or not isinstance(why, Denied) else Lost(str(why)))
        self._writer.close()

    # --- What goes ----------------------------------------------------------------------------------------------------

    def _write(self, body: bytes) -> None:
        if not self.lost.is_set():
            self._writer.write(_packed(body))

    async def _beat(self, every: float) -> None:
        while not self.lost.is_set():
            await asyncio.sleep(max(0.5, every))
            if not self.lost.is_set():
                self._writer.write(_packed(b""))


# --- Frames -----------------------------------------------------------------------------------------------------------


def _packed(body: bytes, kind: int = 0) -> bytes:
    return struct.pack(">IBBH", len(body) + 8, 2, kind, 0) + body


async def _frame(reader: asyncio.StreamReader) -> tuple[Described | None, bytes]:
    """A frame and what lies behind its performative; None for a sign of life."""
    size, offset, _kind, _channel = struct.unpack(">IBBH", await reader.readexactly(8))
    if size < 8 or offset < 2 or size > 2**24:
        raise Malformed("no frame of AMQP")
    body = (await reader.readexactly(size - 8))[offset * 4 - 8 :]
    if not body:
        return None, b""
    value, at = as_.decode(body)
    if not isinstance(value, Described):
        raise Malformed("a frame begins with a performative")
    return value, body[at:]


def _why(frame: Described, place: int) -> str:
    error = frame.field(place)
    if not isinstance(error, Described):
        return "no reason given"
    return ": ".join(str(part) for part in (error.field(0), error.field(1)) if part)[:300]


_LASTING = ("not-found", "unauthorized", "not-allowed", "precondition", "invalid-field", "not-implemented", "forbidden")


def _refusal(frame: Described, place: int) -> Exception | None:
    """Denied for what does not pass by itself."""
    if not isinstance(frame.field(place), Described):
        return None
    why = _why(frame, place)
    return Denied(why) if any(word in why for word in _LASTING) else Lost(why)
