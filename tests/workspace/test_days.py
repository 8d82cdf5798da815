"""Days as people write them and as FHIR does."""

from __future__ import annotations

import pytest

from samjournal.workspace.days import day_of


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("", ""), ("2019", "2019"), ("5.2019", "2019-05"), ("12.05.2019", "2019-05-12"), ("1/2-2020", "2020-02-01"),
        ("2019-05-12", "2019-05-12"), ("31.02.2019", None), ("i fjor", None), ("19", None), ("0001", None),
    ],
)  # fmt: skip
def test_days_as_people_write_them(written: str, day: str | None) -> None:
    assert day_of(written) == day
