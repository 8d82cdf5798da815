"""The endpoints that programs ask: a plain ASGI application beside the pages, without their cookies.

A request is refused that comes by a name which is not ours: whoever signs for another server's address proves nothing
here. Pages of registered apps may ask from a browser (CORS); no credentials go along but those in the form.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from samjournal import accounts
from samjournal.accounts import App, grants
from samjournal.db.pool import BAD_VALUE, Pool, Unavailable
from samjournal.smart import described, giving, identity
from samjournal.smart.clients import Clients, KeySets
from samjournal.smart.errors import Refused
from samjournal.smart.forms import form_of

_log = logging.getLogger(__name__)
_NOT_KEPT = {"cache-control": "no-store", "pragma": "no-cache"}
WELL_KNOWN = (
    "/.well-known/smart-configuration",
    "/fhir/.well-known/smart-configuration",
    "/fhir/.well-known/openid-configuration",
)
Answer = Callable[["Endpoints", Request, str], Awaitable[Response]]


class Endpoints:
    """The application. `address_of` is the address by which we were called, None for a name that is not ours."""

    def __init__(
        self, pool: Pool, *, address_of: Callable[[str, str], str | None], keys: KeySets | None = None
    ) -> None:
        self._pool = pool
        self._address_of = address_of
        self._keys = keys or KeySets()
        self._clients = Clients(pool, self._keys)

    async def close(self) -> None:
        await self._keys.close()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            answer = await self._answered(request)
        except Refused as error:
            answer = refusal(error)
        except Unavailable:
            answer = refusal(Refused("temporarily_unavailable", "Nothing was done. Try again in a moment.", 503))
        except BAD_VALUE:
            answer = refusal(Refused("invalid_request", "A value is one that nothing here can have."))
        except Exception:
            request_id = scope.get("state", {}).get("request_id", "")
            _log.exception("fault", extra={"request": request_id})
            answer = refusal(Refused("server_error", f"Something is wrong on our side: {request_id}.", 500))
        await answer(scope, receive, send)

    async def _answered(self, request: Request) -> Response:
        methods = _TABLE.get(request.url.path)
        if methods is None:
            return _said({"error": "not_found"}, 404)
        method = "GET" if request.method == "HEAD" else request.method
        if method not in methods:
            answer = Response(status_code=204 if method == "OPTIONS" else 405)
            answer.headers["allow"] = ", ".join(sorted({*methods, "OPTIONS"}))
            return answer
        base = self._address_of(request.url.scheme, request.headers.get("host", ""))
        if base is None:
            raise Refused(
                "invalid_request", "This server is not called so, or was not told its own address (--address)."
            )
        return await methods[method](self, request, base)

    async def configuration(self, _request: Request, base: str) -> Response:
        """GET /.well-known/smart-configuration, there and below /fhir."""
        return _said(described.configuration(base))

    async def keys(self, _request: Request, _base: str) -> Response:
        """GET /oauth/jwks: what signs ID tokens."""
        return _said(await identity.keys(self._pool))

    async def style(self, _request: Request, _base: str) -> Response:
        """GET /oauth/style: how apps may look like what is around them."""
        return _said(described.style())

    async def token(self, request: Request, base: str) -> Response:
        """POST /oauth/token."""
        form = await form_of(request)
        if form.get("grant_type") == "refresh_token" and not form.keys() & {"client_id", "client_assertion"}:
            # Libraries of public apps send the refresh token alone: whoever has it says by that which app it is of.
            form["client_id"] = await grants.public_app_of(self._pool, form.get("refresh_token", "")) or ""
        app = await self._app(request, form, base, described.TOKEN)
        return _said(await giving.given(self._pool, app, form, base))

    async def introspect(self, request: Request, base: str) -> Response:
        """POST /oauth/introspect: what an app's own token is worth now. RFC 7662"""
        form = await form_of(request)
        app = await self._app(request, form, base, described.INTROSPECT)
        if app.kind == "public":
            raise Refused("invalid_client", "Only apps with keys ask what a token is worth.", 401)
        if "token" not in form:
            raise Refused("invalid_request", "Send the token.")
        return _said(await giving.worth(self._pool, app, form["token"], base))

    async def revoke(self, request: Request, base: str) -> Response:
        """POST /oauth/revoke: an app gives back what it has. Also what it never had is not there after. RFC 7009"""
        form = await form_of(request)
        app = await self._app(request, form, base, described.REVOKE)
        if "token" not in form:
            raise Refused("invalid_request", "Send the token.")
        if not await grants.end_refresh(self._pool, app.client_id, form["token"]):
            await accounts.end_token(self._pool, app.client_id, form["token"])
        return Response(status_code=200, headers=_NOT_KEPT)

    async def _app(self, request: Request, form: dict[str, str], base: str, path: str) -> App:
        """The app that asks. What it signs is for the token endpoint, the very one that it asks, or for us as the
        issuer, as RFC 7523 will have it."""
        audiences = (f"{base}{described.TOKEN}", f"{base}{path}", f"{base}/fhir")
        return await self._clients.known(form, request.headers.get("authorization"), audiences=audiences)


def _said(told: dict[str, Any], status: int = 200) -> Response:
    return Response(msgspec.json.encode(told), status_code=status, media_type="application/json", headers=_NOT_KEPT)


def refusal(refused: Refused) -> Response:
    """An error as OAuth writes it."""
    return _said({"error": refused.code, "error_description": refused.text}, refused.status)


_TABLE: dict[str, dict[str, Answer]] = {
    **{path: {"GET": Endpoints.configuration} for path in WELL_KNOWN},
    described.KEYS: {"GET": Endpoints.keys},
    described.STYLE: {"GET": Endpoints.style},
    described.TOKEN: {"POST": Endpoints.token},
    described.INTROSPECT: {"POST": Endpoints.introspect},
    described.REVOKE: {"POST": Endpoints.revoke},
}


def is_endpoint(path: str) -> bool:
    """Whether an address is one of these: pages of people are elsewhere."""
    return path in _TABLE or path.startswith("/fhir/.well-known/")


WORDS = frozenset(part for path in _TABLE for part in path.split("/") if part)
"""The words that the addresses are made of."""


async def is_origin_of(pool: Pool, origin: str) -> bool:
    """Whether pages at an origin may ask from a browser: an app has its redirect there. Nobody's, while the database is
    away."""
    try:
        return any(origin in one.origins for one in await accounts.remembered(pool))
    except Unavailable:
        return False
