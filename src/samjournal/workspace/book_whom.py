"""Whom a time is booked for, when it began in the calendar: a person is found, and booking goes on at his page.

GET /workspace/calendar/book    `q` finds people as everywhere; `start` and `with` go along to the page of booking
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from samjournal.fhir.errors import TooMany
from samjournal.patients import find
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.asked import Asked
from samjournal.workspace.desk import Desk


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    _, asked = language(desk.language), Asked.of(request.query_params)
    text, error = " ".join(request.query_params.get("q", "").split())[:100], ""
    found: list[Any] = []
    try:
        found = await find(desk.door, desk.permit, text) if text else []
    except TooMany:
        error = _("Du har søkt mange ganger på kort tid. Vent litt, og prøv igjen.")
    along = asked.query()
    start = asked.start.isoformat() if asked.start else ""
    when = ""
    if start:
        day = formats.long_day(start, language=_)
        when = _("{day} kl. {clock}", day=day, clock=formats.clock(start, language=_))
    pairs = [("start", start), *(("with", one) for one in asked.actors)]
    return render(
        request,
        "workspace/book_whom.html",
        desk=desk,
        q=text,
        error=error,
        when=when,
        kept=[(name, value) for name, value in pairs if value],
        back=f"/workspace/calendar?{urlencode({'day': request.query_params.get('day', '')[:10]})}",
        rows=[{"name": one.name, "born": one.birth_date, "id": one.id, "relation": one.relation} for one in found],
        along=f"{along}&from={asked.start.astimezone(formats.OSLO).date().isoformat()}" if asked.start else along,
    )
