"""A short note: a title and some sentences, of a kind that says who reads it and when the patient does."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import FhirError, Invalid
from samjournal.notes import KINDS, ORDINARY, hold_back, release, write_note
from samjournal.ui.language import language
from samjournal.workspace import chart
from samjournal.workspace.desk import Desk
from samjournal.workspace.unsaved import not_saved, other_role

LONGEST_TITLE: Final = 120
LONGEST: Final = 20_000
UNTITLED: Final = "Notat"
"""What stands in the record is the same whatever language the page was in."""


async def write(request: Request, desk: Desk) -> Response:
    """POST a note."""
    patient_id = str(request.path_params["id"])
    form = await request.form(max_fields=5, max_files=0)
    _ = language(desk.language)
    entered = {
        "title": " ".join(str(form.get("title", "")).split()),
        "text": str(form.get("text", "")).replace("\r\n", "\n").strip(),
        "kind": str(form.get("kind", "")) or ORDINARY,
    }
    errors = check(entered, desk.language)
    if errors:
        return await chart.page(request, desk, patient_id, status=422, entered=entered, errors=errors)
    if not desk.is_meant(form.get("role")):
        return other_role(request, desk, patient_id, form="notes", entered=entered)
    try:
        await write_note(
            desk.door,
            desk.permit,
            patient_id,
            title=entered["title"] or UNTITLED,
            text=entered["text"],
            kind=entered["kind"],
        )
    except FhirError as error:
        return not_saved(request, desk, patient_id, error, form="notes", entered=entered)
    saved = "reserved" if KINDS[entered["kind"]].labels else "note"
    return RedirectResponse(f"/workspace/patients/{patient_id}?saved={saved}", status_code=303)


def check(entered: dict[str, str], code: str) -> dict[str, str]:
    """What is wrong with the note, by field."""
    _ = language(code)
    found: dict[str, str] = {}
    if not entered["text"]:
        found["text"] = _("Notatet er tomt. Skriv noe før du lagrer.")
    elif len(entered["text"]) > LONGEST:
        found["text"] = _("Notatet er for langt: høyst {n} tegn.", n=LONGEST)
    if entered["kind"] not in KINDS:
        found["kind"] = _("Velg hva slags notat det er.")
    if len(entered["title"]) > LONGEST_TITLE:
        found["title"] = _("Overskriften er for lang: høyst {n} tegn.", n=LONGEST_TITLE)
    return found


async def hold(request: Request, desk: Desk) -> Response:
    """POST: hold a note back from the patient, with the reason."""
    form = await request.form(max_fields=2, max_files=0)
    note, reason = str(request.path_params["note"]), str(form.get("reason", ""))
    try:
        await hold_back(desk.door, desk.permit, note, reason)
    except Invalid:
        _ = language(desk.language)
        return await chart.page(
            request,
            desk,
            str(request.path_params["id"]),
            status=422,
            entered={"held": note, "reason": reason[:400]},
            errors={"held": _("Skriv litt mer: hvorfor skal ikke pasienten lese dette notatet?")},
        )
    return RedirectResponse(f"/workspace/patients/{request.path_params['id']}?saved=held#notes", status_code=303)


async def show_now(request: Request, desk: Desk) -> Response:
    """POST: show a note to the patient at once."""
    await release(desk.door, desk.permit, str(request.path_params["note"]))
    return RedirectResponse(f"/workspace/patients/{request.path_params['id']}?saved=released#notes", status_code=303)
