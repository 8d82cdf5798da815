"""The notes of a patient, to be read: the newest first, chosen by kind, author and unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from samjournal.record import Want, open_chart
from samjournal.ui.pages import render
from samjournal.workspace.banner import BANNER
from samjournal.workspace.desk import Desk
from samjournal.workspace.entries import Entry, entry
from samjournal.workspace.facts import Reader, Resource, codings, id_of, name_of, said
from samjournal.workspace.page import framed, notes_at, reader_of
from samjournal.workspace.timeline_kinds import place_of
from samjournal.workspace.timeline_view import merged

SHOWN: Final = 40
LETTERS: Final = 20_000
"""A page ends after so many letters: the next note begins another, however long it is."""
RECENT: Final = Want("recent", "Composition", "_sort=-date", 200)
"""So many of the newest notes tell which kinds, authors and units there are to choose among."""
_CODE: Final = re.compile(r"[^\s|,$\\]{1,120}\|[^\s|,$\\]{1,40}")
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")


async def show(request: Request, desk: Desk) -> Response:
    """GET: `kind` (system|code), `author` and `unit` choose, `note` shows one alone, `before` goes on."""
    patient_id = str(request.path_params["id"])
    asked = {name: request.query_params.get(name, "") for name in ("kind", "author", "unit", "note")}
    asked["kind"] = asked["kind"] if _CODE.fullmatch(asked["kind"]) else ""
    asked |= {name: asked[name] if _ID.fullmatch(asked[name]) else "" for name in ("author", "unit", "note")}
    place = place_of(request.query_params.get("before", ""))
    after = (place.moment, place.id) if place else None
    notes = Want("notes", "Composition", _query(asked), SHOWN, after=after)
    snapshot = await open_chart(desk.door, desk.permit, patient_id, [*BANNER, RECENT, notes], action="search")
    reader = reader_of(desk, snapshot)
    rows, _last = merged(snapshot, ["notes"])
    listed = _listed([entry(row.resource, reader, notes=notes_at(patient_id)) for row in rows])
    goes_on = "notes" in snapshot.more or len(listed) < len(rows)
    recent = snapshot.lists["recent"]
    return render(
        request,
        "workspace/note_list.html",
        **framed(desk, snapshot, reader, here="notes"),
        entries=listed,
        kinds=_kinds(recent, asked["kind"], reader),
        authors=_people(recent, "PractitionerRole", asked["author"]),
        units=_people(recent, "Organization", asked["unit"]),
        asked=asked,
        narrows=any(asked.values()),
        newest=_address(patient_id, asked, "") if place else "",
        older=_address(patient_id, asked, rows[len(listed) - 1].place.text) if goes_on else "",
    )


def _listed(entries: list[Entry]) -> list[Entry]:
    """The notes of one page, each whole."""
    room = LETTERS
    for place, each in enumerate(entries):
        room -= sum(map(len, each.text))
        if room < 0 and place:
            return entries[:place]
    return entries


def _query(asked: dict[str, str]) -> str:
    pairs = [("_sort", "-date")]
    pairs += [("type", asked["kind"])] if asked["kind"] else []
    pairs += [("author", f"PractitionerRole/{asked['author']}")] if asked["author"] else []
    pairs += [("_source", f"Organization/{asked['unit']}")] if asked["unit"] else []
    pairs += [("_id", asked["note"])] if asked["note"] else []
    return urlencode(pairs)


def _address(patient_id: str, asked: dict[str, str], before: str) -> str:
    pairs = [(name, value) for name, value in (*asked.items(), ("before", before)) if value]
    return f"/workspace/patients/{patient_id}/notes" + (f"?{urlencode(pairs)}" if pairs else "")


def _kinds(notes: Sequence[Resource], chosen: str, reader: Reader) -> list[tuple[str, str]]:
    """The kinds among the newest notes, by what they are called."""
    found: dict[str, str] = {}
    for note in notes:
        for system, code in codings(note.get("type")):
            found.setdefault(f"{system}|{code}", said(note.get("type"), reader.language))
    if chosen:
        found.setdefault(chosen, chosen.rpartition("|")[2])
    return sorted(found.items(), key=lambda pair: pair[1].casefold())


def _people(notes: Sequence[Resource], type_: str, chosen: str) -> list[tuple[str, str]]:
    """Who wrote, or where, among the newest notes."""
    found: dict[str, str] = {}
    for note in notes:
        for reference in [*(note.get("author") or ()), note.get("custodian") or {}]:
            if id_ := id_of(reference, type_):
                found.setdefault(id_, name_of(reference) or id_)
    if chosen:
        found.setdefault(chosen, chosen)
    return sorted(found.items(), key=lambda pair: pair[1].casefold())
