"""Places in work and the lines before them: a bounded number, shared fairly. en.wikipedia.org/wiki/Fair_queuing

A place is never free while somebody waits. Each client has a line of his own and the lines are served in turn, so that
who asks much waits behind himself. Whoever left his place to wait for the network comes back before those who have not
begun.
"""

from __future__ import annotations

import asyncio
from collections import deque

from samjournal.fhir.errors import Busy, TooMany

Line = deque["asyncio.Future[None]"]


class Gate:
    """`in_work` places, `waiting` before them at most, for at most `patience` seconds."""

    def __init__(self, *, in_work: int, waiting: int, patience: float) -> None:
        self._places, self._room, self._patience = in_work, waiting, patience
        self._lines: dict[object, Line] = {}
        self._returning: Line = deque()
        self._held: dict[object, int] = {}
        self.in_work = 0
        self.waiting = 0

    async def take(self, client: object, most: int) -> Place:
        """A place for a client who may hold and wait for `most`; to be given back. Raises Busy, TooMany."""
        held = self._held.get(client, 0)
        if held >= most:
            raise TooMany(
                f"{held} requests of yours or from your address are here already. Wait for answers, then send more."
            )
        self._held[client] = held + 1
        place = Place(self)
        try:
            await self._enter(client)
        except BaseException:
            self._forget(client)
            raise
        place.is_taken = True
        return place

    def give(self, client: object, place: Place) -> None:
        """Give a place back for good."""
        place.leave()
        self._forget(client)

    def _forget(self, client: object) -> None:
        self._held[client] -= 1
        if not self._held[client]:
            del self._held[client]

    async def _enter(self, client: object) -> None:
        if self.in_work < self._places:
            self.in_work += 1
            return
        if self.waiting >= self._room:
            self._make_room(client)
        await self._wait(self._lines.setdefault(client, deque()), self._patience)

    def _make_room(self, client: object) -> None:
        """In a full house the last of the longest line goes, unless the newcomer's own line is as long."""
        longest = max(self._lines.values(), key=len, default=())
        if len(longest) <= len(self._lines.get(client, ())) + 1:
            raise _busy()
        assert isinstance(longest, deque)
        longest.pop().set_exception(TooMany("Others wait too, and you have the most waiting. Send less at once."))
        self.waiting -= 1

    async def enter_again(self) -> None:
        """Into work once more, before everybody who has not begun."""
        if self.in_work < self._places:
            self.in_work += 1
        else:
            await self._wait(self._returning, None)

    async def _wait(self, line: Line, patience: float | None) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        line.append(turn)
        self.waiting += 1
        try:
            async with asyncio.timeout(patience):
                try:
                    await turn
                except asyncio.CancelledError:
                    self._withdraw(line, turn)
                    raise
        except TimeoutError:
            raise _busy() from None

    def _withdraw(self, line: Line, turn: asyncio.Future[None]) -> None:
        if not turn.cancelled():
            # The turn had come, or was refused, at the same moment.
            if turn.exception() is None:
                self.leave()
        elif turn in line:
            line.remove(turn)
            self.waiting -= 1

    def leave(self) -> None:
        """One place is free: it goes to who comes back, else to the next line."""
        self.in_work -= 1
        while (turn := self._next()) is not None:
            self.waiting -= 1
            if not turn.done():
                self.in_work += 1
                turn.set_result(None)
                return

    def _next(self) -> asyncio.Future[None] | None:
        if self._returning:
            return self._returning.popleft()
        while self._lines:
            client = next(iter(self._lines))
            line = self._lines.pop(client)
            if not line:
                continue
            turn = line.popleft()
            if line:
                self._lines[client] = line
            return turn
        return None


class Place:
    """One place in work, to be left and taken again."""

    __slots__ = ("_gate", "is_taken")

    def __init__(self, gate: Gate) -> None:
        self._gate = gate
        self.is_taken = False

    def leave(self) -> None:
        """Give the place to the next. A place that was left already stays so."""
        if self.is_taken:
            self.is_taken = False
            self._gate.leave()

    async def back(self) -> None:
        """Take a place again."""
        if not self.is_taken:
            await self._gate.enter_again()
            self.is_taken = True


def _busy() -> Busy:
    return Busy("More is asked just now than this server can answer. Nothing was done. Try again in a moment.")


class Budget:
    """A number of bytes that several share; who asks for more waits, first come first served. `freed` is set when the
    last of them are given back."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._used = 0
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()
        self.freed = asyncio.Event()

    @property
    def is_free(self) -> bool:
        """Whether nobody uses any."""
        return not self._used

    async def take(self, size: int) -> None:
        """Wait until `size` bytes are to be had; more than there are at all count as all."""
        size = min(size, self._most)
        if not self._waiting and self._used + size <= self._most:
            self._used += size
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((size, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._serve()
            else:
                self.give(size)
            raise

    def give(self, size: int) -> None:
        """Bytes that are used no more."""
        self._used -= min(size, self._most)
        self._serve()
        if size and self.is_free:
            self.freed.set()

    def _serve(self) -> None:
        while self._waiting:
            size, turn = self._waiting[0]
            if not turn.cancelled():
                if self._used + size > self._most:
                    return
                self._used += size
                turn.set_result(None)
            self._waiting.popleft()
