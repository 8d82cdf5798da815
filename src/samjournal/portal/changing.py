"""One appointment, and what the citizen does with it: cancel, and check in.

GET       /portal/appointments/{id}             when, where, with whom, how, what it costs to cancel
GET, POST /portal/appointments/{id}/cancel      the fee is said before, the reason is chosen among those of the unit
POST      /portal/appointments/{id}/arrive      the staff see it at once

To move is to book anew with `move` (booking.py); what who waits does is in waiting.py. What was done already is not
done twice: the page says how it stands.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import scheduling
from samjournal.fhir.errors import FhirError, NotFound, VersionMoved
from samjournal.portal import acting, appointment, appointments, facts
from samjournal.portal.appointment import Detail
from samjournal.portal.visiting import Visit, visit
from samjournal.record import Snapshot, Want, read
from samjournal.scheduling import VisitType
from samjournal.ui.formats import order
from samjournal.ui.language import marked

DONE: Final = {
    "booked": marked("Timen er bestilt."),
    "moved": marked("Timen er flyttet. Den gamle tiden er gitt til andre."),
    "cancelled": marked("Timen er avlyst."),
    "arrived": marked("Takk. De vet at du er her. Sett deg, så roper de deg opp."),
    "taken-offer": marked("Timen er din."),
    "taken-instead": marked("Timen er din. Den du hadde, er gitt til andre."),
    "declined": marked("Du sa nei til tiden. Du står fortsatt på venteliste."),
    "left": marked("Du står ikke på venteliste lenger."),
}
WRONG: Final = {
    "changed": marked("Timen er endret siden du åpnet siden. Ingenting er gjort. Se hvordan den står nå."),
    "fixed": marked("Denne timen kan ikke endres her lenger. Ring stedet."),
    "early": marked("Du kan ikke melde at du er kommet ennå."),
    "gone": marked("Tiden er ikke lenger holdt av til deg. Du står fortsatt på venteliste."),
    "reason": marked("Velg hvorfor du avbestiller."),
}
LONGEST: Final = 500
FEW: Final = 3
"""So many appointments are offered to be given up for another."""
AHEAD: Final = Want("ahead", "Appointment", "status=booked&_sort=-date", 50)


async def one_of(here: Visit, *wants: Want) -> tuple[Snapshot, dict[str, Any], VisitType | None, Detail]:
    """The appointment that the address names, of whom the citizen acts for. Raises NotFound."""
    door, permit = here.request.app.state.door, here.request.state.permit
    snapshot = await here.open(*wants)
    resource = (await read(door, permit, "Appointment", str(here.request.path_params["id"]))).resource()
    if not facts.stands(resource):
        raise NotFound("There is no such appointment.")
    kind = await _kind(here, appointments.visit_of(resource))
    may_book = scheduling.may_book(permit, here.patient_id)
    return snapshot, resource, kind, appointment.detail(resource, kind, here.say, may_book=may_book, now=snapshot.at)


async def _kind(here: Visit, id_: str) -> VisitType | None:
    if not id_:
        return None
    try:
        return await scheduling.visit_type(here.request.app.state.door, here.request.state.permit, id_)
    except FhirError:
        return None


async def show(request: Request) -> Response:
    """GET /portal/appointments/{id}."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot, resource, kind, one = await one_of(here, AHEAD)
    done = request.query_params.get("done", "")
    said: dict[str, Any] = {"done": DONE.get(done, ""), "wrong": WRONG.get(done, "")}
    said |= {"others": [], "gives_up": []}
    if kind is not None and (resource["status"] == "booked" or "answer" in one.may):
        same = [each for each in snapshot.lists["ahead"] if appointments.visit_of(each) == kind.id]
        others = [(appointments.read(each, here.say), each) for each in same if each["id"] != one.id]
        ahead = [(read_, each) for read_, each in others if read_.start and read_.start > snapshot.at]
        said["others"] = [read_ for read_, _each in ahead]
        if "answer" in one.may:
            free = [
                (read_, each["meta"]["versionId"])
                for read_, each in ahead
                if read_.start and appointment.free_until(kind, read_.start) > snapshot.at
            ]
            said["gives_up"] = sorted(free, key=lambda pair: order(pair[0].start))[:FEW]
    return here.page("appointment.html", snapshot, tab="appointments", one=one, whom=here.patient_id, **said)


async def ask_cancel(request: Request) -> Response:
    """GET /portal/appointments/{id}/cancel: what it costs now, and why."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot, _, kind, one = await one_of(here)
    if "cancel" not in one.may or kind is None:
        return back(one.id, "fixed")
    return _asking(here, snapshot, kind, one)


def _asking(here: Visit, snapshot: Snapshot, kind: VisitType, one: Detail, *, wrong: str = "") -> Response:
    return here.page(
        "appointment_cancel.html",
        snapshot,
        tab="appointments",
        status=422 if wrong else 200,
        one=one,
        reasons=[(code, here.say(words)) for code, words in reasons(kind)],
        wrong=here.say(WRONG[wrong]) if wrong else "",
        whom=here.patient_id,
    )


def reasons(kind: VisitType) -> list[tuple[str, str]]:
    """The unit's own reasons that may be a patient's, as code and words, and the usual ones: citizens are told these in
    their own words, and nothing of reasons that the unit has."""
    own = [(next((code for _, code in facts.codings(one)), ""), facts.words(one) or "") for one in kind.reasons]
    theirs = {code: words for code, words in own if code and words and not code.startswith(OF_THE_UNIT)}
    return list(({code: words for code, words in theirs.items() if code not in USUAL} | USUAL).items())


OF_THE_UNIT: Final = ("prov", "maint", "meds", "oth")
"""Reasons of others than the patient, by terminology.hl7.org/CodeSystem/appointment-cancellation-reason"""
USUAL: Final = {
    "pat": marked("Tiden passer ikke"),
    "pat-fb": marked("Jeg trenger ikke timen lenger"),
    "other": marked("Noe annet"),
}
"""What a patient may say in any case."""


async def cancel(request: Request) -> Response:
    """POST /portal/appointments/{id}/cancel."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form, _ = await request.form(max_fields=6, max_files=0), here.say
    said = {name: str(value)[:LONGEST] for name, value in form.items()}
    if not acting.is_meant(request, said):
        return await acting.other_person(here, said, {_("Hvorfor"): said.get("words", "")})
    snapshot, resource, kind, one = await one_of(here)
    if resource["status"] == "cancelled":
        return back(one.id, "cancelled")
    if "cancel" not in one.may or kind is None:
        return back(one.id, "fixed")
    if said.get("reason", "") not in dict(reasons(kind)):
        return _asking(here, snapshot, kind, one, wrong="reason")
    if said.get("late", "") != str(one.late) or said.get("version", "") != str(one.version):
        # What it costs, or the appointment itself, is another than what was shown: it is shown anew before it is done.
        return back(one.id, "changed")
    words = " ".join(said.get("words", "").split())
    door, permit = request.app.state.door, request.state.permit
    try:
        await scheduling.cancel(door, permit, one.id, one.version, said["reason"], words)
    except VersionMoved:
        return back(one.id, "changed")
    return back(one.id, "cancelled")


async def arrive(request: Request) -> Response:
    """POST /portal/appointments/{id}/arrive: here, and the staff see it."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=4, max_files=0)
    if not acting.is_meant(request, dict(form)):
        return await acting.other_person(here, dict(form), {})
    _, resource, _, one = await one_of(here)
    if resource["status"] in appointment.HERE:
        return back(one.id, "arrived")
    if "arrive" not in one.may:
        return back(one.id, "early")
    try:
        await scheduling.check_in(request.app.state.door, request.state.permit, one.id, one.version)
    except VersionMoved:
        return back(one.id, "changed")
    return back(one.id, "arrived")


def back(id_: str, done: str) -> Response:
    """To the page of the appointment, which says what was done."""
    return RedirectResponse(f"/portal/appointments/{quote(id_)}?done={done}", status_code=303)


def routes() -> list[BaseRoute]:
    """One appointment and what is done with it."""
    return [
        Route("/portal/appointments/{id}", show),
        Route("/portal/appointments/{id}/cancel", ask_cancel, methods=["GET"]),
        Route("/portal/appointments/{id}/cancel", cancel, methods=["POST"]),
        Route("/portal/appointments/{id}/arrive", arrive, methods=["POST"]),
    ]
