"""Long work done in pieces, so that others are answered between them. docs.python.org/3/library/asyncio-task.html"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import TypeVar

T = TypeVar("T")
AT_ONCE = 50
"""Resources worked on before whoever else waits has his turn: some ten milliseconds."""


async def in_turn(things: Iterable[T]) -> AsyncIterator[T]:
    """The things, with a pause after each `AT_ONCE`."""
    for place, thing in enumerate(things, start=1):
        yield thing
        if place % AT_ONCE == 0:
            await asyncio.sleep(0)
