"""Letters that the unit prints, people whom it must call, and how it reminds of appointments.
docs/reference/notices.md"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import letters
from samjournal.fhir.errors import Conflict, Invalid, NotFound, PreconditionFailed
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk

DAYS: Final = {
    1: marked("dagen før"),
    2: marked("to dager før"),
    3: marked("tre dager før"),
    7: marked("en uke før"),
}
TOLD: Final = {
    "done": marked("Ført som gjort."),
    "kept": marked("Lagret. Det gjelder fra neste dag det lages påminnelser."),
    "moved": marked("Ikke gjort: noen har sett til det etter at du åpnet siden."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET what waits for the unit."""
    _, now = language(desk.language), datetime.now(UTC)
    did = request.query_params.get("did", "")
    found = await letters.listed(desk.door, desk.permit)
    unit = desk.permit.organization
    chosen = (await letters.days_of(desk.door, [unit]))[unit]
    return render(
        request,
        "workspace/letters.html",
        desk=desk,
        waiting=[
            {
                "one": one,
                "name": f"{one.card.given} {one.card.family}".strip() if one.card else _("en pasient"),
                "since": formats.when(one.since, now=now, language=_),
                "due": formats.when(one.due, now=now, language=_),
                "is_letter": one.channel == "hand",
            }
            for one in found
        ],
        days=[(day, _(DAYS[day]), day in chosen) for day in letters.CHOICES],
        may_choose=desk.permit.may("u", "Appointment"),
        told=_(TOLD[did]) if did in ("done", "kept") else "",
        refused=_(TOLD["moved"]) if did == "moved" else "",
    )


async def envelope(request: Request, desk: Desk) -> Response:
    """GET one letter as PDF. The look at the patient is logged; nothing of it stays in the browser."""
    task = str(request.path_params["task"])
    made = await letters.envelope(desk.door, desk.permit, request.app.state.channels, task, datetime.now(UTC))
    headers = {"content-disposition": 'inline; filename="brev.pdf"', "cache-control": "no-store"}
    return Response(made, media_type="application/pdf", headers=headers)


async def posted(request: Request, desk: Desk) -> Response:
    """POST: it was posted, or the patient was called (`task`, `version`)."""
    form = await request.form(max_fields=4, max_files=0)
    try:
        await letters.posted(desk.door, desk.permit, str(form.get("task", "")), counted(form.get("version")))
    except (Conflict, PreconditionFailed, NotFound):
        return RedirectResponse("/workspace/letters?did=moved", status_code=303)
    return RedirectResponse("/workspace/letters?did=done", status_code=303)


async def remind(request: Request, desk: Desk) -> Response:
    """POST how many `days` before an appointment the unit reminds; none: not at all."""
    form = await request.form(max_fields=8, max_files=0)
    try:
        days = [int(str(one)) for one in form.getlist("days")]
    except ValueError:
        raise Invalid("Choose among the days on the page.") from None
    await letters.choose(desk.door, desk.permit, days)
    return RedirectResponse("/workspace/letters?did=kept", status_code=303)
