"""The group sessions of the unit: those to come, how many places are left, and a new one. Row 5.3

GET  /workspace/calendar/groups         those of the next months
POST /workspace/calendar/groups         another: `type`, `day`, `time`, `with`, `places`
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import scheduling
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Forbidden, Invalid
from samjournal.scheduling import Session, Taken, planning
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk

AHEAD: Final = timedelta(weeks=26)
FIELDS: Final = ("type", "day", "time", "with", "places")


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    return await _page(request, desk)


async def save(request: Request, desk: Desk) -> Response:
    """POST another session. What was typed stands when it cannot be set up."""
    form = await request.form(max_fields=8, max_files=0)
    _, entered = language(desk.language), {name: str(form.get(name, ""))[:130] for name in FIELDS}
    if not desk.is_meant(form.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se over, og gjør det en gang til.")
        return await _page(request, desk, entered=entered, error=told, status=409)
    try:
        day, clock = date.fromisoformat(entered["day"]), time.fromisoformat(entered["time"].replace(".", ":"))
    except ValueError:
        told = _("Skriv dag og klokkeslett for timen.")
        return await _page(request, desk, entered=entered, error=told, status=422)
    start = datetime.combine(day, clock.replace(tzinfo=None), OSLO)
    actors = [entered["with"]] if entered["with"] else []
    visit = await scheduling.visit_type(desk.door, desk.permit, entered["type"])
    try:
        stored = await scheduling.open_session(
            desk.door, desk.permit, visit, start, actors, places=counted(entered["places"])
        )
    except Taken:
        told = _("Ikke satt opp: en som trengs, er ikke ledig da.")
        return await _page(request, desk, entered=entered, error=told, status=409)
    except Forbidden:
        told = _("Ikke satt opp: rollen din setter ikke opp grupper.")
        return await _page(request, desk, entered=entered, error=told, status=403)
    except Invalid:
        told = _("Ikke satt opp: tiden er over, eller gruppen har færre enn to plasser.")
        return await _page(request, desk, entered=entered, error=told, status=422)
    return RedirectResponse(f"/workspace/appointments/{stored.id}?did=group", status_code=303)


async def _page(
    request: Request, desk: Desk, *, entered: dict[str, str] | None = None, error: str = "", status: int = 200
) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    visits = await scheduling.visit_types(desk.door, desk.permit, unit=desk.role.organization_id)
    groups = [one for one in visits if one.places > 1 and one.active]
    rows = [
        _row(session, visit.name(desk.language), now, _)
        for visit in groups
        for session in await scheduling.sessions(desk.door, desk.permit, visit, now, now + AHEAD)
    ]
    plan = await planning.plan(desk.door, desk.permit)
    return render(
        request,
        "workspace/groups.html",
        status=status,
        desk=desk,
        rows=sorted(rows, key=lambda row: str(row["start"])),
        types=[{"id": one.id, "name": one.name(desk.language), "places": one.places} for one in groups],
        people=plan.people,
        books=desk.permit.may("c", "Appointment"),
        entered={**dict.fromkeys(FIELDS, ""), **(entered or {})},
        error=error,
    )


def _row(one: Session, name: str, now: datetime, _: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "start": one.start.isoformat(),
        "when": formats.when(one.start.isoformat(), now=now, language=_),
        "name": name,
        "with": ", ".join(str(actor.get("display") or actor["reference"]) for actor in one.actors),
        "left": len(one.left),
        "places": one.places,
    }
