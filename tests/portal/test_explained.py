"""What is written to the patient about a result, and what was decided because of it. samjournal.portal.explained"""

from __future__ import annotations

from typing import Any

from samjournal.fhir.release import RESULTS, RULES
from samjournal.portal.explained import WORDS, decided, explanations, rules
from samjournal.ui.language import language

NB = language("nb")
DOCTOR = {"reference": "PractitionerRole/gp", "display": "Kari Stavdal"}


def result(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "id": "tsh", "status": "final", **more}


def report(**more: Any) -> dict[str, Any]:
    listed = [{"reference": "Observation/tsh"}]
    return {"resourceType": "DiagnosticReport", "id": "r", "status": "final", "result": listed, **more}


def test_words_on_the_result_are_said_with_who_and_when() -> None:
    note = {"text": "Litt høyt.\nVi øker dosen.", "authorReference": DOCTOR, "time": "2026-11-23T15:10:00+01:00"}
    (found,) = explanations(result(note=[note]), (), (), NB)
    assert (found.paragraphs, found.by) == (("Litt høyt.", "Vi øker dosen."), "Kari Stavdal")


def test_a_conclusion_counts_when_a_person_stands_for_it() -> None:
    signed = report(conclusion="Godartet.", resultsInterpreter=[DOCTOR], issued="2026-11-23")
    assert [one.by for one in explanations(result(), [signed], (), NB)] == ["Kari Stavdal"]
    assert explanations(result(), [report(conclusion="Godartet.")], (), NB) == []
    assert explanations(result(), [{**signed, "status": "preliminary"}], (), NB) == []
    assert explanations(result(), [{**signed, "result": [{"reference": "Observation/other"}]}], (), NB) == []


def test_a_letter_about_the_report_is_an_explanation_and_the_own_question_is_none() -> None:
    letter = {
        "resourceType": "Communication",
        "id": "c",
        "status": "completed",
        "about": [{"reference": "DiagnosticReport/r"}],
        "sent": "2026-11-24",
        "payload": [{"contentString": "Alt er bra."}],
    }
    from_doctor, from_him = {**letter, "sender": DOCTOR}, {**letter, "sender": {"reference": "Patient/x"}}
    assert [one.paragraphs for one in explanations(result(), [report()], [from_doctor], NB)] == [("Alt er bra.",)]
    assert explanations(result(), [report()], [from_him], NB) == []


def test_what_was_decided_is_what_has_the_result_or_its_report_as_reason() -> None:
    because = [{"reference": "Observation/tsh"}]
    medicine = {
        "resourceType": "MedicationRequest",
        "id": "m",
        "status": "active",
        "medicationCodeableConcept": {"text": "Levaxin"},
        "authoredOn": "2026-11-23",
    }
    order = {
        "resourceType": "ServiceRequest",
        "id": "s",
        "status": "active",
        "code": {"text": "ny prøve"},
        "occurrenceDateTime": "2027-01-04",
        "reasonReference": [{"reference": "DiagnosticReport/r"}],
    }
    lists = {"medicines": [medicine, {**medicine, "id": "n", "reasonReference": because}], "requests": [order]}
    assert [one.what for one in decided(result(), [report()], lists, NB)] == ["Ny prøve", "Levaxin"]
    stopped = {"medicines": [{**medicine, "status": "stopped", "reasonReference": because}]}
    assert decided(result(), (), stopped, NB) == []


def test_every_rule_that_holds_results_back_has_words_with_its_days() -> None:
    assert {one.code for one in RULES if one.types & RESULTS} == set(WORDS)
    assert any("14 dager" in one for one in rules(NB))
