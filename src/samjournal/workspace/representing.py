"""«Hvem kan opptre for pasienten»: a doctor lets somebody act for a patient who cannot consent. Requirement 3.4"""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.access import LEVELS
from samjournal.fhir.errors import Forbidden, Invalid, NotFound, Unprocessable
from samjournal.record import kept_back, register_power, who_acts_for, withdraw
from samjournal.ui import formats
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.banner import whose
from samjournal.workspace.desk import INDEX, Desk

POWERS: Final = ("standard", "read-only", "communicate-only", "full")
KINDS: Final = {
    "parent": marked("forelder"),
    "power-of-attorney": marked("fullmakt fra pasienten"),
    "without-capacity": marked("bestemt av en lege"),
    "next-of-kin": marked("pårørende med deler av journalen"),
}
FIELDS: Final = ("number", "family", "level", "form", "words", "until")
LONGEST: Final = 400


async def show(request: Request, desk: Desk) -> Response:
    """GET who may act for the patient, and the form to let somebody, for a doctor who has the record open."""
    return await _page(request, desk, error="", entered=dict.fromkeys(FIELDS, ""))


async def _page(request: Request, desk: Desk, *, error: str, entered: dict[str, str]) -> Response:
    patient_id, _ = str(request.path_params["id"]), language(desk.language)
    patient, made, forms = await who_acts_for(desk.door, desk.permit, patient_id)
    standing = [
        {"source": one.source, "name": one.name or _("Noen uten journal her"), "kind": _(KINDS[one.kind])}
        | {"is_parent": one.kind == "parent"}
        | {"level": formats.in_text(_level(one.level, desk)), "ends": one.ends, "holds": one.refusal is None}
        | {"withdrawable": one.withdrawable}
        for one in made
    ]
    return render(
        request,
        "workspace/representing.html",
        status=422 if error else 200,
        desk=desk,
        patient_id=patient_id,
        whose=whose(patient.resource(), _),
        kept_back=await kept_back(desk.door, desk.permit, patient_id),
        done=request.query_params.get("done", ""),
        standing=standing,
        forms=forms,
        levels=[(code, _level(code, desk)) for code in POWERS],
        error=error,
        entered=entered,
    )


def _level(code: str, desk: Desk) -> str:
    return LEVELS[code].names[INDEX.get(desk.language, 0)] if code in LEVELS else ""


async def register(request: Request, desk: Desk) -> Response:
    """POST: let somebody act for the patient. It goes on the review list; what is wrong is said on the page."""
    patient_id, _ = str(request.path_params["id"]), language(desk.language)
    form = await request.form(max_fields=8, max_files=0)
    entered = {name: " ".join(str(form.get(name, "")).split())[:LONGEST] for name in FIELDS}
    try:
        until = date.fromisoformat(entered["until"]) if entered["until"] else None
    except ValueError:
        return await _page(
            request, desk, error=_("Skriv siste dag som en dato, eller la feltet stå tomt."), entered=entered
        )
    if until is not None and until < datetime.now(formats.OSLO).date():
        return await _page(request, desk, error=_("Siste dag må være i dag eller senere."), entered=entered)
    try:
        await register_power(
            desk.door,
            desk.permit,
            patient_id,
            entered["number"],
            entered["family"],
            level=entered["level"],
            form=entered["form"],
            reason=entered["words"],
            until=until,
        )
    except Unprocessable:
        wrong = _("Vi fant ingen som kan få retten. Se over fødselsnummer og etternavn.")
        return await _page(request, desk, error=wrong, entered=entered)
    except (Invalid, NotFound):
        wrong = _("Velg skjemaet, hva personen skal kunne gjøre, og skriv en setning om hvorfor.")
        return await _page(request, desk, error=wrong, entered=entered)
    return RedirectResponse(f"/workspace/patients/{patient_id}/representation?done=given", status_code=303)


async def end(request: Request, desk: Desk) -> Response:
    """POST: take back what a doctor registered."""
    if desk.permit.role not in ("doctor", "gp"):
        raise Forbidden("A doctor takes back what a doctor registered.")
    form = await request.form(max_fields=2, max_files=0)
    await withdraw(desk.door, desk.permit, str(form.get("source", "")))
    patient_id = request.path_params["id"]
    return RedirectResponse(f"/workspace/patients/{patient_id}/representation?done=withdrawn", status_code=303)
