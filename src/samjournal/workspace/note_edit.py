"""After the signature: an addition, a correction, or that it is an error. helsepersonelloven sections 42, 43

GET  …/notes/{note}/edit    `how`: addition, correction or error; with the draft that was begun (`draft`, or the latest)
POST …/notes/{note}/edit    `act`: sign, draft, discard, compare; what is signed is a new version
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import uuid4

from msgspec import structs
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Forbidden, Invalid, ReasonNeeded, VersionMoved
from samjournal.notes import (
    Changed,
    Opened,
    Section,
    Written,
    add_to,
    correct,
    mark_wrong,
    phrases,
    written_of,
)
from samjournal.notes.text import Links
from samjournal.record import DraftEnded, DraftMoved, draft, open_chart
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk
from samjournal.workspace.dictation import MICROPHONE, speech
from samjournal.workspace.facts import Reader
from samjournal.workspace.note_blocks import (
    MOVED,
    filled,
    offered,
    taken,
    template_of_stored,
    with_headings,
)
from samjournal.workspace.note_drafts import SIGNING, asked, both, both_versions, entry_from, own
from samjournal.workspace.note_entry import FIELDS, NoteEntry, check, entry_of, fresh_page
from samjournal.workspace.note_view import patient_sees, sections
from samjournal.workspace.page import framed
from samjournal.workspace.phrases import shown
from samjournal.workspace.wants import BANNER
from samjournal.workspace.whose_note import of_this_patient
from samjournal.workspace.writers import draft_link, others_writing

NO_LINKS: Final[Links] = {}
HOW: Final = {
    "addition": marked("Skriv tillegg"),
    "correction": marked("Rett notatet"),
    "error": marked("Merk som feilført"),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the form: of a draft that was begun, or a new one."""
    patient_id, note_id = str(request.path_params["id"]), str(request.path_params["note"])
    how, asked_for = request.query_params.get("how", ""), request.query_params.get("draft", "")
    about = f"Composition/{note_id}"
    try:
        found = await of_this_patient(request, desk)
        stands = (
            await draft(desk.door, desk.permit, patient_id, asked_for)
            if asked_for
            else await own(desk, patient_id, about, how if how in HOW else "")
        )
    except DraftEnded:
        return _to(request, "?saved=ended")
    if stands is not None and stands.about != about:
        return RedirectResponse(draft_link(patient_id, stands.about, asked_for), status_code=303)
    if stands is not None:
        entry = entry_from(stands)
        if entry.written.template == SIGNING:
            if not found.writes:
                return _to(request, f"?draft={entry.draft}")
            # It was signed before he came to it: what he wrote is gone on with as a correction.
            entry = replace(entry, written=structs.replace(entry.written, template="correction"))
        return await _page(request, desk, found, entry, saved=stands.saved)
    how = how if how in HOW else "addition"
    stood = written_of(found.note)
    template = await template_of_stored(desk, found.note) if how == "correction" else None
    whole = with_headings(stood, template, desk.language)
    text = whole if how == "correction" else Written(stood.title, stood.kind, (Section(),))
    entry = NoteEntry(structs.replace(text, template=how), str(uuid4()), 0, fresh_page(), "", "", base=found.version)
    return await _page(request, desk, found, entry)


async def write(request: Request, desk: Desk) -> Response:
    """POST the form."""
    note_id = str(request.path_params["note"])
    entry, _ = entry_of(await request.form(max_fields=FIELDS, max_files=0)), language(desk.language)
    about = f"Composition/{note_id}"
    await of_this_patient(request, desk)
    try:
        entry, phrases_filled = await filled(request, desk, entry)
        if done := await asked(request, desk, entry, about, (request.url.path, request.url.path[: -len("/edit")])):
            return done
        if phrases_filled:
            # Nobody signs a value that he has not seen.
            found = await of_this_patient(request, desk)
            return await _page(request, desk, found, entry, phrases_filled=phrases_filled, status=409)
        return await _sign(request, desk, entry, _)
    except DraftEnded:
        return _to(request, "?saved=ended")
    except DraftMoved as moved:
        return await both(request, desk, entry, moved)
    except VersionMoved:
        found = await of_this_patient(request, desk)
        again = replace(entry, page=fresh_page(), base=found.version)
        if entry.written.template != "correction":
            told = _("Notatet er endret siden du begynte. Se på det igjen; teksten din står her.")
            return await _page(request, desk, found, again, errors={"note": told}, status=409)
        return await both_versions(request, desk, entry)


async def _sign(request: Request, desk: Desk, entry: NoteEntry, _: Language) -> Response:
    note_id, how = str(request.path_params["note"]), entry.written.template
    errors: dict[str, str] = {}
    if not desk.is_meant(entry.role):
        errors["note"] = _(
            "Du byttet rolle etter at du åpnet skjemaet. Lagrer du nå, skriver du i rollen som står øverst."
        )
    elif how != "error":
        errors = {name: told for name, told in check(entry.written, desk.language).items() if name != "kind"}
    found = await of_this_patient(request, desk)
    text, links, has_moved = entry.written, NO_LINKS, False
    if not errors and how != "error":
        text, links, has_moved = await taken(desk, str(request.path_params["id"]), found.note, entry.written)
    if has_moved:
        return await _page(request, desk, found, entry, errors={"note": _(MOVED)}, status=409)
    if not errors:
        changed = Changed(entry.base, text, ending=entry.ending, links=links)
        try:
            if how == "error":
                await mark_wrong(desk.door, desk.permit, note_id, changed, entry.written.reason)
            elif how == "correction":
                await correct(desk.door, desk.permit, note_id, changed, entry.written.reason)
            else:
                await add_to(desk.door, desk.permit, note_id, changed)
            return _to(request, f"?saved={'error' if how == 'error' else 'changed'}")
        except Invalid:
            errors["reason"] = _("Skriv i en setning hva som er galt, og rett det i teksten. Pasienten kan lese det.")
        except (Conflict, Forbidden) as error:
            if isinstance(error, (ReasonNeeded, DraftEnded, DraftMoved)):
                raise
            errors["note"] = _("Notatet kan ikke endres av deg nå. Det er ikke signert, eller alt merket som feilført.")
    return await _page(request, desk, found, entry, errors=errors, status=422)


async def _page(
    request: Request,
    desk: Desk,
    found: Opened,
    entry: NoteEntry,
    *,
    errors: dict[str, str] | None = None,
    saved: datetime | None = None,
    phrases_filled: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    patient_id, note_id = str(request.path_params["id"]), str(request.path_params["note"])
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    _ = language(desk.language)
    reader = Reader(desk.role.code, _, snapshot.at, None, desk.role.organization_id)
    how = entry.written.template if entry.written.template in HOW else "addition"
    template = await template_of_stored(desk, found.note) if how != "error" else None
    return render(
        request,
        "workspace/note_edit.html",
        status=status,
        **framed(desk, snapshot, reader, here="notes"),
        headers=MICROPHONE if speech(request) else None,
        dictates=speech(request) is not None,
        phrases=shown(await phrases(desk.door, desk.permit), desk.language) if how != "error" else [],
        phrases_filled=phrases_filled,
        parts=await offered(desk, patient_id, template, entry.written),
        note_id=note_id,
        how=how,
        heading=_(HOW[how]),
        title=found.note.get("title", ""),
        standing=sections(found.note),
        entry=entry,
        sections=entry.written.sections,
        patient_sees=patient_sees({**found.note, "status": "amended"}, snapshot.at, _),
        at=formats.when(found.note.get("date"), now=snapshot.at, language=_),
        writing=await others_writing(desk, snapshot.patient["id"], f"Composition/{note_id}"),
        saved=formats.when(saved, now=snapshot.at, language=_) if saved else "",
        errors=errors or {},
    )


def _to(request: Request, where: str) -> Response:
    back = f"/workspace/patients/{request.path_params['id']}/notes/{request.path_params['note']}"
    return RedirectResponse(f"{back}{where}", status_code=303)
