"""Who is away and when the unit is closed, and what is booked meanwhile: it is shown before it becomes work. Row 5.5

GET  /workspace/visit-types/absences        those to come, and what is still booked in them
POST /workspace/visit-types/absences        `do`: away (`of`, `first`, `last`, `from`, `to`, `words`, `seen`) or back
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Final

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from samjournal.fhir.dates import OSLO
from samjournal.fhir.errors import Conflict, Invalid, NotFound, VersionMoved
from samjournal.scheduling import Booked, planning, time_off
from samjournal.scheduling.planning import Actor, Plan
from samjournal.scheduling.time_off import Unseen, whole_days
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import render
from samjournal.workspace.asked import YEARS
from samjournal.workspace.counted import counted
from samjournal.workspace.days import day_of
from samjournal.workspace.desk import Desk
from samjournal.workspace.plan_page import MOVED, PLACE, ROLE, framed

HERE: Final = f"{PLACE}/absences"
FIELDS: Final = ("of", "first", "last", "from", "to", "words")


async def show(request: Request, desk: Desk) -> Response:
    """GET them."""
    return await _page(request, desk)


async def save(request: Request, desk: Desk) -> Response:
    """POST one, or that it is over. What it hits is shown first, and becomes work when it was seen."""
    form = await request.form(max_fields=400, max_files=0)
    _ = language(desk.language)
    entered = {name: str(form.get(name, ""))[:130] for name in FIELDS}
    if not desk.is_meant(form.get("role")):
        return await _page(request, desk, entered=entered, error=_(ROLE), status=409)
    try:
        if form.get("do") == "back":
            start = datetime.fromisoformat(str(form.get("start", "")).replace(" ", "+"))
            version = counted(form.get("version"))
            await time_off.come_back(desk.door, desk.permit, entered["of"], version, start)
            return RedirectResponse(f"{HERE}?did=over", status_code=303)
        return await _away(request, desk, form, entered)
    except (VersionMoved, Conflict):
        return await _page(request, desk, entered=entered, error=_(MOVED), status=409)
    except (Invalid, NotFound, ValueError):
        told = _("Velg hvem det gjelder, og en slutt som kommer etter begynnelsen og ikke er over.")
        return await _page(request, desk, entered=entered, error=told, status=422)


async def _away(request: Request, desk: Desk, form: FormData, entered: dict[str, str]) -> Response:
    _ = language(desk.language)
    span = _span(entered)
    if span is None:
        told = _("Skriv dagene som dag.måned.år, og klokkeslett som 12.00 når det ikke gjelder hele dagen.")
        return await _page(request, desk, entered=entered, error=told, status=422)
    of = await _version(desk, entered["of"])
    seen = [str(one) for one in form.getlist("seen")]
    try:
        await time_off.go_away(desk.door, desk.permit, entered["of"], of, *span, entered["words"], seen=seen)
    except Unseen as unseen:
        status = 200 if not seen else 409
        return await _page(request, desk, entered=entered, hits=unseen.entries, status=status)
    return RedirectResponse(f"{HERE}?did=away", status_code=303)


async def _version(desk: Desk, reference: str) -> int:
    plan = await planning.plan(desk.door, desk.permit)
    return next((one.version for one in _those(plan) if one.reference == reference), 0)


def _span(entered: dict[str, str]) -> tuple[datetime, datetime] | None:
    """From when until when: whole days, or from one clock to another."""
    first, last = _day(entered["first"]), _day(entered["last"] or entered["first"])
    if first is None or last is None:
        return None
    start, end = whole_days(first, last)
    try:
        begins = _clock(entered["from"])
        ends = _clock(entered["to"])
    except ValueError:
        return None
    if begins is not None:
        start = datetime.combine(first, begins, OSLO)
    if ends is not None:
        end = datetime.combine(last, ends, OSLO)
    return start.astimezone(UTC), end.astimezone(UTC)


def _day(text: str) -> date | None:
    said = day_of(text)
    found = date.fromisoformat(said) if said and len(said) == len("2026-11-29") else None
    return found if found and found.year in YEARS else None


def _clock(text: str) -> time | None:
    said = text.strip().replace(".", ":")
    return time.fromisoformat(said if len(said) > len("1:00") else f"0{said}").replace(tzinfo=None) if said else None


def _those(plan: Plan) -> tuple[Actor, ...]:
    return (*((plan.unit,) if plan.unit else ()), *plan.people)


async def _page(
    request: Request,
    desk: Desk,
    *,
    entered: dict[str, str] | None = None,
    hits: list[Booked] | None = None,
    error: str = "",
    status: int = 200,
) -> Response:
    _, now = language(desk.language), datetime.now(UTC)
    plan = await planning.plan(desk.door, desk.permit)
    rows = [
        {
            "of": one.reference,
            "name": one.name,
            "version": one.version,
            "start": each.start.isoformat(),
            "when": _when(each.start, each.end, now, _),
            "words": each.words,
            "is_now": each.start <= now,
            "hits": [
                _hit(entry, now, _)
                for entry in await time_off.hit(
                    desk.door, desk.permit, plan, one.reference, max(each.start, now), each.end
                )
            ],
        }
        for one in _those(plan)
        for each in time_off.coming(one.away, now)
    ]
    return render(
        request,
        "workspace/absences.html",
        status=status,
        **await framed(request, desk, "absences"),
        rows=sorted(rows, key=lambda row: (str(row["start"]), str(row["name"]))),
        those=_those(plan),
        hits=[_hit(one, now, _) for one in hits or ()],
        entered={**dict.fromkeys(FIELDS, ""), **(entered or {})},
        error=error,
    )


def _hit(one: Booked, now: datetime, _: Language) -> dict[str, Any]:
    return {
        "id": one.id,
        "when": formats.when(one.start.isoformat(), now=now, language=_),
        "name": one.name or _("Opptatt"),
        "type": one.type,
    }


def _when(start: datetime, end: datetime, now: datetime, _: Language) -> str:
    """Whole days as days, else with the clock."""
    first, last = start.astimezone(OSLO), end.astimezone(OSLO)
    if first.time() == time() and last.time() == time():
        ended = date.fromordinal(last.date().toordinal() - 1)
        days = [formats.day(day.isoformat(), now=now, language=_) for day in (first.date(), ended)]
        return days[0] if first.date() == ended else _("{first} til og med {last}", first=days[0], last=days[1])
    moments = [formats.when(moment.isoformat(), now=now, language=_) for moment in (start, end)]
    return _("{first} til {last}", first=moments[0], last=moments[1])
