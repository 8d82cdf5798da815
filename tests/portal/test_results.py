"""What a test result says to a citizen. samjournal.portal.results"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from samjournal.portal import results
from samjournal.ui.language import language

NB, NN, EN = language("nb"), language("nn"), language("en")
TSH, CRP = "3016-3", "1988-5"


def lab(
    code: str, value: float | None = None, low: float | None = None, high: float | None = None, **more: Any
) -> dict[str, Any]:
    limits = {name: {"value": limit} for name, limit in (("low", low), ("high", high)) if limit is not None}
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
        "effectiveDateTime": "2026-11-20T07:30:00+01:00",
        **({"valueQuantity": {"value": value, "unit": "mIU/L"}} if value is not None else {}),
        **({"referenceRange": [limits]} if limits else {}),
        **more,
    }


def said(code: str) -> dict[str, Any]:
    system = "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"
    return {"interpretation": [{"coding": [{"system": system, "code": code}]}]}


def test_the_verdict_comes_with_the_number_in_a_sentence() -> None:
    assert results.read(lab(TSH, 5.1, 0.4, 4.2), NB).sentence == "Svaret er 5,1 mIU/L. Det er litt høyere enn vanlig."


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        (4.2, "Vanlig"),
        (0.4, "Vanlig"),
        (5.1, "Litt høyere enn vanlig"),
        (5.3, "Høyere enn vanlig"),
        (0.1, "Litt lavere enn vanlig"),
    ],
)
def test_litt_is_within_a_quarter_of_the_usual_range(value: float, verdict: str) -> None:
    assert results.read(lab(TSH, value, 0.4, 4.2), NB).verdict == verdict


@pytest.mark.parametrize(
    ("value", "verdict"), [(4, "Vanlig"), (9, "Litt høyere enn vanlig"), (71, "Høyere enn vanlig")]
)
def test_a_limit_on_one_side_is_enough(value: float, verdict: str) -> None:
    assert results.read(lab(CRP, value, None, 5), NB).verdict == verdict


def test_mye_is_said_only_when_the_laboratory_says_so() -> None:
    assert results.read(lab(TSH, 90, 0.4, 4.2), NB).verdict == "Høyere enn vanlig"
    assert results.read(lab(TSH, 90, 0.4, 4.2, **said("HH")), NB).verdict == "Mye høyere enn vanlig"


def test_the_laboratory_knows_better_than_the_numbers() -> None:
    assert results.read(lab(TSH, 4.4, 0.4, 4.2, **said("N")), NB).verdict == "Vanlig"


def test_without_a_usual_range_nothing_is_judged() -> None:
    result = results.read(lab(TSH, 5.1), NB)
    assert (result.verdict, result.level, result.sentence) == ("", "unknown", "Svaret er 5,1 mIU/L.")


def test_a_missing_value_is_said_in_words() -> None:
    assert results.read(lab(TSH), NB).measured == "ikke oppgitt"
    assert results.read(lab(TSH), NN).measured == "ikkje oppgitt"


def test_blood_pressure_is_two_numbers() -> None:
    parts = [
        {
            "code": {"coding": [{"system": "http://loinc.org", "code": code}]},
            "valueQuantity": {"value": value},
        }
        for code, value in (("8480-6", 128), ("8462-4", 76))
    ]
    assert results.read(lab("85354-9", component=parts), NB).measured == "128 over 76"


def test_a_value_below_what_can_be_measured_keeps_its_sign_in_words() -> None:
    below = lab(CRP, valueQuantity={"value": 1, "comparator": "<", "unit": "mg/L"})
    assert results.read(below, EN).measured == "under 1 mg/L"


def test_an_unknown_test_keeps_the_name_it_came_with() -> None:
    strange = lab(TSH, 1) | {"code": {"text": "sjelden prøve"}}
    assert results.read(strange, NB).name == "Sjelden prøve"
    assert results.read({"resourceType": "Observation"}, NB).name == "Uten navn"


def test_results_are_gathered_by_test_with_the_newest_first() -> None:
    older = lab(TSH, 4.4, 0.4, 4.2, effectiveDateTime="2026-05-20T07:30:00+02:00")
    found = results.grouped([older, lab(CRP, 3, None, 5), lab(TSH, 5.1, 0.4, 4.2)], NB)
    assert [test.latest.code for test in found] == [CRP, TSH]
    assert [result.value for result in found[1].all] == ["5,1", "4,4"]


def test_what_was_entered_in_error_is_not_shown() -> None:
    assert results.grouped([lab(TSH, 50, status="entered-in-error")], NB) == []


def test_a_preliminary_result_is_marked() -> None:
    assert results.read(lab(TSH, 5, status="preliminary"), NB).preliminary


def test_new_is_what_came_after_the_last_visit() -> None:
    before, after = datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)
    assert results.read(lab(TSH, 5), NB, last_visit=before).new
    assert not results.read(lab(TSH, 5), NB, last_visit=after).new
    assert not results.read(lab(TSH, 5), NB, last_visit=None).new
