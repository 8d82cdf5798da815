"""The pages for signing in by a provider, and for what it tells when somebody leaves it. Requirement 2.4

    /signin/{provider}              sends the browser there, with a sign-in that counts once and in this browser alone
    /signin/{provider}/return       the browser is back: who it is, and a session with a cookie of its own
    /signout/{provider}/front       the provider's page for leaving loads this one in a frame of its own
    /signout/{provider}/back        the provider itself tells whose session has ended

Nothing of what a provider says of a person is logged, nor shown to anybody else.
"""

from __future__ import annotations

import logging
import secrets
from hashlib import sha256
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import accounts
from samjournal.accounts import Attempt, Proof, Provided
from samjournal.fhir.errors import NotFound
from samjournal.openid import Away, Begun, Declined, Problem, Proven
from samjournal.signin import outcomes, recognising
from samjournal.signin.entering import confirmed, entered, session_of
from samjournal.signin.outcomes import Outcome
from samjournal.signin.providers import Identity, Provider
from samjournal.ui import cookies
from samjournal.ui.language import language
from samjournal.ui.pages import language_of, local_path, render

_log = logging.getLogger("samjournal.signin")
_WHO: Final = {"citizen": recognising.citizen, "staff": recognising.staff}
_ANEW: Final = "again."
"""Begins the cookie of who is to prove anew who he is: what was kept of it says that we gave it."""
_LONGEST: Final = 4096
"""Characters of a page to come back to, or of what a provider sends along."""


async def begin(request: Request) -> Response:
    """GET /signin/{provider}: to the provider, and back to the page `next` in the end. `again`: who is signed in proves
    anew that it is him."""
    provider = _provider(request)
    after = local_path(request.query_params.get("next", "")[:_LONGEST], "")
    anew = session_of(request) is not None and "again" in request.query_params
    try:
        begun = await provider.party.begin(language=language_of(request), anew=anew)
    except Problem as error:
        return _told(request, provider, error, after)
    browser = (_ANEW if anew else "") + secrets.token_urlsafe(32)
    attempt = Attempt(provider.name, begun.nonce, begun.verifier, after)
    await accounts.begin_attempt(request.app.state.database, attempt, state=begun.state, browser=browser)
    answer = RedirectResponse(begun.address, status_code=303, headers={"cache-control": "no-store"})
    cookies.give(request, answer, _cookie(begun.state), browser, seconds=accounts.ATTEMPT_MINUTES * 60)
    return answer


async def come_back(request: Request) -> Response:
    """GET /signin/{provider}/return: with the provider's answer, which counts once."""
    provider = _provider(request)
    pairs = request.query_params.multi_items()
    told = dict(pairs)
    state = told.get("state", "")
    attempt, browser = None, cookies.of(request, _cookie(state)) or ""
    if len(told) == len(pairs) and all(len(value) <= _LONGEST for value in told.values()):
        attempt = await accounts.end_attempt(request.app.state.database, provider.name, state=state, browser=browser)
    if attempt is None:
        _log.warning("nobody was signed in", extra={"way": provider.name, "why": "no such sign-in in this browser"})
        return outcome(request, provider, outcomes.STALE)
    answer = await _proven(request, provider, attempt, told, anew=browser.startswith(_ANEW))
    cookies.take(request, answer, _cookie(state))
    return answer


async def _proven(
    request: Request, provider: Provider, attempt: Attempt, told: dict[str, str], *, anew: bool
) -> Response:
    begun = Begun("", told["state"], attempt.nonce, attempt.verifier, attempt.began if anew else None)
    try:
        proven = await provider.party.finish(begun, told)
    except Problem as error:
        return _told(request, provider, error, attempt.after)
    try:
        found = await _WHO[provider.kind](request.app.state.door, proven)
    except recognising.Refused as refused:
        _log.warning("nobody was signed in", extra={"way": provider.name, "why": refused.why})
        return await _refused(request, provider, outcomes.REFUSED[refused.why], proven, attempt.after)
    proof = Proof(provider.name, proven.level, proven.session, found.units)
    provided = Provided(provider.name, proven.subject, proven.raw)
    session = session_of(request)
    if anew and session is not None:
        if session.login != found.account.login:
            _log.warning("nobody proved it anew", extra={"way": provider.name, "why": "it was another person"})
            return await _refused(request, provider, outcomes.ANOTHER, proven, attempt.after)
        return await confirmed(request, session, proof, attempt.after, provided=provided)
    answer = await entered(request, found.account, proof, attempt.after, provided=provided)
    _log.info("signed in", extra={"way": provider.name, "kind": found.account.kind})
    return answer


async def front(request: Request) -> Response:
    """GET /signout/{provider}/front: the session `sid` has ended at the provider `iss`. The name of a session is known
    to it and us alone; the cookie does not come along in a frame of somebody else's page.
    openid.net/specs/openid-connect-frontchannel-1_0.html"""
    provider = _provider(request)
    sid, issuer = request.query_params.get("sid", ""), request.query_params.get("iss", "")
    right = issuer == provider.party.client.issuer and 0 < len(sid) <= _LONGEST and sid.isprintable()
    if right:
        await accounts.sign_out_at(request.app.state.database, provider.name, session=sid)
    headers = {"cache-control": "no-store", "content-security-policy": "default-src 'none'"}
    return PlainTextResponse("", status_code=200 if right else 400, headers=headers)


async def back(request: Request) -> Response:
    """POST /signout/{provider}/back: a logout token. openid.net/specs/openid-connect-backchannel-1_0.html"""
    provider = _provider(request)
    headers = {"cache-control": "no-store"}
    form = await request.form(max_fields=4, max_files=0)
    try:
        ended = await provider.party.ended(form.get("logout_token"))
    except Away as error:
        # It may tell us once more.
        _log.warning("a session's end could not be checked", extra={"way": provider.name, "why": error.reason})
        return JSONResponse({"error": "temporarily_unavailable"}, status_code=400, headers=headers)
    except Problem as error:
        _log.warning("a session's end was not believed", extra={"way": provider.name, "why": error.reason})
        return JSONResponse({"error": "invalid_request"}, status_code=400, headers=headers)
    await accounts.sign_out_at(request.app.state.database, provider.name, session=ended.session, subject=ended.subject)
    return Response(status_code=200, headers=headers)


def _told(request: Request, provider: Provider, error: Problem, after: str) -> Response:
    """The page for what a provider answered, or did not."""
    found = outcomes.of(error)
    level = logging.INFO if isinstance(error, Declined) and found.status == 200 else logging.WARNING
    _log.log(level, "nobody was signed in", extra={"way": provider.name, "why": error.reason})
    return outcome(request, provider, found, after=after)


async def _refused(request: Request, provider: Provider, found: Outcome, proven: Proven, after: str) -> Response:
    identity: Identity = request.app.state.identity
    leave = await provider.party.leave(id_token=proven.raw, after=f"{identity.address}/signout")
    return outcome(request, provider, found, after=after, leave=leave)


def outcome(
    request: Request, provider: Provider, found: Outcome, *, after: str = "", leave: str | None = None
) -> Response:
    """The page that says why nobody was signed in, and what to do."""
    _ = language(language_of(request))
    return render(
        request,
        "signin/outcome.html",
        status=found.status,
        provider=provider,
        title=_(found.title, provider=provider.shown),
        happened=_(found.happened, provider=provider.shown),
        what_now=_(found.next, provider=provider.shown),
        after=after,
        leave=leave if found.leaves else None,
    )


def _provider(request: Request) -> Provider:
    identity: Identity = request.app.state.identity
    found = identity.named(request.path_params["provider"])
    if found is None:
        raise NotFound("There is no such provider.")
    return found


def _cookie(state: str) -> str:
    """A cookie for each sign-in: two of one browser do not stand in each other's way."""
    return f"{cookies.SESSION}-{sha256(state.encode()).hexdigest()[:12]}"


def routes() -> list[BaseRoute]:
    """The pages of signing in and out by a provider."""
    return [
        Route("/signin/{provider}", begin),
        Route("/signin/{provider}/return", come_back),
        Route("/signout/{provider}/front", front),
        Route("/signout/{provider}/back", back, methods=["POST"]),
    ]
