"""Signing in and out is in the log of looks, failing to is in the server's log. samjournal.accounts.coming"""

from __future__ import annotations

import logging

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from samjournal import accounts
from samjournal.fhir.errors import FhirError
from samjournal.server.attempts import MOST, Attempts
from world import World

pytestmark = pytest.mark.anyio


async def test_who_came_and_went_is_logged_with_the_way(world: World) -> None:
    who = await accounts.account(world.pool, "nurse")
    assert who is not None
    session, _ = await accounts.sign_in(world.pool, who, accounts.Proof("helseid", "Level4"))
    await accounts.sign_out(world.pool, session)
    rows = await world.pool.fetch(
        "SELECT action, actor, why, at FROM audit.look WHERE action IN ('signin', 'signout') ORDER BY at"
    )
    assert [(row["action"], row["actor"], row["why"]) for row in rows] == [
        ("signin", "nurse", "helseid Level4"),
        ("signout", "nurse", ""),
    ]


async def refuse(scope: Scope, receive: Receive, send: Send, error: FhirError) -> None:
    await PlainTextResponse(error.text, status_code=error.status)(scope, receive, send)


async def test_failing_to_sign_in_is_logged_without_a_name(caplog: pytest.LogCaptureFixture) -> None:
    app = Attempts(PlainTextResponse("no", status_code=403), refuse=refuse)
    transport = httpx.ASGITransport(app=app, client=("198.51.100.4", 1))
    with caplog.at_level(logging.WARNING, "samjournal.signin"):
        async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
            await client.get("/signin/idporten/return?code=c0de&state=st4te")
            for _ in range(MOST + 1):
                await client.post("/signin/demo", data={"login": "somebody-by-name"})
    told = [record.getMessage() for record in caplog.records]
    assert told == ["signing in failed"] * MOST + ["signing in must wait"]
    assert {vars(record)["client"] for record in caplog.records} == {"198.51.100.4"}
    everything = " ".join(str(vars(record)) for record in caplog.records)
    assert "somebody-by-name" not in everything
    assert "c0de" not in everything
