"""Booking from the patient's page: a type of visit, the times that are free, one of them confirmed. Rows 5.1-5.4

GET  /workspace/patients/{id}/book      `type` (several), `with` (all of them), `among` (any of them), `when`, `way`,
                                        `from`; `move` is an appointment that gets another time, `start` was pointed at
POST /workspace/patients/{id}/book      `do`: book a `slot`, `weeks` apart so many `times`; overbook (`day`, `time`,
                                        `reason`); wait (`until`), draw (a number in the queue); `words`, `interpreter`

Whoever comes second to a time sees three others at the head of the page, and what he wrote stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import product
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal import scheduling
from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Forbidden, Invalid, Unprocessable, VersionMoved
from samjournal.record import Stored
from samjournal.scheduling import Free, NotAll, Taken, VisitType, interpreting, planning, time_off
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.asked import WHEN, Asked, day_of, moment_of, offered_types
from samjournal.workspace.counted import counted
from samjournal.workspace.desk import Desk
from samjournal.workspace.plan import with_whom
from samjournal.workspace.visit_types import WAY_NAMES
from samjournal.workspace.visit_words import state
from samjournal.workspace.whom import Whom, headed, whom

WEEKS: Final = 8
SHOWN: Final = 24
READ: Final = 400
"""So many free times of each type are looked through for those that fit."""
WEEKLY: Final = {
    "": marked("bare denne ene"),
    "1": marked("hver uke"),
    "2": marked("annenhver uke"),
    "3": marked("hver tredje uke"),
    "4": marked("hver fjerde uke"),
}
LONGEST: Final = 1000
TYPED: Final = (
    *("words", "interpreter", "slot", "reason", "day", "time", "beside", "do", "version"),
    *("weeks", "times", "some", "until"),
)
"""Fields that stand as they were when something could not be booked."""


async def show(request: Request, desk: Desk) -> Response:
    """GET the page."""
    return await _page(request, desk, Asked.of(request.query_params))


async def take(request: Request, desk: Desk) -> Response:
    """POST: book, or move. What was typed stands on the page when it could not be done."""
    form = await request.form(max_fields=60, max_files=0)
    _, asked = language(desk.language), Asked.of(form)
    entered = {name: str(value)[:LONGEST] for name, value in form.items()}

    async def again(told: str, status: int, others: Sequence[Free] = ()) -> Response:
        return await _page(request, desk, asked, error=told, status=status, entered=entered, others=others)

    if not desk.is_meant(form.get("role")):
        return await again(
            _("Ikke bestilt: du har byttet rolle etter at du åpnet siden. Se over, og gjør det igjen."), 409
        )
    try:
        stored = await _booked(request, desk, asked, form)
    except _Wrong as wrong:
        return await again(_(wrong.words), 422)
    except Taken as taken:
        told = _("Ikke bestilt: tiden er ikke ledig lenger. Velg en av disse. Det du skrev, står.")
        return await again(told, 409, taken.alternatives)
    except NotAll as some:
        days = ", ".join(formats.when(one.isoformat(), now=datetime.now(UTC), language=_) for one in some.taken[:12])
        told = _(
            "Ingenting er bestilt: disse er ikke ledige: {days}. Velg en annen tid, eller bestill de andre.", days=days
        )
        entered["some"] = "offered"
        return await again(told, 409)
    except VersionMoved:
        return await again(_("Ikke flyttet: en annen har endret timen etter at du åpnet siden. Se på den igjen."), 409)
    except Unprocessable:
        return await again(_("Ikke bestilt: pasienten er død."), 422)
    except Forbidden:
        return await again(_("Ikke bestilt: rollen din bestiller ikke denne timetypen."), 403)
    except (Invalid, Conflict):
        told = _("Ikke bestilt: tiden er over, eller pasienten står der alt.")
        return await again(told, 422)
    does = str(form.get("do", ""))
    did = "moved" if asked.move else does if does in ("wait", "draw") else "booked"
    return RedirectResponse(f"/workspace/appointments/{stored.id}?did={did}", status_code=303)


class _Wrong(Exception):
    """Something in a form that is not as it must be; `words` are bokmål that the catalogues have."""

    def __init__(self, words: str) -> None:
        super().__init__(words)
        self.words = words


async def _booked(request: Request, desk: Desk, asked: Asked, form: FormData) -> Stored:
    if form.get("do") in ("wait", "draw"):
        return await _in_line(request, desk, asked, form)
    patient, overbook = str(request.path_params["id"]), form.get("do") == "overbook"
    if overbook:
        visit_id, start, actors, way = await _beside(form)
    else:
        visit_id, start, actors, way = _slot(str(form.get("slot", "")))
    reason = " ".join(str(form.get("reason", "")).split())[:LONGEST] if overbook else ""
    if overbook and len(reason) < len("nei"):
        raise _Wrong(marked("Skriv hvorfor timen settes opp utenom."))
    if asked.move:
        version = counted(form.get("version"))
        one = await scheduling.booked_one(desk.door, desk.permit, asked.move)
        rights = await scheduling.to_go_on(desk.door, desk.permit, one)
        stored = await scheduling.move(desk.door, rights, asked.move, version, start, actors, overbook=reason)
        await time_off.settle(desk.door, desk.permit, asked.move)
        return stored
    visit = await scheduling.visit_type(desk.door, desk.permit, visit_id)
    weeks, times = counted(form.get("weeks")), counted(form.get("times"))
    if weeks and not overbook:
        series = await scheduling.book_series(
            desk.door,
            desk.permit,
            patient,
            visit,
            start,
            actors,
            weeks=weeks,
            times=times or 1,
            whole="some" not in form,
            way=way,
            words=str(form.get("words", ""))[:LONGEST],
            interpreter=str(form.get("interpreter", ""))[:16],
        )
        return series.booked[0]
    return await scheduling.book(
        desk.door,
        desk.permit,
        patient,
        visit,
        start,
        actors,
        way=way,
        words=str(form.get("words", ""))[:LONGEST],
        interpreter=str(form.get("interpreter", ""))[:16],
        overbook=reason,
    )


async def _in_line(request: Request, desk: Desk, asked: Asked, form: FormData) -> Stored:
    """On the waiting list, or in the queue of today."""
    patient, words = str(request.path_params["id"]), str(form.get("words", ""))[:LONGEST]
    if not asked.types:
        raise _Wrong(marked("Velg en timetype."))
    visit = await scheduling.visit_type(desk.door, desk.permit, asked.types[0])
    if form.get("do") == "draw":
        spoken = str(form.get("interpreter", ""))[:16]
        return await scheduling.draw(desk.door, desk.permit, patient, visit, words=words, interpreter=spoken)
    day = day_of(str(form.get("until", "")))
    if day is None:
        raise _Wrong(marked("Skriv hvor lenge pasienten vil vente."))
    until = datetime.combine(day + timedelta(days=1), time(), OSLO)
    plan = await planning.plan(desk.door, desk.permit)
    names = {one.reference: one.name for one in plan.actors}
    actors = [{"reference": one, "display": names[one]} for one in asked.actors if one in names]
    return await scheduling.wait(desk.door, desk.permit, patient, visit, until=until, actors=actors, words=words)


def _slot(value: str) -> tuple[str, datetime, tuple[str, ...], str]:
    """A free time as its radio button has it: type, moment, with whom, in which way."""
    parts = value.split("|")
    start = moment_of(parts[1]) if len(parts) == len(("type", "start", "actors", "way")) else None
    if start is None:
        raise _Wrong(marked("Velg en tid."))
    return parts[0], start, tuple(one for one in parts[2].split(",") if one), parts[3]


async def _beside(form: FormData) -> tuple[str, datetime, tuple[str, ...], str]:
    """What somebody sets up beside what is free: he says when, and with whom."""
    day = day_of(str(form.get("day", "")))
    try:
        clock = time.fromisoformat(str(form.get("time", "")).replace(".", ":"))
    except ValueError:
        clock = None
    if day is None or clock is None:
        raise _Wrong(marked("Skriv dag og klokkeslett for timen."))
    types = [str(one) for one in form.getlist("type") if one]
    if not types:
        raise _Wrong(marked("Velg en timetype."))
    actors = tuple(str(one)[:130] for one in form.getlist("beside") if one)
    return types[0], datetime.combine(day, clock.replace(tzinfo=None), OSLO), actors, str(form.get("way", ""))


async def _page(
    request: Request,
    desk: Desk,
    asked: Asked,
    *,
    error: str = "",
    status: int = 200,
    entered: dict[str, str] | None = None,
    others: Sequence[Free] = (),
) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    who = await whom(desk, str(request.path_params["id"]))
    moving = await scheduling.booked_one(desk.door, desk.permit, asked.move) if asked.move else None
    offered, left = await offered_types(desk, asked)
    if moving is not None and moving.visit:
        asked = replace(asked, types=(moving.visit,))
    elif not asked.types and len(offered) == 1:
        asked = replace(asked, types=(offered[0].id,))
    chosen = [one for one in offered if one.id in asked.types]
    missing = [one for one in asked.types if one not in {each.id for each in chosen}]
    chosen += [await scheduling.visit_type(desk.door, desk.permit, one) for one in missing]
    times, more = await _times(desk, asked, chosen, who, now)
    plan = await planning.plan(desk.door, desk.permit)
    by_id = {one.id: one for one in chosen}
    return render(
        request,
        "workspace/book.html",
        status=status,
        **headed(desk, who, here="book"),
        name=who.name,
        asked=asked,
        moving=moving,
        moving_when=formats.when(moving.start.isoformat(), now=now, language=_) if moving else "",
        types=[_type(one, asked, await _first(desk, one, asked, who, now, _), _) for one in offered],
        left=left,
        comings=_comings(who, now, _),
        chosen=chosen,
        drop_in=any(one.drop_in for one in chosen),
        grouped=any(one.places > 1 for one in chosen),
        days=_days(times, by_id, now, _),
        others=[_shown(one, by_id, now, _) for one in others],
        later=asked.query(since=more, start=None) if more else "",
        people=plan.people,
        rooms=plan.rooms + plan.devices,
        weekly=[(code, _(words)) for code, words in WEEKLY.items()],
        month=(now.astimezone(OSLO).date() + timedelta(days=28)).isoformat(),
        whens=[(code, _(words)) for code, (words, _from, _to) in WHEN.items()],
        ways=[(code, _(WAY_NAMES[code])) for code in _ways(chosen)],
        since=(asked.since or now.astimezone(OSLO).date()).isoformat(),
        languages=interpreting.languages(desk.language, also=who.spoken()),
        entered={**dict.fromkeys(TYPED, ""), "interpreter": who.spoken(), **(entered or {})},
        error=error,
    )


async def _first(desk: Desk, one: VisitType, asked: Asked, who: Whom, now: datetime, _: Language) -> str:
    """The first free time of a type in words, until one is chosen."""
    if asked.types or one.drop_in:
        return ""
    found = await scheduling.first_free(
        desk.door, desk.permit, [one], since=now, weeks=WEEKS, actors=asked.actors, patient=who.id
    )
    return formats.when(found.start.isoformat(), now=now, language=_) if found else _("ingen ledige")


def _comings(who: Whom, now: datetime, _: Language) -> list[dict[str, Any]]:
    """What the patient has to come, where the record is open."""
    found = []
    for one in who.snapshot.lists["appointments"] if who.snapshot else ():
        words, tone = state(str(one.get("status")), _)
        if formats.order(one.get("end") or one.get("start")) < now or one.get("status") == "entered-in-error":
            continue
        found.append(
            {
                "id": one["id"],
                "start": str(one.get("start") or ""),
                "when": formats.when(str(one.get("start") or ""), now=now, language=_),
                "type": str(one.get("description") or _("Time")),
                "with": with_whom(one),
                "state": words,
                "tone": tone,
            }
        )
    return sorted(found, key=lambda one: one["start"])


def _type(one: VisitType, asked: Asked, first: str, _: Language) -> dict[str, Any]:
    return {
        "first": first,
        "id": one.id,
        "name": one.name(_.code),
        "minutes": one.minutes,
        "unit": str(one.unit.get("display") or "").partition(",")[0] if asked.all_units else "",
        "address": f"?{asked.query(types=(one.id,), start=asked.start)}",
        "chosen": one.id in asked.types,
    }


def _ways(chosen: Sequence[VisitType]) -> list[str]:
    return [code for code in WAY_NAMES if any(code in one.ways for one in chosen)]


async def _times(
    desk: Desk, asked: Asked, chosen: Sequence[VisitType], who: Whom, now: datetime
) -> tuple[list[Free], date | None]:
    """The free times that fit, the first ones first, and the day from which on there are more."""
    since = now if asked.since is None else max(now, datetime.combine(asked.since, time(), OSLO))
    _words, begin, end = WHEN[asked.when]
    found: list[Free] = []
    for visit, who_else in product(chosen, [[one] for one in asked.among] or [[]]):
        offers = await scheduling.free(
            desk.door,
            desk.permit,
            visit,
            since=since,
            until=since + timedelta(weeks=WEEKS),
            actors=[*asked.actors, *who_else],
            patient=who.id,
            way=asked.way,
            limit=READ,
            besides=(asked.move,) if asked.move else (),
        )
        found += [one for one in offers if begin <= one.start.astimezone(OSLO).hour < end]
    # Of several who are free at the same time the one who was named first is shown.
    found = list({(one.start, one.visit): one for one in reversed(found)}.values())
    found.sort(key=lambda one: (one.start, one.visit))
    if len(found) <= SHOWN:
        return found, None
    # A day is shown whole, so that the next page begins with another.
    last = found[SHOWN].start.astimezone(OSLO).date()
    kept = [one for one in found if one.start.astimezone(OSLO).date() < last]
    return (kept, last) if kept else (found[: SHOWN * 3], last + timedelta(days=1))


def _days(times: Iterable[Free], by_id: dict[str, VisitType], now: datetime, _: Language) -> list[dict[str, Any]]:
    """The times by day, the first of all marked."""
    days: dict[date, list[dict[str, Any]]] = {}
    for one in times:
        days.setdefault(one.start.astimezone(OSLO).date(), []).append(_shown(one, by_id, now, _))
    if days:
        next(iter(days.values()))[0]["first"] = True
    return [{"name": formats.long_day(day, language=_), "times": some} for day, some in days.items()]


def _shown(one: Free, by_id: dict[str, VisitType], now: datetime, _: Language) -> dict[str, Any]:
    visit = by_id.get(one.visit)
    start, end = (formats.clock(moment.isoformat(), language=_) for moment in (one.start, one.end))
    actors = ",".join(str(actor["reference"]) for actor in one.actors)
    return {
        "value": f"{one.visit}|{one.start.isoformat()}|{actors}|{one.way}",
        "start": one.start.isoformat(),
        "clock": f"{start}–{end}",
        "day": formats.day(one.start.isoformat(), now=now, language=_),
        "type": visit.name(_.code) if visit and len(by_id) > 1 else "",
        "with": ", ".join(str(actor.get("display") or actor["reference"]) for actor in one.actors),
        "way": _(WAY_NAMES[one.way]) if one.way in WAY_NAMES and one.way != "in-person" else "",
        "first": False,
    }
