"""A calendar as the rows and cells of a table: pure, by the clock on the wall in Oslo.

    days(view, day) -> list[date]               the day itself, or Monday to Sunday around it
    grid(columns) -> Grid                       rows of time, and in each the cells that begin there

A column is one person or room on one day. A row is a stretch of five to fifteen minutes, as fine as the appointments
need, and has the clock that hangs on the wall: on the day in autumn that has 25 hours the rows from 02 to 03 come
twice, in spring they do not come at all. Where several days stand beside each other a day without such an hour says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, Literal

from samjournal.fhir.dates import OSLO

STEPS: Final = (15, 10, 5)
"""Minutes of a row; the coarsest that all appointments fit in is taken."""
USUAL: Final = (8 * 60, 16 * 60)
"""Minutes after midnight that are shown of a day on which nothing is."""
Kind = Literal["busy", "free", "closed", "away", "none"]


@dataclass(frozen=True, slots=True)
class Taken:
    """Something that takes a time (aware moments); `what` is the caller's, shown in the cell."""

    start: datetime
    end: datetime
    what: Any


@dataclass(frozen=True, slots=True)
class Column:
    """One person or room on one day: its hours, when it is away with a word of why, and what takes its time."""

    name: str
    day: date
    open: Sequence[tuple[datetime, datetime]] = ()
    away: Sequence[tuple[datetime, datetime, str]] = ()
    taken: Sequence[Taken] = ()
    key: str = ""
    address: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell that reaches over some rows of a column. `column` is its place, `what` that which takes the time."""

    kind: Kind
    column: int
    rows: int
    start: datetime
    end: datetime
    words: str = ""
    what: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of time with the clock that it begins by; `twice`: 1 or 2 of an hour that comes twice."""

    clock: str
    is_hour: bool
    twice: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """The table: how many minutes a row has, the heads of the columns, and the rows."""

    step: int
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


def days(view: str, day: date) -> list[date]:
    """The days that are shown: of a week from Monday on."""
    if view != "week":
        return [day]
    monday = day - timedelta(days=day.weekday())
    return [monday + timedelta(days=n) for n in range(7)]


def bounds(day: date) -> tuple[datetime, datetime]:
    """From midnight to midnight in Oslo, in UTC: 23, 24 or 25 hours."""
    return (
        datetime.combine(day, time(), OSLO).astimezone(UTC),
        datetime.combine(day + timedelta(days=1), time(), OSLO).astimezone(UTC),
    )


def grid(columns: Sequence[Column]) -> Grid:
    """The table of some columns; their days may differ."""
    step = _step(columns)
    begin, end = _span(columns)
    slots = [_slots(column.day, step, begin, end) for column in columns]
    keys = sorted({key for each in slots for key in each})
    rows: list[list[Cell]] = [[] for _ in keys]
    for place, (column, known) in enumerate(zip(columns, slots, strict=True)):
        for at, cell in _cells(place, column, [known.get(key) for key in keys], timedelta(minutes=step)):
            rows[at].append(cell)
    doubled = {hour for hour, fold, _ in keys if fold}
    return Grid(
        step,
        tuple(columns),
        tuple(
            Row(
                f"{hour:02}.{minute:02}",
                minute == 0,
                fold + 1 if hour in doubled else 0,
                tuple(cells),
            )
            for (hour, fold, minute), cells in zip(keys, rows, strict=True)
        ),
    )


Key = tuple[int, int, int]
"""Hour, which time it comes (0, 1), minute: by these the rows stand in the order of time."""


def _slots(day: date, step: int, begin: int, end: int) -> dict[Key, datetime]:
    """The rows of a day, each with the moment at which it begins: what the clock on the wall shows as time goes by."""
    at, midnight = bounds(day)
    found: dict[Key, datetime] = {}
    while at < midnight:
        wall = at.astimezone(OSLO)
        if begin <= wall.hour * 60 + wall.minute < end:
            found[wall.hour, wall.fold, wall.minute] = at
        at += timedelta(minutes=step)
    return found


def _step(columns: Sequence[Column]) -> int:
    """The coarsest rows that every appointment begins and ends with."""
    minutes = {
        moment.astimezone(OSLO).minute for column in columns for one in column.taken for moment in (one.start, one.end)
    }
    return next((step for step in STEPS if all(minute % step == 0 for minute in minutes)), STEPS[-1])


def _span(columns: Sequence[Column]) -> tuple[int, int]:
    """Whole hours of the day, in minutes after midnight, that hold all hours and appointments of the columns."""
    edges: list[int] = []
    for column in columns:
        midnight, after = bounds(column.day)
        stretches = [*column.open, *((one.start, one.end) for one in column.taken)]
        for start, end in stretches:
            if start < after and end > midnight:
                first, last = max(start, midnight), min(end, after)
                edges += [_minute(first), 24 * 60 if last == after else _minute(last)]
    if not edges:
        return USUAL
    begin, end_ = min(edges) // 60 * 60, -(-max(edges) // 60) * 60
    return begin, max(end_, begin + 60)


def _minute(moment: datetime) -> int:
    wall = moment.astimezone(OSLO)
    return wall.hour * 60 + wall.minute


def _cells(
    place: int, column: Column, starts: Sequence[datetime | None], step: timedelta
) -> Iterable[tuple[int, Cell]]:
    """The cells of a column, each with the row it begins in. What overlaps stands together in one."""
    groups = _groups(column, step)
    marks = [_mark(column, groups, start, step) for start in starts]
    at = 0
    while at < len(starts):
        kind, which = marks[at]
        stop = at + 1
        while stop < len(starts) and marks[stop] == (kind, which) and not (kind == "free" and _is_hour(starts[stop])):
            stop += 1
        last = next((start for start in reversed(starts[at:stop]) if start is not None), None)
        first = next((start for start in starts[at:stop] if start is not None), None)
        start = first or _nearest(starts, at, column)
        what = tuple(one.what for one in groups[which]) if kind == "busy" else ()
        words = which if kind == "away" else ""
        yield at, Cell(kind, place, stop - at, start, last + step if last else start, str(words), what)
        at = stop


def _is_hour(start: datetime | None) -> bool:
    """Whether a new hour begins: what is free is told hour by hour, so that one can point at a time."""
    return start is not None and start.astimezone(OSLO).minute == 0


def _mark(
    column: Column, groups: Sequence[Sequence[Taken]], start: datetime | None, step: timedelta
) -> tuple[Kind, Any]:
    """What a column is in one row, and which of them: alike where the rows belong together."""
    if start is None:
        return "none", 0
    end = start + step
    for number, group in enumerate(groups):
        if any(_down(one.start, step) < end and _up(one, step) > start for one in group):
            return "busy", number
    for begin, stop, words in column.away:
        if begin < end and stop > start:
            return "away", words
    is_open = any(begin <= start and end <= stop for begin, stop in column.open)
    return ("free", 0) if is_open else ("closed", 0)


def _groups(column: Column, step: timedelta) -> list[list[Taken]]:
    """What takes the time of a column, by those that share a row: none hides another, however short it is."""
    found: list[list[Taken]] = []
    until = None
    for one in sorted(column.taken, key=lambda one: (one.start, one.end)):
        if until is not None and _down(one.start, step) < until:
            found[-1].append(one)
            until = max(until, _up(one, step))
        else:
            found.append([one])
            until = _up(one, step)
    return found


def _down(moment: datetime, step: timedelta) -> datetime:
    """The beginning of the row that a moment lies in: rows begin at whole steps of an hour in every zone of ours."""
    return moment - timedelta(seconds=moment.timestamp() % step.total_seconds())


def _up(one: Taken, step: timedelta) -> datetime:
    """The end of the last row of something, which has one row at least."""
    last = _down(max(one.start, one.end - timedelta(microseconds=1)), step)
    return last + step


def _nearest(starts: Sequence[datetime | None], at: int, column: Column) -> datetime:
    """A moment for an hour that a day does not have: the one at which the clock is put on."""
    before = next((start for start in reversed(starts[:at]) if start is not None), None)
    return before or bounds(column.day)[0]
