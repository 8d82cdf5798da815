"""The rooms and the equipment that the unit can be booked for. Row 5.5

GET  /workspace/visit-types/rooms       all of them
POST /workspace/visit-types/rooms       `do`: room, device (`name`), or close (`reference`, `version`)
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Invalid, NotFound, VersionMoved
from samjournal.scheduling import planning
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.plan_page import MOVED, PLACE, ROLE, framed

HERE = f"{PLACE}/rooms"


async def show(request: Request, desk: Desk) -> Response:
    """GET them."""
    return await _page(request, desk)


async def save(request: Request, desk: Desk) -> Response:
    """POST: add one, or take one out of use."""
    form = await request.form(max_fields=6, max_files=0)
    _, name, does = language(desk.language), str(form.get("name", ""))[:200], str(form.get("do", ""))
    if not desk.is_meant(form.get("role")):
        return await _page(request, desk, name=name, error=_(ROLE), status=409)
    try:
        if does == "room":
            await planning.add_room(desk.door, desk.permit, name)
        elif does == "device":
            await planning.add_device(desk.door, desk.permit, name)
        elif does == "close":
            reference, version = str(form.get("reference", ""))[:130], counted(form.get("version"))
            await planning.close(desk.door, desk.permit, reference, version)
        else:
            raise NotFound("There is no such act.")
    except VersionMoved:
        return await _page(request, desk, error=_(MOVED), status=409)
    except Invalid:
        return await _page(request, desk, name=name, error=_("Gi det et navn."), status=422)
    except Conflict:
        return await _page(request, desk, name=name, error=_("Enheten har alt et med det navnet."), status=422)
    return RedirectResponse(f"{HERE}?did={'closed' if does == 'close' else 'room'}", status_code=303)


async def _page(request: Request, desk: Desk, *, name: str = "", error: str = "", status: int = 200) -> Response:
    _ = language(desk.language)
    plan = await planning.plan(desk.door, desk.permit)
    return render(
        request,
        "workspace/rooms.html",
        status=status,
        **await framed(request, desk, "rooms"),
        groups=[(_("Rom"), plan.rooms), (_("Utstyr"), plan.devices)],
        name=name,
        error=error,
    )
