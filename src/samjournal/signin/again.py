"""Who is signed in shows again that it is him: before acts that ask for it, and before a session gets too old.

GET  /signin/again     how, by the way in which he signed in; `next` is where he goes on
POST /signin/again     in a demo: it is him, he says so himself

Who came by a provider is sent to it, which asks anew (`prompt=login`, `max_age=0`); `by_provider` makes sure that it is
the same person, and ends in `entering.confirmed`.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import accounts
from samjournal.fhir.errors import Forbidden
from samjournal.signin.entering import confirmed, session_of
from samjournal.ui.pages import local_path, render


async def show(request: Request) -> Response:
    """GET /signin/again."""
    session, after = session_of(request), local_path(request.query_params.get("next"), "")
    if session is None:
        return RedirectResponse(f"/signin?{urlencode({'next': after})}", status_code=303)
    provider = request.app.state.identity.named(session.proof.way)
    if provider is not None:
        return RedirectResponse(f"/signin/{provider.name}?{urlencode({'again': 1, 'next': after})}", status_code=303)
    return render(request, "signin/again.html", next=after, way=session.proof.way)


async def prove(request: Request) -> Response:
    """POST /signin/again."""
    session = session_of(request)
    form = await request.form(max_fields=2, max_files=0)
    after = local_path(str(form.get("next", "")), "")
    if session is None:
        return RedirectResponse(f"/signin?{urlencode({'next': after})}", status_code=303)
    if session.proof.way != accounts.DEMO.way:
        raise Forbidden("Whoever signed in by a provider proves it there.")
    await accounts.made_up(request.app.state.database, session.login)
    return await confirmed(request, session, accounts.DEMO, after)


def routes() -> list[BaseRoute]:
    """A new proof."""
    return [
        Route("/signin/again", show, methods=["GET"]),
        Route("/signin/again", prove, methods=["POST"]),
    ]
