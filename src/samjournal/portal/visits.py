"""One stay or visit, and what was said, found and decided then: the summary of it. Row 3.3

GET /portal/visits/{encounter}, {encounter}.pdf             the page, and the same on paper
of_appointments(encounters) -> {appointment id: address}    where what was written after an appointment is read

hl7.org/fhir/R4/encounter.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal.fhir.errors import NotFound
from samjournal.letters import pdf
from samjournal.letters.document import DOCUMENT, heading, line, lines, paper, part, table, words
from samjournal.notes.paper import moment, note_blocks
from samjournal.portal import documents, facts, medicines, notes, overview, results
from samjournal.portal.facts import Resource
from samjournal.portal.visiting import Visit, visit
from samjournal.portal.words import CONTACT_KINDS, capital
from samjournal.record import Snapshot, Want
from samjournal.ui import formats
from samjournal.ui.attachments import paper as as_pdf
from samjournal.ui.formats import OSLO
from samjournal.ui.language import marked

PLACE: Final = "/portal/visits"
_ID: Final = re.compile(r"[A-Za-z0-9.-]{1,64}")
_MOST: Final = 100


def wants(id_: str) -> list[Want]:
    """The stay, and what belongs to it."""
    its = f"encounter=Encounter/{id_}"
    return [
        Want("visit", "Encounter", f"_id={id_}", 1),
        Want("notes", "Composition", f"{its}&_sort=-date", _MOST),
        Want("labs", "Observation", f"{its}&category=laboratory&_sort=-date", _MOST),
        Want("medicines", "MedicationRequest", its, _MOST),
        Want("requests", "ServiceRequest", f"{its}&_sort=-authored", _MOST),
    ]


@dataclass(frozen=True, slots=True)
class Visited:
    """A stay or visit as a citizen reads it; `written` are the notes as they are stored."""

    kind: str
    why: str
    place: str | None
    people: list[str]
    since: str | None
    until: str | None
    goes_on: bool
    notes: list[notes.Note]
    written: list[Resource]
    results: list[results.Tested]
    medicines: list[medicines.Medicine]
    requests: list[tuple[str, str | None]]


async def _found(here: Visit) -> tuple[Snapshot, Visited]:
    """What the address names. Raises NotFound."""
    id_ = str(here.request.path_params["encounter"])
    snapshot = await here.open(*(wants(id_) if _ID.fullmatch(id_) else ()))
    found = [each for each in snapshot.lists.get("visit", ()) if facts.stands(each)]
    if not found:
        raise NotFound("There is no such visit.")
    _, lists, encounter = here.say, snapshot.lists, found[0]
    files = await documents.files_of(here.request.app.state.door, here.request.state.permit, lists["notes"], _)
    return snapshot, Visited(
        kind=_(CONTACT_KINDS.get((encounter.get("class") or {}).get("code", ""), marked("Besøk"))),
        why=capital(facts.words(next(iter(encounter.get("reasonCode") or ()), None)) or ""),
        place=facts.named(encounter.get("serviceProvider")),
        people=facts.names(each.get("individual") for each in encounter.get("participant") or ()),
        since=facts.when(encounter, "period"),
        until=(encounter.get("period") or {}).get("end"),
        goes_on=encounter.get("status") in overview.GOING_ON,
        notes=notes.view(lists["notes"], _, (), files),
        written=notes.standing(lists["notes"]),
        results=results.grouped(lists["labs"], _),
        medicines=[medicines.read(each, _) for each in _decided(lists["medicines"], "authoredOn")],
        requests=[
            (capital(facts.words(each.get("code")) or _("Henvisning")), facts.first_named(each.get("performer") or ()))
            for each in _decided(lists["requests"], "authoredOn")
            if not _is_laboratory(each)
        ],
    )


async def one(request: Request) -> Response:
    """GET a stay or a visit."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot, found = await _found(here)
    address = f"{PLACE}/{request.path_params['encounter']}.pdf"
    return here.page("visit.html", snapshot, tab="record", found=found, address=address)


async def on_paper(request: Request) -> Response:
    """GET the same on paper."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot, found = await _found(here)
    _, made, name = here.say, datetime.now(OSLO), facts.name(snapshot.patient)
    title, when = found.why or found.kind, moment(made, _)
    from_, to = moment(found.since, _), moment(found.until, _) or (_("Pågår") if found.goes_on else "")
    tests = [
        (one.latest.name, one.latest.measured, one.latest.usual or "", one.latest.verdict) for one in found.results
    ]
    decided = [line(one.name, one.dose or "") for one in found.medicines]
    asked = [line(what, _("Til {who}", who=to) if to else "") for what, to in found.requests]
    written = [
        block for each in found.written for block in (heading(str(each.get("title") or "")), *note_blocks(each, _.code))
    ]
    parts = [
        part(_("Skrevet om besøket"), written or [words(_("Ingenting er skrevet og signert om besøket ennå."))]),
        part(_("Prøvesvar"), [table((_("Prøve"), _("Svar"), _("Vanlig"), _("Vurdering")), tests)] if tests else []),
        part(_("Medisiner det ble bestemt noe om"), [lines(decided)] if decided else []),
        part(_("Henvist eller bestilt"), [lines(asked)] if asked else []),
    ]
    data = paper(
        title=title,
        language=_.code,
        date=when,
        facts=[
            (_("Navn"), name),
            (_("Født"), formats.full_date(snapshot.patient.get("birthDate"))),
            (_("Sted"), ", ".join(filter(None, (found.kind if found.why else "", found.place)))),
            (_("Tid"), " – ".join(filter(None, (from_, to)))),
        ],
        parts=[one for one in parts if one["blocks"]],
        foot=_("{name} · laget {when}", name=name, when=when),
    )
    return as_pdf(await pdf(DOCUMENT, data, made=made), f"{title} {made:%Y-%m-%d}", saved=True)


def _decided(found: Iterable[Resource], element: str) -> list[Resource]:
    return [
        one for one in facts.newest_first(found, element) if one.get("status") not in ("draft", "cancelled", "revoked")
    ]


def _is_laboratory(one: Resource) -> bool:
    """Whether it asked for blood tests: their results stand above."""
    return any(code == "laboratory" for concept in one.get("category") or () for _, code in facts.codings(concept))


def of_appointments(encounters: Iterable[Resource]) -> dict[str, str]:
    """Where the visit of an appointment is read, by the id of the appointment."""
    return {
        reference.partition("Appointment/")[2]: f"{PLACE}/{one['id']}"
        for one in encounters
        if facts.stands(one)
        for each in one.get("appointment") or ()
        if (reference := str(each.get("reference") or "")).startswith("Appointment/")
    }


def routes() -> list[BaseRoute]:
    """The page of one visit."""
    return [Route(PLACE + "/{encounter}.pdf", on_paper), Route(PLACE + "/{encounter}", one)]
