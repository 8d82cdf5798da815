"""A job that fails is logged and tried again; it never ends in silence."""

from __future__ import annotations

import asyncio
import logging

import pytest

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
