"""Seconds of frequent tasks: the estimate of a person's time, and where the table of them is written."""

from __future__ import annotations

import pytest

from acceptance.effort import PAGE, Step, published
from bench.effort import MARKS, Took, estimated, section
from bench.growth_page import written

PRESSURE = (Step("press", 1), Step("type", 3), Step("press", 1), Step("type", 2), Step("press", 1), Step("see"))
"""M 1 3 3 Space 7 6 Enter."""


@pytest.mark.parametrize(
    ("steps", "seconds"),
    [
        (PRESSURE, 4 * 1.35 + 8 * 0.28),
        ((Step("press", 2), Step("press", 1)), 1.35 + 3 * 0.28),
        ((Step("type", 4),), 4 * 0.28),
        ((Step("click"),), 0.40 + 1.35 + 1.10 + 0.28),
        ((Step("click"), Step("click"), Step("type", 1)), 0.40 + 2 * (1.35 + 1.10 + 0.28) + 0.40 + 0.28),
        ((), 0.0),
    ],
)
def test_a_persons_time_is_reckoned_from_keys_and_clicks(steps: tuple[Step, ...], seconds: float) -> None:
    assert estimated(steps) == pytest.approx(seconds)


def test_by_touch_no_hand_goes_between_keyboard_and_mouse() -> None:
    steps = (Step("click"), Step("type", 3), Step("click"))
    assert estimated(steps) - estimated(steps, touch=True) == pytest.approx(3 * 0.40)


def test_the_tables_of_keys_and_of_seconds_leave_each_other_alone() -> None:
    page = PAGE.read_text(encoding="utf-8")
    about = {"cpu": "a machine", "cores": 2, "load": [1.0, 1.0, 1.0], "commit": "abc"}
    told = written(page, section([("See the keys", "ayla", Took(0.01, 0.2, 2.98))], about, 3), MARKS)
    assert "| See the keys | ayla | 0.01 | 0.20 | 3.0 |" in told
    assert told.partition(MARKS[0])[0] == page.partition(MARKS[0])[0]
    assert "| See the keys | ayla | 1 | 0 | 0 |" in told


def test_seconds_are_told_of_the_tasks_that_are_counted() -> None:
    lines = PAGE.read_text(encoding="utf-8").partition(MARKS[0])[2].partition(MARKS[1])[0].splitlines()
    told = {line.strip("|").split("|")[0].strip() for line in lines if line.startswith("| ")} - {"Task"}
    assert told
    assert told <= published().keys()
