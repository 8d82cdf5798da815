"""Conversations with a patient, from the record: read, and begun; and what the unit promises those who write to it.

GET, POST …/patients/{id}/messages       the conversations; write to the patient
GET, POST /workspace/messages/promise    whether the unit takes messages, and how soon it answers
"""

from __future__ import annotations

from typing import Final
from uuid import uuid4

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import conversations
from samjournal.conversations import LONGEST, Promise
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, PreconditionFailed
from samjournal.record import Want, open_chart
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.banner import BANNER
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import said
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.talk import talk

MESSAGES: Final = Want("messages", "Communication", "_sort=-sent", 100)
_WORDS: Final = 4000


async def show(request: Request, desk: Desk) -> Response:
    """GET the conversations of a patient, the newest first."""
    return await _page(request, desk, done=request.query_params.get("did") == "sent")


async def _page(
    request: Request,
    desk: Desk,
    *,
    done: bool = False,
    error: str = "",
    entered: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    patient_id = str(request.path_params["id"])
    snapshot = await open_chart(desk.door, desk.permit, patient_id, [*BANNER, MESSAGES], action="search")
    reader = reader_of(desk, snapshot)
    threads: dict[str, list[dict[str, object]]] = {}
    for one in snapshot.lists["messages"]:
        if conversations.kind_of(one) is not None:
            threads.setdefault(conversations.root_of(one), []).append(one)
    shown = []
    for many in threads.values():
        last = many[0]
        found = await talk(desk, last, {"talk": many}, reader)
        topic = said(many[-1].get("topic"), reader.language) or (found.kind if found else "")  # type: ignore[arg-type]
        shown.append((topic or reader.language("Melding"), found))
    return render(
        request,
        "workspace/talks.html",
        status=status,
        **framed(desk, snapshot, reader, here="messages"),
        talks=shown,
        done=done,
        error=error,
        may_write=desk.permit.may("c", "Communication"),
        entered={"topic": "", "words": "", "answers": "yes", "once": str(uuid4()), **(entered or {})},
    )


async def write(request: Request, desk: Desk) -> Response:
    """POST: write to the patient. A form that is sent twice is one message."""
    form = await request.form(max_fields=8, max_files=0)
    entered = {name: str(form.get(name) or "")[:_WORDS] for name in ("topic", "words", "answers", "once")}
    _ = language(desk.language)
    if not desk.is_meant(form.get("role")):
        told = _("Ikke sendt: du har byttet rolle etter at du åpnet siden.")
        return await _page(request, desk, error=told, entered=entered, status=409)
    patient_id = str(request.path_params["id"])
    try:
        await conversations.start(
            desk.door,
            desk.permit,
            patient_id,
            entered["topic"],
            entered["words"],
            answers=entered["answers"] == "yes",
            once=entered["once"][:64],
        )
    except Invalid as problem:
        told = _("Skriv hva meldingen gjelder.") if "about" in str(problem) else _("Skriv meldingen.")
        return await _page(request, desk, error=told, entered=entered, status=422)
    return RedirectResponse(f"/workspace/patients/{patient_id}/messages?did=sent", status_code=303)


SAID: Final = marked("Lagret. Innbyggerne ser det fra nå.")


async def promise(request: Request, desk: Desk) -> Response:
    """GET what the unit says."""
    told = language(desk.language)(SAID) if request.query_params.get("did") == "said" else ""
    return await _promise(request, desk, told=told)


async def _promise(request: Request, desk: Desk, *, told: str = "", error: str = "", status: int = 200) -> Response:
    says = await conversations.promise(desk.door, desk.permit)
    return render(
        request,
        "workspace/promise.html",
        status=status,
        desk=desk,
        says=says,
        days=list(range(1, LONGEST + 1)),
        told=told,
        error=error,
    )


async def set_promise(request: Request, desk: Desk) -> Response:
    """POST what the unit says from now on."""
    form = await request.form(max_fields=8, max_files=0)
    _ = language(desk.language)
    if not desk.is_meant(form.get("role")):
        raise Forbidden("You have changed role since you opened the page.")
    days, version = counted(form.get("days")), counted(form.get("version"))
    words = str(form.get("words") or "")[:200]
    try:
        said_so = Promise(form.get("takes") == "yes", days, words, version=version)
        await conversations.set_promise(desk.door, desk.permit, said_so)
    except Invalid:
        return await _promise(request, desk, error=_("Velg hvor mange virkedager, fra 1 til 5."), status=422)
    except (Conflict, PreconditionFailed):
        told = _("Ikke lagret: en annen har endret det etter at du åpnet siden. Slik står det nå.")
        return await _promise(request, desk, error=told, status=409)
    return RedirectResponse("/workspace/messages/promise?did=said", status_code=303)
