"""The connections to others, for those who run them: what waits, what stopped, and how long messages take. Row 12.5"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import feedback, messages
from samjournal.fhir.errors import Conflict, Forbidden, NotFound, PreconditionFailed
from samjournal.messages.states import TEXTS
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk

WAYS: Final = {
    "shared": marked("samme journal"),
    "no-amqp": marked("AMQP-kø"),
    "folder": marked("mappe"),
    "sftp": marked("SFTP"),
}
STATUSES: Final = {
    "active": marked("i bruk"),
    "test": marked("ikke prøvd"),
    "suspended": marked("stanset"),
    "error": marked("feil"),
}
TOLD: Final = {
    "replayed": marked("Meldingen er lagt til sending på nytt."),
    "retaken": marked("Meldingen prøves på nytt. Står den her ennå om et minutt, kjenner ingen mottakeren."),
    "moved": marked("Ikke gjort: noen har sett til meldingen etter at du åpnet siden."),
}


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    if not desk.permit.operates:
        raise Forbidden("This page is for who runs the connections.")
    _, now = language(desk.language), datetime.now(UTC)
    done = request.query_params.get("did", "")
    found = await messages.connections(desk.door, desk.permit, now)
    return render(
        request,
        "workspace/connections.html",
        desk=desk,
        sending=[_line(one, now, _) for one in found if one.way != "shared"],
        shared=[_line(one, now, _) for one in found if one.way == "shared"],
        dead=[
            {"one": one, "at": formats.when(one.at, now=now, language=_), "state": _(TEXTS[one.state])}  # type: ignore[index]
            for one in await messages.dead_letters(desk.door, desk.permit)
        ],
        times=[_times(one, now, _) for one in await messages.times(desk.door, desk.permit, now)],
        deep=messages.DEEP,
        unanswered=await feedback.late(desk.door.pool),
        told=_(TOLD[done]) if done in ("replayed", "retaken") else "",
        refused=_(TOLD[done]) if done == "moved" else "",
    )


async def replay(request: Request, desk: Desk) -> Response:
    """POST: send one that stopped once more (`message`, `version`)."""
    form = await request.form(max_fields=4, max_files=0)
    try:
        done = await messages.replay(
            desk.door, desk.permit, str(form.get("message", ""))[:64], counted(form.get("version"))
        )
    except (Conflict, PreconditionFailed, NotFound):
        return RedirectResponse("/workspace/connections?did=moved", status_code=303)
    did = "retaken" if messages.state_of(done.resource()) == "unplaced" else "replayed"
    return RedirectResponse(f"/workspace/connections?did={did}", status_code=303)


def _line(one: messages.Connection, now: datetime, _: Language) -> dict[str, object]:
    def when(at: datetime | None) -> str:
        return formats.when(at, now=now, language=_) if at else _("ikke ennå")

    return {
        "one": one,
        "way": _(WAYS[one.way]) if one.way in WAYS else one.way,
        "status": _(STATUSES.get(one.status, one.status)),
        "direction": _("begge veier, uten meldinger") if one.way == "shared" else _("inn og ut"),
        "oldest": formats.ago(one.oldest, now=now, language=_) if one.oldest else "",
        "unanswered": formats.ago(one.unanswered, now=now, language=_) if one.unanswered else "",
        "out": when(one.last_out) if one.way != "shared" else "",
        "into": when(one.last_in) if one.way != "shared" else "",
    }


def _times(one: messages.Times, now: datetime, _: Language) -> dict[str, object]:
    used = one.figures
    begun = now - timedelta(seconds=used.median) if used.median is not None else None
    return {
        "unit": one.unit,
        "waiting": used.waiting,
        "late": one.late,
        "oldest": formats.ago(used.oldest, now=now, language=_) if used.oldest else "",
        "median": formats.ago(begun, now=now, language=_) if begun else "",
        "done": used.done,
    }
