"""A discharge summary is sent, and read as the GP reads it. Rows 7.7-7.9

GET  …/notes/{note}/letter   the one layout that receivers read, with how many pages it is
POST …/notes/{note}/send     send one that is signed, as of the version that was read (`base`); `act` `receiver` only
                             looks up who is named (`other`)
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Forbidden, NotFound, ReasonNeeded, VersionMoved
from samjournal.notes import (
    Dispatch,
    NotChosen,
    deliveries,
    is_signed,
    is_summary,
    recipients,
    send_summary,
)
from samjournal.notes.letter import diagnoses_of, letter_of
from samjournal.notes.summaries import sender_of, signer_of
from samjournal.record import open_chart
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace import note_page
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader, name_of
from samjournal.workspace.page import framed
from samjournal.workspace.summary import FIELDS, chosen, sends, told_of
from samjournal.workspace.summary_view import by_whom
from samjournal.workspace.wants import BANNER
from samjournal.workspace.whose_note import of_this_patient

Resource = Mapping[str, Any]


async def send(request: Request, desk: Desk) -> Response:
    """POST: send it."""
    form, _ = await request.form(max_fields=FIELDS, max_files=0), language(desk.language)
    errors: dict[str, str] = {}
    found = await of_this_patient(request, desk)
    if not desk.is_meant(form.get("role")):
        errors["note"] = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
        return await note_page.page(request, desk, errors=errors, status=409)
    if form.get("act") == "receiver":
        return await note_page.page(request, desk)
    dispatch = await chosen(request, desk, errors, datetime.now(formats.OSLO)) or Dispatch()
    if errors:
        return await note_page.page(request, desk, errors=errors, status=422)
    try:
        await send_summary(desk.door, desk.permit, str(found.note["id"]), counted(form.get("base")), dispatch)
    except (NotChosen, Conflict, VersionMoved, Forbidden) as error:
        if isinstance(error, ReasonNeeded):
            raise
        errors["send"] = told_of(error, desk)
        return await note_page.page(request, desk, errors=errors, status=max(error.status, 409))
    return RedirectResponse(f"{request.url.path.removesuffix('/send')}?saved=sent", status_code=303)


async def letter(request: Request, desk: Desk) -> Response:
    """GET: as whoever gets it reads it."""
    patient_id = str(request.path_params["id"])
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    note = (await of_this_patient(request, desk)).note
    if not is_summary(note):
        raise NotFound("This note is no discharge summary.")
    _, now = language(desk.language), snapshot.at
    reader = Reader(desk.role.code, _, now, None, desk.role.organization_id)
    codes = await diagnoses_of(desk.door, desk.permit, note)
    found = await deliveries(desk.door, desk.permit, note)
    signer = name_of(signer_of(note))
    by = [by_whom(one.by, one.signer, _) for one in found.sent if one.signer and one.by != one.signer]
    if not found.sent and sends(desk) and signer != desk.permit.name:
        by = [_("Sendes av {name} på vegne av {signer}", name=desk.permit.name, signer=signer)]
    to = [one.name for one in found.sent] or [
        one.name for one in await recipients(desk.door, desk.permit, note, now) if not one.why
    ]
    return render(
        request,
        "workspace/note_letter.html",
        **framed(desk, snapshot, reader, here="notes"),
        note_id=note["id"],
        letter=letter_of(dict(note), codes),
        sender=name_of(sender_of(note, desk.permit)),
        to="; ".join(dict.fromkeys(to)),
        signer=signer,
        countersigner=name_of(_countersigned(note)),
        at=formats.when(note.get("date"), now=now, language=_),
        sent_by=list(dict.fromkeys(by)),
        is_signed=is_signed(note),
    )


def _countersigned(note: Resource) -> dict[str, Any] | None:
    return next((one.get("party") for one in note.get("attester", ()) if one.get("mode") == "legal"), None)
