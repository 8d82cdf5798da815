"""A note on paper, as PDF: the signed text with what was added and corrected; what is not signed says so. Key P

GET …/notes/{note}/paper
"""

from __future__ import annotations

from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from samjournal.letters import pdf
from samjournal.letters.document import DOCUMENT
from samjournal.notes.paper import note_paper
from samjournal.record import open_chart
from samjournal.ui import formats
from samjournal.ui.attachments import paper
from samjournal.workspace.banner import name
from samjournal.workspace.desk import Desk
from samjournal.workspace.documents import files_of
from samjournal.workspace.whose_note import of_this_patient


async def show(request: Request, desk: Desk) -> Response:
    """GET the note to print."""
    snapshot = await open_chart(desk.door, desk.permit, str(request.path_params["id"]), ())
    note = (await of_this_patient(request, desk)).note
    entries = [str(each.get("reference") or "") for one in note.get("section", ()) for each in one.get("entry", ())]
    files = await files_of(desk, entries, str(snapshot.patient["id"]))
    made = datetime.now(UTC)
    family, given = name(snapshot.patient)
    data = note_paper(
        note,
        whose=(f"{given} {family}", formats.full_date(snapshot.patient.get("birthDate"))),
        language_=desk.language,
        made=made,
        files=[file.name for many in files.values() for file in many],
    )
    return paper(await pdf(DOCUMENT, data, made=made), f"{data['title']} {made.astimezone(formats.OSLO):%Y-%m-%d}")
