"""Where somebody is signed in: told to himself, and ended by him; for who runs the program anybody's at work.

GET  /signins           one's own
POST /signins/end       ends one (`id`), or all of them and the tokens of apps (`all`)
GET  /signins/others    for who operates: `q` finds somebody at work
POST /signins/others    ends all that he has open: `login`
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import accounts
from samjournal.accounts import Account, Session, Signin
from samjournal.fhir.errors import Forbidden, NotFound
from samjournal.signin.entering import CITIZEN_HOME, STAFF_HOME, session_of
from samjournal.ui import cookies
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import language_of, render

_log = logging.getLogger("samjournal.signin")
WAYS: Final = {
    "demo": marked("valgt i demoen"),
    "idporten": marked("ID-porten"),
    "helseid": marked("HelseID"),
    "phone": marked("paret telefon"),
}
"""How somebody proved who he is, in words."""


@dataclass(frozen=True, slots=True)
class Line:
    """One sign-in as the page tells it."""

    id: str
    device: str
    way: str
    role: str
    began: datetime
    used: datetime
    is_here: bool
    is_locked: bool
    is_shared: bool
    is_new: bool


def lines(found: list[Signin], who: Account | None, here: Session | None, _: Language) -> list[Line]:
    """Sign-ins in words; the one that asks stands first."""
    units = {at.practitioner_role_id: at.unit_name for at in who.roles} if who else {}
    told = [
        Line(
            one.id,
            one.device or _("Ukjent nettleser"),
            _(WAYS[one.way]) if one.way in WAYS else one.way,
            units.get(one.role, ""),
            one.began,
            one.used,
            here is not None and one.id == here.id,
            one.is_locked,
            one.is_shared,
            one.is_new,
        )
        for one in found
    ]
    return sorted(told, key=lambda line: not line.is_here)


async def show(request: Request) -> Response:
    """GET /signins. What was new is seen by that, when it is not the new browser itself that looks."""
    session = session_of(request)
    if session is None:
        return RedirectResponse("/signin?next=/signins", status_code=303)
    database, _ = request.app.state.database, language(language_of(request))
    who = await accounts.account(database, session.login)
    found = await accounts.signins(database, session.login)
    page = render(
        request,
        "signin/signins.html",
        lines=lines(found, who, session, _),
        apps=await accounts.tokens_of(database, session.login),
        home=CITIZEN_HOME if session.kind == "citizen" else STAFF_HOME,
        phones=[
            {"id": str(one.id), "device": one.device, "made": one.made, "used": one.used}
            for one in await accounts.phones(database, session.login)
        ],
        done=request.query_params.get("done", ""),
        operates=_operates(request),
    )
    await accounts.seen_news(database, session)
    return page


async def end(request: Request) -> Response:
    """POST /signins/end."""
    session = session_of(request)
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    form = await request.form(max_fields=2, max_files=0)
    database = request.app.state.database
    if form.get("all"):
        await accounts.sign_out_all(database, session.login)
        answer = RedirectResponse("/signin", status_code=303)
        cookies.take(request, answer, cookies.SESSION)
        return answer
    await accounts.sign_out_of(database, session.login, str(form.get("id", "")))
    return RedirectResponse("/signins?done=ended", status_code=303)


async def others(request: Request) -> Response:
    """GET /signins/others."""
    if session_of(request) is None:
        return RedirectResponse("/signin?next=/signins/others", status_code=303)
    _must_operate(request)
    database, _ = request.app.state.database, language(language_of(request))
    asked = " ".join(request.query_params.get("q", "").split())[:100]
    people = await accounts.staff_named(database, asked) if asked else []
    return render(
        request,
        "signin/others.html",
        asked=asked,
        paired=[one.login for one in people if await accounts.phones(database, one.login)],
        people=[(one, lines(await accounts.signins(database, one.login), one, None, _)) for one in people],
        done=request.query_params.get("done", ""),
    )


async def end_others(request: Request) -> Response:
    """POST /signins/others."""
    session = session_of(request)
    if session is None:
        return RedirectResponse("/signin?next=/signins/others", status_code=303)
    _must_operate(request)
    login = str((await request.form(max_fields=2, max_files=0)).get("login", ""))
    who = await accounts.account(request.app.state.database, login) if login.isprintable() else None
    if who is None or who.kind != "staff":
        raise NotFound("Nobody at work has that login.")
    await accounts.sign_out_everywhere(request.app.state.database, login)
    _log.warning("somebody was signed out everywhere by an operator", extra={"login": login, "by": session.login})
    return RedirectResponse(f"/signins/others?{urlencode({'q': login, 'done': 'ended'})}", status_code=303)


def _operates(request: Request) -> bool:
    permit = request.state.permit
    return permit is not None and bool(permit.operates)


def _must_operate(request: Request) -> None:
    if not _operates(request):
        raise Forbidden("This is for who runs the program.")


def routes() -> list[BaseRoute]:
    """Where people are signed in."""
    return [
        Route("/signins", show, methods=["GET"]),
        Route("/signins/end", end, methods=["POST"]),
        Route("/signins/others", others, methods=["GET"]),
        Route("/signins/others", end_others, methods=["POST"]),
    ]
