"""When something could not be saved: says so, keeps what was written, and lets the writer try again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal.db.pool import Unavailable
from samjournal.fhir.errors import FhirError
from samjournal.ui.errors import BY_STATUS, FAULT, INVALID, Words
from samjournal.ui.language import marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk
from samjournal.workspace.measuring_words import FIELDS

OTHER_ROLE: Final = Words(
    marked("Du har byttet rolle"),
    marked("Du byttet rolle etter at du åpnet skjemaet. Lagrer du nå, skriver du i rollen som står øverst på siden."),
    marked("Ingenting er lagret eller endret."),
    marked("Bytt rolle, eller be lederen din om tilgang."),
)

AWAY: Final = 503
"""The status of an answer when the database is away or busy."""


def other_role(request: Request, desk: Desk, patient_id: str, *, form: str, entered: Mapping[str, object]) -> Response:
    """The page for who filled in a form in one role and sends it in another: he sees in which, and decides."""
    return _page(request, desk, patient_id, OTHER_ROLE, status=409, form=form, entered=entered)


def not_saved(
    request: Request, desk: Desk, patient_id: str, error: FhirError, *, form: str, entered: Mapping[str, object]
) -> Response:
    """The page with what was entered in it. It opens nothing from the record, which may be down."""
    words = BY_STATUS.get(error.status, INVALID if error.status < 500 else FAULT)
    return _page(request, desk, patient_id, words, status=error.status, form=form, entered=entered)


def _page(
    request: Request,
    desk: Desk,
    patient_id: str,
    words: Words,
    *,
    status: int,
    form: str,
    entered: Mapping[str, object],
) -> Response:
    return render(
        request,
        "workspace/unsaved.html",
        status=status,
        desk=desk,
        patient_id=patient_id,
        words=words,
        form=form,
        entered=entered,
        fields=FIELDS,
    )


def kept(
    request: Request,
    desk: Desk,
    patient_id: str,
    error: FhirError | Unavailable | None,
    *,
    action: str,
    entered: dict[str, str],
    said: str,
) -> Response:
    """The same for a form of the patient's page `action` (`problems`): what it is about (`said`) is told, and all
    fields are sent again. Without an error it was the role that was another. It opens nothing from the record, which
    may be down."""
    words, status = OTHER_ROLE, 409
    if error is not None:
        status = AWAY if isinstance(error, Unavailable) else error.status
        words = BY_STATUS.get(status, INVALID if status < 500 else FAULT)
    return render(
        request,
        "workspace/kept.html",
        status=status,
        desk=desk,
        patient_id=patient_id,
        words=words,
        action=action,
        entered=entered,
        said=said,
    )
