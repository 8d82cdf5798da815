"""One appointment: when, with whom, how it stands, and what is done with it. Rows 5.1, 5.5

GET  /workspace/appointments/{id}           those at work at its unit see it, whether the record is open to them or not
POST /workspace/appointments/{id}           `do`: arrived, noshow, finished, cancel and series (`reason`, `words`)
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import scheduling
from samjournal.fhir.errors import Conflict, FhirError, Forbidden, Invalid, NotFound, VersionMoved
from samjournal.record import Stored, calendar_watch
from samjournal.scheduling import Booked, interpreting, time_off
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import is_fragment, render
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.visit_types import WAY_NAMES
from samjournal.workspace.visit_words import state

PLACE: Final = "/workspace/appointments"
SAVED: Final = {
    "booked": marked("Timen er satt opp."),
    "wait": marked("Pasienten står på ventelisten."),
    "draw": marked("Pasienten har fått nummer og står i kø."),
    "group": marked("Gruppen er satt opp. Pasienter bestiller plass i den som en vanlig time."),
    "call": marked("Det er pasientens tur, og tiden er tatt."),
    "series": marked("Resten av rekken er avlyst, og tidene er ledige igjen."),
    "moved": marked("Timen er flyttet. Den gamle tiden er ledig igjen."),
    "arrived": marked("Pasienten har møtt."),
    "noshow": marked("Merket som ikke møtt."),
    "finished": marked("Timen er ferdig."),
    "cancel": marked("Timen er avlyst, og tiden er ledig igjen for alle som var med."),
}
STANDARD: Final = (
    ("pat", marked("Pasienten vil ikke, eller kan ikke")),
    ("prov", marked("Behandleren kan ikke")),
    ("oth", marked("Noe annet")),
)
"""The reasons where the unit has none of its own: those of FHIR. terminology.hl7.org"""
TO_COME: Final = frozenset({"proposed", "pending", "booked"})
HERE: Final = frozenset({"arrived", "checked-in"})
LONGEST: Final = 1000


async def show(request: Request, desk: Desk) -> Response:
    """GET the page; a refresh of an open page gets the part that changes."""
    return await _page(request, desk)


async def act(request: Request, desk: Desk) -> Response:
    """POST: do something with it, as of the version that was seen. What was typed stands when it could not be done."""
    form = await request.form(max_fields=8, max_files=0)
    _, does, id_ = language(desk.language), str(form.get("do", "")), str(request.path_params["appointment"])
    entered = {name: str(value)[:LONGEST] for name, value in form.items()}
    if does not in _ACTS:
        raise NotFound("There is no such act.")
    if not desk.is_meant(form.get("role")):
        told = _("Ikke gjort: du har byttet rolle etter at du åpnet siden. Se over, og gjør det en gang til.")
        return await _page(request, desk, entered=entered, error=told, status=409)
    if does in ("cancel", "series") and not entered.get("reason"):
        told = _("Velg hvorfor timen avlyses.")
        return await _page(request, desk, entered=entered, error=told, status=422)
    try:
        one = await scheduling.booked_one(desk.door, desk.permit, id_)
        rights = await scheduling.to_go_on(desk.door, desk.permit, one)
        await _ACTS[does](replace(desk, permit=rights), id_, counted(form.get("version")), entered)
    except VersionMoved:
        told = _("Ikke gjort: en annen har endret timen etter at du åpnet den. Se på den igjen.")
        return await _page(request, desk, entered=entered, error=told, status=409)
    except (Conflict, Invalid):
        told = _("Ikke gjort: det kan ikke gjøres slik timen står nå.")
        return await _page(request, desk, entered=entered, error=told, status=409)
    except Forbidden:
        told = _("Ikke gjort: rollen din endrer ikke denne timen.")
        return await _page(request, desk, entered=entered, error=told, status=403)
    if does == "cancel":
        await time_off.settle(desk.door, desk.permit, id_)
    return RedirectResponse(f"{PLACE}/{id_}?did={does}", status_code=303)


async def _arrived(desk: Desk, id_: str, version: int, _entered: dict[str, str]) -> Stored:
    return await scheduling.arrived(desk.door, desk.permit, id_, version)


async def _noshow(desk: Desk, id_: str, version: int, _entered: dict[str, str]) -> Stored:
    return await scheduling.no_show(desk.door, desk.permit, id_, version)


async def _finished(desk: Desk, id_: str, version: int, _entered: dict[str, str]) -> Stored:
    return await scheduling.finished(desk.door, desk.permit, id_, version)


async def _cancel(desk: Desk, id_: str, version: int, entered: dict[str, str]) -> Stored:
    words = entered.get("words", "")
    return await scheduling.cancel(desk.door, desk.permit, id_, version, entered["reason"], words)


async def _series(desk: Desk, id_: str, _version: int, entered: dict[str, str]) -> Stored:
    """All that is to come of a series, in one."""
    one = await scheduling.booked_one(desk.door, desk.permit, id_)
    if not one.series:
        raise NotFound("The appointment is of no series.")
    words = entered.get("words", "")
    return (await scheduling.cancel_series(desk.door, desk.permit, one.series, entered["reason"], words))[0]


_ACTS: Final[dict[str, Callable[[Desk, str, int, dict[str, str]], Awaitable[Stored]]]] = {
    "arrived": _arrived,
    "noshow": _noshow,
    "finished": _finished,
    "cancel": _cancel,
    "series": _series,
}


async def _page(
    request: Request,
    desk: Desk,
    *,
    entered: dict[str, str] | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    one = await scheduling.booked_one(desk.door, desk.permit, str(request.path_params["appointment"]))
    words, tone = state(one.status, _)
    goes_on = await scheduling.goes_on(desk.door, desk.permit, one)
    return render(
        request,
        "workspace/_appointment.html" if is_fragment(request) else "workspace/appointment.html",
        status=status,
        desk=desk,
        one=one,
        place=f"{PLACE}/{one.id}",
        heading=one.type or _("Time"),
        when=_when(one, now, _),
        state=words or _("satt opp"),
        tone=tone,
        way=_(WAY_NAMES.get(one.way, WAY_NAMES["in-person"])),
        interpreter=interpreting.called(one.interpreter, desk.language) if one.interpreter else "",
        people=[name for reference, name in one.actors.items() if reference.startswith("Practitioner")],
        rooms=[name for reference, name in one.actors.items() if not reference.startswith("Practitioner")],
        acts=acts_of(one, now) if goes_on else (),
        closed=one.is_own and not goes_on,
        reasons=await _reasons(desk, one, _),
        day=one.start.astimezone(formats.OSLO).date().isoformat(),
        watches=calendar_watch(desk.door, desk.permit, one.actors),
        entered={"do": "", "reason": "", "words": "", **(entered or {})},
        error=error,
        saved=_(SAVED[said]) if (said := request.query_params.get("did", "")) in SAVED else "",
    )


def acts_of(one: Booked, now: datetime) -> tuple[str, ...]:
    """What may be done with an appointment as it stands now."""
    found: list[str] = []
    if one.places:
        return ("cancel",) if one.status in TO_COME else ()
    if one.status == "waitlist":
        return ("move", "cancel")
    if one.status in TO_COME:
        found += ["arrived", "move", "cancel", *(["series"] if one.series else [])]
        if one.start <= now:
            found.insert(1, "noshow")
    if one.status in HERE:
        found += ["finished", "cancel"]
    return tuple(found)


async def _reasons(desk: Desk, one: Booked, _: Language) -> list[tuple[str, str]]:
    """Code and words of each reason for which the unit calls such a visit off."""
    found: list[tuple[str, str]] = []
    if one.visit:
        try:
            visit = await scheduling.visit_type(desk.door, desk.permit, one.visit)
        except FhirError:
            return [(code, _(words)) for code, words in STANDARD]
        for each in visit.reasons:
            code = next((str(coding["code"]) for coding in each.get("coding", ()) if coding.get("code")), "")
            found += [(code, str(each.get("text") or code))] if code else []
    return found or [(code, _(words)) for code, words in STANDARD]


def _when(one: Booked, now: datetime, _: Language) -> str:
    if one.status == "waitlist":
        return _(
            "venter på en ledig tid til {day}", day=formats.full_date((one.end - timedelta(seconds=1)).isoformat())
        )
    day = formats.long_day(one.start.isoformat(), language=_)
    if one.start == one.end:
        return _("kom {when} og står i kø", when=formats.when(one.start.isoformat(), now=now, language=_))
    clocks = [formats.clock(moment.isoformat(), language=_) for moment in (one.start, one.end)]
    near = formats.day(one.start.isoformat(), now=now, language=_)
    said = _("{day} kl. {from_}–{to}", day=day, from_=clocks[0], to=clocks[1])
    return f"{said} ({near})" if not near[:1].isdigit() else f"{said} ({formats.full_date(one.start.isoformat())})"
