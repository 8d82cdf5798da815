"""Memory that requests left free: kept for the next one, and given back when it is much.

gnu.org/software/libc/manual/html_node/Malloc-Tunable-Parameters.html
"""

from __future__ import annotations

import asyncio
import ctypes
import time

from samjournal.server.gate import Budget


def keep_memory() -> None:
    """Keep what an answer left free for the next one, where the C library can be told so; `return_memory` returns it.
    To give it back each time and fetch it anew, page by page, takes ten times as long as to put an answer together."""
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    if tell is not None:
        tell(_M_TRIM_THRESHOLD, 8 * 2**20)
        tell(_M_MMAP_THRESHOLD, 8 * 2**20)


_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
_RETURNED_EVERY, _SETTLED = 10.0, 0.1
"""Seconds."""


async def return_memory(large: Budget, stopping: asyncio.Event) -> None:
    """Give memory that requests left free back to the system, where the C library can: now and then, and soon after the
    last of the `large` bodies in work is done. A transaction of some thousand resources takes ten times its size."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is None:
        return
    returned = time.monotonic()
    while not stopping.is_set():
        await _first(large.freed, stopping, patience=_RETURNED_EVERY)
        large.freed.clear()
        await _first(stopping, patience=_SETTLED)
        if large.is_free or time.monotonic() - returned > _RETURNED_EVERY:
            await asyncio.to_thread(trim, 0)
            returned = time.monotonic()


async def _first(*events: asyncio.Event, patience: float) -> None:
    """Wait until one of some events has come, at most so many seconds."""
    waits = [asyncio.create_task(event.wait()) for event in events]
    await asyncio.wait(waits, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
    for wait in waits:
        wait.cancel()
