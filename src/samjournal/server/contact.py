"""Where to tell of a weakness: /.well-known/security.txt, when the operator says where. rfc-editor.org/rfc/rfc9116"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import BaseRoute, Route

VALID_FOR = timedelta(days=180)
"""A copy of the file is to be fetched anew after that; the standard recommends less than a year."""


async def show(request: Request) -> PlainTextResponse:
    """GET /.well-known/security.txt; 404 where nobody is named."""
    settings = request.app.state.settings
    if not settings.contact:
        raise HTTPException(404)
    expires = (datetime.now(UTC) + VALID_FOR).strftime("%Y-%m-%dT00:00:00Z")
    lines = [f"Contact: {settings.contact}", f"Expires: {expires}", "Preferred-Languages: nb, nn, en"]
    if settings.public:
        lines.append(f"Canonical: {settings.public}/.well-known/security.txt")
    return PlainTextResponse("\n".join([*lines, ""]))


def routes() -> list[BaseRoute]:
    """The one route."""
    return [Route("/.well-known/security.txt", show, methods=["GET"])]
