"""The waiting list as the citizen sees it: on it, offered a time, and what he answers. Requirement 5.2

POST /portal/book/{visit}/wait                  be told when a time is freed
POST /portal/appointments/{id}/answer           the offered time is taken, or said no to; or one leaves the list
offers(resources, say, now=) -> list[Offer]     the times that are offered now, for the first page

A time that is offered is held for a while and is nobody's until he has said yes (`scheduling.waiting`).
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import scheduling
from samjournal.fhir.errors import Conflict, VersionMoved
from samjournal.portal import acting, appointments, booking, changing, places
from samjournal.portal.appointments import Appointment
from samjournal.portal.booking import WAITING
from samjournal.portal.visiting import visit
from samjournal.ui.language import Language

LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Offer:
    """A time that is held for somebody who waits, until when."""

    time: Appointment
    until: datetime


def offers(resources: Iterable[dict[str, Any]], _: Language, *, now: datetime) -> list[Offer]:
    """The times that are offered now, those to be answered first first."""
    found = [
        Offer(appointments.read(one, _), until)
        for one in resources
        if one.get("status") == "pending" and (until := scheduling.held_until(one)) is not None and until > now
    ]
    return sorted(found, key=lambda one: one.until)


async def wait(request: Request) -> Response:
    """POST /portal/book/{visit}/wait: who waits already waits once."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=4, max_files=0)
    said = {name: str(value)[:LONGEST] for name, value in form.items()}
    if not acting.is_meant(request, said):
        return await acting.other_person(here, said, {})
    snapshot = await here.open(*places.WANTS, WAITING)
    booked = await booking.asked(here, snapshot, said)
    if not any(appointments.visit_of(one) == booked.visit.id for one in snapshot.lists["waiting"]):
        door, permit = request.app.state.door, request.state.permit
        until = snapshot.at + timedelta(days=booked.visit.horizon)
        with suppress(Conflict):  # The same form, sent a moment before.
            await scheduling.wait(door, permit, here.patient_id, booked.visit, until=until)
    return RedirectResponse(f"/portal/book/{quote(booked.visit.id)}?done=waits", status_code=303)


async def answer(request: Request) -> Response:
    """POST /portal/appointments/{id}/answer: `take`, `decline`, or `leave` the list."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=6, max_files=0)
    if not acting.is_meant(request, dict(form)):
        return await acting.other_person(here, dict(form), {})
    _, resource, _, one = await changing.one_of(here)
    door, permit = request.app.state.door, request.state.permit
    what = str(form.get("answer", ""))
    try:
        if what == "leave" and "leave" in one.may:
            await scheduling.cancel(door, permit, one.id, one.version, "pat")
            return changing.back(one.id, "left")
        if what == "take" and "answer" in one.may:
            given_up, number = str(form.get("instead", ""))[:64], str(form.get("instead_version", ""))
            instead = (given_up, int(number)) if given_up and number.isdecimal() else None
            await scheduling.accept(door, permit, one.id, one.version, instead=instead)
            return changing.back(one.id, "taken-instead" if instead else "taken-offer")
        if what == "decline" and "answer" in one.may:
            await scheduling.decline(door, permit, one.id, one.version)
            return changing.back(one.id, "declined")
    except VersionMoved:
        return changing.back(one.id, "changed")
    except Conflict:
        return changing.back(one.id, "changed" if form.get("instead") else "gone")
    # Sent once more, or too late: it is told how it stands.
    done = {("take", "booked"): "taken-offer", ("leave", "cancelled"): "left", ("take", "waitlist"): "gone"}
    return changing.back(one.id, done.get((what, resource["status"]), "changed"))


def routes() -> list[BaseRoute]:
    """What is sent by who waits."""
    return [
        Route("/portal/appointments/{id}/answer", answer, methods=["POST"]),
        Route("/portal/book/{visit}/wait", wait, methods=["POST"]),
    ]
