"""Quick entry of a blood pressure: two numbers, saved at once for everybody who has the patient."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import FhirError
from samjournal.ui.language import language
from samjournal.vitals import DIASTOLIC, SYSTOLIC, record_blood_pressure
from samjournal.workspace import chart
from samjournal.workspace.desk import Desk
from samjournal.workspace.unsaved import not_saved, other_role


async def record(request: Request, desk: Desk) -> Response:
    """POST a blood pressure."""
    patient_id = str(request.path_params["id"])
    form = await request.form(max_fields=4, max_files=0)
    entered = {name: str(form.get(name, "")).strip()[:10] for name in ("systolic", "diastolic")}
    errors = check(entered, desk.language)
    if errors:
        return await chart.page(request, desk, patient_id, status=422, entered=entered, errors=errors)
    if not desk.is_meant(form.get("role")):
        return other_role(request, desk, patient_id, form="blood-pressure", entered=entered)
    try:
        await record_blood_pressure(
            desk.door,
            desk.permit,
            patient_id,
            systolic=int(entered["systolic"]),
            diastolic=int(entered["diastolic"]),
        )
    except FhirError as error:
        return not_saved(request, desk, patient_id, error, form="blood-pressure", entered=entered)
    return RedirectResponse(f"/workspace/patients/{patient_id}?saved=blood-pressure", status_code=303)


def check(entered: dict[str, str], code: str) -> dict[str, str]:
    """What is wrong with the two numbers, by field."""
    _ = language(code)
    found: dict[str, str] = {}
    for field, allowed, name in (
        ("systolic", SYSTOLIC, _("Overtrykk")),
        ("diastolic", DIASTOLIC, _("Undertrykk")),
    ):
        number = entered[field]
        if not (number.isascii() and number.isdigit()):
            found[field] = _("{name} må være et helt tall.", name=name)
        elif int(number) not in allowed:
            found[field] = _("{name} må være mellom {low} og {high}.", name=name, low=allowed[0], high=allowed[-1])
    if not found and int(entered["diastolic"]) >= int(entered["systolic"]):
        found["diastolic"] = _("Undertrykket må være lavere enn overtrykket.")
    return found
