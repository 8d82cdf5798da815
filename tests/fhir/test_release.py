"""When the patient sees what was written."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from samjournal.fhir.release import NEVER, NOPAT, RELEASED, RULES, released, rule_of
from world import Resource

LOINC = "http://loinc.org"
SERVICE = "http://terminology.hl7.org/CodeSystem/v2-0074"


def note(code: str = "11506-3", **rest: Any) -> Resource:
    coded = {"coding": [{"system": LOINC, "code": code}]}
    return {"resourceType": "Composition", "status": "final", "type": coded, "date": "2026-11-20T08:00:00Z", **rest}


def report(service: str, **rest: Any) -> Resource:
    category = [{"coding": [{"system": SERVICE, "code": service}]}]
    issued = "2026-11-20T08:00:00Z"
    return {"resourceType": "DiagnosticReport", "status": "final", "category": category, "issued": issued, **rest}


def on(day: int, month: int = 11) -> datetime:
    return datetime(2026, month, day, 8, 0, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("resource", "rule", "moment"),
    [
        (note(), None, None),
        (note(status="preliminary"), "unsigned", NEVER),
        (note(status="preliminary", meta={"tag": [RELEASED]}), "unsigned", NEVER),
        ({"resourceType": "DocumentReference", "status": "current", "docStatus": "preliminary"}, "unsigned", NEVER),
        ({"resourceType": "DocumentReference", "status": "current", "docStatus": "final"}, None, None),
        (note("34788-0"), "mental-health-note", on(27)),
        (note("34788-0", meta={"tag": [RELEASED]}), "mental-health-note", None),
        (note("34788-0", meta={"security": [NOPAT], "tag": [RELEASED]}), "mental-health-note", NEVER),
        (note(meta={"security": [NOPAT]}), None, NEVER),
        ({"resourceType": "Flag", "status": "active", "meta": {"security": [NOPAT]}}, None, NEVER),
        (report("LAB"), None, None),
        (report("SP"), "pathology", on(4, 12)),
        (report("GE"), "genetics", NEVER),
        (report("GE", meta={"tag": [RELEASED]}), "genetics", None),
        (report("LAB", status="partial"), "unsigned", NEVER),
        ({"resourceType": "Observation", "status": "preliminary"}, None, None),
        ({"resourceType": "Condition", "category": [{"coding": [{"system": SERVICE, "code": "GE"}]}]}, None, None),
    ],
)
def test_the_first_rule_that_fits_holds(resource: Resource, rule: str | None, moment: datetime | None) -> None:
    found = rule_of(resource)
    assert (found.code if found else None, released(resource)) == (rule, moment)


def test_what_says_no_time_waits_until_it_is_released() -> None:
    undated = report("SP")
    del undated["issued"]
    assert released(undated) == NEVER
    assert released({**undated, "effectiveDateTime": "2026-11-20"}) == datetime(2026, 12, 4, 23, tzinfo=UTC)


def test_each_rule_has_its_words_in_three_languages() -> None:
    assert all(len(set(filter(None, rule.names))) >= 2 for rule in RULES)
    assert len({rule.code for rule in RULES}) == len(RULES)
