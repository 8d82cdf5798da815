"""For whom one acts, so that nobody is taken for another: forms say whom they are about, open pages hear of an end.

is_meant(request, form) -> bool                     whether a form is about whom its sender acts for now
other_person(here, form, kept) -> Response          the page for a form that is about another: nothing was done
routes()                                            what an open page asks (`acting.js`), and where it goes in the end

A session has one person whom it acts for, and a browser many tabs: a form that was opened for a child is not sent for
oneself because another tab went back to oneself meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal.fhir.errors import NotRepresenting
from samjournal.portal.visiting import Visit
from samjournal.record import may_act_for
from samjournal.ui.errors import Words
from samjournal.ui.language import marked
from samjournal.ui.pages import render

FIELD: Final = "for"
"""The field of a form that says whom it is about: the id of a patient."""
CHANGED: Final = Words(
    marked("Du har byttet hvem du opptrer for"),
    marked("Du byttet i et annet vindu. Siden du hadde åpen her, gjaldt en annen person."),
    marked("Ingenting er sendt eller endret herfra."),
    marked("Gå til forsiden, og se øverst hvem du opptrer for."),
)


def is_meant(request: Request, form: Mapping[str, Any]) -> bool:
    """Whether a form is about the person whom its sender acts for now, or about himself when he acts for nobody."""
    return bool(form.get(FIELD, "") == request.state.permit.patient)


async def other_person(here: Visit, form: Mapping[str, Any], kept: Mapping[str, str]) -> Response:
    """The page for a form that is about another than whom one acts for now. Nothing was done; `kept` is what was
    written, by what the field is called."""
    asked = str(form.get(FIELD, ""))
    session = here.request.state.session
    held = await may_act_for(here.request.app.state.door, here.request.state.permit)
    about = next((one.name for one in held if one.id == asked), None)
    snapshot, _ = await here.open(), here.say
    return here.page(
        "acting_other.html",
        snapshot,
        tab="appointments",
        status=409,
        about=_("deg selv") if asked == session.patient_id else about,
        back_to=asked if about else "",
        is_self=asked == session.patient_id,
        kept={name: text for name, text in kept.items() if text},
    )


async def still(request: Request) -> Response:
    """GET /portal/acting?for=ID: 204 while the session acts for that person, 409 when for another; when the right has
    ended it is 403 before it comes here."""
    session, fresh = getattr(request.state, "session", None), {"cache-control": "no-store"}
    if session is None or session.kind != "citizen":
        return JSONResponse({"acts": "nobody"}, 401, fresh)
    if is_meant(request, {FIELD: request.query_params.get(FIELD, "")}):
        return Response(status_code=204, headers=fresh)
    return JSONResponse({"acts": "for another"}, 409, fresh)


async def ended(request: Request) -> Response:
    """GET /portal/acting/ended: where an open page goes when it shows somebody whom one does not act for any longer."""
    if request.query_params.get("why") != "changed":
        raise NotRepresenting("You may not act for this person, or not any longer. Your own record is open to you.")
    return render(request, "ui/error.html", status=409, words=CHANGED, detail="", error_status=409, back="/portal")


def routes() -> list[BaseRoute]:
    """What an open page asks."""
    return [Route("/portal/acting", still), Route("/portal/acting/ended", ended)]
