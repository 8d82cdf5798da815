"""The application under /scim/v2: who asks, what for, and the answer. RFC 7644

A plain ASGI application like the FHIR face: no cookie is read, and every request but for the descriptions needs a token
with the scope `accounts.change`, which opens nothing else.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, unquote

import msgspec
from msgspec import structs
from starlette.types import Receive, Scope, Send

from samjournal import access, accounts, audit
from samjournal.access import Permit
from samjournal.access.scopes import ACCOUNTS, parse
from samjournal.db.pool import BAD_VALUE, Unavailable
from samjournal.fhir.errors import Busy, Fault, FhirError, Forbidden, NotFound, NotSupported, TooLarge, Unauthenticated
from samjournal.record import Door
from samjournal.record.door import look_of
from samjournal.scim import changing, listing, schemas
from samjournal.scim.bulk import bulk
from samjournal.scim.changing import Order, version_of
from samjournal.scim.documents import Document, chosen
from samjournal.scim.errors import Refused, bad_syntax, told
from samjournal.scim.schemas import LARGEST, USER, Kind

_log = logging.getLogger(__name__)
MEDIA: Final = "application/scim+json"
ROOT: Final = "/scim/v2"
_HOST = re.compile(r"[A-Za-z0-9.\-]{1,253}(?::\d{1,5})?|\[[0-9A-Fa-f:.]{2,45}\](?::\d{1,5})?")
_LIST: Final = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_SEARCH: Final = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
_DESCRIPTIONS: Final = ("ServiceProviderConfig", "ResourceTypes", "Schemas")
ADDRESSES: Final = ("Users", "Groups", "Bulk", ".search", *_DESCRIPTIONS)
_ALLOWED: Final = {
    "list": ("GET", "POST"),
    "one": ("GET", "PUT", "PATCH", "DELETE"),
    "description": ("GET",),
    "search": ("POST",),
    "bulk": ("POST",),
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, document and headers of a response."""

    status: int
    document: Document | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, with its parameters and the address by which we were called."""

    method: str
    path: tuple[str, ...]
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    base: str
    permit: Permit

    def json(self) -> Any:
        """The body. Raises Refused."""
        media = self.headers.get("content-type", MEDIA).partition(";")[0].strip().lower()
        if media not in (MEDIA, "application/json"):
            raise Refused(f"Send {MEDIA}, not {media[:60]}.", status=415)
        try:
            return msgspec.json.decode(self.body)
        except (msgspec.DecodeError, RecursionError):
            raise bad_syntax("The body is no JSON.") from None


class Scim:
    """The application; `hosts` are the names that we answer to, none given: any well-formed one."""

    def __init__(self, door: Door, *, hosts: tuple[str, ...] = ()) -> None:
        self._door, self._hosts = door, hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request_id = scope.get("state", {}).get("request_id", "")
        try:
            answer = await self._answer(scope, receive, request_id)
        except (Refused, FhirError) as problem:
            answer = _refused(problem)
        except Unavailable as problem:
            answer = _refused(Busy(f"{problem} Try again in a moment."))
        except BAD_VALUE:
            answer = _refused(Refused("A value in the request is outside what can be stored.", kind="invalidValue"))
        except Exception:
            _log.exception("fault", extra={"request": request_id})
            answer = _refused(Fault(f"Something is wrong on our side. Tell us the number {request_id}."))
        await _send(answer, scope["method"], send)

    async def _answer(self, scope: Scope, receive: Receive, request_id: str) -> Answer:
        path = tuple(unquote(part) for part in scope["path"].removeprefix(ROOT).strip("/").split("/") if part)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        base = f"{scope['scheme']}://{self._host(headers)}{ROOT}"
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        query = dict(parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True))
        if path[:1] and path[0] in _DESCRIPTIONS:
            return _description(method, path, query, base)
        permit = await self._permit(headers.get("authorization"), request_id)
        _demand_method(path, method)
        body = await _body(headers, receive) if method in ("POST", "PUT", "PATCH") else b""
        request = Request(method, path, query, headers, body, base, permit)
        if path == ("Bulk",):
            return Answer(200, await bulk(self._door, permit, base, request.json()))
        if path[-1] == ".search":
            return await self._search(request)
        kind = listing.KIND_OF[path[0]]
        if len(path) == 1 and method == "GET":
            return await self._list(request, kind, dict(query))
        return await self._one(request, kind)

    async def _one(self, request: Request, kind: Kind) -> Answer:
        """A single user or group."""
        id_ = request.path[1] if len(request.path) > 1 else None
        only, without = request.query.get("attributes"), request.query.get("excludedAttributes")
        if request.method == "GET":
            assert id_ is not None
            document = await changing.read(self._door, kind, id_, request.base)
            await self._log(request.permit, kind, [id_])
            if request.headers.get("if-none-match") == document["meta"]["version"]:
                return Answer(304, headers={"etag": document["meta"]["version"]})
            return _whole(200, chosen(document, kind, only, without), document)
        body = None if request.method == "DELETE" else request.json()
        version = version_of(request.headers.get("if-match"))
        order = Order(self._door, request.permit, kind, request.base, id_, body, version)
        match request.method:
            case "POST":
                document = await changing.create(order)
                made = _whole(201, chosen(document, kind, only, without), document)
                return Answer(201, made.document, {**made.headers, "location": document["meta"]["location"]})
            case "PUT":
                document = await changing.replace(order)
            case "PATCH":
                document = await changing.patch(order)
            case _:
                await changing.remove(order)
                return Answer(204)
        return _whole(200, chosen(document, kind, only, without), document)

    async def _search(self, request: Request) -> Answer:
        """POST .search: the parameters of a list in the body. RFC 7644 section 3.4.3"""
        body = request.json()
        if not isinstance(body, dict) or _SEARCH not in (body.get("schemas") or ()):
            raise bad_syntax(f"schemas must name {_SEARCH}.")
        if len(request.path) == 1:
            raise Refused("Search one type of resource: POST /Users/.search or /Groups/.search.", status=501)
        return await self._list(request, listing.KIND_OF[request.path[0]], body)

    async def _list(self, request: Request, kind: Kind, parameters: dict[str, Any]) -> Answer:
        what = listing.asked(parameters, kind)
        total, page = await listing.listed(self._door, kind, what, request.base)
        await self._log(request.permit, kind, [one["id"] for one in page])
        return Answer(200, _page(total, [chosen(one, kind, what.only, what.without) for one in page], what.start))

    async def _log(self, permit: Permit, kind: Kind, ids: list[str]) -> None:
        shown = audit.shown([("Practitioner", id_) for id_ in ids]) if kind is USER else ""
        told = f"{len(ids)} {kind.endpoint.strip('/')}"
        await self._door.looks.write(look_of(permit, "read-accounts", why="directory", shown=shown, reason=told))

    async def _permit(self, authorization: str | None, request_id: str) -> Permit:
        """The permit of a token with the scope `accounts.change`. Raises Unauthenticated, Forbidden."""
        scheme, _, token = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send a bearer token with the scope accounts.change.")
        who = await accounts.bearer(self._door.pool, token.strip())
        if who is None:
            raise Unauthenticated("The token is not known, or has run out.")
        scopes = parse(who.scope) if who.system is not None else None
        if who.system is None or scopes is None or not scopes.changes_accounts:
            raise Forbidden(f"The token needs the scope {ACCOUNTS}, by that name.")
        return structs.replace(access.for_job(who.system), request=request_id)

    def _host(self, headers: dict[str, str]) -> str:
        named = headers.get("host", "")
        known = {one.partition(":")[0] for one in self._hosts}
        if not _HOST.fullmatch(named) or (known and named.partition(":")[0] not in known):
            raise Refused("Send a Host header with a name of this server.")
        return named


def _demand_method(path: tuple[str, ...], method: str) -> None:
    """Refuse addresses that there are not, and methods that they do not take."""
    match path:
        case ("Users" | "Groups",):
            allowed = _ALLOWED["list"]
        case ("Users" | "Groups", ".search") | (".search",):
            allowed = _ALLOWED["search"]
        case ("Users" | "Groups", _):
            allowed = _ALLOWED["one"]
        case ("Bulk",):
            allowed = _ALLOWED["bulk"]
        case ("Me", *_):
            raise Refused("A directory has no account of its own here.", status=501)
        case _:
            raise NotFound(f"There is nothing at this address: {', '.join(ADDRESSES)}.")
    if method not in allowed:
        problem = NotSupported(f"This address takes {', '.join(allowed)}.")
        problem.allow = ", ".join(allowed)
        raise problem


def _description(method: str, path: tuple[str, ...], query: dict[str, str], base: str) -> Answer:
    """What everybody may know: the standard's descriptions of this server. RFC 7644 section 4"""
    if method != "GET":
        problem = NotSupported("This address takes GET.")
        problem.allow = "GET"
        raise problem
    if "filter" in query:
        raise Forbidden("Descriptions of the server are not filtered.")
    if path == ("ServiceProviderConfig",):
        return Answer(200, schemas.config(base))
    found = schemas.resource_types(base) if path[0] == "ResourceTypes" else schemas.schemas(base)
    if path[0] == "ServiceProviderConfig" or len(path) > 2:
        raise NotFound("There is nothing at this address.")
    if len(path) == 1:
        return Answer(200, _page(len(found), found, 1))
    one = next((each for each in found if each["id"].lower() == path[1].lower()), None)
    if one is None:
        raise NotFound("There is nothing at this address.")
    return Answer(200, one)


def _page(total: int, page: list[Document], start: int) -> Document:
    return {
        "schemas": [_LIST],
        "totalResults": total,
        "startIndex": start,
        "itemsPerPage": len(page),
        "Resources": page,
    }


def _whole(status: int, document: Document, whole: Document) -> Answer:
    return Answer(status, document, {"etag": whole["meta"]["version"], "location": whole["meta"]["location"]})


def _refused(problem: Refused | FhirError) -> Answer:
    headers = {}
    if problem.status == 401:
        headers["www-authenticate"] = 'Bearer realm="scim"'
    if isinstance(problem, NotSupported) and problem.allow:
        headers["allow"] = problem.allow
    if isinstance(problem, FhirError) and problem.retry_after:
        headers["retry-after"] = str(problem.retry_after)
    return Answer(problem.status, told(problem), headers)


async def _body(headers: dict[str, str], receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise bad_syntax("The connection ended before the whole body had come.")
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > LARGEST or int(headers.get("content-length", "0") or 0) > LARGEST:
            raise TooLarge(f"A body is at most {LARGEST} bytes: send a large group or Bulk in parts.")
        if not message.get("more_body"):
            return b"".join(parts)


async def refuse(scope: Scope, send: Send, error: FhirError) -> None:
    """Send somebody away before he was seen."""
    await _send(_refused(error), scope["method"], send)


async def _send(answer: Answer, method: str, send: Send) -> None:
    body = msgspec.json.encode(answer.document) if answer.document is not None else b""
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in answer.headers.items()]
    headers += [(b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff")]
    if body:
        headers += [(b"content-type", MEDIA.encode()), (b"content-length", str(len(body)).encode())]
    elif answer.status not in (204, 304):
        headers.append((b"content-length", b"0"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})
