"""Quick entry of a blood pressure: two numbers, recorded as every set is. What is rare is asked about on its page."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import vitals
from samjournal.fhir.errors import FhirError
from samjournal.ui.language import language
from samjournal.workspace import chart, measurements
from samjournal.workspace.desk import Desk
from samjournal.workspace.measuring_words import doubt_words
from samjournal.workspace.unsaved import not_saved, other_role


async def record(request: Request, desk: Desk) -> Response:
    """POST a blood pressure."""
    patient_id = str(request.path_params["id"])
    form = await request.form(max_fields=4, max_files=0)
    entered = {name: str(form.get(name, "")).strip()[:10] for name in ("systolic", "diastolic")}
    once = str(form.get("once", ""))[:40]
    errors = check(entered, desk.language)
    if errors:
        return await chart.page(request, desk, patient_id, status=422, entered=entered, errors=errors)
    if not desk.is_meant(form.get("role")):
        return other_role(request, desk, patient_id, form="blood-pressure", entered={**entered, "once": once})
    found = vitals.entered({name: str(int(number)) for name, number in entered.items()})
    if found.doubts:
        _ = language(desk.language)
        doubts = [(one.said, doubt_words(one, _)) for one in found.doubts]
        return await measurements.page(request, desk, patient_id, status=422, entered=entered, doubts=doubts, once=once)
    try:
        # The same form with other numbers, by the way back in a browser, is another measurement.
        key = f"{once} {entered['systolic']}/{entered['diastolic']}" if once else ""
        done = await vitals.record(desk.door, desk.permit, patient_id, found.values, once=key)
    except FhirError as error:
        kept = {**entered, "once": once}
        return not_saved(request, desk, patient_id, error, form="blood-pressure", entered=kept)
    told = "blood-pressure-before" if done.again else "blood-pressure"
    return RedirectResponse(f"/workspace/patients/{patient_id}?saved={told}", status_code=303)


def check(entered: dict[str, str], code: str) -> dict[str, str]:
    """What is wrong with the two numbers, by field."""
    _ = language(code)
    found: dict[str, str] = {}
    for field, name in (("systolic", _("Overtrykk")), ("diastolic", _("Undertrykk"))):
        number, (low, high) = entered[field], vitals.KINDS[field].possible
        if not (number.isascii() and number.isdigit()):
            found[field] = _("{name} må være et helt tall.", name=name)
        elif not low <= int(number) <= high:
            found[field] = _("{name} må være mellom {low} og {high}.", name=name, low=low, high=high)
    if not found and int(entered["diastolic"]) >= int(entered["systolic"]):
        found["diastolic"] = _("Undertrykket må være lavere enn overtrykket.")
    return found
