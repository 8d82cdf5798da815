"""Back-pressure: what one process takes on, and what whoever comes beyond it is told. RFC 9110 section 15, RFC 6585

Every request takes a place before it is worked on (`gate.py`). Who waits too long for one gets 503, who holds too many
429, both with Retry-After, before anything was done. Nobody holds a place while his body is on its way or his answer is
fetched: a slow line costs only its owner. Bodies have a budget of their own, and a time that follows their size.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samjournal.fhir.errors import Busy, FhirError, TooLarge, TooMany, TooSlow, Unsettled
from samjournal.server import metrics
from samjournal.server.gate import Budget, Gate, Place
from samjournal.ui.cookies import SESSION

MIB = 2**20
_OPEN = ("/health/", "/metrics", "/static/")
"""Always answered: they ask nothing of the record, and whoever runs the server needs them most when it is full."""
_SESSION = re.compile(rf"(?:^|;\s*){SESSION}=([^;]+)".encode())


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much one process takes on: requests, bytes, seconds, bytes a second.

    Who waits longer than `patience` for one of the places `in_work` is sent away, and nobody sooner than after `pause`.
    `of_one` is what one client may hold and wait for, `of_strangers` what all from one address may together who
    have shown no good credential yet. An answer must begin within `time`; a body must come at `rate` after a `grace`.
    """

    in_work: int = 24
    waiting: int = 240
    patience: float = 2.5
    pause: float = 1
    of_one: int = 48
    of_strangers: int = 192
    time: float = 120
    grace: float = 15
    rate: int = 64 * 1024
    form: int = MIB
    large: int = 256 * 1024
    large_in_work: int = 4 * MIB
    bodies: int = 256 * MIB


Refuse = Callable[[Scope, Receive, Send, FhirError], Awaitable[None]]


class Limits:
    """ASGI middleware around both faces; `refuse` answers an error as the face that was asked would."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, bounds: Bounds | None = None) -> None:
        self.app = app
        self.refuse = refuse
        self.bounds = bounds or Bounds()
        self.gate = Gate(in_work=self.bounds.in_work, waiting=self.bounds.waiting, patience=self.bounds.patience)
        self.large = Budget(self.bounds.large_in_work)
        self.bodies = 0
        self._clock = _Clock(self.bounds.time)
        self._known: set[int] = set()
        self._sent_away: dict[int, int] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_OPEN):
            await self.app(scope, receive, send)
            return
        visit = _Visit(self, scope, receive, send)
        begun = asyncio.get_running_loop().time()
        try:
            await self._let_in(scope, visit)
        except (Busy, TooMany) as error:
            if visit.status:
                raise
            metrics.refused.labels(str(error.status)).inc()
            self._count(_credential(scope))
            # Who asks again at once, and many do, would cost more to send away than to serve.
            await asyncio.sleep(begun + self.bounds.pause - asyncio.get_running_loop().time())
            await self.refuse(scope, receive, send, error)
        finally:
            visit.end()

    async def _let_in(self, scope: Scope, visit: _Visit) -> None:
        if scope["state"].get("crowded"):
            raise Busy("More connections are open than this server takes. Nothing was done. Try again in a moment.")
        credential = _credential(scope)
        if credential in self._known:
            client: object = credential
            most = self.bounds.of_one
        else:
            client, most = (scope.get("client") or ("",))[0], self.bounds.of_strangers
        visit.place = place = await self.gate.take(client, most)
        try:
            await self._within_time(scope, visit)
        finally:
            self.gate.give(client, place)
        if credential is not None and client != credential and _opened_something(scope, visit.status):
            self._remember(credential)

    async def _within_time(self, scope: Scope, visit: _Visit) -> None:
        self._clock.add(visit)
        try:
            await self.app(scope, visit.receive, visit.send)
        except asyncio.CancelledError:
            if not visit.is_late or visit.task.uncancel() > 0:
                raise
            if visit.status:
                raise TimeoutError from None
            raise Unsettled(
                f"This took longer than {self.bounds.time:.0f} seconds and was given up. Read again to see whether it"
                " was done; ask for less at once."
            ) from None
        finally:
            self._clock.visits.discard(visit)

    def _count(self, credential: int | None) -> None:
        """Count who was sent away, of those who are known."""
        if credential is not None and credential in self._known:
            self._sent_away[credential] = self._sent_away.get(credential, 0) + 1

    def sent_away(self, authorization: str) -> int:
        """How often who sends this header was refused before a face saw him."""
        words = authorization.encode("latin-1", "replace").split()
        return self._sent_away.get(hash(words[-1]), 0) if words else 0

    def _remember(self, credential: int) -> None:
        if len(self._known) >= 10_000:
            self._known.clear()
            self._sent_away.clear()
        self._known.add(credential)


def _credential(scope: Scope) -> int | None:
    """A number for the token or session that was sent. What was sent itself is not kept."""
    for name, value in scope["headers"]:
        if name == b"authorization":
            return hash(value.split()[-1:][0]) if value.strip() else None
        if name == b"cookie" and (session := _SESSION.search(value)):
            return hash(session[1])
    return None


def _opened_something(scope: Scope, status: int) -> bool:
    """Whether the credential was good. Else whoever makes some up would have as many lines as he likes."""
    path: str = scope["path"]
    if path.startswith(("/fhir", "/scim/")):
        return status not in (0, 400, 401) and path != "/fhir/metadata"
    return scope["state"].get("session") is not None


class _Clock:
    """Ends what takes too long. It looks at all that is under way now and then, since a timer for each costs more than
    most of them take."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self.visits: set[_Visit] = set()
        self._next: asyncio.TimerHandle | None = None

    def add(self, visit: _Visit) -> None:
        loop = asyncio.get_running_loop()
        task = asyncio.current_task()
        assert task is not None
        visit.task, visit.until = task, loop.time() + self._seconds
        self.visits.add(visit)
        if self._next is None:
            self._next = loop.call_later(min(1.0, self._seconds / 4), self._look)

    def _look(self) -> None:
        loop = asyncio.get_running_loop()
        self._next = loop.call_later(min(1.0, self._seconds / 4), self._look) if self.visits else None
        for visit in self.visits:
            if visit.until is not None and loop.time() > visit.until:
                visit.until, visit.is_late = None, True
                visit.task.cancel()


class _Visit:
    """One request on its way through: what it holds, and when it lets go."""

    def __init__(self, limits: Limits, scope: Scope, receive: Receive, send: Send) -> None:
        self._limits, self._receive, self._send = limits, receive, send
        self._most = None if scope["path"].startswith("/fhir") else limits.bounds.form
        self._whole = not _has_body(scope)
        self._size = self._in_work = 0
        self._due = 0.0
        self.place: Place | None = None
        self.task: asyncio.Task[Any]
        self.until: float | None = None
        self.is_late = False
        self.status = 0

    async def receive(self) -> Message:
        """The next piece of the body. While it is on its way the place is somebody else's."""
        if self._whole or self.place is None:
            return await self._receive()
        self.place.leave()
        self.until = None
        message = await self._in_time()
        self.until = asyncio.get_running_loop().time() + self._limits.bounds.time
        self._take(len(message.get("body", b"")))
        self._whole = not message.get("more_body")
        if self._whole and self._size > self._limits.bounds.large:
            await self._limits.large.take(self._size)
            self._in_work = self._size
        await self.place.back()
        return message

    async def _in_time(self) -> Message:
        bounds = self._limits.bounds
        self._due = self._due or asyncio.get_running_loop().time() + bounds.grace
        try:
            async with asyncio.timeout_at(self._due + self._size / bounds.rate):
                return await self._receive()
        except TimeoutError:
            self._whole = True
            raise TooSlow(
                f"The body stopped coming after {self._size} bytes, so nothing was done. Send it again, faster."
            ) from None

    def _take(self, size: int) -> None:
        self._size += size
        self._limits.bodies += size
        if self._most and self._size > self._most:
            raise TooLarge(f"What was sent is larger than {self._most // MIB} MiB.")
        if self._limits.bodies > self._limits.bounds.bodies:
            raise Busy(
                "More is being sent just now than this server can hold. Nothing was done. Try again in a moment."
            )

    async def send(self, message: Message) -> None:
        """The answer. From its first byte the work is done, however slowly it is fetched."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            self.until = None
            self.end()
        await self._send(message)

    def end(self) -> None:
        """Let go of everything; may be called again."""
        self._limits.bodies -= self._size
        self._limits.large.give(self._in_work)
        self._size = self._in_work = 0
        if self.place is not None:
            self.place.leave()


def _has_body(scope: Scope) -> bool:
    for name, value in scope["headers"]:
        if name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            return True
    return False
