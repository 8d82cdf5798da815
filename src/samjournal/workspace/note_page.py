"""A note on its own page: read, signed, countersigned, sent back; who countersigns, and what was before.

GET  …/notes/{note}                     read; whoever is to sign it gets text, diagnoses and tariffs to change, with the
                                        draft that he has begun of it (`draft`, or the latest)
POST …/notes/{note}/sign                `act`: sign (as author or countersigner, whichever is asked), back, correct, and
                                        draft, discard, compare; of a discharge summary sign-only, receiver (`summary`)
POST …/notes/{note}/countersigner       set, change or take away (`countersigner` empty)
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Conflict, Forbidden, Invalid, ReasonNeeded, VersionMoved
from samjournal.notes import (
    CHARGE,
    COUNTERSIGN,
    DIAGNOSIS,
    Changed,
    Coded,
    NotChosen,
    SentAlready,
    choose_countersigner,
    code_of,
    coded_of,
    correct_prepared,
    countersign,
    is_summary,
    phrases,
    send_back,
    sign_prepared,
    written_of,
)
from samjournal.notes.blocks import links
from samjournal.notes.live import stamp
from samjournal.notes.text import Links
from samjournal.record import DraftEnded, DraftMoved, history, open_chart, read
from samjournal.ui import formats
from samjournal.ui.attachments import File
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace import summary
from samjournal.workspace.comparing import chosen as choice_of
from samjournal.workspace.desk import Desk
from samjournal.workspace.dictation import MICROPHONE, speech
from samjournal.workspace.documents import files_of
from samjournal.workspace.facts import Reader, name_of
from samjournal.workspace.note_blocks import MOVED, filled, offered, taken, template_of_stored, with_headings
from samjournal.workspace.note_drafts import SIGNING, asked, both, both_versions, entry_from, lines_standing, own
from samjournal.workspace.note_entry import FIELDS, NoteEntry, check, entry_of, fresh_page
from samjournal.workspace.note_view import (
    countersigners,
    patient_sees,
    reserved,
    sections,
    sent_back,
    signatures,
    state_of,
    versions,
)
from samjournal.workspace.notes import people_of, person_of
from samjournal.workspace.page import framed
from samjournal.workspace.phrases import shown
from samjournal.workspace.settling import Both, Field, settle
from samjournal.workspace.wants import BANNER
from samjournal.workspace.whose_note import of_this_patient
from samjournal.workspace.writers import my_drafts, others_writing

SAVED = {
    "signed": marked("Notatet er signert."),
    "countersigned": marked("Notatet er medsignert. Pasienten ser det nå, om ikke noe annet står her."),
    "back": marked("Notatet er sendt tilbake til forfatteren."),
    "corrected": marked("Notatet er rettet, og venter på forfatterens signatur."),
    "chosen": marked("Medsignerer er valgt og har fått oppgaven."),
    "removed": marked("Ingen er bedt om å medsignere."),
    "sent": marked("Epikrisen er sendt. Hvor den er, står under Sendt til."),
    "signedsent": marked("Epikrisen er signert og sendt. Hvor den er, står under Sendt til."),
    "changed": marked("Endringen er signert. Teksten som var, står i historikken."),
    "ended": marked("Dette utkastet er alt signert eller forkastet. Ingenting er gjort en gang til."),
    "discarded": marked("Utkastet er forkastet."),
    "error": marked("Notatet er merket som feilført. Teksten står i historikken."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET a note."""
    return await page(request, desk)


async def sign(request: Request, desk: Desk) -> Response:
    """POST: sign it, or send it back; or what is asked of the draft alone."""
    form = await request.form(max_fields=FIELDS, max_files=0)
    entry, _ = entry_of(form), language(desk.language)
    note = str(request.path_params["note"])
    errors: dict[str, str] = {}
    found = await of_this_patient(request, desk)
    here, patient_id = request.url.path[: -len("/sign")], str(request.path_params["id"])
    try:
        entry, phrases_filled = await filled(request, desk, entry)
        if done := await asked(request, desk, entry, f"Composition/{note}", (here, here)):
            return done
        if not desk.is_meant(entry.role):
            errors["note"] = _(
                "Du byttet rolle etter at du åpnet skjemaet. Lagrer du nå, skriver du i rollen som står øverst."
            )
            return await page(request, desk, entry=entry, errors=errors, status=409)
        if entry.act == "back":
            await send_back(desk.door, desk.permit, note, entry.base, str(form.get("words", "")))
            return _to(request, "back")
        errors = {name: told for name, told in check(entry.written, desk.language).items() if name != "kind"}
        if errors:
            return await page(request, desk, entry=entry, errors=errors, status=422)
        if phrases_filled:
            # Nobody signs a value that he has not seen.
            return await page(request, desk, entry=entry, phrases_filled=phrases_filled, status=409)
        if entry.act == "receiver":
            return await page(request, desk, entry=entry)
        dispatch = None
        if found.is_last and is_summary(found.note):
            dispatch = await summary.chosen(request, desk, errors, datetime.now(UTC))
            if errors:
                return await page(request, desk, entry=entry, errors=errors, status=422)
        text, links_of, has_moved = await taken(desk, patient_id, found.note, entry.written)
        if has_moved:
            errors["note"] = _(MOVED)
            return await page(request, desk, entry=entry, errors=errors, status=409)
        changed = replace(changed_of(replace(entry, written=text), desk, links_of), dispatch=dispatch)
        if entry.act == "correct":
            await correct_prepared(desk.door, desk.permit, note, changed)
            return _to(request, "corrected")
        if found.countersigns:
            await countersign(desk.door, desk.permit, note, changed)
            return _to(request, "signedsent" if dispatch else "countersigned")
        await sign_prepared(desk.door, desk.permit, note, changed)
        return _to(request, "signedsent" if dispatch else "signed")
    except DraftEnded:
        return _to(request, "ended")
    except DraftMoved as moved:
        return await both(request, desk, entry, moved)
    except (NotChosen, SentAlready) as error:
        errors["send"] = summary.told_of(error, desk)
        return await page(request, desk, entry=entry, errors=errors, status=422)
    except Invalid:
        errors["words"] = _("Skriv med noen ord hva forfatteren skal se på.")
        kept = entry if entry.act != "back" else None
        return await page(request, desk, entry=kept, errors=errors, status=422)
    except VersionMoved:
        if entry.act == "back":
            errors["note"] = _("Noen endret notatet etter at du åpnet det. Ingenting er sendt. Les det igjen.")
            return await page(request, desk, errors=errors, status=409)
        return await both_versions(request, desk, entry)
    except (Conflict, Forbidden) as error:
        if isinstance(error, ReasonNeeded):
            raise
        errors["note"] = _("Notatet kan ikke signeres av deg nå. Det er alt signert, eller noen andre er bedt om det.")
        return await page(request, desk, entry=entry, errors=errors, status=error.status)


def changed_of(entry: NoteEntry, desk: Desk, links_of: Links) -> Changed:
    """What the form says of a note that stands. A form without codes leaves them as they are."""
    icpc = desk.role.code == "gp"
    lists: dict[str, list[Coded] | None] = {DIAGNOSIS: None, CHARGE: None}
    for type_, lines in ((DIAGNOSIS, entry.diagnoses), (CHARGE, entry.tariffs)):
        if lines is not None and desk.permit.may("u", type_):
            lists[type_] = [
                coded_of(line, type_, icpc=icpc, reference=reference, version=version)
                for line, reference, version in lines
                if line
            ]
    return Changed(entry.base, entry.written, lists[DIAGNOSIS], lists[CHARGE], entry.ending, links_of)


async def choose(request: Request, desk: Desk) -> Response:
    """POST who countersigns."""
    form = choice_of(await request.form(max_fields=12, max_files=0))
    _, errors = language(desk.language), dict[str, str]()
    typed = " ".join(str(form.get("countersigner", "")).split())[:120]
    note = str(request.path_params["note"])
    seen = str(form["asked"])[:64] if "asked" in form else None
    await of_this_patient(request, desk)
    if form.get("take-countersigner") == "theirs":
        return _to(request, "")
    if not desk.is_meant(form.get("role")):
        errors["note"] = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
        return await page(request, desk, errors=errors, typed=typed, status=409)
    chosen = await person_of(desk, "countersigner", typed, errors) if typed else ""
    if not errors:
        try:
            await choose_countersigner(desk.door, desk.permit, note, chosen, seen=seen)
            return _to(request, "chosen" if chosen else "removed")
        except Invalid:
            errors["countersigner"] = _("Forfatteren kan ikke medsignere sitt eget notat. Velg en annen.")
        except VersionMoved:
            return await _both_choices(request, desk, typed)
        except (Conflict, Forbidden) as error:
            if isinstance(error, ReasonNeeded):
                raise
            errors["countersigner"] = _("Notatet er alt signert, eller du kan ikke velge hvem som medsignerer.")
    return await page(request, desk, errors=errors, typed=typed, status=422)


async def _both_choices(request: Request, desk: Desk, typed: str) -> Response:
    """The page with whom one would have countersign, and whom another has asked meanwhile."""
    patient_id = str(request.path_params["id"])
    found = await of_this_patient(request, desk)
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    _ = language(desk.language)
    asking = max(
        (one for one in found.tasks if code_of(one) == COUNTERSIGN), key=lambda one: one["meta"]["lastUpdated"]
    )
    theirs = name_of((found.countersigner or {}).get("owner"))
    nobody = _("ingen")
    both = Both(
        name=str(found.note.get("title", "")),
        stands=await read(desk.door, desk.permit, "Task", str(asking["id"])),
        fields=(
            Field("countersigner", _("Medsigneres av"), typed, theirs, theirs, (typed or nobody, theirs or nobody)),
        ),
        action=request.url.path,
        hidden={"asked": found.asks},
        back=request.url.path[: -len("/countersigner")],
    )
    return await settle(request, desk, both, snapshot, here="notes")


async def page(
    request: Request,
    desk: Desk,
    *,
    entry: NoteEntry | None = None,
    errors: dict[str, str] | None = None,
    typed: str = "",
    phrases_filled: tuple[str, ...] = (),
    status: int = 200,
) -> Response:
    """The page of a note, also with a form that was not accepted: what was written stands in it still."""
    patient_id, note_id = str(request.path_params["id"]), str(request.path_params["note"])
    about = f"Composition/{note_id}"
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    found = await of_this_patient(request, desk)
    drafts = [each for each in await my_drafts(desk, patient_id) if each["about"] == about]
    asked_for = request.query_params.get("draft", "")
    begun = await own(desk, patient_id, about, SIGNING, first=asked_for) if drafts and entry is None else None
    here = snapshot.patient["id"]
    _, now = language(desk.language), snapshot.at
    note = found.note
    standing = await lines_standing(desk, note)
    entry = entry_from(begun) if begun is not None else entry
    signing = found.signs or found.countersigns or found.corrects
    template = await template_of_stored(desk, note) if signing else None
    stood = with_headings(written_of(note), template, desk.language)
    form = entry or NoteEntry(stood, str(uuid4()), 0, fresh_page(), "", "", base=found.version)
    past, _newest = await history(desk.door, desk.permit, "Composition", note_id)
    reader = Reader(desk.role.code, _, now, None, desk.role.organization_id)
    state, colour = state_of(note, _)
    saved = request.query_params.get("saved", "")
    told = (errors or {}).get("send", "")
    sends = await summary.of_note(request, desk, note, now, signing=found.is_last, told=told)
    return render(
        request,
        "workspace/note.html",
        status=status,
        **framed(desk, snapshot, reader, here="notes"),
        headers=MICROPHONE if speech(request) else None,
        dictates=speech(request) is not None,
        phrases=shown(await phrases(desk.door, desk.permit), desk.language) if signing else [],
        phrases_filled=phrases_filled,
        parts=await offered(desk, patient_id, template, form.written),
        note_id=note_id,
        title=note.get("title", ""),
        state=state,
        colour=colour,
        version=found.version,
        by=", ".join(name_of(each) for each in note.get("author", ())),
        at=formats.when(note.get("date"), now=now, language=_),
        patient_sees=patient_sees(note, now, _),
        reserved=reserved(note, _),
        sections=sections(note),
        files=await _files(desk, note, str(here)),
        links=[
            (each.fact, stamp(each.fact.at) if each.fact and each.fact.at else "", each.is_changed)
            for each in await links(desk.door, desk.permit, note, desk.language)
        ],
        entry=form,
        begun=formats.when(begun.saved, now=now, language=_) if begun is not None else "",
        left=form if entry is not None and not signing else None,
        drafts=[each for each in drafts if each["id"] != form.draft],
        diagnoses=_lines(form.diagnoses if signing else None, standing["diagnosis"]),
        tariffs=_lines(form.tariffs if signing else None, standing["tariff"]),
        codes={name: desk.permit.may("u", type_) for name, type_ in (("diagnoses", DIAGNOSIS), ("tariffs", CHARGE))},
        signatures=signatures(note, now, _),
        asked=countersigners(found.tasks, now, _),
        sent_back=sent_back(found.tasks) if found.signs or found.corrects else [],
        may=found,
        people=await people_of(desk) if found.chooses else [],
        asks=found.asks,
        countersigner=typed or name_of((found.countersigner or {}).get("owner")),
        past=versions([one.stored for one in past], now, _),
        writing=await others_writing(desk, here, about),
        summary=sends,
        saved=_(SAVED[saved]) if saved in SAVED else "",
        errors=errors or {},
    )


async def _files(desk: Desk, note: dict[str, Any], patient_id: str) -> list[File]:
    """The files that came with it, those that are open to the reader."""
    named = [str(each.get("reference") or "") for one in note.get("section", ()) for each in one.get("entry", ())]
    found = await files_of(desk, (each for each in named if each.startswith("DocumentReference/")), patient_id)
    return [each for many in found.values() for each in many]


def _lines(typed: list[tuple[str, str, int]] | None, standing: list[tuple[str, str, int]]) -> list[dict[str, Any]]:
    """Lines of diagnoses or tariffs as they are shown and changed."""
    found = standing if typed is None else [each for each in typed if each[0] or each[1]]
    return [{"line": line, "reference": reference, "version": version} for line, reference, version in found]


def _to(request: Request, saved: str) -> Response:
    where = f"/workspace/patients/{request.path_params['id']}/notes/{request.path_params['note']}"
    return RedirectResponse(f"{where}?saved={saved}", status_code=303)
