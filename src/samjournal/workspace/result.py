"""A result on its own page: what came, and when the patient sees it: sooner, or not at all, by decision. Row 2.7

GET  …/results/{type}/{result}              a DiagnosticReport, or an Observation of a laboratory
POST …/results/{type}/{result}/hold-back    with the `reason`, which goes on the review list
POST …/results/{type}/{result}/release      the patient sees it at once

What a report lists is shown with the report, so the page of an Observation leads to that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Invalid, NotFound
from samjournal.fhir.release import NEVER, NOPAT, has_label, released, rule_of
from samjournal.notes import decides, hold_back, release
from samjournal.record import Want, open_chart, query_of, read, search
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import INDEX, Desk
from samjournal.workspace.facts import Resource, author, id_of, joined, said, unit, when
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.results import STATES, observations_of, results
from samjournal.workspace.wants import BANNER

TYPES: Final = ("DiagnosticReport", "Observation")
LABS: Final = Want("labs", "Observation", "category=laboratory&_sort=-date", 200)
SAVED: Final = {
    "held": marked("Svaret er holdt tilbake for pasienten. Begrunnelsen blir sett over."),
    "released": marked("Pasienten ser svaret nå."),
}


@dataclass(frozen=True, slots=True)
class Seen:
    """When the patient sees it in words, and what can be decided."""

    words: str
    is_held: bool
    may_release: bool
    may_hold: bool


def patient_sees(result: Resource, now: datetime, _: Language, *, decides: bool) -> Seen:
    """When the patient sees a result by what it says itself."""
    moment, rule, held = released(result), rule_of(result), has_label(result, NOPAT)
    waits = rule is not None and bool(rule.statuses)
    hidden = moment is not None and moment > now
    if held:
        words = _("Pasienten ser ikke svaret: det er holdt tilbake.")
    elif rule is not None and moment == NEVER:
        words = rule.names[INDEX.get(_.code, 0)] + "."
    elif hidden and moment is not None:
        words = _("Pasienten ser svaret fra {day}.", day=formats.day(moment, now=now, language=_))
    else:
        words = _("Pasienten ser svaret.")
    return Seen(words, held, decides and hidden and not waits, decides and not held)


async def show(request: Request, desk: Desk) -> Response:
    """GET a result."""
    return await _page(request, desk)


async def hold(request: Request, desk: Desk) -> Response:
    """POST: hold it back from the patient."""
    form = await request.form(max_fields=3, max_files=0)
    because = str(form.get("reason", ""))
    type_, id_ = _named(request)
    _ = language(desk.language)
    await _of_this_patient(request, desk)
    if not desk.is_meant(form.get("role")):
        return await _page(request, desk, entered=because, error=_(OTHER_ROLE), status=409)
    try:
        await hold_back(desk.door, desk.permit, id_, because, type_)
    except Invalid:
        told = _("Skriv litt mer: hvorfor skal ikke pasienten se dette svaret?")
        return await _page(request, desk, entered=because, error=told, status=422)
    return RedirectResponse(f"{request.url.path.removesuffix('/hold-back')}?saved=held", status_code=303)


async def show_now(request: Request, desk: Desk) -> Response:
    """POST: show it to the patient at once."""
    form = await request.form(max_fields=2, max_files=0)
    type_, id_ = _named(request)
    await _of_this_patient(request, desk)
    if not desk.is_meant(form.get("role")):
        return await _page(request, desk, error=language(desk.language)(OTHER_ROLE), status=409)
    await release(desk.door, desk.permit, id_, type_)
    return RedirectResponse(f"{request.url.path.removesuffix('/release')}?saved=released", status_code=303)


OTHER_ROLE: Final = marked("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")


def _named(request: Request) -> tuple[str, str]:
    type_ = str(request.path_params["type"])
    if type_ not in TYPES:
        raise NotFound("There is no such result.")
    return type_, str(request.path_params["result"])


async def _of_this_patient(request: Request, desk: Desk) -> Resource:
    """The result in the address, which is about the patient in the address."""
    type_, id_ = _named(request)
    found = (await read(desk.door, desk.permit, type_, id_)).resource()
    persons, patient_id = desk.door.persons, str(request.path_params["id"])
    if persons.stays(id_of(found.get("subject"), "Patient")) != persons.stays(patient_id):
        raise NotFound(f"There is no {type_}/{id_} here.")
    return found


async def _page(request: Request, desk: Desk, *, entered: str = "", error: str = "", status: int = 200) -> Response:
    patient_id = str(request.path_params["id"])
    snapshot = await open_chart(desk.door, desk.permit, patient_id, [*BANNER, LABS])
    found = await _of_this_patient(request, desk)
    _, reader = language(desk.language), reader_of(desk, snapshot)
    listing = await _listing(desk, found)
    saved = request.query_params.get("saved", "")
    may = decides(desk.permit, str(found["resourceType"])) and not listing
    return render(
        request,
        "workspace/result.html",
        status=status,
        **framed(desk, snapshot, reader, here="measurements"),
        title=said(found.get("code"), _) or _("Prøvesvar"),
        facts=joined(unit(found) or author(found), reader.when(str(found.get("issued") or when(found, *_DATES)))),
        state=_(STATES[str(found.get("status"))]) if found.get("status") in STATES else "",
        conclusion=str(found.get("conclusion") or ""),
        results=results(await _observations(desk, found, snapshot.lists["labs"]), snapshot.lists["labs"], reader),
        seen=patient_sees(found, snapshot.at, _, decides=may),
        listing=[(str(one["id"]), str(one["resourceType"]), said(one.get("code"), _)) for one in listing],
        address=f"/workspace/patients/{snapshot.patient['id']}/results/{found['resourceType']}/{found['id']}",
        saved=_(SAVED[saved]) if saved in SAVED else "",
        entered=entered[:400],
        error=error,
    )


_DATES = ("effectiveDateTime", "effectivePeriod")


async def _listing(desk: Desk, found: Resource) -> list[Resource]:
    """The reports and panels that list an Observation: the patient sees it with them."""
    if found["resourceType"] != "Observation" or not desk.permit.may("s", "DiagnosticReport"):
        return []
    own = f"Observation/{found['id']}"
    listing: list[Resource] = []
    for type_, name in (("DiagnosticReport", "result"), ("Observation", "has-member")):
        page = await search(desk.door, desk.permit, query_of(type_, [(name, own), ("_count", "5")]))
        listing += [one.resource() for one in page.matches]
    return listing


async def _observations(desk: Desk, found: Resource, labs: Sequence[Resource]) -> list[Resource]:
    """What it reports, also what is older than the newest results."""
    listed = [one.get("reference", "") for name in ("result", "hasMember") for one in found.get(name, ())]
    known = {f"Observation/{one['id']}" for one in labs}
    missing = [
        one.removeprefix("Observation/") for one in listed if one.startswith("Observation/") and one not in known
    ]
    more: dict[str, Any] = {}
    if missing:
        asked = [("_id", ",".join(missing[:100])), ("_count", "100")]
        page = await search(desk.door, desk.permit, query_of("Observation", asked))
        more = {one.reference: one.resource() for one in page.matches}
    return observations_of(found, more, labs)
