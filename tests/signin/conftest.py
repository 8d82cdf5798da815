"""Time passes in the database while a browser or a client waits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from world import World

Owner = Callable[..., None]


@pytest.fixture(scope="module")
def owner(world: World) -> Iterator[Owner]:
    """Lets time pass, in the database: by a thread, as the browser has this one's loop."""
    with ThreadPoolExecutor(1) as thread:
        yield lambda *sql: thread.submit(lambda: asyncio.run(world.as_owner(*sql))).result()
