"""Batches on their way into the record: three at once, none with a resource of another; patience while it is away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

import asyncpg

from samjournal.access import Permit
from samjournal.db.pool import Unavailable
from samjournal.fhir.errors import Busy
from samjournal.record import Arrival, Door, Taken, remember, take_in
from samjournal.server.exits import NotReady

T = TypeVar("T")
AT_ONCE = 3
PATIENCE = 60.0
"""How many seconds the database may be away: it comes back by itself after most accidents."""
_AGAIN = 0.5
_NOTED = 100


class Patience:
    """Tries anew while the database is away."""

    def __init__(self, tell: Callable[[str], None], *, seconds: float = PATIENCE) -> None:
        self._tell = tell
        self._seconds = seconds

    async def __call__(self, action: Callable[[], Awaitable[T]]) -> T:
        """What the action returns. Raises NotReady when the disk is full or the database stays away."""
        until = time.monotonic() + self._seconds
        told = False
        while True:
            try:
                return await action()
            except (Unavailable, Busy) as error:
                if is_full(error):
                    raise NotReady(
                        "The database's disk is full. Make room, then repeat the command: it goes on where it stopped."
                    ) from None
                if time.monotonic() > until:
                    raise NotReady(
                        f"{error} It stayed away for {self._seconds:.0f} seconds. See to it (is its disk full?), then"
                        " repeat the command: it goes on where it stopped."
                    ) from None
                if not told:
                    self._tell(f"  {error} Waiting for it.")
                    told = True
            await asyncio.sleep(_AGAIN)


def is_full(error: BaseException | None) -> bool:
    """Whether the database's disk is what is behind an error."""
    while error is not None:
        if isinstance(error, asyncpg.DiskFullError):
            return True
        error = error.__cause__ or error.__context__
    return False


@dataclass(frozen=True, slots=True)
class _Flight:
    references: frozenset[str]
    types: frozenset[str]
    task: asyncio.Task[None]


Landed = Callable[[Sequence[Taken]], Awaitable[None]]
Carry = Callable[[Sequence[Arrival]], Awaitable[list[Taken]]]
"""Brings a batch into the record, or judges it. Raises Unavailable, Busy."""


def in_this_process(door: Door, permit: Permit, *, dry_run: bool) -> Carry:
    """Through a door that is open here."""
    return lambda arrivals: take_in(door, permit, arrivals, dry_run=dry_run)


class Flights:
    """Sends batches through the door. A batch waits while one with a resource of its own is under way."""

    def __init__(self, door: Door, carry: Carry, patience: Patience, *, dry_run: bool) -> None:
        self._door = door
        self._carry = carry
        self._patience = patience
        self._dry_run = dry_run
        self._up: list[_Flight] = []
        self._whole: list[bytes] = []

    def carries(self, references: frozenset[str], types: frozenset[str]) -> bool:
        """Whether one of some resources, or any of some types, is under way."""
        return any(not one.references.isdisjoint(references) or not one.types.isdisjoint(types) for one in self._up)

    async def send(self, arrivals: Sequence[Arrival], landed: Landed) -> None:
        """Start a batch as soon as it may; `landed` is called with what came of it."""
        references = frozenset(f"{one.type}/{one.id}" for one in arrivals)
        while len(self._up) >= AT_ONCE or self.carries(references, frozenset()):
            await self._land()
        types = frozenset(one.type for one in arrivals)
        self._up.append(_Flight(references, types, asyncio.create_task(self._fly(arrivals, landed))))
        await asyncio.sleep(0)

    async def all_landed(self) -> None:
        while self._up:
            await self._land()

    async def remember(self, key: bytes) -> None:
        """Note that a file is loaded whole; many at once, since each note costs a commit."""
        self._whole.append(key)
        if len(self._whole) >= _NOTED:
            await self.note()

    async def note(self) -> None:
        """Write down which files are loaded whole."""
        keys, self._whole = self._whole, []
        if keys and not self._dry_run:
            await self._patience(lambda: remember(self._door, keys))

    async def stop(self) -> None:
        """Give up what is under way."""
        for one in self._up:
            one.task.cancel()
        await asyncio.gather(*(one.task for one in self._up), return_exceptions=True)
        self._up.clear()

    async def _land(self) -> None:
        await asyncio.wait([one.task for one in self._up], return_when=asyncio.FIRST_COMPLETED)
        done = [one for one in self._up if one.task.done()]
        self._up = [one for one in self._up if not one.task.done()]
        for one in done:
            one.task.result()

    async def _fly(self, arrivals: Sequence[Arrival], landed: Landed) -> None:
        taken = await self._patience(lambda: self._carry(arrivals))
        await landed(taken)
