"""When something could not be saved: says so, keeps what was written, and lets the writer try again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from samjournal.fhir.errors import FhirError
from samjournal.ui.errors import BY_STATUS, FAULT, INVALID
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk


def not_saved(
    request: Request, desk: Desk, patient_id: str, error: FhirError, *, form: str, entered: dict[str, str]
) -> Response:
    """The page with what was entered in it. It opens nothing from the record, which may be down."""
    return render(
        request,
        "workspace/unsaved.html",
        status=error.status,
        desk=desk,
        patient_id=patient_id,
        words=BY_STATUS.get(error.status, INVALID if error.status < 500 else FAULT),
        form=form,
        entered=entered,
    )
