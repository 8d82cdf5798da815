"""Coming in once somebody has proved who he is, by whatever way; and a proof in the middle of a session.

    entered(request, account, proof, after) -> Response         a session, its cookie, and on to where he was going
    confirmed(request, session, proof, after) -> Response       the session lasts anew, and he goes on with his act
    way_in(kind, after) -> str                                  a page of his own face, or home

Every way of signing in ends here, so that the cookie, the limits and what is told of a new browser are the same.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import accounts, letters
from samjournal.accounts import Account, Place, Proof, Provided, Session
from samjournal.ui import cookies
from samjournal.ui.devices import device_of
from samjournal.ui.pages import local_path

STAFF_HOME, CITIZEN_HOME = "/workspace", "/portal"
KEPT: Final = "/signin/kept"
OURS: Final = ("/signin/", "/signins", "/oauth/authorize?")
"""Pages for whoever is signed in, staff or citizen: of this face, and the one that lets an app in."""


async def entered(
    request: Request,
    who: Account,
    proof: Proof,
    after: str,
    *,
    provided: Provided | None = None,
    phone: UUID | None = None,
) -> Response:
    """Open a session and go on. An earlier session in this browser ends, whoever put its cookie there; on a shared PC
    it locks, and the same person's goes on. `provided` is what the provider that proved it wants to see again, `phone`
    the paired phone that proved it."""
    database, limits = request.app.state.database, request.app.state.settings.sessions
    browser, known_by = await accounts.browser_at(database, cookies.of(request, cookies.BROWSER), device_of(request))
    is_shared = browser.is_shared and who.kind == "staff"
    before, lies = session_of(request), await accounts.lying(database, browser.id, who.login) if is_shared else None
    if before is not None and before.at.is_shared and (lies is None or lies.id != before.id):
        await accounts.lock(database, before, "")
    elif before is not None and not before.at.is_shared:
        await accounts.sign_out(database, before)
    if lies is not None:
        session, cookie = lies, await accounts.prove_again(database, lies, proof, limits=limits)
        after = after or lies.place
    else:
        place = Place(device_of(request), browser.id, is_shared, phone)
        session, cookie = await accounts.sign_in(database, who, proof, at=place, limits=limits)
    if provided is not None:
        await accounts.note_provided(database, session, provided)
    if await accounts.meet(database, who.login, browser) and who.patient_id is not None:
        state, now = request.app.state, datetime.now(UTC)
        await letters.tell_signin(state.door, who.patient_id, session.id, state.channels.quiet, now)
    after = way_in(session.kind, after)
    if is_shared and not session.has_pin:
        after = f"/signins/pin?{urlencode({'next': after})}"
    answer = RedirectResponse(await back_to(request, session.login, after), status_code=303)
    cookies.give(request, answer, cookies.SESSION, cookie)
    cookies.give(request, answer, cookies.BROWSER, known_by, seconds=accounts.BROWSER_LASTS)
    return answer


async def back_to(request: Request, login: str, after: str) -> str:
    """What was kept of somebody in this browser goes before the page that he was going to."""
    name = cookies.of(request, cookies.FORM)
    return KEPT if name and await accounts.kept(request.app.state.database, login, name) else after


async def confirmed(
    request: Request, session: Session, proof: Proof, after: str, *, provided: Provided | None = None
) -> Response:
    """He proved again who he is: it was him, says whoever calls."""
    database, limits = request.app.state.database, request.app.state.settings.sessions
    cookie = await accounts.prove_again(database, session, proof, limits=limits)
    if provided is not None:
        await accounts.note_provided(database, session, provided)
    answer = RedirectResponse(way_in(session.kind, after), status_code=303)
    cookies.give(request, answer, cookies.SESSION, cookie)
    return answer


def session_of(request: Request) -> Session | None:
    """Who is signed in, if anybody."""
    found: Session | None = getattr(request.state, "session", None)
    return found


def way_in(kind: str, after: str) -> str:
    """Where to go: the page asked for if it is of the person's own face, else home."""
    home = CITIZEN_HOME if kind == "citizen" else STAFF_HOME
    after = local_path(after, "")
    own = after == home or after.startswith((f"{home}/", f"{home}?", *OURS))
    return after if own else home
