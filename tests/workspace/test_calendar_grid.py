"""The calendar as a table: each row by the clock on the wall, and nothing that takes time is hidden."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from samjournal.fhir.dates import OSLO
from samjournal.workspace.calendar_grid import Cell, Column, Grid, Taken, bounds, days, grid

DAY = date(2026, 11, 30)


def at(clock: str, day: date = DAY, *, fold: int = 0) -> datetime:
    hour, minute = map(int, clock.split("."))
    return datetime(day.year, day.month, day.day, hour, minute, fold=fold, tzinfo=OSLO).astimezone(UTC)


def taken(what: str, start: str, end: str, day: date = DAY) -> Taken:
    return Taken(at(start, day), at(end, day), what)


def column(*what: Taken, hours: tuple[str, str] = ("08.00", "16.00"), day: date = DAY) -> Column:
    return Column("Ayla", day, open=[(at(hours[0], day), at(hours[1], day))], taken=what)


def cells(table: Grid, place: int = 0) -> list[Cell]:
    return [cell for row in table.rows for cell in row.cells if cell.column == place]


def told(table: Grid, place: int = 0) -> list[tuple[str, float, tuple[str, ...]]]:
    """The stretches of a column in hours, what is free as one."""
    found: list[tuple[str, float, tuple[str, ...]]] = []
    for cell in cells(table, place):
        hours = cell.rows * table.step / 60
        if found and found[-1][0] == cell.kind == "free":
            hours += found.pop()[1]
        found.append((cell.kind, hours, cell.what))
    return found


def test_what_is_taken_lies_between_what_is_free() -> None:
    table = grid([column(taken("a", "09.00", "09.30"))])
    assert told(table) == [("free", 1, ()), ("busy", 0.5, ("a",)), ("free", 6.5, ())]
    free = [cell for cell in cells(table) if cell.kind == "free"]
    assert [cell.start for cell in free[:3]] == [at("08.00"), at("09.30"), at("10.00")]
    assert free[-1].end == at("16.00")


@pytest.mark.parametrize(("end", "step"), [("09.30", 15), ("09.45", 15), ("09.20", 10), ("09.25", 5), ("09.13", 5)])
def test_rows_are_as_coarse_as_the_appointments_allow(end: str, step: int) -> None:
    assert grid([column(taken("a", "09.00", end))]).step == step


def test_what_overlaps_stands_together_and_nothing_is_hidden() -> None:
    """The way to harm: the second of two at the same time lies under the first, and nobody comes for her."""
    short = [taken("a", "09.00", "09.01"), taken("b", "09.02", "09.03"), taken("c", "09.03", "09.03")]
    table = grid([column(*short, taken("d", "10.00", "11.00"), taken("e", "10.30", "11.30"))])
    shown = [what for cell in cells(table) for what in cell.what]
    assert sorted(shown) == ["a", "b", "c", "d", "e"]
    assert [cell.what for cell in cells(table) if cell.kind == "busy"] == [("a", "b", "c"), ("d", "e")]


def test_neighbours_stand_in_cells_of_their_own() -> None:
    table = grid([column(taken("a", "09.00", "09.30"), taken("b", "09.30", "10.00"))])
    assert [cell.what for cell in cells(table) if cell.kind == "busy"] == [("a",), ("b",)]


def test_who_is_away_is_not_free_and_what_is_booked_meanwhile_is_shown() -> None:
    away = Column(
        "Ayla", DAY, [(at("08.00"), at("12.00"))], [(at("09.00"), at("11.00"), "kurs")], [taken("a", "10.00", "10.30")]
    )
    table = grid([away])
    assert told(table) == [
        ("free", 1, ()),
        ("away", 1, ()),
        ("busy", 0.5, ("a",)),
        ("away", 0.5, ()),
        ("free", 1, ()),
    ]
    assert cells(table)[1].words == "kurs"


def test_columns_have_the_same_rows_and_hours_of_their_own() -> None:
    table = grid([column(hours=("08.00", "10.00")), column(hours=("09.00", "11.00"))])
    assert [row.clock for row in table.rows if row.is_hour] == ["08.00", "09.00", "10.00"]
    assert told(table, 0) == [("free", 2, ()), ("closed", 1, ())]
    assert told(table, 1) == [("closed", 1, ()), ("free", 2, ())]
    assert all(sum(cell.rows for cell in cells(table, place)) == len(table.rows) for place in (0, 1))


def test_an_appointment_outside_the_hours_makes_the_day_longer() -> None:
    table = grid([column(taken("a", "17.15", "17.45"))])
    assert table.rows[-1].clock == "17.45"
    assert [cell.kind for cell in cells(table)] == ["free"] * 8 + ["closed", "busy", "closed"]


def test_a_day_with_nothing_shows_the_usual_hours() -> None:
    table = grid([Column("Rom 1", DAY)])
    assert (table.rows[0].clock, table.rows[-1].clock) == ("08.00", "15.45")
    assert told(table) == [("closed", 8, ())]


def whole(day: date, *what: Taken) -> Column:
    return Column("Vakt", day, open=[bounds(day)], taken=what)


SPRING, AUTUMN, LEAP = date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25), (DAY, 24), (LEAP, 24)])
def test_a_day_has_as_many_hours_as_it_has(day: date, hours: int) -> None:
    table = grid([whole(day)])
    assert sum(row.is_hour for row in table.rows) == hours
    assert told(table) == [("free", hours, ())]
    assert cells(table)[-1].end - cells(table)[0].start == timedelta(hours=hours)


def test_in_spring_the_clock_jumps_and_nothing_lies_in_the_hour_that_is_not() -> None:
    table = grid([whole(SPRING, Taken(at("01.30", SPRING), at("03.30", SPRING), "a"))])
    assert [row.clock for row in table.rows if row.is_hour][:4] == ["00.00", "01.00", "03.00", "04.00"]
    assert told(table)[1] == ("busy", 1, ("a",))


def test_in_autumn_an_hour_comes_twice_and_each_has_its_own_appointments() -> None:
    first = Taken(at("02.00", AUTUMN), at("02.30", AUTUMN), "first")
    second = Taken(at("02.00", AUTUMN, fold=1), at("02.30", AUTUMN, fold=1), "second")
    table = grid([whole(AUTUMN, first, second)])
    assert [(row.clock, row.twice) for row in table.rows[8:16:2]] == [
        ("02.00", 1),
        ("02.30", 1),
        ("02.00", 2),
        ("02.30", 2),
    ]
    assert [cell.what for row in table.rows[8:16:2] for cell in row.cells] == [("first",), (), ("second",), ()]


def test_beside_a_day_with_25_hours_the_others_say_that_they_have_no_such_hour() -> None:
    week = days("week", AUTUMN)
    table = grid([whole(day) for day in week])
    assert sum(row.is_hour for row in table.rows) == 25
    assert [kind for kind, _, _ in told(table, 0)] == ["free", "none", "free"]
    assert [kind for kind, _, _ in told(table, 6)] == ["free"]
    spring = grid([whole(day) for day in days("week", SPRING)])
    assert [kind for kind, _, _ in told(spring, 6)] == ["free", "none", "free"]


def test_over_midnight_each_day_shows_its_part() -> None:
    night = Taken(at("23.00"), at("01.00", DAY + timedelta(days=1)), "night")
    table = grid([Column("Vakt", day, taken=[night]) for day in (DAY, DAY + timedelta(days=1))])
    assert [(cell.start, cell.end) for cell in cells(table, 0) if cell.what] == [
        (at("23.00"), at("00.00", DAY + timedelta(days=1)))
    ]
    assert [cell.end for cell in cells(table, 1) if cell.what] == [at("01.00", DAY + timedelta(days=1))]


def test_a_week_is_from_monday_on_also_over_new_year() -> None:
    week = days("week", date(2027, 1, 1))
    assert (week[0], week[-1]) == (date(2026, 12, 28), date(2027, 1, 3))
    assert days("day", LEAP) == [LEAP]
    assert LEAP in days("week", date(2028, 3, 1))
