"""A job that fails is logged and tried again; it never ends in silence."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import resource
from pathlib import Path

import pytest

from samjournal.db.folder import until
from samjournal.db.pool import Unavailable
from samjournal.server import worker

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("failure", [Unavailable("away"), ValueError("a mistake of ours")])
async def test_a_job_goes_on_after_a_failure(
    failure: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(worker, "RETRY", 0.0)
    stopping, steps = asyncio.Event(), 0

    async def step() -> bool:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise failure
        if steps == 3:
            stopping.set()
        return True

    with caplog.at_level(logging.WARNING):
        await asyncio.wait_for(worker.repeat("a test", step, every=0.0, stopping=stopping), 10)
    assert steps == 3
    assert len(caplog.records) == 1


def _resident() -> int:
    """MiB of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() // 2**20


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "malloc_trim"), reason="this C library does not give memory back")
async def test_memory_that_is_free_goes_back_to_the_system() -> None:
    many = [bytes(100_000) for _ in range(1000)]
    kept = bytes(100_000)  # At the top of the heap, which the C library would else shorten by itself.
    before = _resident()
    del many
    stopping = asyncio.Event()
    job = asyncio.create_task(worker.return_memory(stopping))
    assert await until(lambda: _resident() < before - 50, patience=10)
    stopping.set()
    await asyncio.wait_for(job, 10)
    assert kept
