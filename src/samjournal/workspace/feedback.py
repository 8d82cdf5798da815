"""What citizens say about the portal's pages: by page and version, answered or closed within a deadline. Row 3.11"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import feedback
from samjournal.fhir.errors import Conflict, Invalid, NotFound
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk

STATES: Final = {"answered": marked("besvart"), "closed": marked("avsluttet")}
TOLD: Final = {
    "answered": marked("Svaret er sendt, og står under Meldinger i portalen."),
    "closed": marked("Avsluttet."),
}
REFUSED: Final = {
    "moved": marked("Ikke gjort: noen har sett til den etter at du åpnet siden."),
    "words": marked("Skriv hva du svarer, eller hvorfor den avsluttes, med høyst 1000 tegn."),
}
TOPIC: Final = marked("Svar på det du skrev om en side i portalen")


async def show(request: Request, desk: Desk) -> Response:
    """GET the list: what waits, what is due first on top; `list=handled` what was seen to."""
    _, now = language(desk.language), datetime.now(UTC)
    handled = request.query_params.get("list") == "handled"
    found = await feedback.remarks(desk.door.pool, desk.permit, handled=handled)
    done = request.query_params.get("did", "")
    return render(
        request,
        "workspace/feedback.html",
        desk=desk,
        handled=handled,
        rows=[_row(one, now, _) for one in found],
        counts=await feedback.counted(desk.door.pool, desk.permit),
        told=_(TOLD[done]) if done in TOLD else "",
        refused=_(REFUSED[done]) if done in REFUSED else "",
        most=feedback.LONGEST,
    )


async def act(request: Request, desk: Desk) -> Response:
    """POST: answer who wants it, or close it (`id`, `do`, `words`, `erase`)."""
    form = await request.form(max_fields=5, max_files=0)
    id_, words, erase = str(form.get("id", ""))[:40], str(form.get("words", "")), form.get("erase") == "yes"
    now = datetime.now(UTC)
    did = "answered" if form.get("do") == "answer" else "closed"
    try:
        if did == "answered":
            # The topic is in the language that the citizen wrote in.
            asked = await feedback.remarks(desk.door.pool, desk.permit)
            code = next((one.language for one in asked if one.id == id_), "nb")
            topic = language(code)(TOPIC)
            await feedback.answer(desk.door, desk.permit, id_, words, topic=topic, now=now, erase=erase)
        else:
            await feedback.close(desk.door.pool, desk.permit, id_, words, now=now, erase=erase)
    except (NotFound, Conflict):
        did = "moved"
    except Invalid:
        did = "words"
    return RedirectResponse(f"/workspace/feedback?did={did}", status_code=303)


def _row(one: feedback.Remark, now: datetime, _: Language) -> dict[str, object]:
    return {
        "one": one,
        "at": formats.when(one.at, now=now, language=_),
        "due": formats.day(one.due, now=now, language=_),
        "is_late": one.state == "open" and one.due < now,
        "state": _(STATES[one.state]) if one.state in STATES else "",
        "handled": formats.when(one.handled, now=now, language=_) if one.handled else "",
        "paragraphs": [line for line in one.words.splitlines() if line.strip()],
    }
