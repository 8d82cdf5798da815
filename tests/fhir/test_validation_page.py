"""The page on validation says what the code does: its lists of types and rules are those of the code."""

from __future__ import annotations

from pathlib import Path

from samjournal.fhir.invariants import RULES
from samjournal.fhir.primitives import CHECKS, RIGHT

PAGE = Path(__file__).parents[2] / "docs/reference/validation.md"


def rows(heading: str) -> dict[str, list[str]]:
    """The rows of the table under a heading, by what stands in their first cell."""
    section = PAGE.read_text(encoding="utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in section.splitlines() if line[:1] == "|"]
    return {first.strip("`"): rest for first, *rest in cells if first.startswith("`")}


def test_every_primitive_type_is_told_as_errors_tell_it() -> None:
    told = {type_: right.replace("&lt;", "<").replace("&gt;", ">") for type_, (right,) in rows("Values").items()}
    assert told == RIGHT
    assert told.keys() == CHECKS.keys()


def test_every_rule_of_a_datatype_is_told() -> None:
    assert rows("Rules of datatypes").keys() == RULES.keys()
