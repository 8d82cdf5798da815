"""While the database is away every page says so, and none breaks."""

from __future__ import annotations

import httpx
import pytest

from samjournal import accounts
from samjournal.db.pool import Pool, Unavailable
from samjournal.server.sessions import Sessions
from samjournal.signin.pages import COOKIE

pytestmark = pytest.mark.anyio


async def _never(scope: object, receive: object, send: object) -> None:
    raise AssertionError("the page must not be reached without a session that was looked up")


async def test_a_page_with_a_session_says_that_the_database_is_away(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object, **__: object) -> None:
        raise Unavailable("The database is not to be reached just now.")

    monkeypatch.setattr(accounts, "session_of", away)
    transport = httpx.ASGITransport(app=Sessions(_never, pool))  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://test", cookies={COOKIE: "x"}) as client:
        answer = await client.get("/workspace", headers={"accept-language": "nb"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]
    assert "Samjournal svarer ikke akkurat nå" in answer.text
