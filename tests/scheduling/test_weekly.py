"""The hours of a week: read as people write them, kept as FHIR says them. samjournal.scheduling.weekly"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from samjournal.fhir.structure import check
from samjournal.scheduling.weekly import MIDNIGHT, Weekly, parsed, said, weekly, with_weekly

NINE_TO_FOUR: Weekly = (*(((540, 960),) for _ in range(5)), (), ())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ()),
        (" ", ()),
        ("8-16", ((480, 960),)),
        ("08.00–11.30, 12–15.30", ((480, 690), (720, 930))),
        ("12:00 - 15:30; 8 - 11", ((480, 660), (720, 930))),
        ("8-11 og 12-15", ((480, 660), (720, 900))),
        ("0–24", ((0, MIDNIGHT),)),
    ],
)
def test_hours_are_read_as_people_write_them(text: str, found: tuple[tuple[int, int], ...]) -> None:
    assert parsed(text) == found


@pytest.mark.parametrize("text", ["stengt", "8", "16-8", "8-8", "8-25", "8.75-9", "8-12, 11-13", "８-９x", "8--9"])
def test_what_is_no_hours_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        parsed(text)


STRETCHES = st.lists(st.integers(0, MIDNIGHT), unique=True, max_size=6).map(
    lambda edges: tuple(zip(sorted(edges)[::2], sorted(edges)[1::2], strict=False))
)


@given(st.lists(STRETCHES, min_size=7, max_size=7).map(tuple))
def test_what_is_kept_is_what_was_said(week: Weekly) -> None:
    for type_ in ("PractitionerRole", "HealthcareService", "Location"):
        resource = with_weekly({"resourceType": type_, "id": "x"}, week)
        assert check(resource) == []
        assert (weekly(resource) or ((),) * 7) == week
    assert all(parsed(said(day)) == day for day in week)


def test_other_hours_take_the_place_of_the_old_and_nothing_else_changes() -> None:
    was = {"resourceType": "PractitionerRole", "id": "x", "availableTime": [{"allDay": True}], "active": True}
    assert with_weekly(was, NINE_TO_FOUR) == {
        "resourceType": "PractitionerRole",
        "id": "x",
        "active": True,
        "availableTime": [
            {
                "daysOfWeek": ["mon", "tue", "wed", "thu", "fri"],
                "availableStartTime": "09:00:00",
                "availableEndTime": "16:00:00",
            }
        ],
    }
    assert weekly({"resourceType": "PractitionerRole"}) is None


def test_hours_over_midnight_are_those_of_two_days() -> None:
    night = {"daysOfWeek": ["sun"], "availableStartTime": "22:00:00", "availableEndTime": "06:00:00"}
    found = weekly({"resourceType": "PractitionerRole", "availableTime": [night]})
    assert found == (((0, 360),), (), (), (), (), (), ((1320, MIDNIGHT),))
