"""Signing in that fails again and again must wait: so many failures from one address in so many minutes, then 429.

Nobody is locked out of his account by what others try, since it is the address that waits; who succeeds is not
counted, so a hospital behind one address does not wait for itself. Kept in memory: a restart forgets, and each process
counts its own.
OWASP ASVS 5.0, V6.1.1 and V6.3.1 · RFC 6585
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samjournal.fhir.errors import TooMany
from samjournal.server import metrics
from samjournal.server.front import Refuse

MOST: Final = 300
"""Failures from one address within WINDOW: a hospital is one address, and its people miss a key now and then. What can
be guessed at all, codes of a shared PC, counts its own tries."""
WINDOW: Final = 600
"""Seconds."""
ADDRESSES: Final = 20_000
"""Addresses that are remembered; beyond it the one that failed longest ago is forgotten."""
GUARDED: Final = "/signin/"
"""Where somebody proves who he is."""
_FAILED: Final = frozenset({400, 401, 403, 404, 409, 422})


_log = logging.getLogger("samjournal.signin")


def _is_attempt(scope: Scope) -> bool:
    path: str = scope["path"]
    return scope["method"] == "POST" and path.startswith(GUARDED)


class Attempts:
    """ASGI middleware, behind what knows the address of whoever asks."""

    def __init__(self, app: ASGIApp, *, refuse: Refuse, clock: Callable[[], float] = monotonic) -> None:
        self.app, self.refuse, self.clock = app, refuse, clock
        self.failures: OrderedDict[str, deque[float]] = OrderedDict()

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        is_guarded = scope["type"] == "http" and _is_attempt(scope)
        return (self._attempt if is_guarded else self.app)(scope, receive, send)

    async def _attempt(self, scope: Scope, receive: Receive, send: Send) -> None:
        address = (scope.get("client") or ("",))[0]
        if (wait := self.wait(address)) > 0:
            metrics.refused.labels("429").inc()
            _log.warning("signing in must wait", extra={"client": address, "seconds": wait})
            refusal = TooMany("Signing in has failed too often from your address. Try again later.")
            refusal.retry_after = wait
            await self.refuse(scope, receive, send, refusal)
            return

        async def send_counting(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] in _FAILED:
                self.note(address)
                _log.warning("signing in failed", extra={"client": address, "status": message["status"]})
            await send(message)

        await self.app(scope, receive, send_counting)

    def wait(self, address: str) -> int:
        """How many seconds until the address may try again; 0: now."""
        failed = self.failures.get(address, ())
        now = self.clock()
        recent = [at for at in failed if at > now - WINDOW]
        return 0 if len(recent) < MOST else int(recent[-MOST] + WINDOW - now) + 1

    def note(self, address: str) -> None:
        """One more failure."""
        self.failures.setdefault(address, deque(maxlen=MOST)).append(self.clock())
        self.failures.move_to_end(address)
        if len(self.failures) > ADDRESSES:
            self.failures.popitem(last=False)
