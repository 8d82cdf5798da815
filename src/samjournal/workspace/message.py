"""A message whose patient was not found: who it is about is found by a person, or the sender is told why not."""

from __future__ import annotations

from typing import Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import messages
from samjournal.fhir.errors import Conflict, FhirError, NotFound, VersionMoved
from samjournal.messages import Held
from samjournal.patients import find
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace import message_stopped
from samjournal.workspace.banner import GENDERS
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.documents import files_of_document

REASONS: Final = {
    "E36": marked("Det står for lite om pasienten"),
    "E35": marked("Pasienten finnes ikke hos oss"),
    "E21": marked("Meldingen er til noen andre"),
    "X99": marked("Noe annet er feil"),
}
"""Why a message is refused, in the words of the page; the codes are those of the receipt."""


async def show(request: Request, desk: Desk) -> Response:
    """GET what waits, with `q` those who fit it."""
    return await _page(request, desk, query=" ".join(request.query_params.get("q", "").split())[:100])


async def take(request: Request, desk: Desk) -> Response:
    """POST what somebody decided: `patient`, an id, or `refuse`, a code."""
    form = await request.form(max_fields=8, max_files=0)
    if form.get("do") in message_stopped.ACTS:
        return await _stopped(request, desk, form)
    id_, version = str(request.path_params["message"]), counted(form.get("version"))
    patient, code = str(form.get("patient", ""))[:64], str(form.get("refuse", ""))[:8]
    query, _ = " ".join(str(form.get("q", "")).split())[:100], language(desk.language)
    if not desk.is_meant(form.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
        return await _page(request, desk, query=query, error=told, status=409)
    if not patient and code not in REASONS:
        told = _("Velg hvem meldingen gjelder, eller hvorfor den avvises.")
        return await _page(request, desk, query=query, error=told, status=422)
    try:
        if patient:
            await messages.match(desk.door, desk.permit, id_, version, patient)
        else:
            await messages.refuse(desk.door, desk.permit, id_, version, code)
    except (NotFound, Conflict, VersionMoved):
        told = _("Ikke gjort: en annen har sett til meldingen, eller pasientens journal er slått sammen med en annen.")
        return await _page(request, desk, query=query, error=told, status=409)
    return RedirectResponse(f"/workspace/inbox?tab=team&did={'matched' if patient else 'refused'}", status_code=303)


async def _nobodys(request: Request, desk: Desk) -> messages.Stopped | None:
    try:
        return await messages.stopped(desk.door, desk.permit, str(request.path_params["message"]))
    except Conflict:
        return None


async def _stopped(request: Request, desk: Desk, form: FormData) -> Response:
    try:
        return await message_stopped.take(request, desk, form)
    except Conflict:
        return await _page(request, desk, query="", status=409)
    except FhirError as problem:
        if problem.status not in (403, 404, 410):
            raise
        raise NotFound("There is no such message, or it is not for your unit.") from None


async def _page(request: Request, desk: Desk, *, query: str, error: str = "", status: int = 200) -> Response:
    held: Held | None = None
    try:
        held = await messages.held(desk.door, desk.permit, str(request.path_params["message"]))
    except Conflict:
        if request.method == "GET" and (one := await _nobodys(request, desk)) is not None:
            return await message_stopped.page(request, desk, one)
        status = max(status, 409)
    except FhirError as problem:
        if problem.status not in (403, 404, 410):
            raise
        raise NotFound("There is no such message, or it is not for your unit.") from None
    return render(
        request,
        "workspace/message.html",
        status=status,
        desk=desk,
        held=held,
        files=await files_of_document(desk, held.id, f"/workspace/messages/{held.id}") if held else [],
        query=query,
        found=await find(desk.door, desk.permit, query) if query and held else [],
        genders=GENDERS,
        reasons=REASONS,
        error=error,
    )
