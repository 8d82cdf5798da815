"""ASGI middleware of the pages: the cookie's session, the permit of its active role, the language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import quote

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from samjournal import access, accounts
from samjournal.accounts import Session
from samjournal.db.pool import Pool, Unavailable
from samjournal.fhir.errors import Busy, Forbidden, NotRepresenting, Unauthenticated
from samjournal.server.fresh import asked_of
from samjournal.signin.entering import KEPT
from samjournal.signin.lasting import FORM, KEEP, keep_form
from samjournal.signin.locking import LOCK
from samjournal.ui import cookies
from samjournal.ui.errors import error_page
from samjournal.ui.language import COOKIE as LANGUAGE
from samjournal.ui.language import preferred
from samjournal.ui.pages import local_path

_WITHOUT: Final = ("/static/", "/health/", "/metrics")
"""Addresses that are the same for everybody, and answer while the database is away."""
_FOR_ANYBODY: Final = ("/signin", "/signout")
"""Where one gets in and out, also who may not be here: a child without a login of its own."""
_UNUSED: Final = ("/live", "/session/left", "/session/stay")
"""What open pages ask for by themselves. It is no use of a session, which ends though a page lies open."""


class Sessions:
    """Sets `state.session`, `state.permit` and `state.language` for every page."""

    def __init__(self, app: ASGIApp, pool: Pool) -> None:
        self.app = app
        self._pool = pool

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        state, headers = scope.setdefault("state", {}), Headers(scope=scope)
        sent = cookies.all_of(headers)
        state["language"] = preferred(cookie=sent.get(LANGUAGE), accepted=headers.get("accept-language", ""))
        state["session"], state["permit"], state["locked"], session = None, None, None, None
        cookie = sent.get(cookies.SESSION)
        if cookie is not None and not scope["path"].startswith(_WITHOUT):
            try:
                session = await accounts.session_of(self._pool, cookie, used=_is_use(scope, headers))
                if session is None and (answer := await self._ended(Request(scope, receive), cookie)):
                    await answer(scope, receive, send)
                    return
                if session is not None and session.is_locked:
                    state["locked"], session = session, None
                    if answer := await self._locked(Request(scope, receive), state["locked"]):
                        await answer(scope, receive, send)
                        return
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
                if not _is_for_anybody(scope["path"]):
                    await (await error_page(Request(scope), error))(scope, receive, send)
                    return
            except Unavailable as error:
                page = await error_page(Request(scope), Busy(str(error)))
                await page(scope, receive, send)
                return
            state["session"] = session
            if session is not None and (answer := await self._unproven(Request(scope, receive), session)):
                await answer(scope, receive, send)
                return
        await self.app(scope, receive, send)

    async def _locked(self, request: Request, session: Session) -> Response | None:
        """The answer at a shared PC that is locked: the lock, whatever is asked for, but for ways to open it."""
        if request.url.path.startswith(_AT_THE_LOCK) or "other" in request.query_params:
            return None
        if "hx-request" in request.headers:
            return await error_page(request, Unauthenticated("The PC is locked."))
        if request.url.path == KEEP:
            to = local_path(request.query_params.get("to"), "/")
            return await kept_for(self._pool, request, session.login, LOCK, of=to)
        if request.method == "POST" and "application/json" not in request.headers.get("accept", ""):
            kept = await kept_for(self._pool, request, session.login, LOCK)
            return kept or RedirectResponse(LOCK, status_code=303)
        return RedirectResponse(LOCK, status_code=303) if request.method in ("GET", "HEAD") else None

    async def _unproven(self, request: Request, session: Session) -> Response | None:
        """The way to a new proof, for an act that asks for one; what was sent is kept meanwhile, and done after it."""
        act = asked_of(request.method, request.url.path, session, datetime.now(UTC))
        if act is None:
            return None
        after = act.back or request.url.path + (f"?{request.url.query}" if request.url.query else "")
        if act.method == "POST":
            to = f"/signin/again?next={quote(KEPT + '?asks=1')}"
            if (answer := await kept_for(self._pool, request, session.login, to)) is not None:
                return answer
            after = ""
        return RedirectResponse(f"/signin/again?next={quote(after)}", status_code=303)

    async def _ended(self, request: Request, cookie: str) -> Response | None:
        """The answer to who comes with the cookie of a session that has ended, where it is another than to strangers: a
        part of a page says that the page has ended, and what was sent is kept until he is back."""
        if "hx-request" in request.headers:
            return await error_page(request, Unauthenticated("The session has ended."))
        if request.url.path == KEEP and request.method == "POST":
            login, to = await accounts.ended(self._pool, cookie), local_path(request.query_params.get("to"), "/")
            return await kept_for(self._pool, request, login, f"/signin?next={quote(KEPT)}", of=to)
        asks_program = "application/json" in request.headers.get("accept", "")
        if request.method != "POST" or asks_program or request.url.path.startswith(_ELSEWHERE):
            return None
        login = await accounts.ended(self._pool, cookie)
        return await kept_for(self._pool, request, login, f"/signin?next={quote(KEPT)}")


_AT_THE_LOCK: Final = (LOCK, "/signin/", "/signout", "/session/left", "/session/stay", "/language")
_ELSEWHERE: Final = ("/signin", "/signout", "/session/", "/language", "/workspace/role")
"""Forms that nobody needs again."""


async def kept_for(db: Pool, request: Request, login: str | None, to: str, *, of: str = "") -> Response | None:
    """Keep a form for somebody and lead to where he proves who he is; None when it is nobody's, or no such form. `of`
    is where the form goes; '': where it was sent."""
    length = request.headers.get("content-length", "")
    is_form = request.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM
    if login is None or not is_form or not length.isdecimal() or int(length) > accounts.MOST_KEPT:
        return None
    answer = RedirectResponse(to, status_code=303)
    query = request.url.query
    await keep_form(db, request, answer, login, of or request.url.path + (f"?{query}" if query else ""))
    return answer


def _is_use(scope: Scope, headers: Headers) -> bool:
    """Whether a request shows that somebody is there: not when an open page fetches a part of itself."""
    path: str = scope["path"]
    return not path.startswith(_UNUSED) and not (scope["method"] == "GET" and "hx-request" in headers)


def _is_for_anybody(path: str) -> bool:
    return path in _FOR_ANYBODY or path.startswith(tuple(f"{one}/" for one in _FOR_ANYBODY))
