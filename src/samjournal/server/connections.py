"""Connections that cannot be used to wear the server out: slow, endless, idle or too many. RFC 9112, RFC 6585

uvicorn's protocol has no limit on the head of a request, none on how long it may take, and none on who opens a
connection and says nothing. This one has, and closes in the end on whoever does not fetch his answer.
"""

from __future__ import annotations

import asyncio
import resource
from http import HTTPStatus
from typing import Any, Final

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from samjournal.fhir.errors import Busy, FhirError, HeadTooLarge, Invalid, TooSlow
from samjournal.rest.answers import operation_outcome
from samjournal.server import metrics
from samjournal.server.front import PROMISES

BEYOND: Final = 64
"""Connections above the most that are let in to hear why they are refused, or to ask after health and metrics."""
OTHERS: Final = 100
"""Handles for everything else: the database, the log, files."""
LINGER_SECONDS: Final = 1.0
HEAD_SIZE: Final = 32 * 1024
HEAD_FIELDS: Final = 100


def most_connections(wanted: int) -> int:
    """How many connections may be open, after asking for as many file handles as the system gives."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    handles = wanted + BEYOND + OTHERS
    if soft < handles:
        soft = handles if hard == resource.RLIM_INFINITY else min(handles, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(wanted, max(16, soft - BEYOND - OTHERS))


class Connection(HttpToolsProtocol):
    """One connection, from which requests come one after the other. All limits are of every connection alike."""

    most = 4000
    head_seconds = 10.0
    unread_seconds = 5.0
    """How long a body that nobody wants any more may go on coming, so that its sender gets to read the answer."""
    stalled_seconds = 30.0

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        # Its lines would hold addresses whole; ours are written by `logs.RequestLog`.
        self.access_log = False
        self.url = b""
        self._in_head = False
        self._head_size = self._come = 0
        self._fault: FhirError | None = None
        self._crowded = False
        self.is_told = False
        self._head_timer: asyncio.TimerHandle | None = None
        self._unread_timer: asyncio.TimerHandle | None = None
        self._stalled_timer: asyncio.TimerHandle | None = None

    # A connection comes and goes.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        metrics.connections.set(len(self.connections))
        if len(self.connections) > self.most and not self._close_an_idle_one():
            self._crowded = True
            if len(self.connections) > self.most + BEYOND:
                self._tell(Busy("More connections are open than this server takes. Try again in a moment."))
                return
        self._expect_a_head()

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._head_timer, self._unread_timer, self._stalled_timer):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        metrics.connections.set(len(self.connections))

    def _close_an_idle_one(self) -> bool:
        """Make room: somebody who was answered and only keeps the line open can open another."""
        for other in self.connections:
            if isinstance(other, Connection) and other.is_idle and not other.transport.is_closing():
                other.transport.close()
                return True
        return False

    @property
    def is_idle(self) -> bool:
        """Whether an answer was given and no other request has begun."""
        return self.cycle is not None and self.cycle.response_complete and not self._in_head

    # The head of a request.

    def data_received(self, data: bytes) -> None:
        if self.is_told:
            return
        self._come = self._head_size + len(data)
        super().data_received(data)
        if self.is_told or self.transport.is_closing():
            return
        if self._in_head:
            self._head_size += len(data)
            if self._head_size > HEAD_SIZE:
                self._tell(_too_large_a_head())
                return
        if self._head_timer is None and (self.cycle is None or self.cycle.response_complete):
            self._expect_a_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._head_size = True, 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._stop_head_timer()
        if len(self.headers) > HEAD_FIELDS or (self._come > HEAD_SIZE and self._size_of_head() > HEAD_SIZE):
            self._fault = _too_large_a_head()
            raise ValueError
        if self._crowded:
            self.scope["state"]["crowded"] = True
        super().on_headers_complete()
        self.cycle.transport = _Ending(self, self.cycle)  # type: ignore[assignment]
        if self._crowded:
            self.cycle.keep_alive = False

    def _size_of_head(self) -> int:
        return len(self.url) + sum(len(name) + len(value) for name, value in self.headers)

    def _expect_a_head(self) -> None:
        self._stop_head_timer()
        self._head_timer = self.loop.call_later(self.head_seconds, self._head_is_late)

    def _stop_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self._in_head:
            self._tell(TooSlow(f"The request did not come within {self.head_seconds:.0f} seconds. Send it again."))
        else:
            self.transport.close()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002
        """Called by uvicorn for what is not HTTP, and for what a callback of the parser raised."""
        self._tell(self._fault or Invalid("This is not an HTTP request that the server understands. Nothing was done."))

    def _tell(self, error: FhirError) -> None:
        """Answer without the application, and close."""
        if self.is_told or self.transport.is_closing():
            return
        is_fhir = self.url.startswith(b"/fhir")
        body = msgspec.json.encode(operation_outcome(error.issues, error.kind)) if is_fhir else error.text.encode()
        fields = {
            "content-type": "application/fhir+json" if is_fhir else "text/plain; charset=utf-8",
            "content-length": str(len(body)),
            **PROMISES,
            "connection": "close",
            **({"retry-after": str(error.retry_after)} if error.retry_after else {}),
        }
        lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"]
        lines += [f"{name}: {value}" for name, value in fields.items()]
        self.transport.write("\r\n".join([*lines, "", ""]).encode() + body)
        self.close_gently()
        metrics.answered(method="", path="", status=error.status, seconds=0)

    def close_gently(self) -> None:
        """Send nothing more; what is on its way still is read and dropped for a moment. To close on it would take back
        the answer: the client's system throws away what it has when its own bytes are refused."""
        self.is_told = True
        if self.transport.can_write_eof():  # TLS has no half of a connection.
            self.transport.write_eof()
        self._unread_timer = self.loop.call_later(LINGER_SECONDS, self.transport.close)

    # Bodies that nobody reads, and answers that nobody fetches.

    def on_response_complete(self) -> None:
        if self.is_told:
            return
        super().on_response_complete()
        if self._in_head and self._head_timer is None:
            # The next request had begun while this one was answered.
            self._expect_a_head()
        if self.cycle.response_complete and self.cycle.more_body and not self.transport.is_closing():
            self._unread_timer = self.loop.call_later(self.unread_seconds, self.transport.close)

    def on_message_complete(self) -> None:
        if self._unread_timer is not None:
            self._unread_timer.cancel()
            self._unread_timer = None
        super().on_message_complete()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch_writing()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled_timer is not None:
            self._stalled_timer.cancel()
            self._stalled_timer = None

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._watch_writing()

    def _watch_writing(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._stalled_timer = self.loop.call_later(self.stalled_seconds, self._end_if_stalled, left)

    def _end_if_stalled(self, before: int) -> None:
        """Nothing of the answer was fetched since the last look: what is left of it is thrown away."""
        if self.transport.get_write_buffer_size() >= before:
            self.transport.abort()
        else:
            self._watch_writing()


class _Ending:
    """What one answer writes to. Its head waits a moment for what follows, so that both go in one packet; it closes the
    connection gently when the body was not read."""

    __slots__ = ("_begun", "_connection", "_cycle", "_head", "is_closing")

    def __init__(self, connection: Connection, cycle: RequestResponseCycle) -> None:
        self._connection, self._cycle = connection, cycle
        self._head = b""
        self._begun = False
        self.is_closing = connection.transport.is_closing

    def write(self, data: bytes) -> None:
        if self._head:
            self._head, data = b"", self._head + data
        elif not self._begun:
            self._begun, self._head = True, data
            self._connection.loop.call_soon(self._send_head)
            return
        if not self._connection.is_told:
            self._connection.transport.write(data)

    def _send_head(self) -> None:
        """Nothing has followed yet."""
        if self._head:
            self.write(b"")

    def close(self) -> None:
        self._send_head()
        if self._cycle.more_body and not self.is_closing():
            self._connection.close_gently()
        else:
            self._connection.transport.close()


def _too_large_a_head() -> HeadTooLarge:
    return HeadTooLarge(
        f"Address and headers are larger than {HEAD_SIZE // 1024} KiB or more than {HEAD_FIELDS} fields. Send less; a"
        " long search goes in the body of POST _search."
    )
