"""Writing a note on a page of its own: a draft on the server while it is written, and signed with one key.

GET  …/notes/new       an empty note, or the draft that was begun (`draft`, or the latest; `fresh` begins one beside it)
POST …/notes           `act`: sign (as if nothing is said), prepare (for who signs), draft, discard, compare; of a
                       discharge summary, which is sent as it is signed, sign-only, receiver (`summary`)

A page with a script saves by itself and gets JSON; without, a button does the same.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

from msgspec import structs
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from samjournal.fhir.errors import FhirError, Invalid, NotFound
from samjournal.notes import (
    CHARGE,
    DIAGNOSIS,
    KINDS,
    Colleague,
    NotChosen,
    SentAlready,
    Written,
    begun,
    colleagues,
    find_colleagues,
    hold_back,
    phrases,
    prepare_note,
    release,
    sign_note,
    template_of,
    templates,
    unpacked,
)
from samjournal.notes.blocks import moved, pull, with_blocks
from samjournal.notes.live import tongue
from samjournal.record import DraftEnded, DraftMoved, discard_draft, draft, drafts_about, open_chart, save_draft
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace import chart, summary
from samjournal.workspace.desk import Desk
from samjournal.workspace.dictation import MICROPHONE, speech
from samjournal.workspace.facts import Reader
from samjournal.workspace.merging import merge
from samjournal.workspace.note_entry import FIELDS, NoteEntry, check, entry_of, fresh_page
from samjournal.workspace.note_kinds import kinds
from samjournal.workspace.note_template import choices, field_errors, template_of_note, template_view
from samjournal.workspace.page import framed
from samjournal.workspace.phrases import filled_in, shown
from samjournal.workspace.unsaved import not_saved, other_role
from samjournal.workspace.wants import BANNER
from samjournal.workspace.whose_note import of_this_patient
from samjournal.workspace.writers import draft_link, my_drafts, others_writing

NEW: Final = "Composition"
"""What a draft of a new note is about."""


async def new(request: Request, desk: Desk) -> Response:
    """GET the page for writing a note."""
    patient_id = str(request.path_params["id"])
    desk.permit.demand("c", "Composition")
    asked = request.query_params.get("draft", "")
    chosen = request.query_params.get("template", "")[:64]
    if chosen and not asked:
        return await begin(request, desk, patient_id, chosen)
    try:
        if not asked and not request.query_params.get("fresh"):
            begun = [each for each in await drafts_about(desk.door, desk.permit, patient_id) if each.about == NEW]
            asked = str(begun[0].id) if begun else ""
        found = await draft(desk.door, desk.permit, patient_id, asked) if asked else None
    except DraftEnded:
        return RedirectResponse(f"/workspace/patients/{patient_id}?saved=already", status_code=303)
    if found is not None and found.about != NEW:
        # It changes a note that stands, and is gone on with there.
        return RedirectResponse(draft_link(patient_id, found.about, asked), status_code=303)
    if found is None:
        entry = NoteEntry(Written(), str(uuid4()), 0, fresh_page(), "", "")
        return await page(request, desk, patient_id, entry)
    written = unpacked(found.body)
    entry = NoteEntry(
        written, str(found.id), found.version, fresh_page(), "", "", written.signer, written.countersigner
    )
    return await page(request, desk, patient_id, entry, saved=found.saved)


async def begin(request: Request, desk: Desk, patient_id: str, code: str) -> Response:
    """A note begun from a template; from one that is out of use an empty note, and why."""
    _ = language(desk.language)
    entry = NoteEntry(Written(), str(uuid4()), 0, fresh_page(), "", "")
    try:
        template = await template_of(desk.door, desk.permit, code)
    except NotFound:
        return await page(
            request,
            desk,
            patient_id,
            entry,
            errors={"draft": _("Den malen finnes ikke her. Velg en annen.")},
            status=404,
        )
    if template.is_retired:
        gone = _("Malen {name} er tatt ut av bruk. Velg en annen.", name=template.called(desk.language))
        return await page(request, desk, patient_id, entry, errors={"draft": gone}, status=410)
    now = datetime.now(formats.OSLO).strftime("%Y-%m-%dT%H:%M")
    written = Written(
        template.called(tongue(desk.language)), template.kind, begun(template, desk.language), template.code, at=now
    )
    return await page(request, desk, patient_id, replace(entry, written=written))


async def write(request: Request, desk: Desk) -> Response:
    """POST a note, or its draft."""
    patient_id = str(request.path_params["id"])
    entry = entry_of(await request.form(max_fields=FIELDS, max_files=0))
    wants_json = "application/json" in request.headers.get("accept", "")
    if entry.act == "draft" and wants_json:
        return await save_quietly(desk, patient_id, entry)
    try:
        entry, phrases_filled = await filled_in(desk, patient_id, entry) if entry.act != "discard" else (entry, ())
        if entry.act in ("draft", "compare", "preview"):
            await save_draft(desk.door, desk.permit, patient_id, entry.draft, entry.text_about())
            if entry.act == "preview":
                return _to(patient_id, f"/notes/preview?draft={entry.draft}")
            return _to(patient_id, f"/notes/new?draft={entry.draft}&saved=draft")
        if entry.act == "discard":
            if entry.version:
                await discard_draft(desk.door, desk.permit, patient_id, entry.draft, entry.version, entry.page)
            return _to(patient_id, "?saved=discarded")
        if phrases_filled:
            # Nobody signs a value that he has not seen.
            return await page(request, desk, patient_id, entry, phrases_filled=phrases_filled, status=409)
        if entry.act == "receiver":
            return await page(request, desk, patient_id, entry)
        return await _sign(request, desk, patient_id, entry)
    except DraftEnded:
        return _to(patient_id, "?saved=already")
    except DraftMoved as moved:
        again = replace(entry, version=moved.theirs.version, page=fresh_page())
        theirs = replace(entry, written=unpacked(moved.theirs.body), diagnoses=None, tariffs=None)
        theirs = replace(theirs, signer=theirs.written.signer, countersigner=theirs.written.countersigner)
        return await merge(request, desk, patient_id, request.url.path, again, theirs, moved.theirs.saved)
    except FhirError as error:
        return not_saved(request, desk, patient_id, error, form="notes", entered=entered_of(entry))


async def _sign(request: Request, desk: Desk, patient_id: str, entry: NoteEntry) -> Response:
    """Sign a note, or send it to who signs it. What is wrong with it is told on the page, and what was typed stands."""
    errors = check(entry.written, desk.language)
    template = await template_of_note(desk, entry.written)
    if template is not None:
        errors |= field_errors(entry.written, template, language(desk.language))
    signer, countersigner = entry.signer, entry.countersigner
    prepares = entry.act == "prepare" or not desk.permit.signs
    if prepares and not errors:
        signer = await person_of(desk, "signer", entry.signer, errors)
    if countersigner and not errors:
        countersigner = await person_of(desk, "countersigner", countersigner, errors)
    if errors:
        return await page(request, desk, patient_id, entry, errors=errors, status=422)
    if not desk.is_meant(entry.role):
        return other_role(request, desk, patient_id, form="notes", entered=entered_of(entry))
    written = structs.replace(
        entry.written, signer=signer if prepares else "", countersigner=countersigner, tongue=tongue(desk.language)
    )
    if template is not None:
        found = await pull(desk.door, desk.permit, patient_id, template, desk.language)
        if found is not None and moved(written, found):
            # Nobody signs what the record said before, nor what he has not seen.
            _ = language(desk.language)
            told = _(
                "Noe som hentes inn i notatet, er endret siden du så det. Ingenting er signert. Les over, og signer."
            )
            return await page(request, desk, patient_id, entry, errors={"draft": told}, status=409)
        written = with_blocks(written, found) if found is not None else written
    if prepares:
        await prepare_note(desk.door, desk.permit, patient_id, written, entry.ending, template)
        return _to(patient_id, "?saved=prepared")
    dispatch = None if countersigner else await summary.chosen(request, desk, errors, datetime.now(UTC))
    if errors:
        return await page(request, desk, patient_id, entry, errors=errors, status=422)
    try:
        stored = await sign_note(desk.door, desk.permit, patient_id, written, entry.ending, template, dispatch=dispatch)
    except (NotChosen, SentAlready) as error:
        errors["send"] = summary.told_of(error, desk)
        return await page(request, desk, patient_id, entry, errors=errors, status=422)
    if dispatch is not None:
        return _to(patient_id, f"/notes/{stored.id}?saved=signedsent")
    saved = "reserved" if KINDS[written.kind].labels else "note"
    return _to(patient_id, f"?saved={'countersign' if countersigner else saved}")


async def person_of(desk: Desk, field: str, typed: str, errors: dict[str, str]) -> str:
    """The PractitionerRole id of whom a name means; what is unclear is told under the field."""
    _ = language(desk.language)
    if not typed:
        errors[field] = _("Velg hvem som skal signere.")
        return ""
    meant = await find_colleagues(desk.door, desk.permit, typed)
    if len(meant) == 1:
        return meant[0].id
    names = "; ".join(each.label for each in meant[:6])
    errors[field] = (
        _("Flere passer: {names}. Velg én fra listen.", names=names)
        if meant
        else _("Ingen som heter det, har en stilling her. Velg en fra listen.")
    )
    return ""


async def save_quietly(desk: Desk, patient_id: str, entry: NoteEntry, about: str = NEW) -> Response:
    """Save for the page's own script: what stands now, or why it was not saved."""
    _ = language(desk.language)
    if not desk.is_meant(entry.role):
        return JSONResponse({"problem": "role"}, status_code=409)
    try:
        stands = await save_draft(desk.door, desk.permit, patient_id, entry.draft, entry.text_about(about))
    except DraftMoved:
        return JSONResponse({"problem": "moved"}, status_code=409)
    except DraftEnded:
        return JSONResponse({"problem": "ended"}, status_code=409)
    except FhirError as error:
        return JSONResponse({"problem": "refused"}, status_code=error.status)
    at = formats.clock(stands.saved, language=_)
    return JSONResponse({"version": stands.version, "at": at}, headers={"cache-control": "no-store"})


async def page(
    request: Request,
    desk: Desk,
    patient_id: str,
    entry: NoteEntry,
    *,
    errors: dict[str, str] | None = None,
    saved: datetime | None = None,
    phrases_filled: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    """The page for writing, with what was written in it."""
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    _ = language(desk.language)
    template = await template_of_note(desk, entry.written)
    blocks = await pull(desk.door, desk.permit, patient_id, template, desk.language) if template else None
    reader = Reader(desk.role.code, _, snapshot.at, None, desk.role.organization_id)
    here = snapshot.patient["id"]
    offer = None
    if template is not None and template.kind == "discharge" and desk.permit.signs and summary.sends(desk):
        told = (errors or {}).get("send", "")
        offer = await summary.offer(request, desk, await summary.to_be(desk, here), snapshot.at, told=told)
    return render(
        request,
        "workspace/note_form.html",
        status=status,
        headers=MICROPHONE if speech(request) else None,
        dictates=speech(request) is not None,
        **framed(desk, snapshot, reader, here="notes"),
        entry=entry,
        sections=entry.written.sections,
        note_kinds=kinds(desk.language),
        people=await people_of(desk),
        signs=desk.permit.signs,
        saved=formats.when(saved, now=snapshot.at, language=_) if saved else "",
        other_drafts=[each for each in await my_drafts(desk, here) if each["id"] != entry.draft],
        writing=await others_writing(desk, here),
        errors=errors or {},
        codes={name: desk.permit.may("c", type_) for name, type_ in (("diagnoses", DIAGNOSIS), ("tariffs", CHARGE))},
        diagnoses=[{"line": line, "reference": "", "version": 0} for line in entry.written.diagnoses],
        tariffs=[{"line": line, "reference": "", "version": 0} for line in entry.written.tariffs],
        template=(using := template_view(template, blocks, entry.written, errors or {}, desk.language)),
        parts=using.parts if using else [],
        choices=[] if entry.version else choices(await templates(desk.door, desk.permit), desk.language),
        phrases=shown(await phrases(desk.door, desk.permit), desk.language),
        phrases_filled=phrases_filled,
        offer=offer,
    )


async def people_of(desk: Desk) -> list[Colleague]:
    try:
        return await colleagues(desk.door, desk.permit)
    except NotFound:
        return []


def entered_of(entry: NoteEntry) -> dict[str, object]:
    """What was written, for the page that says that it was not saved."""
    written = entry.written
    return {
        "title": written.title,
        "written": written,
        "text": written.sections[0].text,
        "kind": written.kind,
        "sections": written.sections,
        "template": written.template,
        "signer": entry.signer,
        "countersigner": entry.countersigner,
        "diagnosis": written.diagnoses,
        "tariff": written.tariffs,
        "draft": entry.draft,
        "version": str(entry.version),
        "page": entry.page,
        "act": entry.act,
    }


def _to(patient_id: str, where: str) -> Response:
    return RedirectResponse(f"/workspace/patients/{patient_id}{where}", status_code=303)


async def hold(request: Request, desk: Desk) -> Response:
    """POST: hold a note back from the patient, with the reason."""
    form = await request.form(max_fields=3, max_files=0)
    note, reason_ = str(request.path_params["note"]), str(form.get("reason", ""))
    await of_this_patient(request, desk)
    if not desk.is_meant(form.get("role")):
        return await _in_another_role(request, desk, {"held": note, "reason": reason_[:400]})
    try:
        await hold_back(desk.door, desk.permit, note, reason_)
    except Invalid:
        _ = language(desk.language)
        return await chart.page(
            request,
            desk,
            str(request.path_params["id"]),
            status=422,
            entered={"held": note, "reason": reason_[:400]},
            errors={"held": _("Skriv litt mer: hvorfor skal ikke pasienten lese dette notatet?")},
        )
    return RedirectResponse(f"/workspace/patients/{request.path_params['id']}?saved=held#notes", status_code=303)


async def show_now(request: Request, desk: Desk) -> Response:
    """POST: show a note to the patient at once."""
    form = await request.form(max_fields=2, max_files=0)
    await of_this_patient(request, desk)
    if not desk.is_meant(form.get("role")):
        return await _in_another_role(request, desk, {})
    await release(desk.door, desk.permit, str(request.path_params["note"]))
    return RedirectResponse(f"/workspace/patients/{request.path_params['id']}?saved=released#notes", status_code=303)


async def _in_another_role(request: Request, desk: Desk, entered: dict[str, str]) -> Response:
    """The chart, with what was asked for in a role that is no longer the active one, and was not done."""
    _ = language(desk.language)
    told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
    patient_id = str(request.path_params["id"])
    return await chart.page(request, desk, patient_id, status=409, entered=entered, errors={"held": told})
