"""What large requests left free goes back to the system."""

from __future__ import annotations

import asyncio
import ctypes
import resource
from pathlib import Path

import pytest

from samjournal.db.folder import until
from samjournal.server import memory
from samjournal.server.gate import Budget

pytestmark = pytest.mark.anyio


def _resident() -> int:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


_TRIMS = pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library does not give memory back"
)


@_TRIMS
async def test_memory_that_is_free_goes_back_now_and_then_while_much_is_in_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(memory, "_RETURNED_EVERY", 0.1)
    large = Budget(1)
    await large.take(1)
    many = [bytes(100_000) for _ in range(1000)]
    kept = bytes(100_000)  # At the top of the heap, which the C library would else shorten by itself.
    before = _resident()
    del many
    stopping = asyncio.Event()
    job = asyncio.create_task(memory.return_memory(large, stopping))
    assert await until(lambda: _resident() < before - 50, patience=10)
    stopping.set()
    await asyncio.wait_for(job, 10)
    assert kept


@_TRIMS
async def test_memory_goes_back_when_no_large_body_is_in_work_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_RETURNED_EVERY", 3600.0)
    large, stopping = Budget(10), asyncio.Event()
    job = asyncio.create_task(memory.return_memory(large, stopping))
    await large.take(10)
    many = [bytes(100_000) for _ in range(1000)]
    kept = bytes(100_000)
    before = _resident()
    del many
    large.give(10)
    assert await until(lambda: _resident() < before - 50, patience=10)
    stopping.set()
    await asyncio.wait_for(job, 10)
    assert kept
