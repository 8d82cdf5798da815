"""The rules that ask of looks. samjournal.access.anomalies"""

from __future__ import annotations

import pytest

from samjournal.access.anomalies import RULES, Facts, Person, is_unusual, judged


@pytest.mark.parametrize(
    ("patients", "usual", "asks"), [(20, None, False), (21, None, True), (30, 10, False), (31, 10, True), (21, 2, True)]
)
def test_what_is_unusual(patients: int, usual: float | None, asks: bool) -> None:
    assert is_unusual(patients, usual) is asks


def test_nobody_is_alike_by_what_is_not_known() -> None:
    assert judged(Facts(Person(), Person())) == []


def test_every_rule_has_its_names_and_meaning() -> None:
    assert all(len(set(rule.names)) >= 2 and rule.description.endswith(".") for rule in RULES.values())
