"""A small HTTP/1.1 client over kept connections, so that little of what is measured is the client."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Self


@dataclass
class Client:
    """One connection. Answers are read whole; for `send` anything but 2xx is an error."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    head: bytes

    @classmethod
    async def open(cls, port: int, headers: dict[str, str]) -> Self:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**24)
        lines = {"host": f"127.0.0.1:{port}", "accept-encoding": "identity", **headers}
        return cls(reader, writer, "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode())

    async def send(self, method: str, path: str, body: bytes = b"") -> bytes:
        status, answer = await self.ask(method, path, body)
        if not 200 <= status < 300:
            raise RuntimeError(f"{method} {path}: {status} {answer[:300]!r}")
        return answer

    async def ask(self, method: str, path: str, body: bytes = b"", more: bytes = b"") -> tuple[int, bytes]:
        """Status and answer, whatever they are; `more` are further header lines."""
        self.writer.write(
            b"%b %b HTTP/1.1\r\n%b%bcontent-length: %d\r\n\r\n%b"
            % (method.encode(), path.encode(), self.head, more, len(body), body)
        )
        status = int((await self.reader.readline()).split()[1])
        length = 0
        while (line := await self.reader.readline()) != b"\r\n":
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return status, await self.reader.readexactly(length)

    def close(self) -> None:
        self.writer.close()
