"""A whole site over a demo region, as citizens and staff meet it in a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from starlette.testclient import TestClient

from samjournal import accounts
from samjournal.db.pool import Pool
from samjournal.server.app import create
from samjournal.server.demo import make_demo
from samjournal.server.settings import Settings

OURS = {"sec-fetch-site": "same-origin"}


async def make_region(pool: Pool) -> None:
    """The personas, their charts and a handful of others."""
    await accounts.create(pool, kind="demo")
    await make_demo(pool, inhabitants=2, tell=lambda _line: None)


@contextmanager
def opened(dsn: str) -> Iterator[TestClient]:
    """The site with its own connections, as a browser that sends what browsers send."""
    with TestClient(create(Settings(dsn=dsn)), headers=OURS) as client:
        yield client


def as_(client: TestClient, login: str) -> TestClient:
    """The same browser, signed in as one of the personas."""
    client.cookies.clear()
    answer = client.post("/signin/demo", data={"login": login}, follow_redirects=False)
    assert answer.status_code == 303
    return client
