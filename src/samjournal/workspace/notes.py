"""A short note: a title and some sentences, seen by the patient too when it is saved."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import FhirError
from samjournal.notes import write_note
from samjournal.ui.language import language
from samjournal.workspace import chart
from samjournal.workspace.desk import Desk
from samjournal.workspace.unsaved import not_saved

LONGEST_TITLE: Final = 120
LONGEST: Final = 20_000
UNTITLED: Final = "Notat"
"""What stands in the record is the same whatever language the page was in."""


async def write(request: Request, desk: Desk) -> Response:
    """POST a note."""
    patient_id = str(request.path_params["id"])
    form = await request.form(max_fields=4, max_files=0)
    _ = language(desk.language)
    entered = {
        "title": " ".join(str(form.get("title", "")).split()),
        "text": str(form.get("text", "")).replace("\r\n", "\n").strip(),
    }
    errors = check(entered, desk.language)
    if errors:
        return await chart.page(request, desk, patient_id, status=422, entered=entered, errors=errors)
    try:
        await write_note(desk.door, desk.permit, patient_id, title=entered["title"] or UNTITLED, text=entered["text"])
    except FhirError as error:
        return not_saved(request, desk, patient_id, error, form="notes", entered=entered)
    return RedirectResponse(f"/workspace/patients/{patient_id}?saved=note", status_code=303)


def check(entered: dict[str, str], code: str) -> dict[str, str]:
    """What is wrong with the note, by field."""
    _ = language(code)
    found: dict[str, str] = {}
    if not entered["text"]:
        found["text"] = _("Notatet er tomt. Skriv noe før du lagrer.")
    elif len(entered["text"]) > LONGEST:
        found["text"] = _("Notatet er for langt: høyst {n} tegn.", n=LONGEST)
    if len(entered["title"]) > LONGEST_TITLE:
        found["title"] = _("Overskriften er for lang: høyst {n} tegn.", n=LONGEST_TITLE)
    return found
