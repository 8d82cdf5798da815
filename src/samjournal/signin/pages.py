"""The pages for signing in and out. Requirement 2.4

Staff with several roles choose the active one in the workspace, which lets nobody in without it.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import access, accounts
from samjournal.fhir.errors import NotFound
from samjournal.fhir.keys import patient_key
from samjournal.signin import again, by_provider, lasting, locking, people, phones, signins
from samjournal.signin.entering import CITIZEN_HOME, entered, session_of
from samjournal.signin.providers import Identity
from samjournal.ui import cookies
from samjournal.ui.cookies import SESSION as COOKIE
from samjournal.ui.language import language
from samjournal.ui.pages import language_of, local_path, render

__all__ = ["COOKIE", "routes"]


async def signin(request: Request) -> Response:
    """GET /signin: whom one can be. Who is signed in already is told so, and may change person."""
    return await _signin(request)


async def _signin(
    request: Request, *, unknown: str | None = None, ended: str | None = None, status: int = 200
) -> Response:
    _ = language(language_of(request))
    place = await accounts.installation(request.app.state.database)
    demo = place is not None and place.demo
    shown = await _people(request) if demo else ()
    identity: Identity = request.app.state.identity
    after = local_path(request.query_params.get("next"), "")
    kinds = ("staff", "citizen") if not after.startswith(CITIZEN_HOME) else ("citizen", "staff")
    return render(
        request,
        "signin/signin.html",
        status=status,
        staff=people.cards(shown, "staff", _),
        citizens=people.cards(shown, "citizen", _),
        next=after,
        providers=[(kind, identity.of(kind)) for kind in kinds if identity.of(kind)],
        unknown=unknown,
        ended=ended,
        demo=demo,
        phone=bool(cookies.of(request, cookies.PHONE)),
    )


async def _people(request: Request) -> Sequence[people.Person]:
    """Those with a story that have an account here; without any story, all accounts."""
    known = await accounts.list_accounts(request.app.state.database)
    logins = {account.login for account in known}
    told = [person for person in request.app.state.people if person.login in logins]
    return told or known


async def signin_demo(request: Request) -> Response:
    """POST /signin/demo: become one of the made-up people. An earlier session in this browser ends."""
    form = await request.form(max_fields=4, max_files=0)
    login, after = str(form.get("login", "")), local_path(str(form.get("next", "")), "")
    database = request.app.state.database
    try:
        if not login.isprintable():
            raise NotFound("No login has such letters.")
        if (name := await _ended(request, login)) is not None:
            return await _signin(request, ended=name, status=403)
        who = await accounts.made_up(database, login)
    except NotFound as error:
        return await _signin(request, unknown=login[:60], status=error.status)
    return await entered(request, who, accounts.DEMO, after)


async def _ended(request: Request, login: str) -> str | None:
    """The name of a citizen who is dead: nobody signs in for him."""
    database = request.app.state.database
    who = await accounts.account(database, login)
    if who is None or who.patient_id is None or not await access.is_dead(database, patient_key(who.patient_id)):
        return None
    return who.name


async def signout(request: Request) -> Response:
    """GET /signout asks, POST does it: the cookie opens nothing from then on. Who came by a provider is sent on
    to it, so that nobody signs in again as him by a click; by a page, since a form may not lead to another site."""
    session = session_of(request)
    if request.method != "POST":
        return render(request, "signin/signout.html", name=session.name if session else "")
    leave = None
    if session is not None:
        database, identity = request.app.state.database, request.app.state.identity
        came = await accounts.provided(database, session)
        await accounts.sign_out(database, session)
        provider = identity.named(came.provider) if came else None
        if came and provider:
            leave = await provider.party.leave(id_token=came.id_token, after=f"{identity.address}/signout")
    if leave and provider:
        answer = render(request, "signin/leaving.html", leave=leave, provider=provider)
    else:
        answer = RedirectResponse("/signin", status_code=303)
    cookies.take(request, answer, COOKIE)
    return answer


def routes() -> list[BaseRoute]:
    """The pages of signing in."""
    return [
        Route("/signin", signin, name="signin"),
        Route("/signin/demo", signin_demo, methods=["POST"]),
        Route("/signout", signout, methods=["GET", "POST"]),
        *again.routes(),
        *lasting.routes(),
        *locking.routes(),
        *phones.routes(),
        *signins.routes(),
        *by_provider.routes(),
    ]
