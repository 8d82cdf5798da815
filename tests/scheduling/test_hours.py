"""Hours are those of the clock in Oslo: both nights when it changes, midnight, leap days, holidays."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from samjournal.fhir.dates import OSLO
from samjournal.scheduling.calendars import Calendar, Calendars
from samjournal.scheduling.freeing import possible
from samjournal.scheduling.hours import hours
from samjournal.scheduling.visits import VisitType, read_visit
from scheduling.places import visit, weekly

HOUR = 3600


def of(day: str, *available: dict[str, Any], days: int = 1, **more: Any) -> list[tuple[str, str, float]]:
    """The hours of a service on a day and after: from, until as the clock shows them, and how many hours they last."""
    told = hours({"resourceType": "HealthcareService", "availableTime": list(available), **more})
    assert told is not None
    since = datetime.fromisoformat(day).replace(tzinfo=OSLO)
    until = (since.replace(tzinfo=None) + timedelta(days=days)).replace(tzinfo=OSLO)
    found = told.within(int(since.timestamp()), int(until.timestamp()))
    return [
        (
            f"{datetime.fromtimestamp(lo, OSLO):%a %H:%M}",
            f"{datetime.fromtimestamp(hi, OSLO):%a %H:%M}",
            (hi - lo) / HOUR,
        )
        for lo, hi in found
    ]


def open_(opens: str, closes: str, **more: Any) -> dict[str, Any]:
    return {"availableStartTime": f"{opens}:00", "availableEndTime": f"{closes}:00", **more}


ALL_DAY = {"allDay": True}


def test_a_working_day_is_the_same_in_summer_and_in_winter() -> None:
    for day in ("2027-01-04", "2027-07-05"):
        assert of(day, *weekly("08:00", "16:00")) == [("Mon 08:00", "Mon 16:00", 8)]
    assert of("2027-03-06", *weekly("08:00", "16:00"), days=2) == []


def test_the_night_when_the_clock_goes_forward_is_an_hour_shorter() -> None:
    assert of("2027-03-28", ALL_DAY) == [("Sun 00:00", "Mon 00:00", 23)]
    assert of("2027-03-28", open_("00:00", "06:00")) == [("Sun 00:00", "Sun 06:00", 5)]
    # What would begin, or end, in the hour that is left out, does so when the clock moves.
    assert of("2027-03-28", open_("02:30", "05:00")) == [("Sun 03:00", "Sun 05:00", 2)]
    assert of("2027-03-28", open_("01:00", "02:30")) == [("Sun 01:00", "Sun 03:00", 1)]
    assert of("2027-03-28", open_("02:10", "02:50")) == []


def test_the_night_when_the_clock_goes_back_is_an_hour_longer() -> None:
    assert of("2027-10-31", ALL_DAY) == [("Sun 00:00", "Mon 00:00", 25)]
    assert of("2027-10-31", open_("02:00", "03:00")) == [("Sun 02:00", "Sun 03:00", 2)]
    assert of("2027-10-31", open_("02:30", "02:45")) == [("Sun 02:30", "Sun 02:45", 1.25)]


def test_hours_go_past_midnight() -> None:
    assert of("2027-03-01", open_("22:00", "06:00", daysOfWeek=["mon"]), days=2) == [("Mon 22:00", "Tue 06:00", 8)]
    assert of("2027-03-02", open_("22:00", "06:00", daysOfWeek=["mon"])) == [("Tue 00:00", "Tue 06:00", 6)]
    assert of("2027-03-27", open_("22:00", "06:00", daysOfWeek=["sat"]), days=2)[0][2] == 7
    assert of("2027-03-01", open_("00:00", "00:00"), days=2) == [("Mon 00:00", "Wed 00:00", 48)]


def test_there_is_a_leap_day_in_leap_years() -> None:
    assert of("2028-02-28", *weekly("08:00", "16:00"), days=3) == [
        ("Mon 08:00", "Mon 16:00", 8), ("Tue 08:00", "Tue 16:00", 8), ("Wed 08:00", "Wed 16:00", 8),
    ]  # fmt: skip
    away = [{"during": {"start": "2028-02-29", "end": "2028-02-29"}}]
    assert [day for day, *_ in of("2028-02-28", *weekly("08:00", "16:00"), days=3, notAvailable=away)] == [
        "Mon 08:00", "Wed 08:00",
    ]  # fmt: skip


def test_a_holiday_and_an_absence_of_hours_are_taken_out() -> None:
    closed = [{"during": {"start": "2027-05-17", "end": "2027-05-17"}}]
    assert of("2027-05-17", *weekly("08:00", "16:00"), notAvailable=closed) == []
    some = [{"during": {"start": "2027-05-18T10:00:00+02:00", "end": "2027-05-18T12:00:00+02:00"}}]
    assert [hours_ for *_, hours_ in of("2027-05-18", *weekly("08:00", "16:00"), notAvailable=some)] == [2, 4]


@pytest.mark.parametrize(
    ("day", "offered"),
    [
        ("2027-03-28", ["00:00", "01:00", "03:00", "04:00"]),
        ("2027-10-31", ["00:00", "01:00", "02:00", "02:00", "03:00", "04:00"]),
    ],
    ids=["forward", "back"],
)
def test_the_night_when_the_clock_changes_has_the_beginnings_that_it_has(day: str, offered: list[str]) -> None:
    night = read_visit(visit("night", minutes=60, hours=weekly("00:00", "05:00", "sun")))
    assert isinstance(night, VisitType)
    since = datetime.fromisoformat(day).replace(tzinfo=OSLO)
    one = Calendar("PractitionerRole/a", "", "person", unit="Organization/clinic")
    can = possible(night, Calendars({one.reference: one}, {}, []), _window(since, 24))
    told = list(can.offered())
    assert [f"{datetime.fromtimestamp(second, OSLO):%H:%M}" for second in told] == offered
    assert len(set(told)) == len(told), "the hour that comes twice is two hours"


def _window(since: datetime, hours_: int) -> tuple[int, int]:
    lo = int(since.timestamp())
    return lo, lo + hours_ * HOUR


def test_who_says_no_hours_works_when_the_unit_is_open_and_without_any_nothing_is_free() -> None:
    one = Calendar("PractitionerRole/a", "", "person", unit="Organization/clinic")
    told = read_visit(visit("v", hours=[]))
    monday = _window(datetime(2027, 3, 1, tzinfo=OSLO), 24)
    assert list(possible(told, Calendars({one.reference: one}, {}, []), monday).offered()) == []
    unit = {"resourceType": "HealthcareService", "id": "u", "availableTime": weekly("10:00", "11:00")}
    can = possible(told, Calendars({one.reference: one}, {"Organization/clinic": unit}, []), monday)
    assert [f"{datetime.fromtimestamp(second, OSLO):%H:%M}" for second in can.offered()] == ["10:00", "10:30"]
