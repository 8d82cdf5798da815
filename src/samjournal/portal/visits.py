"""One stay or visit, and what was said, found and decided then: the summary of it. Row 3.3

GET /portal/visits/{encounter}
of_appointments(encounters) -> {appointment id: address}    where what was written after an appointment is read

hl7.org/fhir/R4/encounter.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal.fhir.errors import NotFound
from samjournal.portal import documents, facts, medicines, notes, overview, results
from samjournal.portal.facts import Resource
from samjournal.portal.visiting import visit
from samjournal.portal.words import CONTACT_KINDS, capital
from samjournal.record import Want
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


async def one(request: Request) -> Response:
    """GET a stay or a visit."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    id_ = str(request.path_params["encounter"])
    snapshot = await here.open(*(wants(id_) if _ID.fullmatch(id_) else ()))
    found = [each for each in snapshot.lists.get("visit", ()) if facts.stands(each)]
    if not found:
        raise NotFound("There is no such visit.")
    _, lists, encounter = here.say, snapshot.lists, found[0]
    files = await documents.files_of(request.app.state.door, request.state.permit, lists["notes"], _)
    return here.page(
        "visit.html",
        snapshot,
        tab="record",
        kind=_(CONTACT_KINDS.get((encounter.get("class") or {}).get("code", ""), marked("Besøk"))),
        why=capital(facts.words(next(iter(encounter.get("reasonCode") or ()), None)) or ""),
        place=facts.named(encounter.get("serviceProvider")),
        people=facts.names(each.get("individual") for each in encounter.get("participant") or ()),
        since=facts.when(encounter, "period"),
        until=(encounter.get("period") or {}).get("end"),
        goes_on=encounter.get("status") in overview.GOING_ON,
        notes=notes.view(lists["notes"], _, (), files),
        results=results.grouped(lists["labs"], _),
        medicines=[medicines.read(each, _) for each in _decided(lists["medicines"], "authoredOn")],
        requests=[
            (capital(facts.words(each.get("code")) or _("Henvisning")), facts.first_named(each.get("performer") or ()))
            for each in _decided(lists["requests"], "authoredOn")
            if not _is_laboratory(each)
        ],
    )


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
    return [Route(PLACE + "/{encounter}", one)]
