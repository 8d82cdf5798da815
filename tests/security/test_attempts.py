"""Failing to sign in again and again. samjournal.server.attempts"""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from samjournal.fhir.errors import FhirError
from samjournal.server import attempts
from samjournal.server.attempts import MOST, WINDOW, Attempts

pytestmark = pytest.mark.anyio


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


async def door(scope: Scope, receive: Receive, send: Send) -> None:
    status = 303 if scope["query_string"] == b"right" else 404
    await PlainTextResponse("", status_code=status)(scope, receive, send)


async def refuse(scope: Scope, receive: Receive, send: Send, error: FhirError) -> None:
    headers = {"retry-after": str(error.retry_after)}
    await PlainTextResponse(error.text, status_code=error.status, headers=headers)(scope, receive, send)


async def attempt(app: Attempts, how: str = "wrong", *, of: str = "198.51.100.4", path: str = "/signin/demo") -> int:
    transport = httpx.ASGITransport(app=app, client=(of, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        answer = await client.post(f"{path}?{how}")
    if answer.status_code == 429:
        assert 0 < int(answer.headers["retry-after"]) <= WINDOW + 1
    return answer.status_code


async def test_after_so_many_failures_an_address_waits_and_no_other_does() -> None:
    clock = Clock()
    app = Attempts(door, refuse=refuse, clock=clock)
    assert [await attempt(app) for _ in range(MOST)] == [404] * MOST
    assert await attempt(app) == 429
    assert await attempt(app, "right") == 429
    assert await attempt(app, of="198.51.100.5") == 404
    assert await attempt(app, path="/language") == 404
    clock.now += WINDOW + 1
    assert await attempt(app, "right") == 303


async def test_who_succeeds_is_never_made_to_wait() -> None:
    app = Attempts(door, refuse=refuse)
    assert {await attempt(app, "right") for _ in range(MOST * 3)} == {303}


async def test_no_number_of_addresses_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "ADDRESSES", 5)
    app = Attempts(door, refuse=refuse)
    for number in range(20):
        await attempt(app, of=f"198.51.100.{number}")
    assert list(app.failures) == [f"198.51.100.{number}" for number in range(15, 20)]


def test_the_pages_that_tell_of_it_tell_the_numbers_that_hold() -> None:
    docs = Path(__file__).parents[2] / "docs" / "explanation"
    assert f"After {MOST} failures to sign in within {WINDOW // 60} minutes" in (docs / "limits.md").read_text("utf-8")
    assert f"after {MOST} failures within {WINDOW // 60} minutes" in (docs / "security.md").read_text("utf-8")
