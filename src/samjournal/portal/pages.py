"""The portal's addresses: each opens the citizen's own record through the door and shows one page of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal.audit import Seen
from samjournal.fhir.errors import NotFound
from samjournal.portal import appointments, facts, log, medicines, notes, overview, results, trend
from samjournal.record import Snapshot, Want, log_for_patient, open_chart
from samjournal.ui.formats import OSLO, moment
from samjournal.ui.language import Language, language
from samjournal.ui.pages import language_of, render

APPOINTMENTS = Want("appointments", "Appointment", "_sort=-date", 100)
CARE_PLANS = Want("care-plans", "CarePlan", "status=active", 20)
HOME_CARE = Want("home-care", "EpisodeOfCare", "", 20)
LABS = Want("labs", "Observation", "category=laboratory&_sort=-date", 200)
MEDICINES = Want("medicines", "MedicationRequest", "", 200)
NOTES = Want("notes", "Composition", "_sort=-date", 100)
STAYS = Want("stays", "Encounter", "_sort=-date", 50)
TASKS = Want("tasks", "Task", "", 50)
VITALS = Want("vitals", "Observation", "category=vital-signs&_sort=-date", 200)

# A visit lasts about this long: what was new when it began stays new while it lasts.
VISIT = timedelta(minutes=30)
LOG_PAGE = 100


@dataclass(frozen=True, slots=True)
class Visit:
    """A citizen at the portal: whose record it is, and the language to say it in."""

    request: Request
    patient_id: str
    say: Language

    async def open(self, *wants: Want) -> Snapshot:
        """The citizen's own record, through the door like everybody else."""
        return await open_chart(
            self.request.app.state.door, self.request.state.permit, self.patient_id, wants
        )

    async def looks(self, *, count: int = LOG_PAGE, before: datetime | None = None) -> list[Seen]:
        """Who has read it, newest first."""
        return await log_for_patient(
            self.request.app.state.door,
            self.request.state.permit,
            self.patient_id,
            count=count,
            before=before,
        )

    def page(self, template: str, snapshot: Snapshot, *, tab: str, **context: Any) -> Response:
        """The page, with what the head of every page shows."""
        full = facts.name(snapshot.patient)
        me = {"name": full, "given": facts.given_name(snapshot.patient), "initials": facts.initials(full)}
        return render(self.request, f"portal/{template}", me=me, tab=tab, watch=snapshot.watch, **context)


def visit(request: Request) -> Visit | Response:
    """The citizen's visit, or the way to where this visitor belongs."""
    session = getattr(request.state, "session", None)
    if session is None:
        return RedirectResponse(f"/signin?next={quote(request.url.path)}", status_code=303)
    if session.patient_id is None:
        return RedirectResponse("/workspace", status_code=303)
    return Visit(request, session.patient_id, language(language_of(request)))


async def home(request: Request) -> Response:
    """GET /portal: what comes next, what to do, what is new."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    wants = (APPOINTMENTS, CARE_PLANS, HOME_CARE, LABS, MEDICINES, NOTES, STAYS, TASKS)
    snapshot, looks = await here.open(*wants), log.entries(await here.looks(), here.say)
    lists, now = snapshot.lists, snapshot.at.astimezone(OSLO)
    since = log.last_visit(looks, before=snapshot.at - VISIT)
    others = log.chosen(looks, log.OTHERS)
    return here.page(
        "home.html",
        snapshot,
        tab="home",
        appointment=appointments.next_one(lists["appointments"], here.say, now=now),
        stay=overview.stay(lists["stays"], lists["care-plans"]),
        tasks=overview.to_do(lists["tasks"], here.say, patient_id=here.patient_id),
        results=results.grouped(lists["labs"], here.say, last_visit=since)[:3],
        medicines=medicines.view(lists["medicines"], here.say).using,
        notes=notes.view(lists["notes"], here.say)[:2],
        helpers=overview.helpers(snapshot.patient, lists, here.say),
        last_look=others[0] if others else None,
        without=[entry for entry in others if entry.without],
    )


async def result_list(request: Request) -> Response:
    """GET /portal/results: every test and measurement, the newest of each."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot, looks = await here.open(LABS, VITALS), log.entries(await here.looks(), here.say)
    since = log.last_visit(looks, before=snapshot.at - VISIT)
    return here.page(
        "results.html",
        snapshot,
        tab="results",
        labs=results.grouped(snapshot.lists["labs"], here.say, last_visit=since),
        vitals=results.grouped(snapshot.lists["vitals"], here.say, last_visit=since),
    )


async def one_result(request: Request) -> Response:
    """GET /portal/results/{code}: one test, its verdict, its curve and all earlier results."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    code = str(request.path_params["code"])
    snapshot = await here.open(LABS, VITALS)
    both = [*snapshot.lists["labs"], *snapshot.lists["vitals"]]
    found = next((test for test in results.grouped(both, here.say) if test.latest.code == code), None)
    if found is None:
        raise NotFound("There is no such result.")
    return here.page(
        "result.html",
        snapshot,
        tab="results",
        tested=found,
        result=found.latest,
        trend=results.curve(found),
        narrow=results.curve(found, width=trend.NARROW),
    )


async def medicine_list(request: Request) -> Response:
    """GET /portal/medicines."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(MEDICINES)
    return here.page(
        "medicines.html",
        snapshot,
        tab="medicines",
        medicines=medicines.view(snapshot.lists["medicines"], here.say),
    )


async def note_list(request: Request) -> Response:
    """GET /portal/notes."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(NOTES)
    return here.page(
        "notes.html", snapshot, tab="record", notes=notes.view(snapshot.lists["notes"], here.say)
    )


async def appointment_list(request: Request) -> Response:
    """GET /portal/appointments: ahead, waiting for, behind."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    referrals = Want("referrals", "ServiceRequest", "status=active", 50)
    snapshot = await here.open(APPOINTMENTS, referrals)
    return here.page(
        "appointments.html",
        snapshot,
        tab="appointments",
        found=appointments.view(
            snapshot.lists["appointments"],
            snapshot.lists["referrals"],
            here.say,
            now=snapshot.at.astimezone(OSLO),
        ),
    )


async def record(request: Request) -> Response:
    """GET /portal/record: the record in short."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open(
        Want("allergies", "AllergyIntolerance"),
        CARE_PLANS,
        Want("warnings", "Flag", "status=active"),
        Want("conditions", "Condition", "", 100),
        Want("goals", "Goal"),
        HOME_CARE,
        Want("relatives", "RelatedPerson"),
        STAYS,
        Want("vaccines", "Immunization", "_sort=-date", 100),
    )
    return here.page("record.html", snapshot, tab="record", **_record(snapshot, here.say))


def _record(snapshot: Snapshot, _: Language) -> dict[str, Any]:
    lists = snapshot.lists
    now, over = overview.illnesses(lists["conditions"], _)
    return {
        "warnings": overview.warnings(lists["warnings"]),
        "allergies": overview.allergies(lists["allergies"], _),
        "illnesses": now,
        "earlier": over,
        "vaccines": overview.vaccines(lists["vaccines"], _),
        "services": overview.help_at_home(lists["home-care"], _),
        "plans": overview.plans(lists["care-plans"], _),
        "goals": overview.goals(lists["goals"]),
        "contacts": overview.contacts(lists["stays"], _),
        "relatives": overview.relatives(lists["relatives"], _),
        "helpers": overview.helpers(snapshot.patient, lists, _),
    }


async def look_list(request: Request) -> Response:
    """GET /portal/log: who has read the record, when and why."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    before = moment(request.query_params.get("before"))
    snapshot = await here.open()
    looks = await here.looks(count=LOG_PAGE, before=before if isinstance(before, datetime) else None)
    found = log.entries(looks, here.say)
    show = request.query_params.get("show", log.OTHERS)
    return here.page(
        "log.html",
        snapshot,
        tab="record",
        days=log.by_day(log.chosen(found, show)),
        show=show if show in (log.WITHOUT, log.OWN) else log.OTHERS,
        counts={kind: len(log.chosen(found, kind)) for kind in (log.OTHERS, log.WITHOUT, log.OWN)},
        older=_older(found) if len(looks) >= LOG_PAGE else None,
        paged=before is not None,
    )


def _older(found: Sequence[log.Entry]) -> str:
    return found[-1].at.isoformat()


def routes() -> list[BaseRoute]:
    """The portal's pages."""
    return [
        Route("/portal", home, name="portal"),
        Route("/portal/results", result_list),
        Route("/portal/results/{code}", one_result),
        Route("/portal/medicines", medicine_list),
        Route("/portal/notes", note_list),
        Route("/portal/appointments", appointment_list),
        Route("/portal/record", record),
        Route("/portal/log", look_list),
    ]
