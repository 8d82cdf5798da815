"""Drills of a server that is asked for far more than it can do: what is admitted is answered soon, nothing is lost."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import statistics
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from fuzz.profiles import only_when_asked_for
from fuzz.site import Line, Site
from server.program import Running, run, serving, slowness

pytestmark = [pytest.mark.drill, pytest.mark.anyio]
SECONDS = 10.0
READERS, WRITERS, TOKENS = 500, 60, 12


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Running]:
    only_when_asked_for(request.config)
    with serving(tmp_path_factory.mktemp("overload") / "data") as running:
        yield running


@pytest.fixture(scope="module")
def tokens(server: Running) -> list[str]:
    return [
        run("token", "--data-dir", server.data, "--system", f"sender-{number}").stdout.strip()
        for number in range(TOKENS)
    ]


def memory_mb(process: int) -> float:
    """What the process itself holds, without what it shares with others."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_")) / 1024


@dataclass
class Seen:
    """What came back: how long each answer took, by status, and what was stored."""

    seconds: dict[int, list[float]] = field(default_factory=dict)
    stored: list[str] = field(default_factory=list)

    def count(self) -> Counter[int]:
        return Counter({status: len(taken) for status, taken in self.seconds.items()})

    def p99(self, *statuses: int) -> float:
        return statistics.quantiles(itertools.chain(*(self.seconds.get(one, ()) for one in statuses)), n=100)[98]


def _request(method: str, path: str, token: str, body: bytes = b"") -> bytes:
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/fhir+json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _organization(name: str) -> bytes:
    return json.dumps({"resourceType": "Organization", "name": name}).encode()


async def _ask(line: Line, request: bytes, seen: Seen) -> tuple[int, bytes]:
    begun = time.perf_counter()
    await line.send(request)
    status, body = await line.answer()
    seen.seconds.setdefault(status, []).append(time.perf_counter() - begun)
    return status, body


async def _read(site: Site, token: str, until: float, seen: Seen) -> None:
    line = await site.open()
    request = _request("GET", "/fhir/Organization?_count=20", token)
    while time.perf_counter() < until:
        await _ask(line, request, seen)
    line.close()


async def _write(site: Site, token: str, until: float, seen: Seen, number: int) -> None:
    line = await site.open()
    for count in itertools.count():
        if time.perf_counter() > until:
            break
        name = f"Enhet {number}-{count}"
        status, _ = await _ask(line, _request("POST", "/fhir/Organization", token, _organization(name)), seen)
        if status == 201:
            seen.stored.append(name)
    line.close()


async def _probe(server: Running, until: float) -> list[float]:
    """How long health takes to answer meanwhile."""
    taken = []
    async with httpx.AsyncClient(base_url=server.address, timeout=30) as client:
        while time.perf_counter() < until:
            begun = time.perf_counter()
            assert (await client.get("/health/ready")).status_code == 200
            assert (await client.get("/metrics")).status_code == 200
            taken.append((time.perf_counter() - begun) / 2)
            await asyncio.sleep(0.1)
    return taken


async def _names(server: Running, token: str) -> list[str]:
    found: list[str] = []
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}, timeout=30) as client:
        url: str | None = f"{server.address}/fhir/Organization?_count=1000"
        while url:
            bundle = (await client.get(url)).json()
            found += [entry["resource"].get("name", "") for entry in bundle.get("entry", [])]
            url = next((link["url"] for link in bundle["link"] if link["relation"] == "next"), None)
    return found


async def test_asked_for_far_too_much_it_answers_some_soon_sends_others_away_and_loses_nothing(
    server: Running, tokens: list[str]
) -> None:
    site = Site(int(server.address.rsplit(":", 1)[1]))
    before = memory_mb(server.process.pid)
    until = time.perf_counter() + SECONDS
    reads, writes = Seen(), Seen()
    turns = itertools.cycle(tokens)
    async with asyncio.TaskGroup() as group:
        health = group.create_task(_probe(server, until))
        for _ in range(READERS):
            group.create_task(_read(site, next(turns), until, reads))
        for number in range(WRITERS):
            group.create_task(_write(site, next(turns), until, writes, number))
    worst = max(health.result())
    memory = memory_mb(server.process.pid)
    print(
        f"{READERS} readers, {WRITERS} writers, {SECONDS:.0f} s: reads {reads.count()}, writes {writes.count()};"
        f" admitted p99 {reads.p99(200):.2f} s and {writes.p99(201):.2f} s, refused p99 {reads.p99(429, 503):.2f} s;"
        f" health at most {worst:.2f} s; memory {before:.0f} to {memory:.0f} MB"
    )
    assert set(reads.seconds) <= {200, 429, 503}
    assert set(writes.seconds) <= {201, 429, 503}
    assert sorted(set(writes.stored)) == sorted(name for name in await _names(server, tokens[0]) if name[:5] == "Enhet")
    assert max(reads.p99(200), writes.p99(201)) < 5 * slowness()
    assert memory < before + 100


@pytest.fixture
async def slow(server: Running) -> AsyncIterator[list[Line]]:
    site = Site(int(server.address.rsplit(":", 1)[1]))
    lines = [await site.open() for _ in range(900)]
    yield lines
    for line in lines:
        line.close()


async def test_nine_hundred_slow_senders_hold_nobody_up(server: Running, tokens: list[str], slow: list[Line]) -> None:
    half = _request("POST", "/fhir/Organization", tokens[0], _organization("Sen"))[:-5]
    for number, line in enumerate(slow):
        await line.send(half[: 30 if number % 2 else len(half)])
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {tokens[1]}"}, timeout=30) as client:
        for _ in range(50):
            assert (await client.get(f"{server.address}/fhir/Organization?_count=1")).status_code == 200


async def test_memory_stays_flat_under_bodies_that_are_refused(server: Running, tokens: list[str]) -> None:
    bomb = gzip.compress(b" " * 2**28)
    deep = b'{"resourceType":"Basic","extension":' + b"[" * 2**20
    wide = b'{"resourceType":"Patient","name":[' + b"{}," * 900_000 + b"{}]}"
    peaks = []
    async with httpx.AsyncClient(headers={"authorization": f"Bearer {tokens[0]}"}, timeout=60) as client:
        for _ in range(6):
            for content, headers in ((bomb, {"content-encoding": "gzip"}), (deep, {}), (wide, {}), (b"x" * 2**25, {})):
                answer = await client.post(
                    f"{server.address}/fhir/Patient",
                    content=content,
                    headers={"content-type": "application/fhir+json", **headers},
                )
                assert 400 <= answer.status_code < 500
            peaks.append(memory_mb(server.process.pid))
    print(f"memory after each round: {', '.join(f'{peak:.0f}' for peak in peaks)} MB")
    assert peaks[-1] < peaks[1] + 50
