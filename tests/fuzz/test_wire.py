"""Bytes that are hardly HTTP: they get an answer or a closed line, and the next client notices nothing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fuzz.fhir import calls
from fuzz.http import Call
from fuzz.profiles import LONG, SHORT, only_when_asked_for
from fuzz.site import Site

pytestmark = pytest.mark.anyio
PIECES = (
    b"\r\n",
    b"\n",
    b"\x00",
    b" ",
    b":",
    b"HTTP/1.1",
    b"Content-Length: 5\r\n",
    b"Content-Length: 99999999999999999999\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Transfer-Encoding: gzip, chunked\r\n",
    b"Upgrade: h2c\r\nConnection: Upgrade\r\n",
    b"ffffffffffffffff\r\n",
    b"0\r\n\r\n",
    b"GET / HTTP/1.1\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\xff",
)


def spoilt(sent: bytes, seed: int) -> bytes:
    """A request with pieces put in, taken out and changed."""
    chance = random.Random(seed)
    for _ in range(chance.randrange(1, 4)):
        at, to = sorted((chance.randrange(len(sent) + 1), chance.randrange(len(sent) + 1)))
        sent = chance.choice(
            (
                sent[:at] + chance.choice(PIECES) + sent[at:],
                sent[:at] + sent[min(to, at + 20) :],
                sent[:to],
                sent[:at] + bytes([chance.randrange(256)]) + sent[at + 1 :],
            )
        )
    return sent


async def _is_answered(site: Site, sent: bytes) -> None:
    told = await site.raw(sent)
    assert told == b"" or told.startswith((b"HTTP/1.1 2", b"HTTP/1.1 3", b"HTTP/1.1 4", b"HTTP/1.1 100")), told[:300]
    assert b"HTTP/1.1 500" not in told
    assert b"Traceback" not in told
    async with site.client() as client:
        assert (await client.get("/health/live")).status_code == 200


@given(call=calls(), seed=st.integers(0, 2**32))
@settings(SHORT, max_examples=60)
async def test_a_spoilt_request_is_answered_or_the_line_is_closed(site: Site, call: Call, seed: int) -> None:
    await _is_answered(site, spoilt(call.bytes("127.0.0.1"), seed))


@given(sent=st.binary(max_size=200))
@settings(SHORT, max_examples=25)
async def test_noise_is_answered_or_the_line_is_closed(site: Site, sent: bytes) -> None:
    await _is_answered(site, sent)


@pytest.fixture(scope="module")
def asked_for(request: pytest.FixtureRequest) -> None:
    only_when_asked_for(request.config)


@pytest.mark.drill
@pytest.mark.usefixtures("asked_for")
@given(call=calls(), seed=st.integers(0, 2**32))
@settings(LONG, max_examples=1000)
async def test_long_run_of_spoilt_requests(site: Site, call: Call, seed: int) -> None:
    await _is_answered(site, spoilt(call.bytes("127.0.0.1"), seed))
