"""The note that an address names, where it is about the patient that the address names too."""

from __future__ import annotations

from starlette.requests import Request

from samjournal.fhir.errors import NotFound
from samjournal.notes import Opened, opened
from samjournal.workspace.desk import Desk


async def of_this_patient(request: Request, desk: Desk) -> Opened:
    """The note in the address, which is about the patient in the address. Raises NotFound when it is about another: the
    head of the page shows whose record one is in."""
    patient_id, note_id = str(request.path_params["id"]), str(request.path_params["note"])
    found = await opened(desk.door, desk.permit, note_id)
    whose = str(found.note.get("subject", {}).get("reference", "")).removeprefix("Patient/")
    if desk.door.persons.stays(whose) != desk.door.persons.stays(patient_id):
        raise NotFound(f"There is no Composition/{note_id} here.")
    return found
