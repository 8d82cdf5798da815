"""Live pages: who in this process waits for news of which patient. News says that something changed, no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


class Listener:
    """One event stream: the keys that changed since it was last asked."""

    def __init__(self) -> None:
        self._changed: set[int] = set()
        self._news = asyncio.Event()

    def tell(self, key: int) -> None:
        self._changed.add(key)
        self._news.set()

    async def wait(self, seconds: float) -> set[int]:
        """Keys that changed; an empty set when nothing did for so long."""
        try:
            async with asyncio.timeout(seconds):
                await self._news.wait()
        except TimeoutError:
            return set()
        self._news.clear()
        changed, self._changed = self._changed, set()
        return changed


class Hub:
    """The listeners of this process."""

    def __init__(self) -> None:
        self._listeners: dict[int, set[Listener]] = {}

    @contextmanager
    def listening(self, keys: Iterable[int]) -> Iterator[Listener]:
        listener = Listener()
        wanted = list(keys)
        for key in wanted:
            self._listeners.setdefault(key, set()).add(listener)
        try:
            yield listener
        finally:
            for key in wanted:
                same = self._listeners[key]
                same.discard(listener)
                if not same:
                    del self._listeners[key]

    def publish(self, keys: Iterable[int]) -> None:
        """Tell everybody who waits for one of these keys."""
        for key in keys:
            for listener in self._listeners.get(key, ()):
                listener.tell(key)

    @property
    def anybody(self) -> bool:
        return bool(self._listeners)
