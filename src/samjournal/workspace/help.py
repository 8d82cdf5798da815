"""Keys and words: what each key does, and what the signs on the pages mean."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal.ui.language import marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk

# One meaning for each key in the whole product; keys.js listens for the same ones.
KEYS: Final = (
    ("Ctrl K", marked("Søk etter pasient")),
    ("N", marked("Nytt notat i journalen som er åpen")),
    ("M", marked("Ny måling i journalen som er åpen")),
    ("Esc", marked("Lukk det som er åpnet sist")),
    ("?", marked("Denne siden")),
)


async def show(request: Request, desk: Desk) -> Response:
    """GET /workspace/help."""
    return render(request, "workspace/help.html", desk=desk, keys=KEYS)
