"""The head of the chart: who it is, and the difference between none and not asked."""

from __future__ import annotations

from samjournal.workspace.banner import Banner, banner
from workspace.charts import Resource, reader, snapshot

FNR = "urn:oid:2.16.578.1.12.4.1.4.1"


def head(patient: Resource | None = None, **lists: list[Resource]) -> Banner:
    return banner(snapshot(patient, **lists), reader())


def test_not_asked_and_none_known_are_two_things() -> None:
    none_known = {
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]},
        "recordedDate": "2026-11-20",
    }
    assert head().allergy_state == "unasked"
    found = head(allergies=[none_known])
    assert (found.allergy_state, found.allergy_words) == ("none", "Ingen kjent allergi, spurt 20.11")


def test_an_allergy_is_named_with_what_happened_the_gravest_first() -> None:
    mild = {"code": {"text": "bjørk"}, "criticality": "low"}
    grave = {
        "code": {"text": "penicillin"},
        "criticality": "high",
        "reaction": [{"manifestation": [{"text": "anafylaksi"}]}],
        "onsetDateTime": "2009",
    }
    first, second = head(allergies=[mild, grave]).allergies
    assert (first.substance, first.reaction) == ("penicillin", "anafylaksi 2009")
    assert second.substance == "bjørk"


def test_an_allergy_that_was_refuted_is_not_shown() -> None:
    refuted = {"code": {"text": "egg"}, "clinicalStatus": {"coding": [{"system": "s", "code": "resolved"}]}}
    assert head(allergies=[refuted]).allergies == ()


def test_the_number_is_grouped_and_a_missing_one_is_said() -> None:
    known = head({"id": "a", "identifier": [{"system": FNR, "value": "14834841291"}]})
    assert known.number == "148348\u00a041291"
    assert head({"id": "b"}).number == "mangler"


def test_somebody_without_name_or_birth_date_has_a_head_all_the_same() -> None:
    found = head({"id": "unknown"})
    assert (found.family, found.born, found.age) == ("UTEN NAVN", "ikke kjent", "alder ukjent")


def test_the_age_of_the_dead_stands_still() -> None:
    found = head({"id": "a", "birthDate": "1930-01-01", "deceasedDateTime": "2010-06-01"})
    assert (found.age, found.died) == ("80 år", "Død 01.06.2010")


def test_a_merged_record_says_so() -> None:
    assert head({"id": "a", "link": [{"type": "replaced-by", "other": {"reference": "Patient/b"}}]}).merged


def guardian(**more: object) -> Resource:
    system = "http://terminology.hl7.org/CodeSystem/v3-RoleCode"
    return {
        "resourceType": "RelatedPerson",
        "relationship": [{"coding": [{"system": system, "code": "GUARD"}]}],
        "name": [{"family": "Lund", "given": ["Vera"]}],
        "telecom": [{"system": "phone", "value": "91234567"}],
        **more,
    }


def test_the_guardian_is_named_with_a_number_to_call_and_others_are_not() -> None:
    sister = {**guardian(), "relationship": [{"coding": [{"system": "s", "code": "SIS"}]}]}
    assert head(relatives=[guardian(), sister]).guardians == ("Vera Lund, 912\u00a034\u00a0567",)


def test_who_was_guardian_and_is_no_more_is_not_named() -> None:
    ended = guardian(period={"end": "2020-01-01"})
    assert head(relatives=[ended, guardian(active=False)]).guardians == ()
    assert len(head(relatives=[guardian(period={"end": "2099-01-01"}), guardian(telecom=[])]).guardians) == 2


def test_an_allergy_that_was_refuted_by_a_test_warns_of_nothing() -> None:
    refuted = {"code": {"text": "egg"}, "verificationStatus": {"coding": [{"system": "s", "code": "refuted"}]}}
    assert head(allergies=[refuted]).allergy_state == "unasked"


def test_an_old_answer_that_none_is_known_tells_its_age_and_who_asked() -> None:
    none_known = {
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "716186003"}]},
        "recorder": {"reference": "PractitionerRole/x", "display": "Karin Musum"},
    }
    fresh = head(allergies=[{**none_known, "recordedDate": "2026-01-20"}])
    old = head(allergies=[{**none_known, "recordedDate": "2020-11-20"}])
    assert (fresh.allergy_old, fresh.allergy_by) == ("", "K. Musum")
    assert old.allergy_old == "6 år gammel"


def test_what_warns_tells_since_when_and_by_whom() -> None:
    flag = {
        "status": "active",
        "code": {"text": "Smitte: MRSA"},
        "period": {"start": "2026-11-20"},
        "author": {"reference": "PractitionerRole/x", "display": "Karin Musum"},
    }
    over = {**flag, "status": "inactive", "code": {"text": "Smitte: noro"}}
    found = head(flags=[flag, over])
    assert (found.critical, found.critical_by) == (("Smitte: MRSA",), ("20.11 · K. Musum",))
    allergy = {"code": {"text": "bjørk"}, "recordedDate": "2026-11-20"}
    assert head(allergies=[allergy]).allergies[0].by == "20.11"
