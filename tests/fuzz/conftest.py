"""The application that is fuzzed, whole, and what must hold when all is over: no place, connection or word was lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterator, Mapping

import httpx
import pytest

from fuzz.http import CANARY
from fuzz.site import PATIENCE, Site, serving
from samjournal.server.logs import _Json
from world import World, observation


class _Log(logging.Handler):
    """What would stand in the log, line by line."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(_Json())
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture(scope="module")
def log() -> Iterator[list[str]]:
    handler = _Log()
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield handler.lines
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture(scope="module")
async def site(world: World, database: str, log: list[str]) -> AsyncIterator[Site]:
    await world.put({**observation("kari"), "id": "kari-pulse"})
    async with serving(database) as site:
        yield site
        await _nothing_was_lost(site)
    assert [line for line in log if CANARY.lower() in line.lower()] == []
    assert [line for line in log if '"level":"error"' in line] == []


async def _nothing_was_lost(site: Site) -> None:
    """Every place and database connection is free again, and the record is there."""
    async with site.client() as client:
        assert (await client.get("/health/ready")).status_code == 200
        # Work in the background borrows a connection now and then; one that is lost never comes back.
        async with asyncio.timeout(PATIENCE):
            numbers = await _numbers(client)
            while not _all_is_free(numbers):
                numbers = await _numbers(client)
    assert numbers["samjournal_requests_in_work"] == numbers["samjournal_requests_waiting"] == 0


def _all_is_free(numbers: Mapping[str, float]) -> bool:
    opened = numbers['samjournal_database_connections{state="open"}']
    return numbers['samjournal_database_connections{state="idle"}'] == opened > 0


async def _numbers(client: httpx.AsyncClient) -> Mapping[str, float]:
    shown = (await client.get("/metrics")).text.splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in shown) if name[:1] != "#"}
