"""A session while it lasts: how long it will, staying on, and the form that was sent when it had ended.

GET  /session/left     in how many seconds it ends, as JSON; asking keeps nothing alive; 401 when it has ended
POST /session/stay     it is used: the same answer, or back to `next` for a browser without scripts
POST /session/keep     a form that was not sent yet (`to` is where it goes) is kept sealed until he is back
GET  /signin/kept      what was sent after the end, to be sent now or thrown away
POST /signin/kept      sends it (`to`), or throws it away
"""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import accounts
from samjournal.accounts import Session
from samjournal.db.pool import Pool
from samjournal.fhir.errors import Invalid, TooLarge, Unauthenticated
from samjournal.signin.entering import KEPT, session_of, way_in
from samjournal.ui import cookies
from samjournal.ui.pages import local_path, render

FORM: Final = "application/x-www-form-urlencoded"
KEEP: Final = "/session/keep"
"""Answered for a session that has ended by itself too (`server/sessions.py`)."""
_SHORT: Final = 12
"""Signs of a value that is told as something that was written; shorter ones are choices and names of things."""


async def left(request: Request) -> Response:
    """GET /session/left."""
    return _told(session_of(request))


async def stay(request: Request) -> Response:
    """POST /session/stay."""
    session = session_of(request)
    if session is not None:
        session = await accounts.session_now(request.app.state.database, session, used=True)
    if "application/json" in request.headers.get("accept", ""):
        return _told(session)
    after = local_path(str((await request.form(max_fields=2, max_files=0)).get("next", "")), "/")
    return RedirectResponse(after, status_code=303)


def _told(session: Session | None) -> Response:
    told = {"left": session.left, "whole": session.whole} if session else {}
    return JSONResponse(told, status_code=200 if session else 401, headers={"cache-control": "no-store"})


async def keep(request: Request) -> Response:
    """POST /session/keep: the body is the form."""
    session = session_of(request)
    if session is None:
        return _told(None)
    answer = _told(session)
    to = local_path(request.query_params.get("to"), "/")
    await keep_form(request.app.state.database, request, answer, session.login, to)
    return answer


async def keep_form(db: Pool, request: Request, answer: Response, login: str, path: str) -> None:
    """Seal the form of a request for somebody, and let the answer carry its name. Raises TooLarge, and Invalid for what
    is no form."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise Invalid("Only forms without files are kept.")
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > accounts.MOST_KEPT:
            raise TooLarge(f"A form of more than {accounts.MOST_KEPT} bytes is not kept.")
    name = await accounts.keep(db, login, path, bytes(body))
    cookies.give(request, answer, cookies.FORM, name, seconds=3600)


async def show(request: Request) -> Response:
    """GET /signin/kept."""
    session = _required(request)
    found = await _kept(request, session)
    if found is None:
        return _away(request, RedirectResponse(way_in(session.kind, ""), status_code=303))
    written = [value for name, value in found.fields if len(value) > _SHORT and " " in value.strip() and name != "next"]
    return render(request, "signin/kept.html", kept=found, written=written, asks=request.query_params.get("asks"))


async def send(request: Request) -> Response:
    """POST /signin/kept: the browser sends the same form on to where it was going (307), and nothing is kept."""
    session = _required(request)
    found, name = await _kept(request, session), cookies.of(request, cookies.FORM)
    to = request.query_params.get("to")
    if name is not None:
        await accounts.drop(request.app.state.database, name)
    if found is not None and to == found.path:
        return _away(request, RedirectResponse(found.path, status_code=307))
    after = found.path if found and to is None else ""
    return _away(request, RedirectResponse(way_in(session.kind, _page_of(after)), status_code=303))


async def _kept(request: Request, session: Session) -> accounts.Kept | None:
    name = cookies.of(request, cookies.FORM)
    return await accounts.kept(request.app.state.database, session.login, name) if name else None


def _page_of(path: str) -> str:
    """The page that a form stood on, as near as its address tells: a patient's chart, or the face."""
    parts = path.split("/")
    return "/".join(parts[:4]) if parts[2:3] == ["patients"] else "/".join(parts[:3])


def _required(request: Request) -> Session:
    session = session_of(request)
    if session is None:
        raise Unauthenticated("Nobody is signed in.")
    return session


def _away(request: Request, answer: Response) -> Response:
    cookies.take(request, answer, cookies.FORM)
    return answer


def routes() -> list[BaseRoute]:
    """How a session lasts."""
    return [
        Route("/session/left", left, methods=["GET"]),
        Route("/session/stay", stay, methods=["POST"]),
        Route(KEEP, keep, methods=["POST"]),
        Route(KEPT, show, methods=["GET"]),
        Route(KEPT, send, methods=["POST"]),
    ]
