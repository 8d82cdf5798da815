"""ASGI middleware of the pages: the cookie's session, the permit of its active role, the language."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from samjournal import access, accounts
from samjournal.db.pool import Pool, Unavailable
from samjournal.fhir.errors import Busy, Forbidden, NotRepresenting
from samjournal.signin.pages import COOKIE
from samjournal.ui.errors import error_page
from samjournal.ui.language import COOKIE as LANGUAGE
from samjournal.ui.language import preferred

_WITHOUT = ("/static/", "/health/", "/metrics")
"""Addresses that are the same for everybody, and answer while the database is away."""
_FOR_ANYBODY = ("/signin", "/signin/demo", "/signout")
"""Where one gets in and out, also who may not be here: a child without a login of its own."""


class Sessions:
    """Sets `state.session`, `state.permit` and `state.language` for every page."""

    def __init__(self, app: ASGIApp, pool: Pool) -> None:
        self.app = app
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        headers = dict(scope["headers"])
        cookies = _cookies(headers.get(b"cookie", b"").decode("latin-1"))
        state["language"] = preferred(
            cookie=cookies.get(LANGUAGE), accepted=headers.get(b"accept-language", b"").decode("latin-1")
        )
        state["session"], state["permit"], session = None, None, None
        if COOKIE in cookies and not scope["path"].startswith(_WITHOUT):
            try:
                session = await accounts.session_of(self._pool, cookies[COOKIE])
                if session is not None:
                    request_id = state.get("request_id", "")
                    state["permit"] = await access.for_session(self._pool, session, request=request_id)
                    if session.kind == "citizen" and state["permit"] is None:
                        session = None  # Nobody is signed in for the dead.
            except NotRepresenting as error:
                # It has ended in the middle of a session: nothing more is shown or done, and he is himself again.
                if session is not None:
                    await accounts.act_for(self._pool, session, None)
                await (await error_page(Request(scope), error))(scope, receive, send)
                return
            except Forbidden as error:
                if scope["path"] not in _FOR_ANYBODY:
                    await (await error_page(Request(scope), error))(scope, receive, send)
                    return
            except Unavailable as error:
                page = await error_page(Request(scope), Busy(str(error)))
                await page(scope, receive, send)
                return
            state["session"] = session
        await self.app(scope, receive, send)


def _cookies(header: str) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(header).items()}
    except CookieError:
        return {}
