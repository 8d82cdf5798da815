"""Choose the one role that is active: what you see and may do changes at once (requirement 2.2)."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.accounts import Session, choose_role
from samjournal.ui import cookies
from samjournal.ui.pages import language_of, local_path, render
from samjournal.workspace.desk import role_name


async def show(request: Request) -> Response:
    """GET /workspace/role: the reader's roles, one button each."""
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    if session.kind != "staff":
        return RedirectResponse("/portal", status_code=303)
    language = language_of(request)
    return render(
        request,
        "workspace/role.html",
        roles=[(role, role_name(role.code, language)) for role in session.roles],
        next=local_path(request.query_params.get("next"), "/workspace"),
    )


async def choose(request: Request) -> Response:
    """POST /workspace/role: makes one of them active, at once for all open pages."""
    session: Session | None = getattr(request.state, "session", None)
    if session is None:
        return RedirectResponse("/signin", status_code=303)
    form = await request.form(max_fields=4, max_files=0)
    _, cookie = await choose_role(request.app.state.door.pool, session, str(form.get("role", "")))
    answer = RedirectResponse(local_path(str(form.get("next", "")), "/workspace"), status_code=303)
    # Who had the cookie of the lesser role does not have the greater one with it.
    cookies.give(request, answer, cookies.SESSION, cookie)
    return answer
