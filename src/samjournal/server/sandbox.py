"""Tokens for the ready-made systems of a demo, over HTTP and for the command line. RFC 6749 sections 4.4, 5.1, 5.2

Nothing of this exists outside a demo: `routes` are added to one only. A token is as `samjournal token` makes it:
logged, valid for four hours, within the scopes of its client.
"""

from __future__ import annotations

import binascii
from base64 import b64decode
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import BaseRoute, Route

from samjournal.access import scopes
from samjournal.accounts import tokens
from samjournal.accounts.tokens import HOURS
from samjournal.db.pool import Connection, Pool
from samjournal.demo.clients import CLIENTS, Client
from samjournal.fhir.errors import Invalid, NotFound

_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}
_MOST = 4096
"""Bytes of a form that asks for a token."""


class Refused(Exception):
    """A token is not given; `code` is RFC 6749's word for why."""

    def __init__(self, code: str, text: str, status: int = 400) -> None:
        super().__init__(text)
        self.code, self.text, self.status = code, text, status


def routes() -> list[BaseRoute]:
    """/sandbox and /sandbox/token."""
    return [Route("/sandbox", listed, methods=["GET"]), Route("/sandbox/token", token, methods=["POST"])]


def client(name: str) -> Client:
    """The ready-made system of that name. Raises NotFound that names all of them."""
    for one in CLIENTS:
        if one.name == name:
            return one
    raise NotFound(f"There is no sandbox client “{name[:60]}”; there are {', '.join(one.name for one in CLIENTS)}.")


async def issue(db: Pool | Connection, of: Client, scope: str | None = None) -> str:
    """A token of a system, for all of its scopes or for some."""
    return await tokens.for_system(db, of.name, scope or of.scope)


def told() -> str:
    """The systems, for a person at a terminal."""
    lines = []
    for one in CLIENTS:
        lines += [f"{one.name}: {one.title}", f"  {one.purpose}", f"  scope: {one.scope}"]
        lines += [f"  try:   {each.method} /fhir/{each.path}  ({each.shows})" for each in one.tries]
        lines.append("")
    return "\n".join([*lines, "A token: samjournal sandbox --client NAME"])


async def listed(request: Request) -> JSONResponse:
    """GET /sandbox: who one can be, and what to try."""
    try:
        _known_by_name(request)
    except Refused as refused:
        return _refusal(refused)
    return JSONResponse(
        {
            "token_endpoint": "/sandbox/token",
            "grant_type": "client_credentials",
            "clients": [
                {
                    "client_id": one.name,
                    "title": one.title,
                    "purpose": one.purpose,
                    "scope": one.scope,
                    "try": [
                        {
                            "shows": each.shows,
                            "method": each.method,
                            "path": f"/fhir/{each.path}",
                            **({"headers": dict(each.headers)} if each.headers else {}),
                            **({"body": each.body} if each.body else {}),
                        }
                        for each in one.tries
                    ],
                }
                for one in CLIENTS
            ],
        }
    )


async def token(request: Request) -> JSONResponse:
    """POST /sandbox/token: a token by client credentials. There are no secrets; one that is sent is not looked at."""
    try:
        _known_by_name(request)
        form = await _form(request)
        if form.get("grant_type") != "client_credentials":
            if "grant_type" not in form:
                raise Refused("invalid_request", "Send grant_type=client_credentials and client_id.")
            raise Refused("unsupported_grant_type", "The one grant_type here is client_credentials.")
        one = _asking(form, request.headers.get("authorization"))
        scope = _scope(form.get("scope"), one)
    except Refused as refused:
        return _refusal(refused)
    made = await issue(request.app.state.pool, one, scope)
    given = {"access_token": made, "token_type": "Bearer", "expires_in": HOURS * 3600, "scope": scope}
    return JSONResponse(given, headers=_NOT_KEPT)


def _known_by_name(request: Request) -> None:
    """A page elsewhere that lets its own name lead to this machine is not let in."""
    hosts = request.app.state.settings.hosts
    if hosts and request.headers.get("host", "") not in hosts:
        raise Refused("invalid_request", f"This server is called {', '.join(hosts)}.")


async def _form(request: Request) -> dict[str, str]:
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/x-www-form-urlencoded":
        raise Refused("invalid_request", "Send a form: Content-Type application/x-www-form-urlencoded.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _MOST:
            raise Refused("invalid_request", f"The form is longer than {_MOST} bytes.")
    try:
        pairs = parse_qsl(body.decode(), errors="strict", max_num_fields=20)
    except ValueError:
        raise Refused("invalid_request", "The form is not a list of name=value pairs in UTF-8.") from None
    if len(dict(pairs)) < len(pairs):
        raise Refused("invalid_request", "A parameter stands twice. Send each once.")
    return dict(pairs)


def _asking(form: dict[str, str], authorization: str | None) -> Client:
    """The client, by `client_id` or HTTP Basic, not both. RFC 6749 section 2.3.1"""
    name = form.get("client_id")
    if authorization is not None:
        by_header = _basic(authorization)
        if name not in (None, by_header):
            raise Refused("invalid_request", "client_id and the Authorization header name two clients. Send one.")
        name = by_header
    if name is None:
        raise Refused("invalid_client", "Send client_id: GET /sandbox lists those that there are.", 401)
    try:
        return client(name)
    except NotFound as error:
        raise Refused("invalid_client", error.text, 401) from None


def _basic(authorization: str) -> str:
    scheme, _, credentials = authorization.partition(" ")
    try:
        decoded = b64decode(credentials.strip(), validate=True).decode() if scheme.lower() == "basic" else ""
    except (binascii.Error, UnicodeDecodeError):
        decoded = ""
    if not decoded.partition(":")[0]:
        raise Refused("invalid_client", "The Authorization header names no client: send client_id in the form.", 401)
    return unquote_plus(decoded.partition(":")[0])


def _scope(asked: str | None, of: Client) -> str:
    """What was asked for, when the client may have it; all that it may have when nothing was."""
    if asked is None:
        return of.scope
    try:
        wanted, granted = scopes.parse(asked), scopes.parse(of.scope)
    except Invalid as error:
        raise Refused("invalid_scope", error.text) from None
    if wanted is None or granted is None or not granted.cover(wanted):
        raise Refused("invalid_scope", f"{of.name} may have no more than {of.scope}.")
    return asked


def _refusal(refused: Refused) -> JSONResponse:
    # RFC 6749 writes descriptions in printable ASCII without quotes.
    text = refused.text.replace("“", "'").replace("”", "'").encode("ascii", "replace").decode()
    headers = {**_NOT_KEPT, **({"www-authenticate": 'Basic realm="sandbox"'} if refused.status == 401 else {})}
    told = {"error": refused.code, "error_description": text}
    return JSONResponse(told, status_code=refused.status, headers=headers)
