"""What a report lists, and when the patient sees the report. access/results.py"""

from __future__ import annotations

from typing import Any

import pytest

from samjournal.access.blocks import ALWAYS
from samjournal.access.results import EARLY, FIRM, RULE, Listed, listed
from samjournal.fhir.keys import key
from samjournal.fhir.release import NEVER, NOPAT, RELEASED

KARI = key("Patient/kari")
GENE = [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "GE"}]}]


def report(**more: Any) -> dict[str, Any]:
    named = [{"reference": "Observation/a"}, {"reference": "Observation/a/_history/2"}, {"display": "x"}]
    about = {"status": "final", "subject": {"reference": "Patient/kari"}, "result": named}
    return {"resourceType": "DiagnosticReport", **about, **more}


@pytest.mark.parametrize(
    ("resource", "told"),
    [
        (report(), []),
        (report(meta={"tag": [RELEASED]}), []),
        (report(category=GENE), [Listed(KARI, "a", NEVER, FIRM)]),
        (report(status="partial"), [Listed(KARI, "a", NEVER, FIRM)]),
        (report(meta={"security": [NOPAT]}), [Listed(KARI, "a", NEVER, FIRM)]),
        (report(category=GENE, meta={"tag": [RELEASED]}), [Listed(KARI, "a", ALWAYS, EARLY)]),
        (report(category=GENE, subject={"reference": "Group/x"}), []),
        (report(category=GENE, result=[{"reference": "#inside"}, {"reference": "Media/a"}]), []),
    ],
)
def test_a_report_lists_its_results_where_a_rule_or_a_decision_is_about_it(resource: Any, told: list[Listed]) -> None:
    assert listed(resource) == told


def test_an_observation_always_lists_its_members() -> None:
    panel = {"resourceType": "Observation", "status": "final", "subject": {"reference": "Patient/kari"}}
    panel["hasMember"] = [{"reference": "Observation/b"}]
    assert listed(panel) == [Listed(KARI, "b", ALWAYS, RULE)]
    assert listed({**panel, "category": GENE}) == [Listed(KARI, "b", NEVER, RULE)]
    assert listed({**panel, "meta": {"security": [NOPAT]}}) == [Listed(KARI, "b", NEVER, FIRM)]
    assert listed({**panel, "category": GENE, "meta": {"tag": [RELEASED]}}) == [Listed(KARI, "b", ALWAYS, EARLY)]
