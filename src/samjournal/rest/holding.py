"""Answers that show nothing are held until the next tick of a clock: what is closed to a reader is some more work than
what is absent, and who asks often enough could tell them apart. docs/reference/access.md#what-a-clock-tells

    until_tick(answer, begun)      waits; `begun` is when the request began, by `clock`
"""

from __future__ import annotations

import asyncio
import time
from typing import Final

from samjournal.rest.answers import Answer

TICK: Final = 0.01
"""Seconds. Nearly all such answers are ready within one, so that nearly all take as long."""
_SHOWING_NOTHING: Final = frozenset({403, 404, 409, 410, 412})
clock = time.monotonic


async def until_tick(answer: Answer, begun: float) -> None:
    """Hold an answer to a reader who may not see everything, if it shows nothing."""
    if answer.is_bare or answer.status in _SHOWING_NOTHING:
        await asyncio.sleep((begun - clock()) % TICK)
