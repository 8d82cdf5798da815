"""The calendars of the unit: its persons and rooms beside each other for a day, or one of them for a week. Row 5.2

GET /workspace/calendar     `day`, `view` (day, week), `who` (PractitionerRole/…, Location/…); a refresh of an open page
                            gets the part that changes
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID, uuid4

from starlette.requests import Request
from starlette.responses import Response

from samjournal import scheduling
from samjournal.fhir.dates import OSLO
from samjournal.record import calendar_watch
from samjournal.scheduling import Booked, interpreting, planning
from samjournal.scheduling.planning import Actor, Plan
from samjournal.ui import formats
from samjournal.ui.language import Language, language
from samjournal.ui.pages import is_fragment, render
from samjournal.workspace.calendar_grid import Cell, Column, Taken, bounds, days, grid
from samjournal.workspace.desk import Desk
from samjournal.workspace.visit_words import state, way

PLACE: Final = "/workspace/calendar"
MOST: Final = 60
"""So many calendars at most stand beside each other."""
WIDE: Final = 8
"""More columns than that have no room on paper: what is printed is the list."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is shown: a day, or the week around it, of all or of one."""

    day: date
    view: str = "day"
    who: str = ""

    def address(self, **other: Any) -> str:
        now = replace(self, **other)
        pairs = {"day": now.day.isoformat(), "view": now.view, "who": now.who}
        return f"{PLACE}?{urlencode({name: value for name, value in pairs.items() if value})}"


async def show(request: Request, desk: Desk) -> Response:
    """GET the page, or the part of it that changes."""
    _, now = language(desk.language), datetime.now(UTC)
    plan = await planning.plan(desk.door, desk.permit)
    asked = _asked(request, desk, plan, now.astimezone(OSLO).date())
    shown = days(asked.view, asked.day)
    actors = [one for one in plan.actors if asked.who in ("", one.reference)][:MOST]
    since, until = bounds(shown[0])[0], bounds(shown[-1])[1]
    look, opened = uuid4(), _look(request) if is_fragment(request) else None
    entries = await scheduling.booked(
        desk.door, desk.permit, [one.reference for one in actors], since, until, look=look, refreshes=opened
    )
    visits = {_key(one): _visit(one, _) for one in entries}
    seen = [one for one in actors if asked.who or one.kind == "person" or one.week or _is_used(one, entries)]
    columns = [
        _column(one, day, plan, [each for each in entries if one.reference in each.actors], asked, _)
        for one in seen
        for day in shown
    ]
    table = grid(columns)
    today = now.astimezone(OSLO).date()
    step = timedelta(days=7 if asked.view == "week" else 1)
    standing = [one for one in entries if one.id and one.status not in ("cancelled", "noshow", "entered-in-error")]
    return render(
        request,
        "workspace/_calendar.html" if is_fragment(request) else "workspace/calendar.html",
        desk=desk,
        heading=_heading(asked, actors, shown, _),
        day=asked.day.isoformat(),
        view=asked.view,
        who=asked.who,
        everybody=plan.actors,
        heads=[_head(one, asked, today) for one in columns],
        step=table.step,
        rows=[
            {"clock": row.clock, "is_hour": row.is_hour, "twice": row.twice,
             "cells": [_cell(cell, table.columns[cell.column], visits, now, _) for cell in row.cells]}
            for row in table.rows
        ],
        list=_list(table.columns, [cell for row in table.rows for cell in row.cells], visits, asked, now, _),
        is_wide=len(columns) > WIDE,
        unseen=len(actors) - len(seen),
        count=len(standing),
        cancelled=sum(one.status == "cancelled" for one in entries),
        as_of=formats.when(now.isoformat(), now=now, language=_),
        clock_change=_clock_change(shown, _),
        before=asked.address(day=asked.day - step),
        after=asked.address(day=asked.day + step),
        back_words=_("Uka før") if asked.view == "week" else _("Dagen før"),
        on_words=_("Neste uke") if asked.view == "week" else _("Neste dag"),
        today=asked.address(day=today),
        is_today=today in shown,
        as_day=asked.address(view="day", who=""),
        as_week=asked.address(view="week", who=asked.who or _mine(desk, plan)),
        here_address=f"{asked.address()}&look={look}",
        watches=calendar_watch(desk.door, desk.permit, _watched(plan, actors)),
        plans=await planning.may_plan(desk.door, desk.permit),
        books=desk.permit.may("c", "Appointment"),
        told="",
        refused="",
    )  # fmt: skip


def _asked(request: Request, desk: Desk, plan: Plan, today: date) -> Asked:
    """What an address asks for; what cannot be read is today."""
    said = request.query_params
    try:
        day = date.fromisoformat(said.get("day", ""))
    except ValueError:
        day = today
    day = min(max(day, date(1900, 1, 8)), date(2199, 12, 24))
    who = said.get("who", "") if said.get("who", "") in {one.reference for one in plan.actors} else ""
    view = "week" if said.get("view") == "week" else "day"
    return Asked(day, view, who or (_mine(desk, plan) if view == "week" else ""))


def _look(request: Request) -> UUID | None:
    """The look that a refresh of an open page belongs to, so that it counts once in the log of who was shown."""
    try:
        return UUID(request.query_params.get("look", ""))
    except ValueError:
        return None


def _mine(desk: Desk, plan: Plan) -> str:
    """The reader's own calendar, else the first one."""
    own = f"PractitionerRole/{desk.role.practitioner_role_id}"
    known = [one.reference for one in plan.actors]
    return own if own in known else next(iter(known), "")


def _watched(plan: Plan, actors: list[Actor]) -> list[str]:
    unit = [plan.unit.reference] if plan.unit else []
    return [*(one.reference for one in actors), *unit]


def _heading(asked: Asked, actors: list[Actor], shown: list[date], _: Language) -> str:
    if asked.view == "week":
        number = shown[0].isocalendar().week
        named = f"{actors[0].name}, " if actors else ""
        said = _("{who}uke {n}, {year}", who=named, n=number, year=shown[0].isocalendar().year)
        return said[:1].upper() + said[1:]
    said = f"{formats.long_day(asked.day, language=_)} {asked.day.year}"
    return said[:1].upper() + said[1:]


def _clock_change(shown: list[date], _: Language) -> str:
    """What is said of a day that is shorter or longer than others."""
    for day in shown:
        start, end = bounds(day)
        hours = round((end - start).total_seconds() / 3600)
        if hours != len(range(24)):
            said = formats.long_day(day, language=_)
            if hours < len(range(24)):
                return _("Klokka stilles fram {day}: timen fra 02 til 03 finnes ikke.", day=said)
            return _("Klokka stilles tilbake {day}: timen fra 02 til 03 kommer to ganger.", day=said)
    return ""


def _column(one: Actor, day: date, plan: Plan, entries: list[Booked], asked: Asked, _: Language) -> Column:
    start, end = bounds(day)
    name = f"{formats.weekday(day, language=_)[:3]} {day.strftime('%d.%m')}" if asked.view == "week" else one.name
    address = (
        asked.address(view="day", day=day) if asked.view == "week" else asked.address(view="week", who=one.reference)
    )
    return Column(
        name,
        day,
        planning.open_between(plan, one, start, end),
        [(each.start, each.end, each.words) for each in planning.away_between(plan, one, start, end)],
        [
            Taken(each.start, each.end, _key(each))
            for each in entries
            if each.start < end and each.end > start and _stands(each)
        ],
        one.reference,
        address,
        one.title,
    )


def _is_used(one: Actor, entries: list[Booked]) -> bool:
    """Whether a room or equipment has anything that day: without hours of its own it is not shown empty."""
    return any(one.reference in each.actors and _stands(each) for each in entries)


def _stands(one: Booked) -> bool:
    """Whether it takes time: what was called off is counted below the table, and is free again. Who has a place of a
    group is told with its session."""
    return not one.session and one.status not in ("cancelled", "entered-in-error", "waitlist")


def _key(one: Booked) -> str:
    """What an entry is found again by: those without an id are somebody's at a moment."""
    return one.id or f"{one.start.isoformat()} {next(iter(one.actors), '')}"


def _head(one: Column, asked: Asked, today: date) -> dict[str, Any]:
    week = asked.view == "week"
    return {
        "name": one.name,
        "address": one.address,
        "said": "" if week else one.said,
        "is_today": week and one.day == today,
    }


def _named(one: Booked, _: Language) -> str:
    """Who comes; a session of a group by what it is; what is taken by what is not shown."""
    if one.places:
        return one.type
    if one.status == "around":
        return _("Før- og etterarbeid")
    return one.name or _("Opptatt")


def _visit(one: Booked, _: Language) -> dict[str, Any]:
    words, tone = state(one.status, _) if one.id else ("", "quiet")
    how, icon = way(one.way, _)
    clocks = (formats.clock(moment.isoformat(), language=_) for moment in (one.start, one.end))
    return {
        "id": one.id,
        "around": one.status == "around",
        "link": f"/workspace/appointments/{one.id}" if one.id else "",
        "clock": "–".join(clocks),
        "starts": formats.clock(one.start.isoformat(), language=_),
        "name": _named(one, _),
        "type": _("gruppe") if one.places else one.type,
        "state": "" if one.status == "around" else words,
        "tone": tone,
        "way": how,
        "icon": icon,
        "interpreter": _("tolk: {language}", language=interpreting.called(one.interpreter, _.code))
        if one.interpreter
        else "",
        "marks": [_("utenom")] if one.overbooked else [],
    }


def _cell(cell: Cell, column: Column, visits: dict[str, dict[str, Any]], now: datetime, _: Language) -> dict[str, Any]:
    clocks = (formats.clock(moment.isoformat(), language=_) for moment in (cell.start, cell.end))
    return {
        "kind": cell.kind,
        "column": cell.column,
        "rows": cell.rows,
        "words": cell.words,
        "clock": "–".join(clocks),
        "link": _link(cell, column) if cell.end > now and cell.rows > 1 else "",
        "what": [visits[one] for one in cell.what],
    }


def _link(cell: Cell, column: Column) -> str:
    """Where a time that is free is booked; what is over is not, nor what is too short to be pointed at."""
    return f"{PLACE}/book?{urlencode({'start': cell.start.isoformat(), 'with': column.key})}"


def _list(
    columns: tuple[Column, ...],
    cells: list[Cell],
    visits: dict[str, dict[str, Any]],
    asked: Asked,
    now: datetime,
    _: Language,
) -> list[dict[str, Any]]:
    """The same as a list for a narrow screen: by day, and in it by time; an appointment of several is told once."""
    found: dict[date, list[tuple[Any, dict[str, Any]]]] = {}
    placed: dict[tuple[date, str], dict[str, Any]] = {}
    last: dict[int, tuple[Cell, dict[str, Any]]] = {}
    for column in columns:
        found.setdefault(column.day, [])
    for cell in cells:
        column = columns[cell.column]
        here = column.name if asked.view == "day" else ""
        if cell.kind in ("closed", "none"):
            continue
        if cell.kind != "busy":
            line = {**_cell(cell, column, visits, now, _), "here": here}
            before = last.get(cell.column)
            if before is not None and before[0].kind == cell.kind == "free" and before[0].end == cell.start:
                # On a phone what is free is told as a whole, and not hour by hour.
                cell = replace(before[0], end=cell.end)
                before[1]["clock"] = _cell(cell, column, visits, now, _)["clock"]
                last[cell.column] = (cell, before[1])
                continue
            last[cell.column] = (cell, line)
            found[column.day].append(((cell.start, 1, column.name), line))
            continue
        for one in cell.what:
            if visits[one]["around"]:
                continue
            if (column.day, one) in placed:
                placed[column.day, one]["here"] += f", {here}" if here else ""
                continue
            line = {"kind": "busy", "what": visits[one], "here": here}
            placed[column.day, one] = line
            found[column.day].append(((cell.start, 0, visits[one]["clock"]), line))
    return [
        {
            "name": formats.long_day(day, language=_) if asked.view == "week" else _("Dagen"),
            "number": number,
            "lines": [line for _at, line in sorted(some, key=lambda one: one[0])],
        }
        for number, (day, some) in enumerate(found.items(), 1)
    ]
