"""The first page: the next appointment, what to do, what is new, for whom one acts. Rows 3.1, 3.4, 3.7, 3.9

home(request)                                       GET /portal
home_view(snapshot, looks, _) -> dict               what it shows, of a snapshot with the lists of WANTS
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from samjournal.audit import Seen
from samjournal.fhir.errors import FhirError
from samjournal.portal import appointments, log, medicines, notes, overview, results, waiting
from samjournal.portal.acting_for import people
from samjournal.portal.appointment import free_until
from samjournal.portal.appointments import Appointment
from samjournal.portal.message_pages import acts_as
from samjournal.portal.threads import Thread, threads
from samjournal.portal.visit_names import in_words_of
from samjournal.portal.visiting import Visit, last_visit, visit
from samjournal.portal.wants import (
    APPOINTMENTS,
    CARE_PLANS,
    HOME_CARE,
    LABS,
    MEDICINES,
    MESSAGES,
    NOTES,
    STAYS,
    TASKS,
)
from samjournal.record import Snapshot
from samjournal.scheduling import visit_type
from samjournal.ui.formats import OSLO, order
from samjournal.ui.language import Language

WANTS = (APPOINTMENTS, CARE_PLANS, HOME_CARE, LABS, MEDICINES, MESSAGES, NOTES, STAYS, TASKS)
FEW = 3
"""So many results, notes and new messages stand on the first page; their own pages have all."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that was not read: from whom, about what, where it stands, and when it was written last."""

    by: str
    topic: str
    address: str
    sent: str | None


async def home(request: Request) -> Response:
    """GET /portal: what comes next, what to do, what is new."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(*WANTS)
    door, session, permit = request.app.state.door, request.state.session, request.state.permit
    booked = await in_words_of(door, permit, snapshot.lists["appointments"], here.say)
    told = replace(snapshot, lists={**snapshot.lists, "appointments": booked})
    shown = home_view(told, await here.looks(), here.say, as_=acts_as(permit))
    next_ = shown["appointment"]
    shown["moves"] = next_ is not None and await may_move(here, next_, now=snapshot.at)
    acted_for = await people(door, session, permit, here.say, now=snapshot.at.astimezone(OSLO))
    return here.page("home.html", snapshot, tab="home", people=acted_for, **shown)


def home_view(snapshot: Snapshot, looks: Sequence[Seen], _: Language, *, as_: str = "self") -> dict[str, Any]:
    """What the first page shows to the patient, or to who reads it `as_` one who acts for the patient."""
    lists, now = snapshot.lists, snapshot.at.astimezone(OSLO)
    seen = log.entries(looks, _)
    others = log.chosen(seen, log.OTHERS)
    patient_id = str(snapshot.patient.get("id", ""))
    since = last_visit(snapshot, seen)
    tests = results.grouped(lists["labs"], _, last_visit=since)
    unread = new_messages(threads(lists["messages"], {}, _, as_=as_), since)
    fresh = [test for test in tests if test.latest.new]
    return {
        "appointment": appointments.next_one(lists["appointments"], _, now=now),
        "stay": overview.stay(lists["stays"], lists["care-plans"]),
        "offers": waiting.offers(lists["appointments"], _, now=snapshot.at),
        "tasks": overview.to_do(lists["tasks"], _, patient_id=patient_id),
        "fresh_messages": unread[:FEW],
        "more_messages": max(0, len(unread) - FEW),
        "results": (fresh or tests)[:FEW],
        "fresh": bool(fresh),
        "medicines": medicines.view(lists["medicines"], _).using,
        "notes": notes.view(lists["notes"], _)[:2],
        "helpers": overview.helpers(snapshot.patient, lists, _, acts=as_ != "self"),
        "last_look": next((entry for entry in others if not entry.machine), None),
        "without": [entry for entry in others if entry.without],
    }


async def may_move(here: Visit, one: Appointment, *, now: datetime) -> bool:
    """Whether an appointment can still be moved here."""
    if not one.visit or one.start is None:
        return False
    try:
        kind = await visit_type(here.request.app.state.door, here.request.state.permit, one.visit)
    except FhirError:
        return False
    return now <= free_until(kind, one.start)


def new_messages(threads: Iterable[Thread], since: datetime | None) -> list[NewMessage]:
    """The conversations with something that the reader has not opened, the newest first: it stands until it is read.
    Of what has no read marks (it was loaded, or came from elsewhere) what somebody else wrote after the last visit."""
    found = []
    for thread in threads:
        last = thread.lines[-1]
        unmarked = bool(last.by) and not last.marked and since is not None and order(last.sent) > since
        unread = [line for line in thread.lines if line.new] or ([last] if unmarked else [])
        if unread:
            found.append(NewMessage(unread[-1].by, thread.topic, f"/portal/messages/{thread.id}", unread[-1].sent))
    return sorted(found, key=lambda one: order(one.sent), reverse=True)


def routes() -> list[BaseRoute]:
    """The first page."""
    return [Route("/portal", home, name="portal")]
