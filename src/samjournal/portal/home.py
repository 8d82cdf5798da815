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
from samjournal.portal import appointments, log, medicines, messages, notes, overview, results, waiting
from samjournal.portal.acting_for import people
from samjournal.portal.visit_names import in_words_of
from samjournal.portal.visiting import last_visit, visit
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
from samjournal.ui.formats import OSLO, order
from samjournal.ui.language import Language

WANTS = (APPOINTMENTS, CARE_PLANS, HOME_CARE, LABS, MEDICINES, MESSAGES, NOTES, STAYS, TASKS)
FEW = 3
"""So many results, notes and new messages stand on the first page; their own pages have all."""


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message that came since the last visit: from whom, about what, and where it stands."""

    by: str
    topic: str | None
    address: str


async def home(request: Request) -> Response:
    """GET /portal: what comes next, what to do, what is new."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(*WANTS)
    door, session, permit = request.app.state.door, request.state.session, request.state.permit
    booked = await in_words_of(door, permit, snapshot.lists["appointments"], here.say)
    told = replace(snapshot, lists={**snapshot.lists, "appointments": booked})
    shown = home_view(told, await here.looks(), here.say)
    acted_for = await people(door, session, permit, here.say, now=snapshot.at.astimezone(OSLO))
    return here.page("home.html", snapshot, tab="home", people=acted_for, **shown)


def home_view(snapshot: Snapshot, looks: Sequence[Seen], _: Language) -> dict[str, Any]:
    """What the first page shows."""
    lists, now = snapshot.lists, snapshot.at.astimezone(OSLO)
    seen = log.entries(looks, _)
    others = log.chosen(seen, log.OTHERS)
    patient_id = str(snapshot.patient.get("id", ""))
    since = last_visit(snapshot, seen)
    tests = results.grouped(lists["labs"], _, last_visit=since)
    fresh = [test for test in tests if test.latest.new]
    return {
        "appointment": appointments.next_one(lists["appointments"], _, now=now),
        "stay": overview.stay(lists["stays"], lists["care-plans"]),
        "offers": waiting.offers(lists["appointments"], _, now=snapshot.at),
        "tasks": overview.to_do(lists["tasks"], _, patient_id=patient_id),
        "fresh_messages": new_messages(messages.view(lists["messages"], _), since),
        "results": (fresh or tests)[:FEW],
        "fresh": bool(fresh),
        "medicines": medicines.view(lists["medicines"], _).using,
        "notes": notes.view(lists["notes"], _)[:2],
        "helpers": overview.helpers(snapshot.patient, lists, _),
        "last_look": next((entry for entry in others if not entry.machine), None),
        "without": [entry for entry in others if entry.without],
    }


def new_messages(threads: Iterable[messages.Message], since: datetime | None) -> list[NewMessage]:
    """The threads in which somebody else wrote last, after the last visit; on the first visit nothing is new."""
    found = []
    for thread in threads:
        last = max((thread, *thread.answers), key=lambda one: order(one.sent))
        if last.by and since is not None and order(last.sent) > since:
            found.append(NewMessage(last.by, thread.topic, f"/portal/messages/{thread.id}"))
    return found[:FEW]


def routes() -> list[BaseRoute]:
    """The first page."""
    return [Route("/portal", home, name="portal")]
