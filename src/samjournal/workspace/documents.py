"""Files that came along with a message, a referral or a note: listed where they belong, and opened. Rows 4.2, 6.5

GET  …/patients/{id}/documents/{document}/{n}   one file of a DocumentReference, by its place in it from 1
GET  /workspace/messages/{message}/{n}          the same of a message that is in nobody's record yet
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import FhirError, NotFound
from samjournal.messages.states import KIND
from samjournal.record import query_of, read, search
from samjournal.ui.attachments import File, listed, opened
from samjournal.ui.language import language
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import id_of

_MOST = 20


async def show(request: Request, desk: Desk) -> Response:
    """GET a file of a patient's record; the look at its document is logged."""
    patient_id, id_ = str(request.path_params["id"]), str(request.path_params["document"])
    found = (await read(desk.door, desk.permit, "DocumentReference", id_)).resource()
    whose = id_of(found.get("subject"), "Patient")
    if desk.door.persons.stays(whose) != desk.door.persons.stays(patient_id):
        raise NotFound(f"There is no DocumentReference/{id_} here.")
    return opened(request, found, int(request.path_params["n"]))


async def of_message(request: Request, desk: Desk) -> Response:
    """GET a file of a message whose patient is not found yet; of one in a record, the way to the address there."""
    message, number = str(request.path_params["message"]), int(request.path_params["n"])
    letter = (await read(desk.door, desk.permit, "Communication", message)).resource()
    document = document_of(letter)
    if not document or not is_from_others(letter):
        raise NotFound("There is no such message.")
    if patient := id_of(letter.get("subject"), "Patient"):
        return RedirectResponse(f"{place(patient, document)}/{number}", status_code=303)
    return opened(request, (await read(desk.door, desk.permit, "DocumentReference", document)).resource(), number)


async def files_of(desk: Desk, references: Iterable[str], patient_id: str) -> dict[str, list[File]]:
    """The files of those of some references that are documents of this patient and open to the reader, by
    reference."""
    ids = list(dict.fromkeys(id_ for each in references if (id_ := each.partition("DocumentReference/")[2])))[:_MOST]
    if not ids or not desk.permit.may("s", "DocumentReference"):
        return {}
    asked = [("_id", ",".join(ids)), ("patient", f"Patient/{patient_id}"), ("_count", str(_MOST))]
    found = await search(desk.door, desk.permit, query_of("DocumentReference", asked))
    _ = language(desk.language)
    return {one.reference: listed(one.resource(), place(patient_id, one.id), _) for one in found.matches}


async def files_of_message(desk: Desk, letter: Mapping[str, Any]) -> list[File]:
    """The files that came in a message, and the message as it came; none where they are closed to the reader."""
    document = document_of(letter)
    if not document or not is_from_others(letter):
        return []
    patient = id_of(letter.get("subject"), "Patient")
    at = place(patient, document) if patient else f"/workspace/messages/{letter['id']}"
    return await files_of_document(desk, document, at)


async def files_of_document(desk: Desk, document: str, at: str) -> list[File]:
    """The files of one document, whose numbers are put behind this address; none where it is closed to the reader."""
    try:
        found = (await read(desk.door, desk.permit, "DocumentReference", document)).resource()
    except FhirError as problem:
        if problem.status not in (403, 404, 410):
            raise
        return []
    return listed(found, at, language(desk.language))


def place(patient_id: str, document: str) -> str:
    """The address that the number of a file is put behind."""
    return f"/workspace/patients/{patient_id}/documents/{document}"


def document_of(letter: Mapping[str, Any]) -> str:
    """The id of the DocumentReference that a message came as; "" for none."""
    named = (id_of(one.get("contentReference"), "DocumentReference") for one in letter.get("payload") or ())
    return next((one for one in named if one), "")


def is_from_others(letter: Mapping[str, Any]) -> bool:
    """Whether it is a message from or to somebody who does not write here."""
    return any(one.get("system") == KIND for each in letter.get("category") or () for one in each.get("coding") or ())
