"""A whole site over a demo region, as citizens and staff meet it in a browser."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn

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
def opened(dsn: str, *, port: int = 0, **more: Any) -> Iterator[httpx.Client]:
    """The site on a port of its own, with more settings, and a client that sends what browsers send."""
    settings = Settings(dsn=dsn, **more)
    server = uvicorn.Server(uvicorn.Config(create(settings), port=port, log_level="warning", lifespan="on"))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    deadline = time.monotonic() + 20
    while not server.started:
        assert thread.is_alive(), "the site did not start"
        assert time.monotonic() < deadline, "the site did not start in time"
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=OURS, timeout=20) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=10)


def as_(client: httpx.Client, login: str) -> httpx.Client:
    """The same browser, signed in as one of the personas."""
    client.cookies.clear()
    answer = client.post("/signin/demo", data={"login": login})
    assert answer.status_code == 303
    return client
