"""«Noe er feil»: the citizen demands that something in the record is corrected, deleted or blocked.

GET, POST /portal/corrections/new
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from samjournal import conversations
from samjournal.conversations import ABOUT_RECORD, DEMANDED
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, NotFound
from samjournal.portal import facts, message_form
from samjournal.portal.message_form import Entered
from samjournal.portal.message_pages import PLACE, WRONG, why
from samjournal.portal.visiting import Visit, visit
from samjournal.portal.wants import MEDICINES, NOTES
from samjournal.record import DraftEnded, Snapshot, Want
from samjournal.ui.formats import day
from samjournal.ui.language import Language, marked

KINDS: Final[Mapping[str, str]] = {
    "correction": marked("Rettes"),
    "deletion": marked("Slettes"),
    "hiding": marked("Sperres for flere enn jeg kan sperre for selv"),
}
GROUPS: Final = (
    ("notes", marked("Notater")),
    ("conditions", marked("Sykdommer")),
    ("allergies", marked("Allergier")),
    ("medicines", marked("Medisiner")),
    ("vaccines", marked("Vaksiner")),
)
LISTS: Final = (
    NOTES,
    Want("conditions", "Condition", "", 100),
    Want("allergies", "AllergyIntolerance"),
    MEDICINES,
    Want("vaccines", "Immunization", "_sort=-date", 100),
)
ABOUT: Final = marked("Velg hva det gjelder.")
MISSING: Final = marked("Skriv hva som er feil, og hva som er rett.")


async def ask(request: Request) -> Response:
    """GET: choose what it is about (`about` is chosen already), and what should happen."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    return await _page(here, message_form.fresh(), about=request.query_params.get("about", "")[:100])


async def _page(
    here: Visit, entered: Entered, *, about: str = "", kind: str = "correction", wrong: str = "", status: int = 200
) -> Response:
    if not here.request.state.permit.decides:
        raise Forbidden("What stands in the record is demanded by the patient, and by who decides for the patient.")
    snapshot = await here.open(*LISTS)
    return here.page(
        "demand.html",
        snapshot,
        tab="record",
        groups=_choices(snapshot, here.say),
        kinds=[(code, here.say(words)) for code, words in KINDS.items()],
        about=about,
        kind=kind,
        entered=entered,
        wrong=here.say(wrong) if wrong else "",
        status=status,
    )


def _choices(snapshot: Snapshot, _: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """What can be pointed at, by group: reference, and what it is called with its day."""
    found = []
    for name, words in GROUPS:
        listed = [one for one in snapshot.lists[name] if facts.stands(one)]
        if listed:
            found.append((_(words), [_choice(one, snapshot, _) for one in listed]))
    return found


def _choice(one: Mapping[str, Any], snapshot: Snapshot, _: Language) -> tuple[str, str]:
    when = facts.when(one, "date", "recordedDate", "authoredOn", "occurrenceDateTime", "onsetDateTime")
    title = conversations.title_of(dict(one))
    said = f"{title}, {day(when, now=snapshot.at, language=_)}" if when else title
    return f"{one['resourceType']}/{one['id']}", said


async def send(request: Request) -> Response:
    """POST: demand it."""
    here = visit(request)
    if isinstance(here, Response):
        return here
    form = await request.form(max_fields=12, max_files=0)
    one = message_form.entered(form)
    about, kind = str(form.get("about") or "")[:100], str(form.get("kind") or "")
    kind = kind if kind in ABOUT_RECORD else "correction"
    wrong = ABOUT if about.partition("/")[0] not in DEMANDED else "" if one.words.strip() else MISSING
    if wrong:
        return await _page(here, one, about=about, kind=kind, wrong=wrong, status=422)
    door, permit = request.app.state.door, request.state.permit
    try:
        id_ = await conversations.demand(door, permit, kind, about, one.words, one.ending)
    except DraftEnded as ended:
        return RedirectResponse(f"{PLACE}/{ended.became.partition('/')[2]}?did=sent", status_code=303)
    except (Invalid, NotFound):
        return await _page(here, one, about="", kind=kind, wrong=ABOUT, status=422)
    except Conflict as problem:
        return await _page(here, one, about=about, kind=kind, wrong=WRONG[why(problem)], status=422)
    return RedirectResponse(f"{PLACE}/{id_}?did=sent", status_code=303)


def routes() -> list[BaseRoute]:
    return [
        Route("/portal/corrections/new", ask, methods=["GET"]),
        Route("/portal/corrections/new", send, methods=["POST"]),
    ]
