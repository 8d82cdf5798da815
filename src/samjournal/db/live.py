"""Live pages: who in this process waits for news of which patient. News says that something changed, no more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

K = TypeVar("K")


class Listener:
    """One event stream: the keys that changed since it was last asked."""

    def __init__(self) -> None:
        self._changed: set[int] = set()
        self._news = asyncio.Event()
        self.is_over = False
        """Whoever listens may not any longer."""

    def tell(self, key: int) -> None:
        self._changed.add(key)
        self._news.set()

    def end(self) -> None:
        self.is_over = True
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
        self._sessions: dict[str, set[Listener]] = {}

    @contextmanager
    def listening(self, keys: Iterable[int], session: str = "") -> Iterator[Listener]:
        listener = Listener()
        wanted = list(keys)
        for key in wanted:
            self._listeners.setdefault(key, set()).add(listener)
        self._sessions.setdefault(session, set()).add(listener)
        try:
            yield listener
        finally:
            for key in wanted:
                self._leave(self._listeners, key, listener)
            self._leave(self._sessions, session, listener)

    @staticmethod
    def _leave(by: dict[K, set[Listener]], key: K, listener: Listener) -> None:
        by[key].discard(listener)
        if not by[key]:
            del by[key]

    @property
    def sessions(self) -> list[str]:
        """Whose streams are open."""
        return [session for session in self._sessions if session]

    def end(self, sessions: Iterable[str]) -> None:
        """Close the streams of some sessions."""
        for session in sessions:
            for listener in self._sessions.get(session, ()):
                listener.end()

    def publish(self, keys: Iterable[int]) -> None:
        """Tell everybody who waits for one of these keys."""
        for key in keys:
            for listener in self._listeners.get(key, ()):
                listener.tell(key)

    @property
    def anybody(self) -> bool:
        return bool(self._listeners)
