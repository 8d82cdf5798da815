"""What every answer promises the browser, and which requests are refused as not coming from our own pages.

w3.org/TR/CSP3 · w3.org/TR/fetch-metadata
"""

from __future__ import annotations

from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        # Designsystemet draws ticks and arrows with data: images in its own stylesheet.
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PROMISES: Final = {
    "content-security-policy": CONTENT_POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})


class Security:
    """ASGI middleware: adds the promises to every answer and refuses changes asked for by other sites."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_promises(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in PROMISES.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["method"] in SAFE_METHODS or is_own(Headers(scope=scope)):
            await self.app(scope, receive, send_with_promises)
            return
        refusal = PlainTextResponse(
            "Endringen kom fra en annen nettside og er ikke gjort. Åpne Samjournal og prøv derfra.",
            status_code=403,
        )
        await refusal(scope, receive, send_with_promises)


def is_own(headers: Headers) -> bool:
    """True for a change that one of our own pages, or a program with its own token, asked for.

    A request that carries no cookie has nothing that another site could misuse.
    """
    if "cookie" not in headers and "authorization" in headers:
        return True
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    if origin is not None:
        return origin.partition("://")[2] == headers.get("host")
    return "cookie" not in headers
