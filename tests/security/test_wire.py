"""Where a request ends is beyond doubt, and its headers are words: over a real socket. RFC 9112, section 6.3"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator

import pytest
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from samjournal.server.logs import _Json
from samjournal.server.serve import Server

pytestmark = pytest.mark.anyio


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})
        return
    await Response(scope["path"].encode())(scope, receive, send)


@pytest.fixture(scope="module")
async def port(anyio_backend: str) -> AsyncIterator[int]:
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        server = Server()
        server.configure(echo)
        work = asyncio.create_task(server.serve(sockets=[bound]))
        while not server.started:
            assert not work.done()
            await asyncio.sleep(0.005)
        yield bound.getsockname()[1]
        server.should_exit = True
        await work


async def said(port: int, sent: bytes) -> bytes:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sent)
    writer.write_eof()
    async with asyncio.timeout(20):
        answer = await reader.read()
    writer.close()
    return answer


HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lengths",
    [
        b"Content-Length: 0\r\nContent-Length: 40\r\n",
        b"Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n",
        b"Transfer-Encoding: xchunked\r\n",
        b"Transfer-Encoding : chunked\r\n",
        b"Content-Length: +0\r\n",
        b"Content-Length: 0x10\r\n",
        b"Content-Length: -1\r\n",
    ],
)
async def test_a_request_whose_end_is_in_doubt_is_refused_with_all_behind_it(port: int, lengths: bytes) -> None:
    answer = await said(port, b"POST /first HTTP/1.1\r\nHost: x\r\n" + lengths + b"\r\n" + HIDDEN)
    assert b"/hidden" not in answer
    assert answer.startswith(b"HTTP/1.1 400")


@pytest.mark.parametrize("line", [b"X: a\r\n\tfolded: b\r\n", b"X: a\x00b\r\n", b" X: a\r\n", b"X\x01: a\r\n"])
async def test_a_header_that_is_none_is_refused(port: int, line: bytes) -> None:
    answer = await said(port, b"GET /first HTTP/1.1\r\nHost: x\r\n" + line + b"\r\n")
    assert b"/first" not in answer.partition(b"\r\n\r\n")[2] or b"\x00" not in answer
    assert b"HTTP/1.1 5" not in answer


async def test_a_sound_request_is_answered(port: int) -> None:
    assert (await said(port, b"POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n" + HIDDEN)).count(
        b"200"
    ) == 2


def test_a_line_end_in_a_word_begins_no_line_of_the_log() -> None:
    record = logging.makeLogRecord({"msg": "said %s", "args": ('x\n{"level":"info"}\r\u2028\x1b[2J',), "name": "n"})
    record.told = "a\nb"
    line = _Json().format(record)
    assert len(line.splitlines()) == 1 or "\n" not in line
    assert "\n" not in line
    assert "\r" not in line
    assert "\x1b" not in line
