"""Notices to citizens: for who runs the channels what waits, what failed and since when, by no name; on a patient's
page who was told what. docs/reference/notices.md"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import letters
from samjournal.fhir.errors import Forbidden, NotFound
from samjournal.letters import KINDS, Line
from samjournal.record import open_chart
from samjournal.record.find import represented_cards
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import INDEX, Desk
from samjournal.workspace.page import framed, reader_of
from samjournal.workspace.wants import BANNER

CHANNELS: Final = {
    "push": marked("App"),
    "sms": marked("SMS"),
    "email": marked("E-post"),
    "letter": marked("Brev fra trykkeri"),
    "hand": marked("Brev enheten skriver ut"),
    "person": marked("Noen ringer"),
}
LEVELS: Final = {
    "urgent": marked("haster"),
    "ordinary": marked("vanlig"),
    "information": marked("til orientering"),
}
STATES: Final = {
    "waiting": marked("på vei"),
    "delivered": marked("sendt"),
    "failed": marked("kom ikke fram"),
    "over": marked("gjaldt ikke lenger"),
}
WHY: Final = {
    "over": marked("gjaldt ikke lenger"),
    "no-longer": marked("mottakeren har ikke lenger innsyn"),
    "not-shown": marked("vises ikke for pasienten ennå"),
    "with-report": marked("sendt sammen med rapporten"),
    "not-wanted": marked("slått av av mottakeren"),
    "no-channel": marked("ingen kanal når mottakeren"),
    "nobody": marked("mottakeren er død eller ikke i journalen"),
}
TOLD: Final = {"again": marked("Varselet prøves nå."), "gone": marked("Varselet venter ikke lenger.")}


async def show(request: Request, desk: Desk) -> Response:
    """GET what waits on each channel, for who runs them."""
    if not desk.permit.operates:
        raise Forbidden("This page is for who runs the channels.")
    _, now = language(desk.language), datetime.now(UTC)
    found = await letters.traffic(desk.door, desk.permit, request.app.state.channels, now)
    done = request.query_params.get("did", "")

    def ago(at: datetime | None) -> str:
        return formats.ago(at, now=now, language=_) if at else ""

    return render(
        request,
        "workspace/notices.html",
        desk=desk,
        traffic=found,
        oldest=ago(found.oldest),
        channels=[
            {"one": one, "name": _(CHANNELS[one.channel]), "oldest": ago(one.oldest)}
            | {"last": formats.when(one.last, now=now, language=_) if one.last else _("ikke det siste døgnet")}
            for one in found.channels
        ],
        stuck=[
            {"one": one, "name": _(CHANNELS.get(one.channel, one.channel)), "level": _(LEVELS[one.level])}
            | {"made": formats.when(one.made, now=now, language=_), "state": _(STATES[one.state])}
            | {"next": formats.when(one.next, now=now, language=_) if one.state == "waiting" else ""}
            for one in found.stuck
        ],
        told=_(TOLD["again"]) if done == "again" else "",
        refused=_(TOLD["gone"]) if done == "gone" else "",
    )


async def retry(request: Request, desk: Desk) -> Response:
    """POST: try one at once (`id`)."""
    form = await request.form(max_fields=2, max_files=0)
    try:
        await letters.retry(desk.door, desk.permit, UUID(str(form.get("id", ""))), datetime.now(UTC))
    except (NotFound, ValueError):
        return RedirectResponse("/workspace/notices?did=gone", status_code=303)
    return RedirectResponse("/workspace/notices?did=again", status_code=303)


async def of_patient(request: Request, desk: Desk) -> Response:
    """GET who was told what about a patient."""
    patient_id = str(request.path_params["id"])
    snapshot = await open_chart(desk.door, desk.permit, patient_id, BANNER)
    found = await letters.about(desk.door, desk.permit, patient_id)
    mine = set(desk.door.persons.ids(patient_id))
    others = sorted({one.to for one in found} - mine)
    cards = await represented_cards(desk.door, desk.permit, others)
    names = {one.id: f"{one.given} {one.family}".strip() for one in cards}
    reader = reader_of(desk, snapshot)
    lines = [_line(one, mine, names, reader.language, snapshot.at) for one in found]
    return render(
        request, "workspace/patient_notices.html", **framed(desk, snapshot, reader, here="notices"), lines=lines
    )


def _line(one: Line, mine: set[str], names: Mapping[str, str], _: Language, now: datetime) -> dict[str, Any]:
    if one.state == "dropped":
        state = _(WHY.get(one.why, WHY["nobody"]))
    elif one.state == "waiting":
        state = _("venter på å bli sendt")
    else:
        state = _(STATES.get(one.went, STATES["waiting"]))
    return {
        "at": formats.when(one.ended or one.made, now=now, language=_),
        "kind": KINDS[one.kind].names[INDEX.get(_.code, 0)] if one.kind in KINDS else one.kind,
        "to": _("pasienten") if one.to in mine else names.get(one.to, _("en som opptrer for pasienten")),
        "channel": _(CHANNELS[one.channel]) if one.channel in CHANNELS else "",
        "state": state,
        "is_fault": one.went == "failed" or one.why == "no-channel",
    }
