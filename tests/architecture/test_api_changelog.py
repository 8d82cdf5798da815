"""The API that the changelog tells of is the one that there is; what the promises say is what the code keeps."""

from __future__ import annotations

import re
from datetime import date

import pytest

from architecture.test_documentation import rows, text
from bench import surface
from samjournal.rest.deprecations import DEPRECATED, STAYS, Deprecated

STABILITY = "docs/reference/stability.md"


def test_no_change_of_the_api_goes_without_a_line_in_its_changelog() -> None:
    before, after = surface.recorded(), surface.told(surface.surface())
    assert before == after, "\n".join(
        [
            "The API is another than docs/reference/api-changelog.md tells.",
            "Run `make surface`, and add a line under the newest heading about:",
            *surface.differences(before, after),
        ]
    )


def test_what_came_and_what_went_is_told_by_name() -> None:
    before = surface.told({"operations": ["$everything"], "formats": ["json"]})
    after = surface.told({"operations": ["$everything", "$match"], "formats": []})
    assert surface.differences(before, after) == ["new: formats none", "new: operations $match", "gone: formats json"]


def test_long_lines_are_parted_and_still_read_as_one() -> None:
    many = [f"parameter-{number}" for number in range(40)]
    assert surface.told({"x": many}).count("\n") > 2
    assert len(surface._parted(surface.told({"x": many}))) == 40


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("interactions", "history-instance"),
        ("addresses", "POST /{}/_search"),
        ("control parameters", "_since"),
        ("headers heeded", "if-none-exist"),
        ("preferences", "return=minimal"),
        ("formats", "application/fhir+xml"),
        ("modifiers of string", "contains"),
        ("error codes", "version-moved"),
    ],
)
def test_the_surface_is_read_from_the_code(kind: str, name: str) -> None:
    assert name in surface.surface()[kind]


def test_every_deprecated_thing_is_in_the_table_of_the_promises_and_no_other() -> None:
    section = text(STABILITY).partition("## What is deprecated today")[2].partition("\n## ")[0]
    told = set(re.findall(r"^\| `([^`]+)`", section, re.MULTILINE))
    assert told == {one.what for one in DEPRECATED}
    for one in DEPRECATED:
        assert rows(STABILITY)[one.what][:2] == [str(one.since), str(one.until)]


def test_the_time_that_is_promised_is_the_one_that_is_kept() -> None:
    assert f"at least {STAYS.days // 30} months" in text(STABILITY)
    with pytest.raises(ValueError, match="a year"):
        Deprecated("route", "read", date(2027, 1, 1), "1.0", date(2027, 11, 1), "")
