"""Who waits for a time at the unit: the waiting list, and the queue of those who came without one. Rows 5.2, 5.5

GET  /workspace/calendar/waiting        both
POST /workspace/calendar/waiting        it is somebody's turn: `appointment`, `version`, `with`
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import scheduling
from samjournal.fhir.errors import Conflict, Forbidden, VersionMoved
from samjournal.scheduling import Booked, Taken, interpreting, planning
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk

PLACE: Final = "/workspace/calendar/waiting"


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    return await _page(request, desk)


async def call(request: Request, desk: Desk) -> Response:
    """POST: it is the turn of one in the queue, with whoever calls, or with who is free."""
    form = await request.form(max_fields=6, max_files=0)
    _, id_ = language(desk.language), str(form.get("appointment", ""))[:64]
    if not desk.is_meant(form.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se over, og gjør det en gang til.")
        return await _page(request, desk, error=told, status=409)
    one = await scheduling.booked_one(desk.door, desk.permit, id_)
    rights = await scheduling.to_go_on(desk.door, desk.permit, one)
    actors = [str(form.get("with", ""))[:130]] if form.get("with") else []
    try:
        visit = await scheduling.visit_type(desk.door, desk.permit, one.visit)
        await scheduling.call_in(desk.door, rights, id_, counted(form.get("version")), visit, actors)
    except Taken:
        told = _("Ingen som kan ta imot, er ledig akkurat nå.")
        return await _page(request, desk, error=told, status=409)
    except (VersionMoved, Conflict):
        told = _("Ikke gjort: en annen har alt kalt inn pasienten.")
        return await _page(request, desk, error=told, status=409)
    except Forbidden:
        told = _("Ikke gjort: rollen din endrer ikke denne timen.")
        return await _page(request, desk, error=told, status=403)
    return RedirectResponse(f"/workspace/appointments/{id_}?did=call", status_code=303)


async def _page(request: Request, desk: Desk, *, error: str = "", status: int = 200) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    visits = await scheduling.visit_types(desk.door, desk.permit, unit=desk.role.organization_id)
    queues = [
        {
            "name": visit.name(desk.language),
            "rows": [
                {**_row(one, now, _), "number": number}
                for number, one in await scheduling.in_queue(desk.door, desk.permit, visit)
            ],
        }
        for visit in visits
        if visit.drop_in
    ]
    plan = await planning.plan(desk.door, desk.permit)
    return render(
        request,
        "workspace/waiting.html",
        status=status,
        desk=desk,
        queues=queues,
        rows=[_row(one, now, _) for one in await scheduling.waits(desk.door, desk.permit)],
        people=plan.people,
        me=f"PractitionerRole/{desk.role.practitioner_role_id}",
        books=desk.permit.may("c", "Appointment"),
        error=error,
    )


def _row(one: Booked, now: datetime, _: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "version": one.version,
        "patient": one.patient,
        "name": one.name or _("Opptatt"),
        "type": one.type,
        "since": formats.when(one.start.isoformat(), now=now, language=_),
        "until": formats.day((one.end - timedelta(seconds=1)).isoformat(), now=now, language=_),
        "words": one.words,
        "interpreter": interpreting.called(one.interpreter, _.code) if one.interpreter else "",
        "offered": one.status == "pending",
        "offer": formats.when(one.start.isoformat(), now=now, language=_) if one.status == "pending" else "",
    }
