"""Which interaction answers which address: one table, from which the CapabilityStatement is derived too.

A plain ASGI application: reads are the hot path, and every layer costs.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from contextlib import nullcontext
from datetime import UTC, datetime
from functools import lru_cache, partial
from typing import NamedTuple

from msgspec.structs import replace
from starlette.types import Receive, Scope, Send

from samjournal.db.pool import BAD_VALUE, Unavailable
from samjournal.fhir import custom, xml
from samjournal.fhir.definitions import load
from samjournal.fhir.errors import Busy, Fault, FhirError, Invalid, NotFound, NotSupported, Unsettled
from samjournal.record import Door
from samjournal.rest import (
    answers,
    asynchronous,
    binary,
    bundles,
    capability,
    definitions,
    deprecations,
    dressing,
    formats,
    histories,
    holding,
    interactions,
    metadata,
    operations,
    patching,
    searches,
    usage,
)
from samjournal.rest.answers import Answer
from samjournal.rest.authentication import Bearers
from samjournal.rest.request import LARGE, Request, Used, body_of, parsed_ahead, path_of, query_of

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


_INTERACTIONS = (
    Route((None, None), "GET", "read", interactions.read),
    Route(("OperationDefinition", None), "GET", "read", definitions.read),
    Route((binary.TYPE, None), "GET", "read", binary.read),
    Route((binary.TYPE, None, "_history", None), "GET", "vread", binary.vread),
    Route((binary.TYPE,), "POST", "create", binary.create),
    Route((binary.TYPE, None), "PUT", "update", binary.update),
    Route((None, None, "_history", None), "GET", "vread", interactions.vread),
    Route((None, None), "PUT", "update", interactions.update),
    Route((None, None), "PATCH", "patch", patching.patch),
    Route((None, None), "DELETE", "delete", interactions.delete),
    Route((None, None, "_history"), "GET", "history-instance", histories.of_instance),
    Route((None,), "PUT", "update", interactions.conditional_update),
    Route((None,), "PATCH", "patch", patching.conditional_patch),
    Route((None,), "DELETE", "delete", interactions.conditional_delete),
    Route((None, "_history"), "GET", "history-type", histories.of_type),
    Route((None,), "POST", "create", interactions.create),
    Route((None,), "GET", "search-type", searches.of_type),
    Route((None, "_search"), "POST", "search-type", searches.of_type),
    Route((None, None, None), "GET", "search-type", searches.of_compartment),
    Route((None, None, None, "_search"), "POST", "search-type", searches.of_compartment),
    Route((), "GET", "search-system", searches.of_everything),
    Route(("_search",), "POST", "search-system", searches.of_everything),
    Route((), "POST", "batch", bundles.bundle),
    Route((), "POST", "transaction", bundles.bundle),
    Route(("_history",), "GET", "history-system", histories.of_system),
)
_TYPE = tuple(dict.fromkeys(route.code for route in _INTERACTIONS if None in route.shape))
_SYSTEM = tuple(
    dict.fromkeys(route.code for route in _INTERACTIONS if (*route.shape, "_")[0] in ("_", "_search", "_history"))
)
_OPERATIONS = tuple(Route(shape, method, one.code, one.answer) for shape, method, one in operations.shapes())
_LATER = (
    Route((asynchronous.PLACE, None), "GET", "async", asynchronous.state),
    Route((asynchronous.PLACE, None), "DELETE", "async", asynchronous.cancel),
)
ROUTES = _INTERACTIONS + _OPERATIONS + _LATER
_OF_SYSTEM = {route.shape for route in ROUTES if len(route.shape) == 1 and (route.shape[0] or "")[:1] in ("_", "$")}


class Rest:
    """The application under /fhir."""

    def __init__(
        self,
        door: Door,
        *,
        hosts: tuple[str, ...] = (),
        cors: bool = False,
        sent_away: Callable[[str], int] | None = None,
    ) -> None:
        """`hosts` are the names that we answer to; none given, any well-formed one. `cors` is whether pages of other
        origins may ask, `sent_away` how often who sends a token was refused before we saw him."""
        self._door = door
        self._hosts = hosts
        self._cors = cors
        self._sent_away = sent_away
        self.usage = usage.Usage()
        self._bearers = Bearers(door)
        self.jobs = asynchronous.Jobs(door, self._bearers, self._done)
        self._started = datetime.now(UTC).isoformat(timespec="seconds")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = scope.get("state", {}).get("request_id", "")
        headers, begun = _headers(scope), holding.clock()
        try:
            answer = await self._answer(scope, headers, receive, request_id)
            answer = await _in_format(answer, headers, scope["query_string"])
        except FhirError as problem:
            answer = answers.error(problem, request_id=request_id)
        except Unavailable as problem:
            busy = Busy(f"{problem} Nothing was shown. Try again in a moment.")
            if problem.unknown:
                busy = Unsettled("The connection broke while saving: read again to see whether it was done.")
            answer = answers.error(busy, request_id=request_id)
        except BAD_VALUE:
            problem_of_value = Invalid("A value in the request is outside what can be searched or stored.")
            answer = answers.error(problem_of_value, request_id=request_id)
        except Exception:
            _log.exception("fault", extra={"request": request_id})
            fault = Fault(f"Something is wrong on our side. Tell us the number {request_id}.")
            answer = answers.error(fault, request_id=request_id)
        if answer.status >= 400:
            answer = await _in_format(answer, headers, scope["query_string"])
        if not dressing.is_plain(answer, headers, scope["query_string"]):
            answer = await dressing.dressed(answer, headers, scope["query_string"])
        if scope.get("state", {}).get("sees_part"):
            await holding.until_tick(answer, begun)
        await _send(answer, scope["method"], send)

    async def _answer(self, scope: Scope, headers: dict[str, str], receive: Receive, request_id: str) -> Answer:
        path = path_of(scope["path"].removeprefix(scope.get("root_path", "")))
        own = _addresses(scope["scheme"], scope.get("root_path", ""), self._host(scope), self._hosts)
        base = own[0]
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        if path == metadata.PATH and method == "GET":
            return metadata.answered(self._statement(base), headers, query_of(scope["query_string"]))
        if method == "OPTIONS":  # Tells what the CapabilityStatement tells everybody.
            return Answer(204, headers={"allow": _allowed(path)})
        permit = await self._bearers.permit(headers.get("authorization"), request=request_id)
        scope.setdefault("state", {})["sees_part"] = not (permit.unrestricted and permit.sees_parts)
        with usage.Counted(self.usage.of(permit)) as used:
            route = _route(path, method)
            query = query_of(scope["query_string"])
            if not binary.is_content(path, method, headers, query):
                formats.wanted(headers, query)  # Refused before anything is done.
            if b"_pretty" in scope["query_string"]:
                dressing.refuse_odd(query)
            body = await body_of(headers, receive) if method in ("POST", "PUT", "PATCH") else b""
            told = partial(self._statement, base)
            request = Request(method, path, query, headers, body, permit, base, own, used=used, statement=told)
            if asynchronous.is_wanted(headers, route.code):
                return await self.jobs.accept(request)
            if route.code[0] == "$":
                answer = await self._operated(route, request, used)
            else:
                answer = await route.answer(self._door, await parsed_ahead(request))
            return deprecations.told(answer, request, route.code) if deprecations.DEPRECATED else answer

    def _statement(self, base: str) -> bytes:
        deprecated = deprecations.DEPRECATED
        return capability.statement(
            base, self._started, _TYPE, _SYSTEM, custom.epoch(), cors=self._cors, deprecated=deprecated
        )

    async def _operated(self, route: Route, request: Request, used: Used) -> Answer:
        """The answer of an operation; of costly ones a client has few at once."""
        if self._sent_away is not None:
            used.sent_away = self._sent_away(request.headers.get("authorization", ""))
        with usage.costly(used) if route.answer in operations.COSTLY else nullcontext():
            return await route.answer(self._door, await parsed_ahead(request))

    async def _done(self, request: Request) -> Answer:
        """The answer to a request that was kept for later."""
        return await _route(request.path, request.method).answer(self._door, await parsed_ahead(request))

    def _host(self, scope: Scope) -> str:
        """The name that we were called by. Raises Invalid for none, several, or one that is not ours."""
        named = [value.decode("latin-1") for name, value in scope["headers"] if name == b"host"]
        if len(named) != 1 or not _is_host(named[0]):
            raise Invalid("Send one Host header with the name of this server.")
        if self._hosts and not _is_one_of(named[0], self._hosts):
            raise Invalid(f"This server is not called {named[0][:80]}; it is called {', '.join(self._hosts)}.")
        name: str = named[0]
        return name


def _headers(scope: Scope) -> dict[str, str]:
    """Headers by name; one that stands on several lines is one list. RFC 9110 section 5.3"""
    found: dict[str, str] = {}
    for raw, value in scope["headers"]:
        name, text = raw.decode("latin-1"), value.decode("latin-1")
        found[name] = f"{found[name]}, {text}" if name in found else text
    return found


@lru_cache(maxsize=1024)
def _is_one_of(name: str, hosts: tuple[str, ...]) -> bool:
    """Whether a name is one of ours. A forwarded port is another number under the same name."""
    return _PORT.sub("", name) in {_PORT.sub("", host) for host in hosts}


@lru_cache(maxsize=1024)
def _addresses(scheme: str, root: str, host: str, hosts: tuple[str, ...]) -> tuple[str, ...]:
    """The address that we were called by, then all others of ours."""
    return tuple(f"{scheme}://{name}{root}" for name in dict.fromkeys((host, *hosts)))


@lru_cache(maxsize=1024)
def _is_host(name: str) -> bool:
    return _HOST.fullmatch(name) is not None


def _route(path: tuple[str, ...], method: str) -> Route:
    is_operation = bool(path) and path[-1].startswith("$")
    if path == metadata.PATH:
        raise _not_here(method, {"GET"})
    if path and path[0] not in load().resources and path not in _OF_SYSTEM and path[0] != asynchronous.PLACE:
        if is_operation and len(path) == 1:
            raise NotFound(f"This server has no operation {path[0][:60]}. See /fhir/metadata.")
        raise NotFound(f"“{path[0][:60]}” is not a resource type of FHIR R4.")
    # Ids are left out, so that there are few shapes.
    fitting = _fitting(tuple(part if part in _WORDS else "" for part in path), is_operation)
    if path in _OF_SYSTEM:  # These words are no types.
        fitting = [route for route in fitting if route.shape == path]
    for route in fitting:
        if route.method == method:
            return route
    if is_operation and not fitting:
        raise NotFound(f"{path[0]} has no operation {path[-1][:60]} at this address. See /fhir/metadata.")
    if not fitting:
        raise NotFound("There is nothing at this address. See /fhir/metadata.")
    raise _not_here(method, {route.method for route in fitting})


def _not_here(method: str, can: set[str]) -> NotSupported:
    """What an address does not take, with all that it does. RFC 9110 section 15.5.6"""
    also = {"OPTIONS", "HEAD"} if "GET" in can else {"OPTIONS"}
    problem = NotSupported(f"{method} cannot be done at this address; {', '.join(sorted(can))} can.")
    problem.allow = ", ".join(sorted(can | also))
    return problem


_WORDS = frozenset(part for route in ROUTES for part in route.shape if part)


@lru_cache(maxsize=4096)
def _fitting(path: tuple[str, ...], is_operation: bool) -> list[Route]:
    """The routes that a path fits, those that name most of it first. A word with an underscore is never an id."""
    table = _LATER if path[:1] == (asynchronous.PLACE,) else _OPERATIONS if is_operation else _INTERACTIONS
    fitting = [
        route
        for route in table
        if len(route.shape) == len(path)
        and all(
            part == given or (part is None and given[:1] != "_") for part, given in zip(route.shape, path, strict=True)
        )
    ]
    return sorted(fitting, key=lambda one: one.shape.count(None))


def _allowed(path: tuple[str, ...]) -> str:
    """What can be done at an address, for OPTIONS. RFC 9110 section 9.3.7. Raises NotFound."""
    try:
        _route(path, "OPTIONS")
    except NotSupported as problem:
        return problem.allow
    raise AssertionError("OPTIONS is answered before any route is asked for.")


async def refuse(scope: Scope, send: Send, problem: FhirError) -> None:
    """Answer with an error before anything of the request was looked at."""
    await _send(answers.error(problem, request_id=scope["state"]["request_id"]), scope["method"], send)


async def _in_format(answer: Answer, headers: dict[str, str], query: bytes) -> Answer:
    """The answer in the format asked for; who asks for one that is not there is told so in JSON."""
    if not answer.body or answer.media != formats.MEDIA["json"]:
        return answer
    if b"_format" not in query and "xml" not in headers.get("accept", "").lower():
        return answer
    try:
        wanted = formats.wanted(headers, query_of(query))
    except FhirError:
        return answer
    if wanted == "json":
        return answer
    large = len(answer.body) > LARGE
    body = await asyncio.to_thread(xml.write, answer.body) if large else xml.write(answer.body)
    return replace(answer, body=body, media=formats.MEDIA[wanted])


async def _send(answer: Answer, method: str, send: Send) -> None:
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    if answer.body:
        headers.append((b"content-type", answer.media.encode()))
    headers += [(b"content-length", str(len(answer.body)).encode()), (b"cache-control", b"no-store")]
    if answer.status in (204, 304):
        headers = [pair for pair in headers if pair[0] != b"content-length"]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    body = b"" if method == "HEAD" or answer.status in (204, 304) else answer.body
    await send({"type": "http.response.body", "body": body})
