"""The timeline: everything in a record in the order of time, filtered by kind, unit, profession, episode and period."""

from __future__ import annotations

import re
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from samjournal.fhir.errors import Invalid
from samjournal.record import Snapshot, Want, open_chart
from samjournal.ui import formats
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.banner import BANNER
from samjournal.workspace.desk import Desk
from samjournal.workspace.page import framed, notes_at, reader_of
from samjournal.workspace.timeline_kinds import KINDS, PROFESSIONS, Asked, Place, place_of, wants
from samjournal.workspace.timeline_view import days, episodes, merged, units

STAYS: Final = Want("stays", "Encounter", "class=IMP,ACUTE&_sort=-date", 60)
SERVICES: Final = Want("services", "EpisodeOfCare", "_sort=-date", 40)
_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")


async def show(request: Request, desk: Desk) -> Response:
    """GET: one page; `before` is the last entry of the page before."""
    _ = language(desk.language)
    patient_id = str(request.path_params["id"])
    asked, errors = _asked(request.query_params, desk.language)
    place = place_of(request.query_params.get("before", ""))
    page = wants(asked, lambda type_: desk.permit.may("s", type_), place)
    try:
        snapshot = await _read(desk, patient_id, page.lists)
    except Invalid:
        # A profession or an episode that leads to more than can be looked through at once.
        if not (asked.profession or asked.episode):
            raise
        snapshot = await _read(desk, patient_id, ())
        errors["profession" if asked.profession else "episode"] = _(
            "Det er for mye å lete gjennom på én gang. Velg også type eller periode."
        )
    reader = reader_of(desk, snapshot)
    rows, last = merged(snapshot, [want.name for want in page.lists])
    grouped = days([row.resource for row in rows], snapshot, reader, notes=notes_at(patient_id))
    return render(
        request,
        "workspace/timeline.html",
        status=422 if errors else 200,
        **framed(desk, snapshot, reader, here="timeline"),
        days=grouped,
        kinds=[(kind.code, _(kind.name)) for kind in KINDS],
        professions=[(code, _(name)) for code, name in PROFESSIONS.items()],
        units=units(snapshot, [row.resource for row in rows], asked.unit),
        episodes=episodes(snapshot, asked.episode, reader),
        asked=asked,
        errors=errors,
        without=[_(name) for name in _named(page.without)],
        more=last is not None,
        older=_address(snapshot, asked, last),
        newest=_address(snapshot, asked, None) if place else "",
    )


async def _read(desk: Desk, patient_id: str, lists: tuple[Want, ...]) -> Snapshot:
    return await open_chart(desk.door, desk.permit, patient_id, [*BANNER, STAYS, SERVICES, *lists], action="search")


def _asked(given: QueryParams, code: str) -> tuple[Asked, dict[str, str]]:
    """The filter of an address, and what is wrong with it in words."""
    _, errors = language(code), dict[str, str]()
    known = {kind.code for kind in KINDS}
    episode, unit = given.get("episode", ""), given.get("unit", "")
    type_, _slash, id_ = episode.partition("/")
    start, end = _day(given.get("from", "")), _day(given.get("to", ""))
    if start is None:
        errors["from"] = _("Skriv dagen slik: 24.11.2026.")
    if end is None:
        errors["to"] = _("Skriv dagen slik: 24.11.2026.")
    if start and end and start > end:
        errors["to"] = _("Slutten er før begynnelsen.")
    return Asked(
        kinds=frozenset(given.getlist("kind")) & known,
        unit=unit if _ID.fullmatch(unit) else "",
        profession=given["profession"] if given.get("profession") in PROFESSIONS else "",
        episode=episode if type_ in ("Encounter", "EpisodeOfCare") and _ID.fullmatch(id_) else "",
        start="" if errors else start or "",
        end="" if errors else end or "",
    ), errors


def _day(text: str) -> str | None:
    """A day as it was written, `24.11.2026` or `2026-11-24`, as FHIR has it; None where it is none."""
    text = text.strip()
    if not text:
        return ""
    found = re.fullmatch(r"(\d{1,2})\.(\d{1,2})\.(\d{4})", text)
    try:
        return (
            date(*(int(part) for part in reversed(found.groups()))) if found else date.fromisoformat(text)
        ).isoformat()
    except ValueError:
        return None


def _named(types: tuple[str, ...]) -> list[str]:
    """The kinds that types belong to."""
    return [kind.name for kind in KINDS if any(source.type in types for source in kind.sources)]


def _address(snapshot: Snapshot, asked: Asked, place: Place | None) -> str:
    """The address of a page with the same filter."""
    if place is None and not asked.narrows:
        return f"/workspace/patients/{snapshot.patient['id']}/timeline"
    pairs: list[tuple[str, Any]] = [("kind", kind) for kind in sorted(asked.kinds)]
    pairs += [(name, value) for name, value in _fields(asked).items() if value]
    if place is not None:
        pairs.append(("before", place.text))
    return f"/workspace/patients/{snapshot.patient['id']}/timeline?{urlencode(pairs)}"


def _fields(asked: Asked) -> dict[str, str]:
    return {
        "unit": asked.unit,
        "profession": asked.profession,
        "episode": asked.episode,
        "from": formats.full_date(asked.start),
        "to": formats.full_date(asked.end),
    }
