"""«Si hva du synes om siden»: what the citizen says about a page, with the page and the version. Row 3.11

    show(request)                                       GET /portal/feedback, `page` is where one came from
    send(request)                                       POST: `page`, `words`, `answer`

It is read by those who run the program, so the page asks for no word about health. samjournal.feedback
"""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route

from samjournal import feedback
from samjournal.fhir.errors import Invalid
from samjournal.portal.visiting import Visit, visit
from samjournal.ui import static
from samjournal.ui.language import marked
from samjournal.ui.pages import local_path

HOME = "/portal"
WRONG = {
    "empty": marked("Skriv hva du synes om siden."),
    "long": marked("Teksten er for lang. Skriv høyst {most} tegn."),
    "number": marked("Det står et nummer i teksten som ligner et fødselsnummer. Ta det bort."),
    "often": marked("Du har sagt fra flere ganger den siste timen. Prøv igjen senere. Det du skrev, står her."),
}


async def show(request: Request) -> Response:
    """GET the form, or that it was sent."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    done = request.query_params.get("done", "")
    return await _page(here, page=_from(request.query_params.get("page", "")), done=done)


async def send(request: Request) -> Response:
    """POST: keep it. What is wrong with it is said on the page, with what was written."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=4, max_files=0)
    words, page = str(form.get("words", "")).replace("\r\n", "\n"), _from(str(form.get("page", "")))
    wants = form.get("answer") == "yes"
    said: dict[str, Any] = {"page": page, "words": words[:4000], "wants": wants}
    wrong = "empty" if not words.strip() else "long" if len(words.strip()) > feedback.LONGEST else ""
    if wrong:
        return await _page(here, **said, wrong=wrong, status=422)
    session = request.state.session
    try:
        request.app.state.feedback.take(session.login)
        await feedback.say(
            request.app.state.database,
            words,
            page=_pattern(request, page),
            version=f"{version('samjournal')}+{static.version()[:8]}",
            language=here.say.code,
            # Who acts for another says what he himself thinks, and gets the answer himself.
            asked_by=session.patient_id if wants else None,
            now=datetime.now(UTC),
        )
    except feedback.TooOften:
        return await _page(here, **said, wrong="often", status=429)
    except Invalid:
        return await _page(here, **said, wrong="number", status=422)
    return RedirectResponse(f"/portal/feedback?done={'answer' if wants else 'sent'}&page={page}", status_code=303)


async def _page(
    here: Visit, *, page: str, words: str = "", wants: bool = False, wrong: str = "", done: str = "", status: int = 200
) -> Response:
    shown: dict[str, Any] = {"from_page": page, "words": words, "wants": wants, "done": done, "status": status}
    shown["wrong"] = here.say(WRONG[wrong], most=feedback.LONGEST) if wrong else ""
    return here.page("feedback.html", await here.open(), tab="", most=feedback.LONGEST, **shown)


def _from(address: str) -> str:
    """Where one came from: a page of the portal, else the first one."""
    found = local_path(address[:300], HOME).partition("?")[0]
    return found if found == HOME or found.startswith(f"{HOME}/") else HOME


def _pattern(request: Request, page: str) -> str:
    """The page as the table of routes has it, so that no id of anything in a record is kept."""
    scope = {"type": "http", "method": "GET", "path": page, "root_path": "", "headers": []}
    found = (one for one in request.app.router.routes if isinstance(one, Route) and one.matches(scope)[0] is Match.FULL)
    return next((one.path for one in found), HOME)


def routes() -> list[BaseRoute]:
    """The form and where it goes."""
    return [
        Route("/portal/feedback", show, methods=["GET"]),
        Route("/portal/feedback", send, methods=["POST"]),
    ]
