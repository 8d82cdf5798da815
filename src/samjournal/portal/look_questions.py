"""«Spør om en lesning»: the citizen asks why somebody looked, and whoever answers for access there answers.

GET, POST /portal/log/ask       `at` is the moment of the look
"""

from __future__ import annotations

from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import conversations
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.portal import log, message_form
from samjournal.portal.message_form import Entered
from samjournal.portal.message_pages import PLACE, WRONG, why
from samjournal.portal.visiting import Visit, visit
from samjournal.record import DraftEnded


async def ask(request: Request) -> Response:
    """GET: the look, and what one wants to know of it."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    return await _page(here, request.query_params.get("at", ""), message_form.fresh())


async def _page(here: Visit, at: str, entered: Entered, *, wrong: str = "", status: int = 200) -> Response:
    permit = here.request.state.permit
    if not (permit.sends and permit.reads_log):
        raise Forbidden("Looks are asked about by who reads the log, and writes messages.")
    look = await conversations.look_at(here.request.app.state.door, permit, _moment(at))
    snapshot = await here.open()
    return here.page(
        "look_question.html",
        snapshot,
        tab="record",
        look=log.read(look, here.say),
        at=at,
        entered=entered,
        wrong=here.say(WRONG[wrong]) if wrong else "",
        status=status,
    )


async def send(request: Request) -> Response:
    """POST: ask."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=10, max_files=0)
    one, at = message_form.entered(form), str(form.get("at") or "")
    door, permit = request.app.state.door, request.state.permit
    try:
        id_ = await conversations.ask_about(door, permit, _moment(at), one.words, one.ending)
    except DraftEnded as ended:
        return RedirectResponse(f"{PLACE}/{ended.became.partition('/')[2]}?did=sent", status_code=303)
    except (Invalid, Conflict) as problem:
        return await _page(here, at, one, wrong=why(problem), status=422)
    return RedirectResponse(f"{PLACE}/{id_}?did=sent", status_code=303)


def _moment(at: str) -> datetime:
    try:
        found = datetime.fromisoformat(at)
    except ValueError:
        raise NotFound("There is no such look.") from None
    if found.tzinfo is None:
        raise NotFound("There is no such look.")
    return found


def routes() -> list[BaseRoute]:
    return [
        Route("/portal/log/ask", ask, methods=["GET"]),
        Route("/portal/log/ask", send, methods=["POST"]),
    ]
