"""Styles are whole: a brace that is lost where two changes meet takes all that comes after it away, without a word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "samjournal"
SHEETS = [path for path in sorted(SOURCE.glob("*/assets/*.css")) if "vendor" not in path.parts]


def test_there_are_styles() -> None:
    assert SHEETS


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_every_rule_is_closed_before_the_next_begins(sheet: Path) -> None:
    text = re.sub(r"/\*.*?\*/", lambda found: re.sub(r"[^\n]", " ", found[0]), sheet.read_text("utf-8"), flags=re.S)
    depth, begins_inside = 0, []
    for number, line in enumerate(text.split("\n"), 1):
        if depth and re.match(r"[.#@a-z]", line):
            begins_inside.append(number)
        depth += line.count("{") - line.count("}")
    assert begins_inside == []
    assert depth == 0
