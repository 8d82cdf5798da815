"""«Ny resept»: the citizen wishes medicines anew, and sees where each wish stands.

GET, POST /portal/medicines/renew
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import conversations
from samjournal.fhir.errors import Conflict, Invalid, NotFound
from samjournal.portal import medicines, message_form
from samjournal.portal.message_form import Entered
from samjournal.portal.message_pages import PLACE, WRONG, threads_of, why
from samjournal.portal.threads import Thread
from samjournal.portal.visiting import Visit, visit
from samjournal.portal.wants import MEDICINES, MESSAGES
from samjournal.record import DraftEnded
from samjournal.ui.language import marked

NONE: Final = marked("Velg minst én medisin.")
NOBODY: Final = marked("Vi finner ingen som kan fornye dette herfra. Ring fastlegen din.")


async def waiting(here: Visit, messages: Sequence[Mapping[str, Any]], at: Any) -> dict[str, Thread]:
    """The conversation about the newest wish for each medicine, by the id of its prescription."""
    renewals = [dict(one) for one in messages if conversations.kind_of(one) == "renewal" and one.get("about")]
    by_root = {one.id: one for one in await threads_of(here, [dict(one) for one in messages], at)}
    found: dict[str, Thread] = {}
    for one in renewals:  # The newest first.
        for about in one["about"]:
            id_ = str(about.get("reference", "")).removeprefix("MedicationRequest/")
            if thread := by_root.get(conversations.root_of(one)):
                found.setdefault(id_, thread)
    return found


async def ask(request: Request) -> Response:
    """GET: choose medicines; `medicine` is chosen already."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    return await _page(here, message_form.fresh(), chosen=request.query_params.getlist("medicine"))


async def _page(
    here: Visit, entered: Entered, *, chosen: Sequence[str] = (), pick_up: str = "", wrong: str = "", status: int = 200
) -> Response:
    snapshot = await here.open(MEDICINES, MESSAGES)
    listed = medicines.view([one for one in snapshot.lists["medicines"] if not _is_given(one)], here.say)
    return here.page(
        "renewal.html",
        snapshot,
        tab="record",
        medicines=(*listed.using, *listed.paused),
        waiting=await waiting(here, snapshot.lists["messages"], snapshot.at),
        sends=here.request.state.permit.sends,
        chosen=list(chosen),
        entered=entered,
        pick_up=pick_up,
        wrong=here.say(wrong) if wrong else "",
        status=status,
    )


def _is_given(request: Mapping[str, Any]) -> bool:
    """Whether a medicine is given where the patient is admitted, and is on no prescription."""
    codings = (one for concept in request.get("category") or () for one in concept.get("coding") or ())
    return any(one.get("code") == "inpatient" for one in codings)


async def send(request: Request) -> Response:
    """POST: ask for those that were chosen."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=60, max_files=0)
    one = message_form.entered(form)
    chosen, pick_up = [str(each)[:64] for each in form.getlist("medicine")], str(form.get("pick_up") or "")[:200]
    if not chosen:
        return await _page(here, one, pick_up=pick_up, wrong=NONE, status=422)
    door, permit = request.app.state.door, request.state.permit
    try:
        made = await conversations.renew(door, permit, chosen, one.words, pick_up, one.ending)
    except DraftEnded as ended:
        return RedirectResponse(f"{PLACE}/{ended.became.partition('/')[2]}?did=sent", status_code=303)
    except (Invalid, NotFound, Conflict) as problem:
        nobody = isinstance(problem, conversations.Unwritable) and problem.why != "many"
        told = NOBODY if nobody else NONE if isinstance(problem, (Invalid, NotFound)) else WRONG[why(problem)]
        return await _page(here, one, chosen=chosen, pick_up=pick_up, wrong=told, status=422)
    where = f"{PLACE}/{made[0]}" if len(made) == 1 else PLACE
    return RedirectResponse(f"{where}?did=sent", status_code=303)


def routes() -> list[BaseRoute]:
    return [
        Route("/portal/medicines/renew", ask, methods=["GET"]),
        Route("/portal/medicines/renew", send, methods=["POST"]),
    ]
