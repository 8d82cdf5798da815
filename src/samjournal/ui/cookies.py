"""Cookies: what each is called, and how it is given. Over https `server.front` lets them come and go by names that
nobody else can set.

    of(request, SESSION) -> str | None         what a browser sent
    give(request, answer, SESSION, value)      for as long as the browser is open, or `seconds`
    take(request, answer, SESSION)             away with it
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

SESSION: Final = "samjournal"
BROWSER: Final = "samjournal-browser"
"""By which a browser is known again, long after its sessions."""
FORM: Final = "samjournal-form"
"""The name of a form that is kept."""
PHONE: Final = "samjournal-phone"
"""Says that this phone is paired, so that sign-in offers it. It proves nothing."""


def all_of(headers: Headers) -> dict[str, str]:
    """What a browser sent, by name; nothing when it cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def of(request: Request, name: str) -> str | None:
    """A cookie of ours."""
    return all_of(request.headers).get(name)


def give(request: Request, answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set it: out of reach for scripts and for forms of other sites."""
    safe = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=seconds, path="/", httponly=True, samesite="lax", secure=safe)


def take(request: Request, answer: Response, name: str) -> None:
    """Take it away."""
    answer.delete_cookie(name, path="/", secure=request.url.scheme == "https", httponly=True, samesite="lax")
