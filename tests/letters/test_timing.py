"""When a notice leaves: nights, both changes of the clock, and once a day."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from samjournal.fhir.dates import OSLO
from samjournal.letters.timing import due, waking

NIGHT = (21, 8)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=OSLO).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "then"),
    [
        ("2026-11-29T12:00", "2026-11-29T12:00"),
        ("2026-11-29T20:59", "2026-11-29T20:59"),
        ("2026-11-29T21:00", "2026-11-30T08:00"),
        ("2026-11-30T00:30", "2026-11-30T08:00"),
        ("2026-11-30T07:59", "2026-11-30T08:00"),
        ("2026-10-24T23:00", "2026-10-25T08:00"),  # the clock goes back
        ("2027-03-27T23:00", "2027-03-28T08:00"),  # and forth
        ("2026-12-31T23:30", "2027-01-01T08:00"),
    ],
)
def test_the_night_is_over_at_eight_in_oslo(now: str, then: str) -> None:
    assert waking(at(now), NIGHT) == at(then)


def test_nights_may_be_shorter_or_none() -> None:
    assert waking(at("2026-11-30T01:00"), (1, 5)) == at("2026-11-30T05:00")
    assert waking(at("2026-11-30T06:00"), (1, 5)) == at("2026-11-30T06:00")
    assert waking(at("2026-11-30T03:00"), (0, 0)) == at("2026-11-30T03:00")


def test_what_is_urgent_waits_for_no_morning() -> None:
    assert due("urgent", at("2026-11-30T03:00"), NIGHT) == at("2026-11-30T03:00")
    assert due("ordinary", at("2026-11-29T20:59"), NIGHT) == at("2026-11-30T08:00")
    assert due("ordinary", at("2026-11-29T12:00"), NIGHT) == at("2026-11-29T12:02")


def test_information_is_told_at_four() -> None:
    assert due("information", at("2026-11-29T09:00"), NIGHT) == at("2026-11-29T16:00")
    assert due("information", at("2026-11-29T16:00"), NIGHT) == at("2026-11-30T16:00")
