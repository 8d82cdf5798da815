"""A date is all the time that it may mean, in Norway's time where it has no zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir.dates import FAR_FUTURE, FAR_PAST, period, span, timing


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "lo", "hi"),
    [
        ("2026", "2025-12-31T23:00", "2026-12-31T23:00"),
        ("2026-03", "2026-02-28T23:00", "2026-03-31T22:00"),
        ("2026-12", "2026-11-30T23:00", "2026-12-31T23:00"),
        ("2026-01-10", "2026-01-09T23:00", "2026-01-10T23:00"),
        ("2026-03-29", "2026-03-28T23:00", "2026-03-29T22:00"),
        ("2026-10-25", "2026-10-24T22:00", "2026-10-25T23:00"),
        ("2026-07-01T08:12", "2026-07-01T06:12", "2026-07-01T06:13"),
        ("2026-07-01T08:12:30", "2026-07-01T06:12:30", "2026-07-01T06:12:31"),
        ("2026-07-01T08:12Z", "2026-07-01T08:12", "2026-07-01T08:13"),
        ("2026-07-01T08:12:30Z", "2026-07-01T08:12:30", "2026-07-01T08:12:31"),
        ("2026-07-01T08:12:30.5Z", "2026-07-01T08:12:30.500", "2026-07-01T08:12:30.600"),
        ("2026-07-01T08:12:30.125+02:00", "2026-07-01T06:12:30.125", "2026-07-01T06:12:30.126"),
        ("2026-07-01T08:12:30.123456789Z", "2026-07-01T08:12:30.123456", "2026-07-01T08:12:30.123457"),
        ("2016-12-31T23:59:60Z", "2017-01-01T00:00", "2017-01-01T00:00:01"),
        ("2026-07-01T08:12:30-14:00", "2026-07-01T22:12:30", "2026-07-01T22:12:31"),
    ],
)
def test_a_date_spans_what_it_may_mean(text: str, lo: str, hi: str) -> None:
    assert span(text) == (utc(lo), utc(hi))


def test_a_leap_second_at_the_end_of_the_calendar_is_its_end() -> None:
    assert span("9999-12-31T23:59:60Z") == (FAR_FUTURE, FAR_FUTURE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "26",
        "2026-13",
        "2026-02-30",
        "0000",
        "2026-1-1",
        "i går",
        "2026-07-01T25:00Z",
        "2026-07-01T08:12+15:00",
        "2026-07-01 08:12",
        "2026-07-01T08:12:61Z",
        "20260701",
        "2026-07-01T",
        "２０２６",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        span(text)


@given(st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=st.just(UTC)))
def test_every_moment_lies_in_its_own_day_month_and_year(moment: datetime) -> None:
    text = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    lo, hi = span(text)
    assert FAR_PAST <= lo <= hi <= FAR_FUTURE
    assert hi - lo <= timedelta(seconds=1)
    for length in (4, 7, 10):
        outer = span(text[:length])
        assert outer.lo < outer.hi
        assert outer.lo - timedelta(hours=2) <= lo <= outer.hi + timedelta(hours=2)


def test_the_ends_of_the_calendar_stay_in_it() -> None:
    assert span("9999").hi == FAR_FUTURE
    assert span("9999-12-31T23:59:59-14:00").hi == FAR_FUTURE
    assert span("0001-01-01T00:00:00+14:00").lo == FAR_PAST


def test_a_period_reaches_from_start_to_end_and_is_open_where_they_are_not_given() -> None:
    whole = {"start": "2026-01-10", "end": "2026-01-12"}
    assert period(whole) == (utc("2026-01-09T23:00"), utc("2026-01-12T23:00"))
    assert period({"start": "2026-01-10"}) == (utc("2026-01-09T23:00"), FAR_FUTURE)
    assert period({"end": "2026-01-10"}) == (FAR_PAST, utc("2026-01-10T23:00"))
    assert period({}) is None


def test_a_timing_reaches_from_its_first_to_its_last_event() -> None:
    events = ["2026-01-12T10:00:00Z", "2026-01-10T10:00:00Z"]
    assert timing({"event": events}) == (utc("2026-01-10T10:00"), utc("2026-01-12T10:00:01"))
    bounds = {"boundsPeriod": {"start": "2026-01-10"}}
    assert timing({"repeat": bounds}) == (utc("2026-01-09T23:00"), FAR_FUTURE)
    assert timing({"repeat": {"frequency": 2}}) is None
