"""The chart's first page: Historikk, Nå and Videre plan of one patient, kept up to date while it is open."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.errors import Invalid
from samjournal.record import Want, mark_seen, open_chart
from samjournal.ui.language import marked
from samjournal.ui.pages import is_fragment, render
from samjournal.workspace.apps import for_role
from samjournal.workspace.banner import BANNER
from samjournal.workspace.chart_view import chart
from samjournal.workspace.desk import Desk
from samjournal.workspace.page import tabs
from samjournal.workspace.writers import my_drafts, others_writing

WANTS: Final = (
    *BANNER,
    Want("problems", "Condition", count=60),
    Want("vitals", "Observation", "category=vital-signs&_sort=-date", 120, common=True),
    Want("scores", "Observation", "category=survey&_sort=-date", 20),
    Want("labs", "Observation", "category=laboratory&_sort=-date", 120, common=True),
    Want("habits", "Observation", "category=social-history&_sort=-date", 20),
    Want("medicines", "MedicationRequest", "_sort=-authoredon", 60),
    Want("notes", "Composition", "_sort=-date", 20),
    Want("appointments", "Appointment", "_sort=-date", 30),
    Want("referrals", "ServiceRequest", "_sort=-authored", 30),
    Want("services", "EpisodeOfCare", count=20),
    Want("plans", "CarePlan", count=20),
    Want("goals", "Goal", count=10),
    Want("tasks", "Task", "status:not=completed,cancelled,rejected,failed,entered-in-error&_sort=-authored-on", 40),
    Want("acknowledged", "Task", "code=urn:samjournal:task|acknowledge&_sort=-authored-on", 12),
    Want("vaccines", "Immunization", "_sort=-date", 20),
)
SAVED: Final = {
    "blood-pressure": marked("Blodtrykket er lagret. Alle som har pasienten, ser det nå."),
    "blood-pressure-before": marked("Blodtrykket var lagret fra før. Ingenting er lagret to ganger."),
    "note": marked("Notatet er signert. Alle som har pasienten, ser det nå."),
    "reserved": marked("Notatet er signert. Det er forbeholdt enheten."),
    "countersign": marked("Notatet er signert av deg og venter på medsignering. Pasienten ser det først da."),
    "prepared": marked("Notatet er sendt til signering. Det står som ikke signert til det er gjort."),
    "draft": marked("Utkastet er lagret. Bare du ser det."),
    "discarded": marked("Utkastet er forkastet."),
    "already": marked("Dette utkastet er alt signert eller forkastet. Ingenting er gjort en gang til."),
    "held": marked("Notatet er holdt tilbake for pasienten. Avgjørelsen blir gjennomgått."),
    "seen": marked("Det nye er merket som sett."),
    "released": marked("Pasienten kan lese notatet nå."),
}
"""What is said when something was saved."""


LONGEST_WRITE: Final = timedelta(seconds=1)
"""What was written so shortly before a page was read may have come too late for it."""


async def show(request: Request, desk: Desk) -> Response:
    """GET the chart; a refresh of an open page carries its `look` and gets the changing part alone."""
    return await page(request, desk, request.path_params["id"])


async def page(
    request: Request,
    desk: Desk,
    patient_id: str,
    *,
    status: int = 200,
    entered: dict[str, str] | None = None,
    errors: dict[str, str] | None = None,
) -> Response:
    """The chart, also with a form that was not accepted: what was entered stands in it still."""
    snapshot = await open_chart(desk.door, desk.permit, patient_id, WANTS, look=request.query_params.get("look"))
    # An open page that is refreshed keeps the last look from before it was opened.
    last_look = _moment(request.query_params.get("seen")) or snapshot.last_look
    since = last_look or _moment(request.query_params.get("since"))
    view = chart(
        snapshot,
        role=desk.role.code,
        language=desk.language,
        now=snapshot.at,
        since=since,
        last_look=last_look,
        unit_id=desk.role.organization_id,
    )
    saved = request.query_params.get("saved", "")
    return render(
        request,
        "workspace/_chart.html" if is_fragment(request) else "workspace/chart.html",
        status=status,
        desk=desk,
        patient_id=snapshot.patient["id"],
        look=snapshot.look,
        watch=snapshot.watch,
        seen_from=last_look.isoformat() if last_look else "",
        # What comes while the page is open is new, also when the reader's last look is not known.
        fresh_from=(since or snapshot.at).isoformat(),
        kept_back=snapshot.kept_back,
        tabs=tabs(snapshot.patient["id"], "overview", desk.language),
        apps=await for_role(desk),
        saved=SAVED.get(saved, ""),
        saved_as=saved,  # What was saved stands there still when the page hears of it and is drawn anew.
        drafts=await my_drafts(desk, snapshot.patient["id"]),
        writing=await others_writing(desk, snapshot.patient["id"]),
        shown_at=(snapshot.at - LONGEST_WRITE).isoformat(),
        only_new=request.query_params.get("only") == "new",
        entered=entered or {},
        errors=errors or {},
        once=str(uuid4()),
        **view,
    )


async def seen(request: Request, desk: Desk) -> Response:
    """POST: what is new was seen, as the page that is open shows it."""
    patient_id = str(request.path_params["id"])
    form = await request.form(max_fields=4, max_files=0)
    until = _moment(str(form.get("until", "")))
    if until is None:
        raise Invalid("The form lacks the moment at which the page was shown. Load the page anew.")
    look = str(form.get("look", ""))
    done = await mark_seen(desk.door, desk.permit, patient_id, WANTS, look=look, until=until)
    if not done:
        return await page(request, desk, patient_id, status=409, errors={"seen": "more"})
    return RedirectResponse(f"/workspace/patients/{patient_id}?saved=seen", status_code=303)


def _moment(text: str | None) -> datetime | None:
    try:
        found = datetime.fromisoformat(text) if text else None
    except ValueError:
        return None
    return found if found is not None and found.tzinfo is not None else None
