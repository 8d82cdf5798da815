"""A draft as its receiver reads it: one fixed layout, and a warning when it is longer than two pages. Row 7.7

GET …/notes/preview?draft=ID
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.notes import unpacked
from samjournal.notes.beside import with_codes
from samjournal.notes.blocks import pull, with_blocks
from samjournal.notes.letter import Letter, split
from samjournal.record import DraftEnded, draft, open_chart
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader
from samjournal.workspace.note_template import template_of_note
from samjournal.workspace.page import framed
from samjournal.workspace.wants import BANNER


async def show(request: Request, desk: Desk) -> Response:
    """GET a draft of one's own, with what it takes from the record as that stands now. Nothing is signed."""
    patient_id = str(request.path_params["id"])
    try:
        found = await draft(desk.door, desk.permit, patient_id, request.query_params.get("draft", ""))
        snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    except DraftEnded:
        return RedirectResponse(f"/workspace/patients/{patient_id}?saved=already", status_code=303)
    written = unpacked(found.body)
    template = await template_of_note(desk, written)
    if template is not None:
        blocks = await pull(desk.door, desk.permit, patient_id, template, desk.language)
        written = with_blocks(written, blocks) if blocks else written
        written, _made = with_codes(desk.permit, patient_id, written, template)
    _ = language(desk.language)
    reader = Reader(desk.role.code, _, snapshot.at, None, desk.role.organization_id)
    read = tuple((one.heading, split(one.text)) for one in written.sections if one.text.strip())
    return render(
        request,
        "workspace/note_preview.html",
        **framed(desk, snapshot, reader, here="notes"),
        draft=found.id,
        letter=Letter(written.title, tuple(one for one in written.diagnoses if one.strip()), read),
        sender=desk.role.unit_name,
        signer=f"{desk.session.name}, {desk.role_in_text}",
        sent_by=[],
    )
