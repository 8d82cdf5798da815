"""A job that fails is logged and tried again, and never ends in silence; jobs begin in turn."""

from __future__ import annotations

import asyncio
import logging
from functools import partial

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


async def test_jobs_begin_one_after_the_other_and_end_together() -> None:
    stopping = asyncio.Event()
    begun: list[str] = []
    ended: list[str] = []

    async def job(name: str) -> None:
        begun.append(name)
        await stopping.wait()
        ended.append(name)

    async with worker.in_turn([(name, partial(job, name)) for name in "abc"], stopping):
        assert await until(lambda: len(begun) == 3, patience=10)
        assert not ended
    assert begun == sorted(ended) == ["a", "b", "c"]


async def test_who_stops_at_once_waits_for_no_job_that_has_not_begun() -> None:
    stopping = asyncio.Event()
    stopping.set()
    begun: list[str] = []

    async def job(name: str) -> None:
        begun.append(name)

    async with worker.in_turn([(name, partial(job, name)) for name in "abc"], stopping):
        pass
    assert begun == ["a"]
