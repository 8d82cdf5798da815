"""Erasure by decision: a privacy officer proposes it, another person confirms it; both are signed in.

GET  …/erasures             what waits, and for who proposes a form
POST …/erasures             another person confirms
POST …/erasures/propose     `act`: look (what would go, and what refers to it), propose

It is carried out on the command line, by a database role of its own: docs/how-to/expunge.md
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.access import Erasure
from samjournal.fhir.errors import FhirError, Forbidden, Gone, Invalid, NotFound, Unprocessable
from samjournal.record import Plan, confirm_erasure, demand_erasure, erasures, plan_of, propose_erasure
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk

PLACE = "/workspace/erasures"


async def show(request: Request, desk: Desk) -> Response:
    """GET what waits to be confirmed, and what is confirmed and not carried out."""
    return await _page(request, desk)


async def _page(
    request: Request,
    desk: Desk,
    *,
    entered: dict[str, str] | None = None,
    plan: Plan | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    """The page, also with what somebody is about to propose, or with what is wrong with it."""
    _demand(desk)
    _ = language(desk.language)
    now = datetime.now(formats.OSLO)
    rows = [_row(one, desk, now, _) for one in await erasures(desk.door, desk.permit)]
    return render(
        request,
        "workspace/erasures.html",
        status=status,
        desk=desk,
        rows=rows,
        done=request.query_params.get("done", ""),
        proposes=desk.permit.oversees,
        entered=dict.fromkeys(_FIELDS, "") | (entered or {}),
        plan=plan,
        error=error,
    )


async def propose(request: Request, desk: Desk) -> Response:
    """POST: show what would go, or propose it. What is not his to propose is not told of either."""
    _demand(desk)
    if not desk.permit.oversees:
        raise Forbidden("A privacy officer proposes what is to be erased; you may confirm it.")
    form = await request.form(max_fields=7, max_files=0)
    entered = {name: str(form.get(name, "")).strip()[:200] for name in _FIELDS}
    _ = language(desk.language)
    if not desk.is_meant(form.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
        return await _page(request, desk, entered=entered, error=told, status=409)
    wrong = _wrong(entered, _)
    if wrong:
        return await _page(request, desk, entered=entered, error=wrong, status=422)
    type_, _slash, id_ = entered["what"].partition("/")
    try:
        version = int(entered["version"]) if entered["version"] else None
        plan = await plan_of(desk.door, type_, id_, version=version, everything=entered["everything"] == "yes")
        demand_erasure(desk.permit, plan)
        if form.get("act") != "propose":
            return await _page(request, desk, entered=entered, plan=plan)
        await propose_erasure(desk.door, desk.permit, plan, entered["decision"])
    except (Invalid, Forbidden, NotFound, Gone) as problem:
        return await _page(request, desk, entered=entered, error=_told(problem, _), status=422)
    return RedirectResponse(f"{PLACE}?done=proposed", status_code=303)


_FIELDS = ("what", "version", "everything", "decision")


def _wrong(entered: dict[str, str], _: Language) -> str:
    """What is wrong with the form by itself."""
    type_, slash, id_ = entered["what"].partition("/")
    if not (type_ and slash and id_):
        return _("Skriv type og id, slik: Observation/7.")
    if entered["version"] and not entered["version"].isdecimal():
        return _("Versjonen er et tall.")
    if not entered["decision"]:
        return _("Skriv hvor vedtaket er arkivert, slik som 2026/4711-3.")
    return ""


def _told(problem: FhirError, _: Language) -> str:
    """Why it cannot be proposed."""
    if isinstance(problem, Gone):
        return _("Det er slettet allerede.")
    if isinstance(problem, (NotFound, Forbidden)):
        return _("Det finnes ikke her: ikke i virksomheten din, eller versjonen sier ingenting.")
    if "newest" in str(problem):
        return _("Det er den nyeste versjonen. Skriv det som er rett, først, eller slett hele ressursen.")
    if "lie under" in str(problem):
        return _("Det ligger mer under pasienten. Kryss av for alt i journalen, eller slett det først.")
    if "of a Patient" in str(problem):
        return _("Alt i journalen slettes av en pasient, i alle versjoner: Patient/7.")
    return _("Det finnes ikke noe slikt. Skriv type og id, slik: Observation/7.")


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
