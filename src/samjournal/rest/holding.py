"""Answers that show nothing are held until full twenty milliseconds have gone since they were asked for: what is closed
to a reader is more work than what is absent, and who asks often enough could tell them apart.
docs/reference/access.md#what-a-clock-tells

    until_tick(answer, begun)      waits; `begun` is when the request began, by `clock`

A timer of the loop counts whole milliseconds from when it was set, so its end would tell how long the work took: a
thread of its own wakes at the moment itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import heapq
import itertools
import threading
import time
from typing import Final

from samjournal.rest.answers import Answer

TICK: Final = 0.02
"""Seconds. Nearly all such answers are ready within one, so that nearly all take as long."""
_SHOWING_NOTHING: Final = frozenset({403, 404, 409, 410, 412})
clock = time.monotonic


async def until_tick(answer: Answer, begun: float) -> None:
    """Hold an answer to a reader who may not see everything, if it shows nothing."""
    if answer.is_bare or answer.status in _SHOWING_NOTHING:
        now = clock()
        await alarm(now + (begun - now) % TICK)


class _Alarms:
    """One thread that ends the waits of event loops, each at its moment."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, asyncio.AbstractEventLoop, asyncio.Future[None]]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def set(self, moment: float, loop: asyncio.AbstractEventLoop, rung: asyncio.Future[None]) -> None:
        with self._changed:
            heapq.heappush(self._due, (moment, next(self._order), loop, rung))
            if self._thread is None:
                self._thread = threading.Thread(target=self._ring, name="alarms", daemon=True)
                self._thread.start()
            elif self._due[0][3] is rung:
                self._changed.notify()

    def _ring(self) -> None:
        while True:
            with self._changed:
                while not self._due:
                    self._changed.wait()
                left = self._due[0][0] - time.monotonic()
                if left > 0:
                    self._changed.wait(left)
                    continue
                _, _, loop, rung = heapq.heappop(self._due)
            with contextlib.suppress(RuntimeError):  # The loop was closed: nobody waits.
                loop.call_soon_threadsafe(_end, rung)


def _end(rung: asyncio.Future[None]) -> None:
    if not rung.done():
        rung.set_result(None)


_ALARMS: Final = _Alarms()


async def alarm(moment: float) -> None:
    """Wait until a moment of `time.monotonic`, to some hundredths of a millisecond."""
    loop = asyncio.get_running_loop()
    rung: asyncio.Future[None] = loop.create_future()
    _ALARMS.set(moment, loop, rung)
    await rung
