"""Structured logs: one JSON object a line, with request id, without health content.

Of a request only the method, the shape of the path, the status and the time are written. Ids in a path point at
people, so they are left out; the look log has them, under the same request id. Query strings are never written.
"""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
import re
import sys
import time
from collections.abc import Collection
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import msgspec
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samjournal.server import metrics

request_id: contextvars.ContextVar[str | None] = contextvars.ContextVar("request_id", default=None)

_SENT_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")
_COMMON = len(vars(logging.makeLogRecord({})))
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}

_log = logging.getLogger("samjournal.http")


def configure(*, file: Path | None = None, level: int = logging.INFO) -> None:
    """Log to standard error, or to `file`; then errors are shown on standard error too, as sentences."""
    root = logging.getLogger()
    root.handlers.clear()
    root.setLevel(level)
    if file:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    out = logging.FileHandler(file, encoding="utf-8") if file else logging.StreamHandler(sys.stderr)
    out.setFormatter(_Json())
    root.addHandler(out)
    # Nothing that we write says from which line, thread or process it came.
    logging._srcfile = None
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    if file:
        shown = logging.StreamHandler(sys.stderr)
        shown.setLevel(logging.ERROR)
        shown.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
        root.addHandler(shown)
    for name in ("asyncio", "uvicorn"):
        logging.getLogger(name).setLevel(logging.WARNING)


class _Json(logging.Formatter):
    """One record as one line of JSON. Of an exception only class and place: its text may be health content."""

    def format(self, record: logging.LogRecord) -> str:
        if (answered := getattr(record, "answered", None)) is not None:
            return b"\n".join(map(msgspec.json.encode, answered)).decode()
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (request := request_id.get()) is not None:
            line["request"] = request
        # What a call adds comes after what every record has.
        added = islice(vars(record).items(), _COMMON, None)
        line |= {key: value for key, value in added if key not in _STANDARD and not key.startswith("_")}
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["raised"] = _places(record.exc_info[2])
        return msgspec.json.encode(line, enc_hook=str).decode()


def _places(traceback: Any) -> list[str]:
    places = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('site-packages/', 1)[-1]}:{traceback.tb_lineno} {code.co_name}")
        traceback = traceback.tb_next
    return places


class _Answered(msgspec.Struct):
    """One line of the log, about a request."""

    at: str
    request: str
    method: str
    path: str
    status: int
    ms: float
    level: str = "info"
    logger: str = _log.name
    message: str = "answered"


class RequestLog:
    """ASGI middleware, outermost: gives each request its id, logs and measures its answer.

    The id is in `scope["state"]["request_id"]`, in the log, and in the answer's X-Request-Id.
    """

    def __init__(self, app: ASGIApp, *, words: Collection[str]) -> None:
        """`words` are those of our own addresses: nothing else of a path is written."""
        self.app = app
        known = frozenset(words)
        self._shape = lru_cache(maxsize=4096)(lambda path: shape(path, known))
        self._answered: list[_Answered] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = time.perf_counter()
        identity = _sent_id(scope) or os.urandom(16).hex()
        scope.setdefault("state", {})["request_id"] = identity
        token = request_id.set(identity)
        status = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": [*message["headers"], (b"x-request-id", identity.encode())]}
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            seconds = time.perf_counter() - begun
            path = self._shape(scope["path"])
            # Event streams stay open as long as the page; their time says nothing about the server.
            if path != "/live":
                metrics.answered(method=scope["method"], path=path, status=status, seconds=seconds)
            self._tell(_Answered(_now(), identity, scope["method"], path, status, round(seconds * 1000, 1)))
            request_id.reset(token)

    def _tell(self, line: _Answered) -> None:
        """Requests that one turn of the loop ends are one record: to pass each through logging is a tenth of a read."""
        if not _log.isEnabledFor(logging.INFO):
            return
        self._answered.append(line)
        if len(self._answered) == 1:
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        answered, self._answered = self._answered, []
        _log.info("answered", extra={"answered": answered})


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def shape(path: str, words: Collection[str]) -> str:
    """The path with everything that may be an id, a name or a number of somebody written as `{}`.

    Only `words` stay, and not even they after a resource type or after `patients`.
    """
    parts = path.split("/")[:8]
    shaped = [
        part if not part or (part in words and not _names_a_row(parts[index - 1])) else "{}"
        for index, part in enumerate(parts)
    ]
    return "/".join(shaped) or "/"


def _names_a_row(before: str) -> bool:
    return before[:1].isupper() or before in {"patients", "static", "_history"}


def _sent_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text = bytes(value).decode("latin-1")
            return text if _SENT_ID.match(text) else None
    return None
