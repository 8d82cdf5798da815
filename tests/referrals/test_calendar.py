"""Working days in Norway, and the deadlines that are counted in them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from samjournal.fhir.dates import OSLO
from samjournal.referrals import after, is_working
from samjournal.referrals.limits import due

MONDAY = datetime(2026, 11, 30, 10, 0, tzinfo=OSLO)


@pytest.mark.parametrize(
    "day",
    [
        "2026-04-02", "2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-12-25",
        "2024-03-29", "2025-04-21", "2027-03-29", "2030-05-30", "2038-04-26", "2026-11-28", "2026-11-29",
    ],
)  # fmt: skip
def test_nobody_works_on_holidays_and_at_weekends(day: str) -> None:
    assert not is_working(date.fromisoformat(day))


@pytest.mark.parametrize("day", ["2026-04-01", "2026-04-07", "2026-05-18", "2026-12-24", "2026-12-31", "2024-04-02"])
def test_people_work_on_the_days_beside_them(day: str) -> None:
    assert is_working(date.fromisoformat(day))


def test_working_days_are_counted_over_holidays() -> None:
    assert after(datetime(2026, 12, 23, 9, 0, tzinfo=OSLO), 2).date() == date(2026, 12, 28)
    assert after(datetime(2026, 11, 27, 9, 30, tzinfo=OSLO), 1) == datetime(2026, 11, 30, 9, 30, tzinfo=OSLO)
    assert after(MONDAY, 10).date() == date(2026, 12, 14)


def test_each_step_has_a_deadline() -> None:
    def until(state: str, priority: str = "routine", **more: str) -> datetime:
        return due(state, priority=priority, received=MONDAY, now=MONDAY, **more)  # type: ignore[arg-type]

    assert until("received") == MONDAY + timedelta(days=1)
    assert until("received", "urgent") == MONDAY + timedelta(hours=4)
    assert until("opened").date() == date(2026, 12, 14)
    assert until("opened", "stat").date() == date(2026, 12, 1)
    assert until("assessed", until="2027-01-10") == datetime(2027, 1, 10, 23, 59, tzinfo=OSLO)
    assert until("signed") == MONDAY + timedelta(hours=96)
    assert until("booked", until="2026-12-07T12:00:00+01:00").date() == date(2026, 12, 21)
