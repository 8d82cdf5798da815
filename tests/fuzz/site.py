"""The whole application on a real socket, in the loop of the test, so that what a test sees is what a client gets."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import httpx

from samjournal.server.app import create
from samjournal.server.connections import Connection
from samjournal.server.limits import Bounds
from samjournal.server.serve import Server
from samjournal.server.settings import Settings

PATIENCE = 30.0
"""Seconds after which a test gives up on an answer: nothing may hang."""


@dataclass(frozen=True)
class Site:
    """Where the application answers."""

    port: int

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def client(self, headers: dict[str, str] | None = None) -> httpx.AsyncClient:
        return httpx.AsyncClient(base_url=self.address, headers=headers, timeout=PATIENCE)

    async def open(self) -> Line:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port, limit=2**24)
        return Line(reader, writer)

    async def raw(self, sent: bytes, *, end: bool = True) -> bytes:
        """Everything that comes back on a connection of its own. With `end` nothing more is going to be sent."""
        line = await self.open()
        try:
            line.writer.write(sent)
            if end:
                line.writer.write_eof()
            return await line.rest()
        finally:
            line.close()


@dataclass(frozen=True)
class Line:
    """One connection, for what no HTTP client would send."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, sent: bytes) -> None:
        self.writer.write(sent)
        await self.writer.drain()

    async def answer(self) -> tuple[int, bytes]:
        """Status and body of the next answer."""
        async with asyncio.timeout(PATIENCE):
            head = (await self.reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
            return int(head.split()[1]), await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """What comes until the server closes the connection."""
        async with asyncio.timeout(PATIENCE):
            try:
                return await self.reader.read()
            except ConnectionError:
                return b""

    def close(self) -> None:
        self.writer.close()


@asynccontextmanager
async def serving(
    database: str,
    *,
    bounds: Bounds | None = None,
    connection: type[Connection] = Connection,
    origins: tuple[str, ...] = (),
) -> AsyncIterator[Site]:
    """The application for a migrated database with an installation, on a free port."""
    with socket.socket(proto=socket.IPPROTO_TCP) as place:
        place.bind(("127.0.0.1", 0))
        site = Site(place.getsockname()[1])
        settings = Settings(dsn=database, port=site.port, bounds=bounds or Bounds(), origins=origins)
        server = Server()
        server.configure(create(settings), connection=connection)
        work = asyncio.create_task(server.serve(sockets=[place]))
        while not server.started:
            assert not work.done(), "The server did not start."
            await asyncio.sleep(0.005)
        try:
            yield site
        finally:
            settings.stopping.set()
            server.should_exit = True
            await work
