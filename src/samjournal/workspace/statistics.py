"""Statistics of looks, for who answers for access: how many records each unit opened, and by what. It names nobody."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from samjournal.audit import Tally
from samjournal.fhir.errors import Forbidden
from samjournal.record import looks_by_unit
from samjournal.ui import formats
from samjournal.ui.language import Language, language, marked
from samjournal.ui.pages import render
from samjournal.workspace.desk import Desk
from samjournal.workspace.oversight import BONDS

DAYS: Final = 28
LONGEST: Final = timedelta(days=366)
HEIGHT: Final = 100
KINDS: Final = {
    **BONDS,
    "relation": marked("søk som viste flere pasienter"),
    "nobody": marked("søk som ikke viste noen"),
    "identity": marked("arbeid med hvem som er hvem"),
    "booking": marked("skrevet uten å åpne journalen"),
    "calendar": marked("timeboka til enheten"),
}
STATED: Final = ("reason", "emergency")


@dataclass(frozen=True, slots=True)
class Bar:
    """One day of the drawing: `x` and `top` in its units, `height` of the bar."""

    x: int
    top: float
    height: float


@dataclass(frozen=True, slots=True)
class Line:
    """One unit, kind of relation or day: looks, the share by a stated reason and in an emergency, people on a day."""

    name: str
    looks: str
    reason: str
    emergency: str
    people: str


async def show(request: Request, desk: Desk) -> Response:
    """GET the page: `from` and `to` are days, both included; the last four weeks when they are not given."""
    if not desk.permit.oversees:
        raise Forbidden("This page is for who answers for the access of others.")
    today = datetime.now(formats.OSLO).date()
    begin, end = period(request.query_params.get("from"), request.query_params.get("to"), today=today)
    found = await looks_by_unit(desk.door, desk.permit, begin, end + timedelta(days=1))
    _ = language(desk.language)
    days = [begin + timedelta(days=n) for n in range((end - begin).days + 1)]
    whole = [one for one in found if not one.why]
    a_day = {day: sum(one.looks for one in whole if one.day == day) for day in days}
    return render(
        request,
        "workspace/statistics.html",
        desk=desk,
        begin=begin.isoformat(),
        end=end.isoformat(),
        total=sum(a_day.values()),
        bars=bars(list(a_day.values())),
        width=len(days) * 10,
        most=_number(max(a_day.values()), _),
        first=formats.full_date(begin),
        last=formats.full_date(end),
        units=units(found, _),
        kinds=kinds(found, _),
        days=[(formats.full_date(day), _number(a_day[day], _)) for day in reversed(days) if a_day[day]],
    )


def period(begin: str | None, end: str | None, *, today: date) -> tuple[date, date]:
    """The days that are asked for, as far as they are some: at most a year, none after today."""
    last = min(_day(end) or today, today)
    first = _day(begin) or last - timedelta(days=DAYS - 1)
    return max(min(first, last), last - LONGEST), last


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None


def bars(values: Sequence[int]) -> list[Bar]:
    """A bar for each day, as high as the most of them allows."""
    most = max(values) or 1
    heights = [round(value / most * HEIGHT, 1) for value in values]
    return [Bar(n * 10 + 1, round(HEIGHT - height, 1), height) for n, height in enumerate(heights)]


def units(found: Iterable[Tally], _: Language) -> list[Line]:
    """The units, those with the most looks first."""
    by_unit: dict[str, list[Tally]] = {}
    for one in found:
        by_unit.setdefault(one.organization, []).append(one)
    lines = [(_looks(some), _line(some[-1].unit or unit, some, _)) for unit, some in by_unit.items()]
    return [line for _count, line in sorted(lines, key=lambda one: (-one[0], one[1].name))]


def _looks(some: Iterable[Tally]) -> int:
    return sum(one.looks for one in some if not one.why)


def _line(name: str, some: Sequence[Tally], _: Language) -> Line:
    looks = _looks(some)
    days = [one.people for one in some if not one.why]
    reason, emergency = (_share(sum(one.looks for one in some if one.why == why), looks, _) for why in STATED)
    return Line(name, _number(looks, _), reason, emergency, _number(sum(days) / len(days), _, 1))


def kinds(found: Iterable[Tally], _: Language) -> list[tuple[str, str, str]]:
    """The kinds of relation: how many looks each opened, and which share of all."""
    counts: dict[str, int] = {}
    for one in found:
        if one.why:
            counts[one.why] = counts.get(one.why, 0) + one.looks
    total = sum(counts.values())
    told = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return [(_(KINDS.get(why, marked("annet"))), _number(count, _), _share(count, total, _)) for why, count in told]


def _number(value: float, _: Language, decimals: int = 0) -> str:
    return formats.number(value, language=_, decimals=decimals)


def _share(part: int, total: int, _: Language) -> str:
    return f"{_number(part / total * 100 if total else 0, _, 1)} %"
