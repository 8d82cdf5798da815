"""A message that nobody has: for nobody who was known here, or under the id of another message. Row 4.7

    page(request, desk, stopped)    what it says, with its files, and what can be done
    take(request, desk, form)       `do`: `retake`, or `away` with `words` on why nothing comes of it

It has the address of a message whose patient is to be found: it is either, never both.
"""

from __future__ import annotations

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import messages
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, VersionMoved
from samjournal.messages import Stopped
from samjournal.ui.language import language
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.documents import files_of_document

ACTS = ("retake", "away")


async def page(
    request: Request, desk: Desk, one: Stopped, *, error: str = "", words: str = "", status: int = 200
) -> Response:
    """The page of one."""
    return render(
        request,
        "workspace/message_stopped.html",
        status=status,
        desk=desk,
        one=one,
        files=await files_of_document(desk, one.id, f"/workspace/messages/{one.id}"),
        may=desk.permit.may("u", "Communication"),
        error=error,
        words=words,
    )


async def take(request: Request, desk: Desk, form: FormData) -> Response:
    """What somebody at the desk decided, as of the version that was seen."""
    id_, version = str(request.path_params["message"]), counted(form.get("version"))
    words, _ = str(form.get("words", ""))[:600], language(desk.language)
    one = await messages.stopped(desk.door, desk.permit, id_)
    if not desk.is_meant(form.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
        return await page(request, desk, one, error=told, words=words, status=409)
    try:
        if form.get("do") == "retake":
            await messages.retry(desk.door, desk.permit, id_, version)
        else:
            await messages.put_away(desk.door, desk.permit, id_, version, words)
    except Invalid:
        told = _("Skriv hvorfor det ikke skal gjøres noe med meldingen.")
        return await page(request, desk, one, error=told, words=words, status=422)
    except Forbidden:
        told = _("Ikke gjort: rollen din avgjør ikke dette.")
        return await page(request, desk, one, error=told, words=words, status=403)
    except (Conflict, VersionMoved):
        told = _("Ikke gjort: en annen har sett til meldingen. Slik er den nå.")
        return await page(request, desk, one, error=told, words=words, status=409)
    done = "retaken" if form.get("do") == "retake" else "away"
    return RedirectResponse(f"/workspace/inbox?tab=team&did={done}", status_code=303)
