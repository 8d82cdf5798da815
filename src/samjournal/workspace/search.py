"""The first page: those in our care now, and a search for anybody else by name, birth date or number."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.patients import find, follow_ups, mine, proposals
from samjournal.ui.pages import render
from samjournal.workspace import erasures, palette
from samjournal.workspace.banner import GENDERS
from samjournal.workspace.desk import Desk
from samjournal.workspace.why import KINDS


async def show(request: Request, desk: Desk) -> Response:
    """GET /workspace, with `q` when something is searched for."""
    permit = desk.permit
    if permit.operates:
        return RedirectResponse("/workspace/connections", status_code=303)
    waiting = 0 if permit.oversees else len(await (proposals if permit.merges else follow_ups)(desk.door, permit))
    opens_none = permit.oversees or permit.merges
    text = " ".join(request.query_params.get("q", "").split())[:100]
    return render(
        request,
        "workspace/search.html",
        desk=desk,
        query=text,
        hits=palette.listed(request, desk, text, palette.open_patient(request)) if text else [],
        waiting=waiting,
        erasing=await erasures.waiting(desk),
        genders=GENDERS,
        why=KINDS,
        found=await find(desk.door, desk.permit, text) if text else [],
        opens_none=opens_none,
        mine=[] if opens_none else await mine(desk.door, desk.permit),
    )
