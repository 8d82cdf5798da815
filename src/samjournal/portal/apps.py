"""«Apper»: what the citizen lets apps see, and the end of that, which takes effect at once."""

from __future__ import annotations

from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import accounts
from samjournal.access.scope_words import line
from samjournal.access.scopes import of_app
from samjournal.accounts import Granted
from samjournal.audit import Look, write
from samjournal.fhir.errors import NotFound
from samjournal.fhir.keys import patient_key
from samjournal.portal.visiting import visit
from samjournal.ui.formats import OSLO


async def app_list(request: Request) -> Response:
    """GET /portal/apps: the apps that see something now, what, and until when."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    snapshot = await here.open()
    standing = [
        {
            "id": str(one.id),
            "name": one.name,
            "since": one.starts.astimezone(OSLO) if one.starts else None,
            "until": one.expires.astimezone(OSLO) if one.expires else None,
            "stays": one.session is None,
            "lines": [line(each, here.say.code) for each in of_app(one.scope)[0].grants],
        }
        for one in await _mine(request)
    ]
    done = request.query_params.get("done") == "ended"
    return here.page("apps.html", snapshot, tab="record", standing=standing, done=done)


async def end_app(request: Request) -> Response:
    """POST: end what an app may do (`id`). Raises NotFound for what is not the citizen's own."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=2, max_files=0)
    asked = str(form.get("id", ""))
    one = next((each for each in await _mine(request) if str(each.id) == asked), None)
    if one is None:
        raise NotFound("That app has no access any longer.")
    assert isinstance(one.id, UUID)
    permit = request.state.permit
    async with request.app.state.door.pool.transaction() as db:
        await accounts.end_granted(db, one.id, "person")
        patient = patient_key(one.patient_id) if one.patient_id else None
        look = Look(
            permit.request, permit.actor, permit.name, permit.role, permit.unit, "end-app", permit.bond,
            patient=patient, agent=permit.agent, app=one.app,
        )  # fmt: skip
        await write(db, [look])
    return RedirectResponse("/portal/apps?done=ended", status_code=303)


async def _mine(request: Request) -> list[Granted]:
    """What the person who is signed in lets apps do with the record that is open now."""
    session, permit = request.state.session, request.state.permit
    found = await accounts.granted_by(request.app.state.door.pool, session.login)
    return [one for one in found if one.acts_for == session.acts_for and one.patient_id in (None, permit.patient)]
