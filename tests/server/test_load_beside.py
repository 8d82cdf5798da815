"""A large load is brought in by processes beside it: as one process would, and none outlives the load."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

from samjournal.server import exits
from samjournal.server.aside import WORTH
from samjournal.server.exits import NotReady
from samjournal.server.load import load
from server.program import PROGRAM
from world import World

pytestmark = pytest.mark.anyio
TEXT = "ord " * 4000
T = TypeVar("T")


def much(folder: Path, name: str, count: int) -> list[Path]:
    """Files that are worth processes of their own: a line with a fault, references to the other file."""
    rows = [
        {
            "resourceType": "Basic",
            "id": f"{name}-{number}",
            "code": {"text": TEXT},
            "author": {"reference": "Practitioner?identifier=urn:beside|1"},
        }
        for number in range(count)
    ]
    rows.insert(3, {"resourceType": "Basic", "id": f"{name}-wrong", "code": "x"})
    author = {"resourceType": "Practitioner", "id": name, "identifier": [{"system": "urn:beside", "value": "1"}]}
    (folder / "a.ndjson").write_text("\n".join(map(json.dumps, rows)) + '\n{"resourceType": "Basic", "code": "\xff}\n')
    (folder / "b.json").write_text(json.dumps(author))
    assert (folder / "a.ndjson").stat().st_size > WORTH
    return [folder / "a.ndjson", folder / "b.json"]


def beside(load_pid: int) -> list[int]:
    """The processes beside a load: what its server of copies was copied to."""
    running = [int(one.name) for one in Path("/proc").iterdir() if one.name.isdigit()]
    copied = [pid for pid in running if b"forkserver" in command(pid)]
    return [pid for pid in copied if (above := parent(pid)) in copied and parent(above) == load_pid]


def until(found: Callable[[], T]) -> T:
    """What is found at last."""
    last = time.monotonic() + 60
    while not (it := found()):
        assert time.monotonic() < last
    return it


def command(pid: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def parent(pid: int) -> int:
    with contextlib.suppress(OSError):
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return 0


async def test_processes_beside_bring_in_what_one_would(world: World, tmp_path: Path) -> None:
    told: list[str] = []
    paths = much(tmp_path, "beside", 1100)
    code = await load(world.pool, paths, tell=told.append, beside=2)
    assert code == exits.FINDINGS
    everything = "\n".join(told)
    assert f"{paths[0]}:4 Basic" in everything, "the fault is told with its line"
    assert f"REFUSED {paths[0]}:1102" in everything, "and so is what is no JSON"
    stored = await world.pool.fetchval("SELECT count(*) FROM store.current WHERE id LIKE 'beside-%'")
    assert stored == 1100
    again: list[str] = []
    await load(world.pool, paths, tell=again.append, beside=2)
    assert await world.pool.fetchval("SELECT max(version) FROM store.version WHERE id LIKE 'beside-%'") == 1


async def test_a_process_that_is_killed_ends_the_load_in_words(world: World, tmp_path: Path) -> None:
    paths = much(tmp_path, "felled", 1100)
    running = asyncio.create_task(load(world.pool, paths, tell=lambda _: None, beside=2))
    (victim, *_) = await asyncio.to_thread(until, lambda: beside(os.getpid()))
    os.kill(victim, signal.SIGKILL)
    with pytest.raises(NotReady, match="Repeat the command"):
        await running
    await load(world.pool, paths, tell=lambda _: None, beside=2)
    assert await world.pool.fetchval("SELECT count(*) FROM store.current WHERE id LIKE 'felled-%'") == 1100


async def test_no_process_outlives_a_load_that_was_killed(world: World, database: str, tmp_path: Path) -> None:
    much(tmp_path, "orphan", 1100)
    line = [*PROGRAM, "load", "--database", database, str(tmp_path)]
    running = await asyncio.create_subprocess_exec(*line, stdout=asyncio.subprocess.DEVNULL)
    processes = await asyncio.to_thread(until, lambda: beside(running.pid))
    running.kill()
    await running.wait()
    await asyncio.to_thread(until, lambda: not any(b"forkserver" in command(pid) for pid in processes))
