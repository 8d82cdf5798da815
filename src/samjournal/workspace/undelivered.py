"""A message that did not arrive: why, and the four ways in which a person sees to it. README 7.1"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import messages
from samjournal.fhir.errors import Conflict, Forbidden, Gone, Invalid, NotFound, PreconditionFailed
from samjournal.messages import Receiver, Undelivered
from samjournal.ui.language import language, marked
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.facts import Reader
from samjournal.workspace.message_sent import WORDS, step_words

WAYS: Final = ("resend", "other", "paper", "phone")
WHY: Final = {
    "no-sender": marked("enheten din har ingen adresse å sende fra"),
    "no-endpoint": marked("har ingen adresse for meldinger"),
    "untested": marked("prøvemeldingen er ikke besvart"),
    "nobody": marked("ingen leser det som kommer dit"),
    "kind": marked("tar ikke slike meldinger"),
    "not-yet": marked("begynner {since}"),
    "over": marked("sluttet {since}"),
    "closed": marked("tar ikke imot nå"),
}
"""Why somebody cannot be sent to."""
_MOST: Final = 30


async def show(request: Request, desk: Desk) -> Response:
    """GET what did not arrive, with `q` those it may go to instead."""
    return await _page(request, desk, query=" ".join(request.query_params.get("q", "").split())[:100])


async def take(request: Request, desk: Desk) -> Response:
    """POST how it is seen to: `way`, with `receiver` (an organisation's id) or `words`."""
    form = await request.form(max_fields=8, max_files=0)
    said = {name: str(value)[:600] for name, value in form.items()}
    _, query = language(desk.language), " ".join(said.get("q", "").split())[:100]
    if not desk.is_meant(said.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se på det igjen.")
        return await _page(request, desk, query=query, error=told, status=409)
    if said.get("way") not in WAYS:
        return await _page(request, desk, query=query, error=_("Velg hvordan den skal fram."), status=422)
    try:
        await _done(desk, str(request.path_params["message"]), counted(said.get("version")), said)
    except Invalid:
        told = _("Skriv hvem som fikk den, og når.") if said["way"] != "other" else _("Velg en mottaker.")
        return await _page(request, desk, query=query, error=told, status=422, words=said)
    except (Conflict, PreconditionFailed):
        told = _("Ikke gjort: en annen har sett til meldingen, eller mottakeren tar ikke imot. Se på den igjen.")
        return await _page(request, desk, query=query, error=told, status=409, words=said)
    return RedirectResponse(f"/workspace/messages?tab=out&did={said['way']}", status_code=303)


async def _done(desk: Desk, id_: str, version: int, said: dict[str, str]) -> None:
    if not desk.permit.may("u", "Communication"):
        raise Forbidden(f"The role {desk.permit.role} does not see to messages.")
    way, words = said["way"], said.get("words", "")
    if way == "resend":
        await messages.resend(desk.door, desk.permit, id_, version)
    elif way == "paper":
        await messages.by_paper(desk.door, desk.permit, id_, version, words)
    elif way == "phone":
        await messages.by_phone(desk.door, desk.permit, id_, version, words)
    else:
        kind = (await messages.undelivered(desk.door, desk.permit, id_)).kind[0]
        named = [said["receiver"]] if said.get("receiver") else []
        own = desk.role.organization_id
        found = await messages.receivers(desk.door, desk.permit, kind, datetime.now(UTC), units=named, sender=own)
        if not found:
            raise Invalid("Choose a receiver.")
        await messages.other_receiver(desk.door, desk.permit, id_, version, found[0])


async def _page(
    request: Request,
    desk: Desk,
    *,
    query: str,
    error: str = "",
    status: int = 200,
    words: dict[str, str] | None = None,
) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    reader = Reader(desk.role.code, _, now, unit_id=desk.role.organization_id)
    one: Undelivered | None = None
    others: list[Receiver] = []
    try:
        one = await messages.undelivered(desk.door, desk.permit, str(request.path_params["message"]))
    except Conflict:
        status = max(status, 409)
    except (NotFound, Gone, Forbidden):
        raise NotFound("There is no such message, or it is not for your unit.") from None
    if one and query:
        found = await messages.receivers(desk.door, desk.permit, one.kind[0], now, named=query, sender=reader.unit_id)
        others = [each for each in found if each.way != "shared"][:_MOST]
    return render(
        request,
        "workspace/undelivered.html",
        status=status,
        desk=desk,
        one=one,
        state=_(WORDS[one.state]) if one else "",
        steps=step_words(one.steps, reader) if one else (),
        query=query,
        others=[(each.id, str(each.organisation.get("display", "")), _why(each, reader)) for each in others],
        entered={"way": "", "words": "", **(words or {})},
        error=error,
    )


def _why(receiver: Receiver, reader: Reader) -> str:
    """Why it cannot be chosen; "" when it can."""
    if not receiver.why:
        return ""
    return reader.language(WHY[receiver.why], since=reader.day(receiver.since) if receiver.since else "")
