"""The record in short. samjournal.portal.overview"""

from __future__ import annotations

from typing import Any

from samjournal.portal import overview
from samjournal.ui.language import language

NB = language("nb")
NONE_KNOWN = {
    "code": {
        "coding": [{"system": "http://snomed.info/sct", "code": "716186003"}],
        "text": "Ingen kjent allergi",
    }
}


def allergy(text: str, **more: Any) -> dict[str, Any]:
    return {"code": {"text": text}, **more}


def concept(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "x", "code": code}]}


def test_not_asked_is_not_the_same_as_none() -> None:
    assert overview.allergies([], NB).answer == "not-asked"
    assert overview.allergies([NONE_KNOWN], NB).answer == "asked-none"


def test_the_dangerous_allergy_comes_first() -> None:
    found = overview.allergies([allergy("enalapril"), allergy("penicillin", criticality="high")], NB)
    assert [(line.what, line.grave) for line in found.lines] == [("Penicillin", True), ("Enalapril", False)]


def test_a_refuted_allergy_is_not_an_allergy() -> None:
    refuted = allergy("penicillin", verificationStatus=concept("refuted"))
    assert overview.allergies([refuted, NONE_KNOWN], NB).answer == "asked-none"


def test_an_illness_that_is_not_certain_says_so() -> None:
    now, _ = overview.illnesses([{"code": {"text": "kols"}, "verificationStatus": concept("provisional")}], NB)
    assert now[0].more == "Ikke sikkert ennå. Legen undersøker det."


def test_what_is_over_is_told_apart_and_a_year_stays_a_year() -> None:
    over = {"code": {"text": "brudd"}, "clinicalStatus": concept("resolved"), "onsetDateTime": "2014"}
    now, before = overview.illnesses([over], NB)
    assert now == []
    assert before[0].when == "2014"


def test_a_stay_that_goes_on_tells_where_and_when_home() -> None:
    stay = {
        "class": {"code": "IMP"},
        "status": "in-progress",
        "period": {"start": "2026-11-19T02:40:00+01:00"},
        "serviceProvider": {"display": "Medisin 3"},
    }
    old_plan = {"status": "active", "period": {"start": "2024-01-01", "end": "2027-01-01"}}
    plan = {"status": "active", "period": {"start": "2026-11-19", "end": "2026-11-24"}}
    found = overview.stay([stay, stay | {"status": "finished"}], [old_plan, plan])
    assert found is not None
    assert (found.place, found.expected_out) == ("Medisin 3", "2026-11-24")


def test_somebody_at_home_has_no_stay() -> None:
    assert overview.stay([{"class": {"code": "AMB"}, "status": "in-progress"}], []) is None


def test_only_what_waits_for_the_citizen_herself_is_to_do() -> None:
    mine = {
        "status": "requested",
        "description": "svar på skjema",
        "owner": {"reference": "Patient/ragnhild"},
    }
    theirs = mine | {"owner": {"reference": "Organization/medisin-3"}}
    found = overview.to_do([mine, theirs, mine | {"status": "completed"}], NB, patient_id="ragnhild")
    assert [line.what for line in found] == ["Svar på skjema"]
