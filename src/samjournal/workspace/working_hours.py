"""When the unit is open, and when those who work there and its rooms can be booked. Row 5.5

GET  /workspace/visit-types/hours       all of them; one in a form (`of`)
POST /workspace/visit-types/hours       other hours for one, as of the version that was seen
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Invalid, VersionMoved
from samjournal.scheduling import planning
from samjournal.scheduling.planning import Actor
from samjournal.scheduling.weekly import said
from samjournal.ui.formats import WEEKDAYS
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.plan_page import MOVED, PLACE, ROLE, fields_of, framed, week_of

HERE = f"{PLACE}/hours"


async def show(request: Request, desk: Desk) -> Response:
    """GET them."""
    return await _page(request, desk, of=request.query_params.get("of", ""))


async def save(request: Request, desk: Desk) -> Response:
    """POST the hours of one. What was typed stands on the page when it could not be saved."""
    form = await request.form(max_fields=12, max_files=0)
    _, of = language(desk.language), str(form.get("of", ""))[:130]
    week, error = week_of(form, _)
    entered = {name: str(value)[:200] for name, value in form.items()}
    if not desk.is_meant(form.get("role")):
        return await _page(request, desk, of=of, entered=entered, error=_(ROLE), status=409)
    if error:
        return await _page(request, desk, of=of, entered=entered, error=error, status=422)
    try:
        if of == "unit":
            stored = await planning.open_unit(desk.door, desk.permit)
            of, version = stored.reference, stored.version
        else:
            version = counted(form.get("version"))
        await planning.set_hours(desk.door, desk.permit, of, version, week)
    except (VersionMoved, Conflict):
        return await _page(request, desk, of=of, entered=entered, error=_(MOVED), status=409)
    except Invalid:
        told = _("Velg en enhet, en person eller et rom.")
        return await _page(request, desk, of="", error=told, status=422)
    return RedirectResponse(f"{HERE}?did=hours", status_code=303)


async def _page(
    request: Request,
    desk: Desk,
    *,
    of: str = "",
    entered: dict[str, str] | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    _ = language(desk.language)
    plan = await planning.plan(desk.door, desk.permit)
    unit = plan.unit or Actor("unit", desk.role.unit_name, "unit", "", 0, None, ())
    everything = [unit, *plan.people, *plan.rooms]
    chosen = next((one for one in everything if one.reference == of), None)
    return render(
        request,
        "workspace/working_hours.html",
        status=status,
        **await framed(request, desk, "hours"),
        groups=[
            (_("Enheten"), [_row(unit, _)]),
            (_("Personer"), [_row(one, _) for one in plan.people]),
            (_("Rom"), [_row(one, _) for one in plan.rooms]),
        ],
        chosen=chosen,
        version=(entered or {}).get("version", chosen.version if chosen else 0),
        days=fields_of(chosen.week if chosen else None, _, entered),
        error=error,
    )


def _row(one: Actor, _: Language) -> dict[str, Any]:
    return {"reference": one.reference, "name": one.name, "title": one.title, "week": _told(one, _)}


def _told(one: Actor, _: Language) -> list[tuple[str, str]]:
    """The hours in words, days that follow one another with the same hours as one line."""
    if one.week is None:
        return []
    lines: list[tuple[int, int, str]] = []
    for n, day in enumerate(one.week):
        hours = said(day)
        if lines and lines[-1][1] == n - 1 and lines[-1][2] == hours:
            lines[-1] = (lines[-1][0], n, hours)
        else:
            lines.append((n, n, hours))
    return [
        (
            _(WEEKDAYS[first])
            if first == last
            else _("{first} til {last}", first=_(WEEKDAYS[first]), last=_(WEEKDAYS[last])),
            hours,
        )
        for first, last, hours in lines
        if hours
    ]
