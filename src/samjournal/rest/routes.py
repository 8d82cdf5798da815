"""Which interaction answers which address: one table, from which the CapabilityStatement is derived too.

A plain ASGI application: reads are the hot path, and every layer costs.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from starlette.types import Receive, Scope, Send

from samjournal.db.pool import BAD_VALUE, Unavailable
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, Fault, FhirError, Invalid, NotFound, NotSupported, TooLarge
from samjournal.record import Door
from samjournal.rest import answers, capability, interactions
from samjournal.rest.answers import JSON, Answer
from samjournal.rest.authentication import Bearers
from samjournal.rest.request import MAX_BODY, Request, demand_json, path_of, query_of

_log = logging.getLogger(__name__)
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_PORT = re.compile(r":\d{1,5}$")
Interaction = Callable[[Door, Request], Awaitable[Answer]]


class Route(NamedTuple):
    """A shape of path (None stands for any part) and what answers each method; `code` is the standard's name."""

    shape: tuple[str | None, ...]
    method: str
    code: str
    answer: Interaction


ROUTES = (
    Route((None, None), "GET", "read", interactions.read),
    Route((None, None, "_history", None), "GET", "vread", interactions.vread),
    Route((None, None), "PUT", "update", interactions.update),
    Route((None, None), "DELETE", "delete", interactions.delete),
    Route((None, None, "_history"), "GET", "history-instance", interactions.history),
    Route((None,), "POST", "create", interactions.create),
    Route((None,), "GET", "search-type", interactions.search),
    Route((None, "_search"), "POST", "search-type", interactions.search),
    Route((), "POST", "batch", interactions.bundle),
    Route((), "POST", "transaction", interactions.bundle),
)
_TYPE = tuple(dict.fromkeys(route.code for route in ROUTES if route.shape))
_SYSTEM = tuple(route.code for route in ROUTES if not route.shape)


class Rest:
    """The application under /fhir."""

    def __init__(self, door: Door, *, hosts: tuple[str, ...] = ()) -> None:
        """`hosts` are the names that we answer to; none given, any well-formed one."""
        self._door = door
        self._hosts = hosts
        self._bearers = Bearers(door.pool)
        self._started = datetime.now(UTC).isoformat(timespec="seconds")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = scope.get("state", {}).get("request_id", "")
        try:
            answer = await self._answer(scope, receive, request_id)
        except FhirError as problem:
            answer = answers.error(problem, request_id=request_id)
        except Unavailable as problem:
            told = f"{problem} Nothing was shown. Try again in a moment."
            if problem.unknown:
                told = "The connection broke while saving: read again to see whether it was done."
            answer = answers.error(Busy(told), request_id=request_id)
        except BAD_VALUE:
            problem_of_value = Invalid("A value in the request is outside what can be searched or stored.")
            answer = answers.error(problem_of_value, request_id=request_id)
        except Exception:
            _log.exception("fault", extra={"request": request_id})
            fault = Fault(f"Something is wrong on our side. Tell us the number {request_id}.")
            answer = answers.error(fault, request_id=request_id)
        await _send(answer, scope["method"], send)

    async def _answer(self, scope: Scope, receive: Receive, request_id: str) -> Answer:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        path = path_of(scope["path"].removeprefix(scope.get("root_path", "")))
        root = f"{scope['scheme']}://%s{scope.get('root_path', '')}"
        host = self._host(scope)
        base = root % host
        own = tuple(root % name for name in dict.fromkeys((host, *self._hosts)))
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if path == ("metadata",) and method == "GET":
            return Answer(200, capability.statement(base, self._started, _TYPE, _SYSTEM))
        permit = await self._bearers.permit(headers.get("authorization"), request=request_id)
        route = _route(path, method)
        query = query_of(scope["query_string"])
        demand_json(headers, query)
        body = await _body(headers, receive) if method in ("POST", "PUT", "PATCH") else b""
        return await route.answer(self._door, Request(method, path, query, headers, body, permit, base, own))

    def _host(self, scope: Scope) -> str:
        """The name that we were called by. Raises Invalid for none, several, or one that is not ours."""
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1 or not _HOST.fullmatch(named[0]):
            raise Invalid("Send one Host header with the name of this server.")
        # A forwarded port is another number under the same name.
        if self._hosts and _PORT.sub("", named[0]) not in {_PORT.sub("", host) for host in self._hosts}:
            raise Invalid(f"This server is not called {named[0][:80]}; it is called {', '.join(self._hosts)}.")
        name: str = named[0]
        return name


def _route(path: tuple[str, ...], method: str) -> Route:
    fitting = [
        route
        for route in ROUTES
        if len(route.shape) == len(path)
        and all(part in (None, given) for part, given in zip(route.shape, path, strict=True))
    ]
    if path and path[0] not in load().resources:
        raise NotFound(f"“{path[0][:60]}” is not a resource type of FHIR R4.")
    for route in sorted(fitting, key=lambda one: one.shape.count(None)):
        if route.method == method:
            return route
    if not fitting:
        raise NotFound("There is nothing at this address. See /fhir/metadata.")
    allowed = ", ".join(sorted({route.method for route in fitting}))
    problem = NotSupported(f"{method} cannot be done at this address; {allowed} can.")
    problem.allow = allowed
    raise problem


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    """The whole body, refused as soon as it is known to be too large."""
    length = headers.get("content-length", "0")
    if length.isdigit() and int(length) > MAX_BODY:
        raise _too_large()
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Invalid("The connection ended before the whole body had come.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise _too_large()
        if not message.get("more_body"):
            return b"".join(parts)


def _too_large() -> TooLarge:
    return TooLarge(
        f"The body is larger than {MAX_BODY // 2**20} MiB. Send it in smaller Bundles, or use samjournal load."
    )


async def _send(answer: Answer, method: str, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    if answer.body:
        headers.append((b"content-type", JSON.encode()))
    headers += [(b"content-length", str(len(answer.body)).encode()), (b"cache-control", b"no-store")]
    if answer.status in (204, 304):
        headers = [pair for pair in headers if pair[0] != b"content-length"]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if method == "HEAD" or answer.status in (204, 304) else answer.body
    await send({"type": "http.response.body", "body": body})
