"""Keys and words: what each key does, and what the signs on the pages mean."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from samjournal.ui.pages import is_fragment, render
from samjournal.workspace.desk import Desk
from samjournal.workspace.shortcuts import told


async def show(request: Request, desk: Desk) -> Response:
    """GET /workspace/help; the keys alone for the dialog that `?` opens."""
    template = "workspace/_keys.html" if is_fragment(request) else "workspace/help.html"
    return render(request, template, desk=desk, keys=told())
