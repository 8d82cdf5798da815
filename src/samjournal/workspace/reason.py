"""No relation to the patient: nothing is shown, a reason is asked for, both are logged (requirement 2.1)."""

from __future__ import annotations

from datetime import datetime
from functools import wraps
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Invalid, ReasonNeeded
from samjournal.record import explain, kept_back, state_reason
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk, Page
from samjournal.workspace.why import lines

REASONS: Final = (
    marked("Jeg er bedt om råd om denne pasienten av den som har ansvaret"),
    marked("Pasienten er på vei hit, og jeg forbereder mottaket"),
    marked("Jeg følger opp et svar eller en beskjed om pasienten"),
    marked("Akutt: pasienten trenger hjelp nå"),
)
EMERGENCY: Final = "emergency"
LONGEST: Final = 400


def of_patient(page: Page) -> Page:
    """A page or form of one patient (`id` in its address): who has no relation is asked for a reason in its place."""

    @wraps(page)
    async def open_or_ask(request: Request, desk: Desk) -> Response:
        try:
            return await page(request, desk)
        except ReasonNeeded:
            return await ask(request, desk, str(request.path_params["id"]))

    return open_or_ask


async def ask(
    request: Request, desk: Desk, patient_id: str, *, error: str = "", entered: dict[str, str] | None = None
) -> Response:
    """The page that says why the chart is closed and how it is opened. It names nobody."""
    bound = await explain(desk.door, desk.permit, patient_id)
    kept = await kept_back(desk.door, desk.permit, patient_id) if bound.opens else ""
    if bound.opens and not kept:
        return RedirectResponse(f"/workspace/patients/{patient_id}", status_code=303)
    return render(
        request,
        "workspace/reason.html",
        status=422 if error else 200 if kept else 403,
        headers={"hx-refresh": "true"},
        desk=desk,
        patient_id=patient_id,
        bonds=lines(bound.bonds, language(desk.language), now=datetime.now(formats.OSLO)),
        blocked=bound.blocked or kept == "emergency",
        kept=kept,
        may_in_emergency=desk.permit.opens_in_emergency,
        reasons=REASONS,
        error=error,
        entered={"reason": "", "words": "", **(entered or {})},
    )


async def show(request: Request, desk: Desk) -> Response:
    """GET: how a reader opens what of an open record is kept from him, or a closed one."""
    return await ask(request, desk, str(request.path_params["id"]))


async def state(request: Request, desk: Desk) -> Response:
    """POST the reason: opens the chart for four hours, logged and shown to the patient."""
    patient_id = str(request.path_params["id"])
    form = await request.form(max_fields=6, max_files=0)
    chosen, words = str(form.get("reason", "")), " ".join(str(form.get("words", "")).split())[:LONGEST]
    _ = language(desk.language)
    entered = {"reason": chosen, "words": words}
    if chosen not in REASONS and chosen not in ("other", EMERGENCY):
        return await ask(request, desk, patient_id, error=_("Velg en grunn."), entered=entered)
    if chosen in ("other", EMERGENCY) and not words:
        return await ask(request, desk, patient_id, error=_("Skriv grunnen i en setning."), entered=entered)
    said = words if chosen in ("other", EMERGENCY) else f"{chosen}. {words}".strip(". ")
    try:
        await state_reason(desk.door, desk.permit, patient_id, said, emergency=chosen == EMERGENCY)
    except Invalid:
        return await ask(
            request,
            desk,
            patient_id,
            error=_("Skriv litt mer: pasienten skal forstå grunnen."),
            entered=entered,
        )
    return RedirectResponse(f"/workspace/patients/{patient_id}", status_code=303)
