"""Who is away and who stands in, of the reader's unit: said on a page of its own beside the inbox."""

from __future__ import annotations

from datetime import UTC, date, datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import accounts, tasks
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from samjournal.tasks import Absence
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk

PLACE = "/workspace/inbox/away"


async def show(request: Request, desk: Desk) -> Response:
    """GET who is away, and the form."""
    return await _page(request, desk)


async def _page(
    request: Request, desk: Desk, *, status: int = 200, error: str = "", entered: dict[str, str] | None = None
) -> Response:
    _ = language(desk.language)
    now = datetime.now(UTC)
    people = [
        (f"PractitionerRole/{at.practitioner_role_id}", who.name)
        for who in await accounts.colleagues(desk.door.pool, desk.role.organization_id)
        for at in who.roles
    ]
    me = f"PractitionerRole/{desk.role.practitioner_role_id}"
    rows = [_row(one, now, _) for one in await tasks.away(desk.door, desk.permit)]
    first = {"whose": me, "substitute": "", "first": "", "last": ""}
    return render(
        request,
        "workspace/away.html",
        status=status,
        desk=desk,
        me=me,
        people=people,
        rows=rows,
        error=error,
        entered={**first, **(entered or {})},
        done=request.query_params.get("done", ""),
    )


def _row(one: Absence, now: datetime, _: Language) -> dict[str, object]:
    days = (formats.day(day.isoformat(), now=now, language=_) for day in (one.first, one.last))
    return {
        "id": one.id,
        "whose": one.whose_name,
        "substitute": one.substitute_name,
        "days": _("{first} til og med {last}", **dict(zip(("first", "last"), days, strict=True))),
        "is_now": one.is_now(now),
    }


async def go(request: Request, desk: Desk) -> Response:
    """POST: somebody is away on some days, and another stands in."""
    form = await request.form(max_fields=6, max_files=0)
    said = {name: str(form.get(name, "")).strip()[:80] for name in ("whose", "substitute", "first", "last")}
    _ = language(desk.language)
    if not desk.is_meant(form.get("role")):
        return RedirectResponse(f"{PLACE}?done=role", status_code=303)
    first, last = _day(said["first"]), _day(said["last"])
    if first is None or last is None:
        return await _page(request, desk, status=422, error=_("Skriv begge dagene som dag.måned.år."), entered=said)
    whose, substitute = said["whose"], said["substitute"]
    try:
        await tasks.go_away(desk.door, desk.permit, whose=whose, substitute=substitute, first=first, last=last)
    except Invalid:
        told = _("Velg to forskjellige personer, og en siste dag som ikke er før den første og ikke er over.")
        return await _page(request, desk, status=422, error=told, entered=said)
    except Forbidden:
        told = _("Du kan ikke gjøre deg selv til stedfortreder. Be den som er borte, eller en kollega.")
        return await _page(request, desk, status=422, error=told, entered=said)
    except Conflict:
        told = _("Det er alt sagt hvem som står inn en av de dagene.")
        return await _page(request, desk, status=422, error=told, entered=said)
    return RedirectResponse(f"{PLACE}?done=yes", status_code=303)


async def end(request: Request, desk: Desk) -> Response:
    """POST: it is over."""
    form = await request.form(max_fields=2, max_files=0)
    try:
        await tasks.come_back(desk.door, desk.permit, str(form.get("id", ""))[:64])
    except (Conflict, NotFound, PreconditionFailed):
        return RedirectResponse(f"{PLACE}?done=no", status_code=303)
    return RedirectResponse(f"{PLACE}?done=over", status_code=303)


def _day(text: str) -> date | None:
    """A day as people write it (24.12.2026), or as browsers send it."""
    for form in ("%d.%m.%Y", "%Y-%m-%d"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=formats.OSLO).date()
        except ValueError:
            continue
    return None
