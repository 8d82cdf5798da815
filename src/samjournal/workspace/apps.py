"""Apps that are opened from a patient's page: a menu of those for the role, each opened with whom it is for.

hl7.org/fhir/smart-app-launch/app-launch.html#launch-app-ehr-launch. What the app is told is an opaque word; whom it
means, and in which session, is known here alone.
"""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.accounts import App, launch, remembered
from samjournal.fhir.errors import Forbidden, NotFound
from samjournal.record import open_chart, query_of, read, search
from samjournal.ui.pages import render
from samjournal.ui.security import is_own
from samjournal.workspace.banner import BANNER
from samjournal.workspace.desk import Desk
from samjournal.workspace.page import framed, reader_of


async def for_role(desk: Desk) -> list[App]:
    """The apps that whoever sits there may open from a patient's page, by name."""
    return [one for one in await remembered(desk.door.pool) if one.launch and one.is_for("staff", desk.permit.role)]


async def show(request: Request, desk: Desk) -> Response:
    """GET: the apps that the role may open about this patient."""
    snapshot = await open_chart(desk.door, desk.permit, request.path_params["id"], BANNER)
    frame = framed(desk, snapshot, reader_of(desk, snapshot), here="apps")
    return render(request, "workspace/apps.html", listed=await for_role(desk), **frame)


async def open_app(request: Request, desk: Desk) -> Response:
    """GET: to the app, in a tab of its own, with the patient whose page it was opened from. Only from a page of ours,
    so that no link elsewhere opens an app about somebody."""
    patient_id, app_id = str(request.path_params["id"]), str(request.path_params["app"])
    if not is_own(request.headers, request.url.scheme):
        raise Forbidden("An app is opened from the patient's page.")
    one = next((each for each in await for_role(desk) if each.client_id == app_id), None)
    base = request.app.state.settings.called(request.url.scheme, request.headers.get("host", ""))
    if one is None or one.launch is None or base is None:
        raise NotFound("There is no such app for this role.")
    await read(desk.door, desk.permit, "Patient", patient_id)
    word = await launch(desk.door.pool, one.client_id, desk.session.id, patient_id, await _encounter(desk, patient_id))
    asked = urlencode({"iss": f"{base}/fhir", "launch": word})
    answer = RedirectResponse(f"{one.launch}{'&' if '?' in one.launch else '?'}{asked}", status_code=303)
    answer.headers["cache-control"] = "no-store"
    return answer


async def _encounter(desk: Desk, patient_id: str) -> str | None:
    """The contact that goes on at the own unit, or the only one that goes on; None where there is none, or a choice."""
    if not desk.permit.may("s", "Encounter"):
        return None
    query = query_of("Encounter", [("patient", patient_id), ("status", "in-progress"), ("_count", "10")])
    going = [one.resource() for one in (await search(desk.door, desk.permit, query)).matches]
    unit = f"Organization/{desk.role.organization_id}"
    here = [one for one in going if one.get("serviceProvider", {}).get("reference") == unit]
    chosen = here or going
    return str(chosen[0]["id"]) if len(chosen) == 1 else None
