"""What is asked for at about the same time goes to the database together: a statement for eight costs little more than
one for each."""

from __future__ import annotations

import asyncio
from collections.abc import Sized

MOST = 50
"""So many are enough: what they ask for comes together."""
_QUIET_TURNS = 4


async def gathered(waiting: Sized) -> None:
    """Returns when nobody has joined those who wait for some turns of the loop, or when they are `MOST`. Nobody who is
    alone waits for longer than the loop takes to find nothing else to do."""
    quiet = 0
    while quiet < _QUIET_TURNS and (before := len(waiting)) < MOST:
        await asyncio.sleep(0)
        quiet = quiet + 1 if len(waiting) == before else 0
