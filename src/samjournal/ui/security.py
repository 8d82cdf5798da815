"""What every answer promises the browser, and which requests are refused as not coming from our own pages.

w3.org/TR/CSP3 · w3.org/TR/fetch-metadata
"""

from __future__ import annotations

import re
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
        "object-src 'none'",
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
_FRAMES: Final = frozenset({"frame", "iframe", "embed", "object", "fencedframe"})
_TOLD_IN_A_FRAME: Final = re.compile(r"/signout/[\w-]+/front")
"""Where a provider says, in a frame of its own page, that a session has ended. It shows nothing, and is told the name
of the session, which no other site knows. openid.net/specs/openid-connect-frontchannel-1_0.html"""
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

        sent = Headers(scope=scope)
        if scope["method"] in SAFE_METHODS and is_embedded(sent) and not _TOLD_IN_A_FRAME.fullmatch(scope["path"]):
            embedded = PlainTextResponse("Samjournal vises bare på sine egne sider.", status_code=403)
            await embedded(scope, receive, send_with_promises)
            return
        if scope["method"] in SAFE_METHODS or is_own(sent, scope["scheme"]):
            await self.app(scope, receive, send_with_promises)
            return
        refusal = PlainTextResponse(
            "Endringen kom fra en annen nettside og er ikke gjort. Åpne Samjournal og prøv derfra.",
            status_code=403,
        )
        await refusal(scope, receive, send_with_promises)


def is_embedded(headers: Headers) -> bool:
    """True when a page of another site wants to use one of ours as a part of itself: a picture, a script, a frame, a
    fetch. To follow a link to us is another thing, and allowed. Browsers that do not say so get an answer, which they
    are told not to embed."""
    if headers.get("sec-fetch-site") not in ("cross-site", "same-site"):
        return False
    return headers.get("sec-fetch-mode", "navigate") != "navigate" or headers.get("sec-fetch-dest") in _FRAMES


def is_own(headers: Headers, scheme: str = "http") -> bool:
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
        return origin == f"{scheme}://{headers.get('host')}"
    return "cookie" not in headers
