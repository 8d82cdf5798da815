"""Drafts of what is written on a note that stands: on the page that signs it, and as addition, correction or error.

    own(desk, patient_id, about, how)               the reader's own draft of that kind
    entry_from(draft)                               the form as the draft has it
    asked(request, desk, entry, about, where)       what a form asks of its draft alone: saved, both seen, discarded
    both(request, desk, entry, moved)               the page with both texts, when another page saved since
    both_versions(request, desk, entry)             the same, when the note itself was changed since

`Written.template` says which of these forms a draft is of; drafts of new notes have the code of their template there.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.notes import CHARGE, DIAGNOSIS, Coded, coded, codes_of, unpacked, written_of
from samjournal.record import (
    Draft,
    DraftEnded,
    DraftMoved,
    author_of,
    discard_draft,
    draft,
    drafts_about,
    read,
    save_draft,
)
from samjournal.workspace.desk import Desk
from samjournal.workspace.merging import merge
from samjournal.workspace.note_entry import NoteEntry, fresh_page
from samjournal.workspace.notes import save_quietly

SIGNING: Final = "sign"
"""The form of whoever signs or countersigns a note that stands unsigned."""


async def own(desk: Desk, patient_id: str, about: str, how: str = "", *, first: str = "") -> Draft | None:
    """The newest draft of one's own on a note (`Composition/7`), of one form or ('') of any; `first` is the id of one
    that goes before it. Each that is looked into is logged. Raises as `draft`."""
    begun = [each for each in await drafts_about(desk.door, desk.permit, patient_id) if each.about == about]
    for each in sorted(begun, key=lambda one: str(one.id) != first):
        try:
            found = await draft(desk.door, desk.permit, patient_id, str(each.id))
        except DraftEnded:
            continue  # Signed or discarded on another device just now.
        if not how or unpacked(found.body).template == how:
            return found
    return None


def entry_from(found: Draft) -> NoteEntry:
    """The form with what stands in the draft, on a page of its own."""
    written = unpacked(found.body)
    return NoteEntry(
        written,
        str(found.id),
        found.version,
        fresh_page(),
        "",
        "",
        diagnoses=lines_of(written.coded, "diagnosis"),
        tariffs=lines_of(written.coded, "tariff"),
        base=found.base,
    )


def lines_of(kept: dict[str, tuple[tuple[str, str, int], ...]], name: str) -> list[tuple[str, str, int]] | None:
    """Diagnoses or tariffs as they were typed; None when the form had none."""
    return list(kept[name]) if name in kept else None


async def asked(request: Request, desk: Desk, entry: NoteEntry, about: str, where: tuple[str, str]) -> Response | None:
    """The answer to a form that asks something of its draft alone; None when it asks for more. `where` is what the page
    is called with its draft, and the page that is gone back to. Raises DraftMoved, DraftEnded and what `save_draft`
    raises."""
    patient_id = str(request.path_params["id"])
    if entry.act == "draft" and "application/json" in request.headers.get("accept", ""):
        return await save_quietly(desk, patient_id, entry, about)
    if entry.act in ("draft", "compare"):
        await save_draft(desk.door, desk.permit, patient_id, entry.draft, entry.text_about(about))
        return RedirectResponse(f"{where[0]}?draft={entry.draft}", status_code=303)
    if entry.act == "discard":
        if entry.version:
            await discard_draft(desk.door, desk.permit, patient_id, entry.draft, entry.version, entry.page)
        return RedirectResponse(f"{where[1]}?saved=discarded", status_code=303)
    return None


async def both(request: Request, desk: Desk, entry: NoteEntry, moved: DraftMoved) -> Response:
    """The page with both texts of a draft that was saved elsewhere."""
    again = replace(entry, version=moved.theirs.version, page=fresh_page())
    theirs = entry_from(moved.theirs)
    patient_id = str(request.path_params["id"])
    return await merge(request, desk, patient_id, request.url.path, again, theirs, moved.theirs.saved)


async def both_versions(request: Request, desk: Desk, entry: NoteEntry) -> Response:
    """The page with what was written and what stands of the note by now, by whom. What was written is about that
    version from then on; a diagnosis that others have changed meanwhile is told with it."""
    patient_id, note_id = str(request.path_params["id"]), str(request.path_params["note"])
    stored = await read(desk.door, desk.permit, "Composition", note_id)
    standing = await lines_standing(desk, stored.resource())
    theirs = replace(
        entry, written=written_of(stored.resource()), diagnoses=standing["diagnosis"], tariffs=standing["tariff"]
    )
    mine = replace(
        entry,
        page=fresh_page(),
        base=stored.version,
        diagnoses=_renewed(entry.diagnoses, standing["diagnosis"]),
        tariffs=_renewed(entry.tariffs, standing["tariff"]),
    )
    if mine.diagnoses is None:
        theirs = replace(theirs, diagnoses=None)
    if mine.tariffs is None:
        theirs = replace(theirs, tariffs=None)
    by = await author_of(desk.door, desk.permit, stored)
    return await merge(request, desk, patient_id, request.url.path, mine, theirs, stored.at, newer=True, by=by)


async def lines_standing(desk: Desk, note: dict[str, Any]) -> dict[str, list[tuple[str, str, int]]]:
    """The diagnoses and tariffs of a note as a form has them."""
    codes = await codes_of(desk.door, desk.permit, note)
    found = {"diagnosis": codes[DIAGNOSIS], "tariff": codes[CHARGE]}
    return {name: [_line(coded(one.resource())) for one in stored] for name, stored in found.items()}


def _line(one: Coded) -> tuple[str, str, int]:
    return one.line, one.reference, one.version


def _renewed(
    typed: list[tuple[str, str, int]] | None, standing: list[tuple[str, str, int]]
) -> list[tuple[str, str, int]] | None:
    """Lines with the versions that stand by now; what the note does not refer to any more is a new one."""
    if typed is None:
        return None
    versions = {reference: version for _line, reference, version in standing}
    return [(line, of if of in versions else "", versions.get(of, 0)) for line, of, _version in typed]
