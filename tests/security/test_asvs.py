"""The table of ASVS 5.0 has each number of levels 1 and 2 once, each row with a test that is there, or a reason."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

from security.levels import asked

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "asvs.md"
ROW = re.compile(r"^\| (V[\d.]+) \| (\d) \| (.+?) \| (.+?) \|$")
TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")
REASON = "Reason: "
FEW = 0.1
"""The part of the rows that may have a reason instead of a test."""


@cache
def rows() -> list[tuple[str, int, str, str]]:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    read = [ROW.match(line) for line in lines if line.startswith("| V")]
    assert all(read)
    return [(found[1], int(found[2]), found[3], found[4]) for found in read if found]


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return frozenset(one.name for one in tree.body if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef))


def test_every_number_of_levels_1_and_2_is_there_once_with_its_level() -> None:
    assert [(number, level) for number, level, *_ in rows()] == list(asked(2).items())


def test_every_row_says_what_holds() -> None:
    assert [number for number, _, words, _ in rows() if len(words.split()) < 3] == []


def test_every_row_has_a_test_that_is_there_or_a_reason() -> None:
    wrong = []
    for number, _, _, how in rows():
        named = TEST.findall(how)
        if how.startswith(REASON):
            fine = not named and len(how) > 60
        else:
            fine = bool(named) and all((ROOT / file).exists() and test in functions_of(file) for file, test in named)
            fine = fine and not TEST.sub("", how).strip(" ,")
        if not fine:
            wrong.append(f"{number}: {how}")
    assert wrong == []


def test_few_rows_have_a_reason_instead() -> None:
    reasons = [number for number, _, _, how in rows() if how.startswith(REASON)]
    assert len(reasons) <= FEW * len(rows())
