"""The messages of the unit: what came and who has it, and what was sent and how far it has come. Rows 4.2, 4.7, 4.8"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import messages, tasks
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid, NotFound, PreconditionFailed
from samjournal.record import counts
from samjournal.ui.language import language, marked
from samjournal.ui.pages import is_fragment, render
from samjournal.workspace import inbox
from samjournal.workspace.desk import Desk
from samjournal.workspace.documents import files_of_message
from samjournal.workspace.facts import Reader
from samjournal.workspace.message_list import cards, figures, handled
from samjournal.workspace.message_sent import sent

PLACE: Final = "/workspace/messages"
TOLD: Final = {
    **inbox.TOLD,
    "taken": marked("Du har tatt meldingen."),
    "done": marked("Meldingen er ferdig."),
    "visit": marked("Meldingen er merket med at noen må dra dit."),
    "no-visit": marked("Meldingen er ikke lenger merket med besøk."),
}
SEEN_TO: Final = {
    "resend": marked("Meldingen er lagt til sending på nytt."),
    "other": marked("Meldingen er lagt til sending til den nye mottakeren."),
    "paper": marked("Notert: meldingen er sendt på papir."),
    "phone": marked("Notert: meldingen er gitt på telefon."),
}
"""What is said when a message that did not arrive was seen to."""


async def show(request: Request, desk: Desk) -> Response:
    """GET the page; a refresh of an open page gets the list alone. To open one (`item`) is a look, and said once."""
    asked = dict(request.query_params)
    return await _sent(request, desk, asked) if asked.get("tab") == "out" else await _page(request, desk, asked=asked)


async def count(request: Request, desk: Desk) -> Response:
    """GET what every page says of them: how many wait, and how many are past their deadline."""
    now = replace(desk, counts=await counts(desk.door, desk.permit))
    return render(request, "workspace/_message_count.html", desk=now)


async def _sent(request: Request, desk: Desk, asked: dict[str, str]) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    reader = Reader(desk.role.code, _, now, unit_id=desk.role.organization_id)
    found, about = await messages.outbound(desk.door, desk.permit)
    told = asked.get("did", "")
    return render(
        request,
        "workspace/_message_sent.html" if is_fragment(request) else "workspace/messages.html",
        desk=desk,
        tab="out",
        sent=sent(found, about, reader),
        failed=0,
        watches=[desk.watch] if desk.watch else [],
        item="",
        told=_(SEEN_TO[told]) if told in SEEN_TO else "",
        refused="",
    )


async def _page(
    request: Request, desk: Desk, *, asked: dict[str, str], status: int = 200, error: str = "", words: str = ""
) -> Response:
    _ = language(desk.language)
    now = datetime.now(UTC)
    reader = Reader(desk.role.code, _, now, unit_id=desk.role.organization_id)
    found = await messages.inbound(desk.door, desk.permit, now)
    item = asked.get("item", "")
    focus = next((one.focus for one in found.open if one.id == item), "")
    if focus.startswith("Communication/") and focus in found.about and not is_fragment(request):
        letter = await messages.mark_opened(desk.door, desk.permit, focus.partition("/")[2], now)
        found.about[focus] = letter.resource()
    letter_read = found.about.get(focus) if focus.startswith("Communication/") else None
    files = await files_of_message(desk, letter_read) if letter_read else []
    me, team = (f"{of}/{id_}" for of, id_ in _mine(desk))
    told = asked.get("did", "")
    return render(
        request,
        "workspace/_message_list.html" if is_fragment(request) else "workspace/messages.html",
        status=status,
        desk=desk,
        tab="in",
        failed=found.failed,
        cards=cards(found, me, team, reader, opened=item),
        files=files,
        handled=handled(found, reader),
        figures=figures(found, reader),
        closed=found.closed,
        watches=found.watches,
        item=item,
        words=words,
        told=_(TOLD[told]) if told in TOLD else "",
        refused=error or (_(inbox.REFUSED[told]) if told in inbox.REFUSED else ""),
    )


def _mine(desk: Desk) -> tuple[tuple[str, str], tuple[str, str]]:
    return ("PractitionerRole", desk.role.practitioner_role_id), ("Organization", desk.role.organization_id)


async def act(request: Request, desk: Desk) -> Response:
    """POST: take it, say that somebody must go there, or that it is done; as of the version that was seen."""
    form = await request.form(max_fields=8, max_files=0)
    posted = {name: str(value)[:600] for name, value in form.items()}
    posted["answer"] = str(form.get("words", ""))[:4000]
    item, does = str(request.path_params["task"]), str(request.path_params["act"])
    if does not in ACTS:
        raise NotFound("There is no such act.")
    if not desk.is_meant(posted.get("role")):
        return _back(item, "role")
    one = inbox.Posted(item, inbox.version_of(posted), posted)
    try:
        did = await _done(desk, does, one)
    except Invalid as problem:
        told = inbox.why_not(problem, desk)
        return await _page(request, desk, asked={"item": item}, status=422, error=told, words=posted["answer"])
    except (Conflict, PreconditionFailed, Forbidden):
        told = language(desk.language)(inbox.REFUSED["moved"])
        return await _page(request, desk, asked={"item": item}, status=409, error=told, words=posted["answer"])
    except FhirError as problem:
        if problem.status not in (403, 404, 410):
            raise
        return _back("", "gone")
    return _back(item if did in ("taken", "visit", "no-visit") else "", did)


ACTS: Final = ("take", "done", "answer", "hand", "visit", "no-visit")


async def _done(desk: Desk, does: str, one: inbox.Posted) -> str:
    if does not in ("visit", "no-visit"):
        return (await inbox.ACTS[does](desk, one))[0]
    needed = does == "visit"
    await tasks.need_visit(desk.door, desk.permit, one.task, one.version, needed=needed, words=one.words)
    return does


def _back(item: str, did: str) -> Response:
    asked = {"did": did, **({"item": item} if item else {})}
    at = f"#message-{item}" if item else ""
    return RedirectResponse(f"{PLACE}?{urlencode(asked)}{at}", status_code=303)
