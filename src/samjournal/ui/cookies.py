"""Cookies: what each is called, and how it is given. Over https their names keep other hosts and http from setting
them. rfc-editor.org/rfc/rfc6265bis section 4.1.3

    found(headers, SESSION) -> str | None      what a browser sent
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
_HOST: Final = "__Host-"


def is_https(headers: Headers, scheme: str) -> bool:
    """Whether the browser came by https, also to what stands before us. Who says so falsely gets cookies that his own
    browser will not keep."""
    return scheme == "https" or headers.get("x-forwarded-proto", "").split(",")[0].strip() == "https"


def all_of(headers: Headers) -> dict[str, str]:
    """What a browser sent, by name; nothing when it cannot be read."""
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def found(sent: dict[str, str], name: str, *, https: bool) -> str | None:
    """A cookie of ours among those that a browser sent; over https only the one that nobody else can have set."""
    return sent.get(f"{_HOST}{name}" if https else name)


def of(request: Request, name: str) -> str | None:
    """A cookie of ours."""
    return found(all_of(request.headers), name, https=is_https(request.headers, request.url.scheme))


def give(request: Request, answer: Response, name: str, value: str, *, seconds: int | None = None) -> None:
    """Set it: out of reach for scripts and for forms of other sites."""
    https = is_https(request.headers, request.url.scheme)
    answer.set_cookie(
        f"{_HOST}{name}" if https else name,
        value,
        max_age=seconds,
        path="/",
        httponly=True,
        samesite="lax",
        secure=https,
    )


def take(request: Request, answer: Response, name: str) -> None:
    """Take it away."""
    https = is_https(request.headers, request.url.scheme)
    answer.delete_cookie(f"{_HOST}{name}" if https else name, path="/", secure=https, httponly=True, samesite="lax")
