"""Erasure by decision: what somebody proposed, for another person to confirm, who is signed in.

It is carried out on the command line, by a database role of its own: docs/how-to/expunge.md
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.access import Erasure
from samjournal.fhir.errors import Forbidden, NotFound, Unprocessable
from samjournal.record import confirm_erasure, erasures
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk

PLACE = "/workspace/erasures"


async def show(request: Request, desk: Desk) -> Response:
    """GET what waits to be confirmed, and what is confirmed and not carried out."""
    _demand(desk)
    _ = language(desk.language)
    now = datetime.now(formats.OSLO)
    rows = [_row(one, desk, now, _) for one in await erasures(desk.door, desk.permit)]
    return render(request, "workspace/erasures.html", desk=desk, rows=rows, done=request.query_params.get("done", ""))


async def confirm(request: Request, desk: Desk) -> Response:
    """POST: another person confirms it."""
    _demand(desk)
    form = await request.form(max_fields=1, max_files=0)
    try:
        await confirm_erasure(desk.door, desk.permit, UUID(str(form.get("id", ""))))
    except (Forbidden, NotFound, Unprocessable, ValueError):
        return RedirectResponse(f"{PLACE}?done=no", status_code=303)
    return RedirectResponse(f"{PLACE}?done=yes", status_code=303)


async def waiting(desk: Desk) -> int:
    """How many wait for this person to confirm or to let be."""
    if not desk.permit.erases:
        return 0
    now = datetime.now(formats.OSLO)
    return sum(_is_for(one, desk, now) for one in await erasures(desk.door, desk.permit))


def _is_for(one: Erasure, desk: Desk, now: datetime) -> bool:
    return one.confirmed is None and one.proposed_by != desk.permit.actor and now < one.deadline


def _row(one: Erasure, desk: Desk, now: datetime, _: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "reference": one.reference,
        "version": one.version,
        "everything": one.everything,
        "decision": one.decision,
        "by": one.proposed_by,
        "at": formats.when(one.proposed, now=now, language=_),
        "due": formats.when(one.deadline, now=now, language=_),
        "confirmed_by": one.confirmed_by,
        "is_mine": one.proposed_by == desk.permit.actor,
        "is_over": one.confirmed is None and one.deadline <= now,
    }


def _demand(desk: Desk) -> None:
    if not desk.permit.erases:
        raise Forbidden("This page is for who decides on erasure.")
