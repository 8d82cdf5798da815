"""Paired phones: the code on a PC, the passkey in the phone, and signing in by it in two steps. Requirement 2.5

POST /signins/phone          for staff: a code, as a picture and to type, for three minutes
GET  /signin/pair            on the phone: whom it will be paired with (`code`); without one it is typed
POST /signin/pair/options    what the phone is asked to make (`code`), as JSON
POST /signin/pair            the passkey that it made (`code`, `answer`): paired, and signed in
POST /signin/phone/options   what a paired phone is asked to prove, as JSON
POST /signin/phone           its proof (`answer`); `again` is a new proof in the middle of a session
POST /signins/phone/end      takes one's phone away (`id`)
"""

from __future__ import annotations

import logging
from typing import Final

import segno
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import accounts
from samjournal.accounts import PHONE, Account, Proof
from samjournal.fhir.errors import Forbidden, Unauthenticated
from samjournal.signin import passkeys
from samjournal.signin.entering import confirmed, entered, session_of
from samjournal.ui import cookies
from samjournal.ui.language import language
from samjournal.ui.pages import language_of, local_path, render

_log = logging.getLogger("samjournal.signin")
PROOF: Final = Proof(PHONE, "passkey")
LASTS: Final = 400 * 86_400


async def begin(request: Request) -> Response:
    """POST /signins/phone."""
    session = session_of(request)
    if session is None:
        raise Unauthenticated("Nobody is signed in.")
    if session.kind != "staff" or session.at.phone is not None:
        raise Forbidden("A phone is paired from a PC, by who works here.")
    code = await accounts.begin_pairing(request.app.state.database, session)
    where = passkeys.address(request, f"/signin/pair?code={code}")
    picture = segno.make(where, micro=False).svg_data_uri(scale=6, border=3)
    return render(
        request,
        "signin/phone.html",
        code=f"{code[:4]} {code[4:]}",
        picture=picture,
        where=passkeys.address(request, "/signin/pair"),
    )


async def show(request: Request) -> Response:
    """GET /signin/pair."""
    return await _pair(request, request.query_params.get("code", ""))


async def _pair(request: Request, code: str, *, error: str = "", status: int = 200) -> Response:
    _ = language(language_of(request))
    who = await accounts.whose_code(request.app.state.database, code[:40]) if code else None
    if code and who is None and not error:
        error, status = _("Koden er brukt, eller eldre enn tre minutter. Be om en ny på PC-en."), 403
    return render(request, "signin/pair.html", status=status, code=code[:40] if who else "", who=who, error=error)


async def pair_options(request: Request) -> Response:
    """POST /signin/pair/options."""
    code = str((await request.form(max_fields=2, max_files=0)).get("code", ""))[:40]
    who = await accounts.whose_code(request.app.state.database, code)
    if who is None:
        raise Forbidden("The code is used, or older than three minutes.")
    return _json(await passkeys.made_by(request.app.state.database, request, who))


async def pair(request: Request) -> Response:
    """POST /signin/pair."""
    form, database = await request.form(max_fields=3, max_files=0), request.app.state.database
    _ = language(language_of(request))
    try:
        passkey = await passkeys.registered(database, request, str(form.get("answer", "")))
        who, phone = await accounts.pair(database, str(form.get("code", ""))[:40], passkey)
    except Forbidden as refused:
        _log.warning("a phone was not paired", extra={"why": refused.text})
        return await _pair(request, "", error=_("Telefonen ble ikke paret. Be om en ny kode på PC-en."), status=403)
    _log.warning("a phone was paired", extra={"login": who.login})
    answer = await entered(request, who, PROOF, "", phone=phone)
    cookies.give(request, answer, cookies.PHONE, "1", seconds=LASTS)
    return answer


async def options(request: Request) -> Response:
    """POST /signin/phone/options."""
    return _json(await passkeys.shown_by(request.app.state.database, request))


async def sign_in(request: Request) -> Response:
    """POST /signin/phone."""
    form, database = await request.form(max_fields=4, max_files=0), request.app.state.database
    after, session = local_path(str(form.get("next", "")), ""), session_of(request)
    try:
        phone = await passkeys.proven(database, request, str(form.get("answer", "")))
        who: Account | None = await accounts.account(database, phone.login)
        if who is None:
            raise Forbidden("The account of this phone is closed.")
    except Forbidden as refused:
        _log.warning("a phone did not prove who holds it", extra={"why": refused.text})
        return render(request, "signin/refused.html", status=403, next=after)
    if form.get("again") and session is not None and session.login == who.login:
        return await confirmed(request, session, PROOF, after)
    return await entered(request, who, PROOF, after, phone=phone.id)


async def end(request: Request) -> Response:
    """POST /signins/phone/end."""
    session = session_of(request)
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    form = await request.form(max_fields=2, max_files=0)
    await accounts.revoke(request.app.state.database, session.login, str(form.get("id", "")))
    _log.warning("a phone was revoked", extra={"login": session.login})
    return RedirectResponse("/signins?done=phone", status_code=303)


def _json(text: str) -> Response:
    return Response(text, media_type="application/json", headers={"cache-control": "no-store"})


def routes() -> list[BaseRoute]:
    """Phones."""
    return [
        Route("/signins/phone", begin, methods=["POST"]),
        Route("/signins/phone/end", end, methods=["POST"]),
        Route("/signin/pair", show, methods=["GET"]),
        Route("/signin/pair", pair, methods=["POST"]),
        Route("/signin/pair/options", pair_options, methods=["POST"]),
        Route("/signin/phone", sign_in, methods=["POST"]),
        Route("/signin/phone/options", options, methods=["POST"]),
    ]
