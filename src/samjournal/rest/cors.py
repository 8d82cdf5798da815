"""Pages of other origins that may ask the API from a browser: those of apps that are registered, and those that are
named.

fetch.spec.whatwg.org/#http-cors-protocol. Who asks is known by a token that the page sends itself, never by a cookie,
so credentials are never allowed, and answers without the headers here are kept from the page by the browser.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from samjournal.fhir.errors import Invalid

ANY = "*"
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_SENT = (
    b"accept, authorization, content-encoding, content-type, if-match, if-modified-since, if-none-exist, "
    b"if-none-match, prefer, x-provenance, x-request-id, x-security-context"
)
_TOLD = b"Content-Location, ETag, Expires, Last-Modified, Location, Retry-After, X-Progress, X-Request-Id"
_SECONDS = b"600"


class Cors:
    """ASGI middleware around the API."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        origins: Sequence[str],
        is_app: Callable[[str], Awaitable[bool]] | None = None,
        also: Callable[[str], bool] = lambda _path: False,
    ) -> None:
        """`origins` are as `origins_of` reads them; `is_app` is whether an origin is that of an app which is
        registered, `also` whether an address beside the API's is for pages of other origins."""
        self.app = app
        self._origins = frozenset(origin.encode() for origin in origins)
        self._is_app = is_app
        self._also = also

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path: str = scope.get("path", "")
        if scope["type"] != "http" or not (path == "/fhir" or path.startswith("/fhir/") or self._also(path)):
            await self.app(scope, receive, send)
            return
        sent = dict(scope["headers"])
        allowed = await self._allowed(sent[b"origin"]) if b"origin" in sent else None
        if scope["method"] == "OPTIONS" and allowed and b"access-control-request-method" in sent:
            await _preflight(allowed, send)
            return

        # A list may stand on several lines. RFC 9110 section 5.3
        told = [(b"vary", b"Origin")]
        if allowed:
            told += [(b"access-control-allow-origin", allowed), (b"access-control-expose-headers", _TOLD)]

        async def send_with_origin(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *told]}
            await send(message)

        await self.app(scope, receive, send_with_origin)

    async def _allowed(self, origin: bytes) -> bytes | None:
        if ANY.encode() in self._origins:
            return ANY.encode()
        if origin in self._origins:
            return origin
        return origin if self._is_app is not None and await self._is_app(origin.decode("latin-1")) else None


def origins_of(text: str) -> tuple[str, ...]:
    """The origins that a setting names, with commas between them: `https://app.example`. Raises Invalid."""
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        scheme, _, rest = origin.partition("://")
        if origin != ANY and (scheme not in ("http", "https") or not rest or "/" in rest or origin != origin.lower()):
            raise Invalid(f"“{origin[:80]}” is not an origin: write it as a browser does, such as https://app.example.")
    return origins


async def _preflight(allowed: bytes, send: Send) -> None:
    headers = [
        (b"access-control-allow-origin", allowed),
        (b"access-control-allow-methods", _METHODS),
        (b"access-control-allow-headers", _SENT),
        (b"access-control-max-age", _SECONDS),
        (b"vary", b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
