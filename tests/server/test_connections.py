"""Connections that would wear the server out are ended with a word of why, and others notice nothing."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

import pytest

from fuzz.site import Line, Site, serving
from samjournal.server.connections import HEAD_FIELDS, HEAD_SIZE, Connection
from samjournal.server.limits import Bounds
from world import World

pytestmark = pytest.mark.anyio
LIVE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


class Hasty(Connection):
    """A connection with so little patience that a test can wait for it."""

    most = 4
    head_seconds = 0.3
    unread_seconds = 0.3
    stalled_seconds = 0.3


class Few(Connection):
    """Four connections, and patience."""

    most = 4


@pytest.fixture(scope="module")
async def few(world: World, database: str) -> AsyncIterator[Site]:
    async with serving(database, connection=Few, bounds=Bounds(pause=0)) as site:
        yield site


@pytest.fixture(scope="module")
async def site(world: World, database: str) -> AsyncIterator[Site]:
    async with serving(database, connection=Hasty, bounds=Bounds(grace=0.3, rate=10**9)) as site:
        yield site


@pytest.fixture
async def line(site: Site) -> AsyncIterator[Line]:
    line = await site.open()
    yield line
    line.close()


async def test_a_connection_that_says_nothing_is_closed(line: Line) -> None:
    assert await line.rest() == b""


@pytest.mark.parametrize("said", [b"GET", b"GET / HTTP/1.1\r\nHost: x\r\n", b"\r\n", LIVE + b"GET /"])
async def test_a_request_that_does_not_come_to_an_end_is_given_up(line: Line, said: bytes) -> None:
    await line.send(said)
    told = await line.rest()
    assert b"408" in told or not told or told.startswith(b"HTTP/1.1 200")


async def test_a_head_that_trickles_in_has_no_more_time_than_one_that_stands_still(line: Line) -> None:
    await line.send(b"GET /health/live HTTP/1.1\r\n")
    told = b""
    while not line.reader.at_eof() and not told:
        line.writer.write(b"a: b\r\n")
        told = await _soon(line)
    assert b"408 Request Timeout" in told


async def _soon(line: Line) -> bytes:
    import asyncio

    try:
        async with asyncio.timeout(0.05):
            return await line.reader.read(4096)
    except TimeoutError:
        return b""


@pytest.mark.parametrize(
    "head",
    [
        b"GET /fhir/metadata?" + b"x" * HEAD_SIZE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\nX: " + b"x" * 20 * HEAD_SIZE,
        b"GET /fhir/metadata HTTP/1.1\r\nHost: x\r\n" + b"x: y\r\n" * HEAD_FIELDS + b"\r\n",
    ],
)
async def test_a_head_that_is_too_large_is_refused_with_the_limit(site: Site, head: bytes) -> None:
    told = await site.raw(head)
    assert told.startswith(b"HTTP/1.1 431 "), told[:200]
    outcome = json.loads(told.partition(b"\r\n\r\n")[2])
    assert "32 KiB" in outcome["issue"][0]["diagnostics"]


@pytest.mark.parametrize(
    "sent",
    [
        b"hello\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /fhir/Patient HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET / HTTP/9.9\r\nHost: x\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
)
async def test_what_is_not_http_is_answered_with_400_or_a_closed_line(site: Site, sent: bytes) -> None:
    told = await site.raw(sent, end=False)
    assert told == b"" or told.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 401 ", b"HTTP/1.1 408 ")), told[:200]
    assert b"Traceback" not in told


async def test_a_body_that_nobody_wants_may_not_go_on_for_ever(line: Line) -> None:
    await line.send(b"POST /health/live HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n")
    assert (await line.answer())[0] == 405
    assert await line.rest() == b""


async def test_an_answer_that_nobody_fetches_is_thrown_away(site: Site) -> None:
    line = await site.open()
    line.writer.transport.pause_reading()
    ask = b"GET /fhir/metadata HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % site.port
    await line.send(ask * 40)
    await _until_alone(site)
    line.close()


async def _until_alone(site: Site) -> None:
    """Until the probe's own connection is the only one."""
    async with site.client({"connection": "close"}) as client:
        for _ in range(1000):
            shown = (await client.get("/metrics")).text
            if "\nsamjournal_connections 1.0" in shown:
                return
    raise AssertionError(shown)


async def test_beyond_the_most_an_idle_connection_makes_room_for_a_new_one(few: Site) -> None:
    idle = [await few.open() for _ in range(Few.most)]
    for line in idle:
        await line.send(LIVE)
        assert (await line.answer())[0] == 200
    new = await few.open()
    await new.send(LIVE)
    assert (await new.answer())[0] == 200
    for line in (*idle, new):
        line.close()


async def test_when_all_are_busy_a_newcomer_is_told_to_come_again_and_health_still_answers(few: Site) -> None:
    busy = [await few.open() for _ in range(Few.most)]
    for line in busy:
        await line.send(b"GET")
    async with few.client() as client:
        for path in ("/fhir/metadata", "/signin"):
            refused = await client.get(path)
            assert refused.status_code == 503
            assert refused.headers["retry-after"]
            assert refused.headers["connection"] == "close"
        assert (await client.get("/health/live")).status_code == 200
    for line in busy:
        line.close()


async def test_far_beyond_the_most_the_line_is_closed_with_a_word(few: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("samjournal.server.connections.BEYOND", 0)
    busy = [await few.open() for _ in range(Few.most)]
    for line in busy:
        await line.send(b"GET")
    assert (await few.raw(LIVE, end=False)).startswith(b"HTTP/1.1 503 ")
    for line in busy:
        line.close()
