"""Shared PCs of a ward: the lock, who goes on by a PIN code, and making a PC a shared one. docs/how-to/shared-pc.md

POST /lock           locks at once (`place`: the page that was open)
GET  /lock           who has signed in here this shift; `who` is the one who types his code
POST /lock/pin       opens that one's session: `login`, `pin`
GET  /signins/pin    choose a PIN code for this PC and this shift; POST keeps it (`pin`, `again`)
POST /signins/pc     this browser is the unit's shared PC (`name`), or no more (`remove`)
"""

from __future__ import annotations

import logging
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import accounts
from samjournal.accounts import Browser, Session
from samjournal.fhir.errors import Forbidden, Invalid, Unauthenticated
from samjournal.signin.entering import back_to, session_of, way_in
from samjournal.ui import cookies
from samjournal.ui.language import language
from samjournal.ui.pages import language_of, local_path, render

_log = logging.getLogger("samjournal.signin")
LOCK: Final = "/lock"
LONGEST: Final = 60


async def lock(request: Request) -> Response:
    """POST /lock."""
    session = session_of(request) or getattr(request.state, "locked", None)
    place = local_path(str((await request.form(max_fields=2, max_files=0)).get("place", "")), "")
    if session is not None and session.at.is_shared:
        await accounts.lock(request.app.state.database, session, place)
    return RedirectResponse(LOCK if session is None or session.at.is_shared else "/", status_code=303)


async def show(request: Request) -> Response:
    """GET /lock."""
    return await _lock(request, request.query_params.get("who", ""))


async def _lock(request: Request, who: str, *, error: str = "", status: int = 200) -> Response:
    browser = await _browser(request)
    if session_of(request) is not None:
        return RedirectResponse("/", status_code=303)
    if browser is None or not browser.is_shared:
        return RedirectResponse("/signin", status_code=303)
    locked: Session | None = request.state.locked
    people = await accounts.on_shift(request.app.state.database, browser.id)
    asked = who or (locked.login if locked else "")
    chosen = next((one for one in people if one.login == asked and one.has_pin), None)
    return render(
        request, "signin/lock.html", status=status, browser=browser, people=people, chosen=chosen, error=error
    )


async def open_(request: Request) -> Response:
    """POST /lock/pin. The code is in no log and in no answer."""
    form = await request.form(max_fields=3, max_files=0)
    login, pin = str(form.get("login", ""))[:200], str(form.get("pin", ""))
    browser, database, _ = await _browser(request), request.app.state.database, language(language_of(request))
    if browser is None or not browser.is_shared or not login.isprintable():
        return RedirectResponse("/signin", status_code=303)
    try:
        cookie = await accounts.open_by_pin(database, browser.id, login, pin)
    except Forbidden:
        _log.warning("a PIN code was wrong", extra={"login": login})
        return await _lock(
            request, login, error=_("Koden er feil. Etter fem gale må du logge inn på vanlig måte."), status=403
        )
    session = await accounts.session_of(database, cookie)
    if session is None:
        return RedirectResponse("/signin?other=1", status_code=303)
    before = session_of(request)
    if before is not None and before.id != session.id:
        await accounts.lock(database, before, "")
    after = await back_to(request, session.login, way_in(session.kind, session.place))
    answer = RedirectResponse(after, status_code=303)
    cookies.give(request, answer, cookies.SESSION, cookie)
    return answer


async def pin(request: Request) -> Response:
    """GET /signins/pin."""
    session = _at_shared(request)
    if isinstance(session, Response):
        return session
    return _pin(request, "", 200)


def _pin(request: Request, error: str, status: int) -> Response:
    after = local_path(request.query_params.get("next"), "/workspace")
    return render(request, "signin/pin.html", status=status, next=after, error=error)


async def set_pin(request: Request) -> Response:
    """POST /signins/pin."""
    session = _at_shared(request)
    if isinstance(session, Response):
        return session
    form, _ = await request.form(max_fields=3, max_files=0), language(language_of(request))
    first, second = str(form.get("pin", "")), str(form.get("again", ""))
    if first != second:
        return _pin(request, _("De to kodene er ikke like."), 422)
    try:
        await accounts.set_pin(request.app.state.database, session, first)
    except Invalid:
        return _pin(request, _("Velg 6 til 12 sifre som ikke er lette å gjette, ikke 123456 eller 111111."), 422)
    after = local_path(request.query_params.get("next"), "/workspace")
    return RedirectResponse(way_in(session.kind, after), status_code=303)


async def share(request: Request) -> Response:
    """POST /signins/pc."""
    session = session_of(request)
    if session is None:
        raise Unauthenticated("Nobody is signed in.")
    if session.kind != "staff" or session.role is None:
        raise Forbidden("A shared PC is a unit's, and whoever makes it one works there.")
    form, database = await request.form(max_fields=2, max_files=0), request.app.state.database
    if form.get("remove"):
        await accounts.unshare(database, session)
        _log.warning("a PC is shared no more", extra={"by": session.login})
        return RedirectResponse("/signins?done=alone", status_code=303)
    name = " ".join(str(form.get("name", "")).split())[:LONGEST]
    limits = request.app.state.settings.sessions
    await accounts.share(database, session, session.role.organization_id, name, limits=limits)
    _log.warning("a PC is shared", extra={"by": session.login, "unit": session.role.organization_id})
    return RedirectResponse("/signins/pin?next=/signins", status_code=303)


def _at_shared(request: Request) -> Session | Response:
    session = session_of(request)
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    return session if session.at.is_shared else RedirectResponse("/signins", status_code=303)


async def _browser(request: Request) -> Browser | None:
    cookie = cookies.of(request, cookies.BROWSER)
    return await accounts.browser_of(request.app.state.database, cookie) if cookie else None


def routes() -> list[BaseRoute]:
    """The lock, and the PC that has it."""
    return [
        Route(LOCK, lock, methods=["POST"]),
        Route(LOCK, show, methods=["GET"]),
        Route("/lock/pin", open_, methods=["POST"]),
        Route("/signins/pin", pin, methods=["GET"]),
        Route("/signins/pin", set_pin, methods=["POST"]),
        Route("/signins/pc", share, methods=["POST"]),
    ]
