"""The people written by hand: personas, and those who are rare in a test and ordinary in a region."""

from __future__ import annotations

from datetime import datetime

import pytest

from demo.made import NOW, SEED, chart, everybody, of, resources
from samjournal.demo.measures import news2_score
from samjournal.demo.personas import PERSONAS, persona
from samjournal.demo.region import charts
from samjournal.demo.staff import accounts
from samjournal.fhir.identifiers import DNR


def test_the_personas_are_told_in_three_languages() -> None:
    staff = ["solveig", "henrik", "ayla", "turid", "magnus", "live", "silje", "berit", "gerd", "odd"]
    logins = [*staff, "ragnhild", "mina", "elias"]
    assert [found.login for found in PERSONAS] == logins
    for found in PERSONAS:
        assert len({found.blurb_nb, found.blurb_nn, found.blurb_en}) == 3


def test_an_unknown_persona_is_named_in_the_error() -> None:
    with pytest.raises(LookupError, match="kari"):
        persona("kari")


def test_every_role_of_an_account_is_in_the_register() -> None:
    register = {f"{r['resourceType']}/{r['id']}": r for r in resources()}
    for account in accounts():
        for role in account.roles:
            if account.kind == "staff":
                found = register[f"PractitionerRole/{role.practitioner_role_id}"]
                assert found["practitioner"]["reference"] == f"Practitioner/{account.practitioner_id}"
                assert found["organization"]["reference"] == f"Organization/{role.organization_id}"
            else:
                assert f"Patient/{account.patient_id}" in register


def test_logins_are_unique() -> None:
    logins = [account.login for account in accounts()]
    assert len(logins) == len(set(logins))


def test_henrik_has_two_roles() -> None:
    assert [role.organization_id for role in persona("henrik").roles] == ["medisin-3", "legevakt"]


@pytest.mark.parametrize("hour", [0, 3, 9, 14, 21])
def test_ragnhild_fills_each_block_of_the_chart_at_any_hour(hour: int) -> None:
    now = datetime.fromisoformat(f"2026-11-24T{hour:02}:20:00+01:00")
    ragnhild = next(charts(1, SEED, now))
    needed = (
        "AllergyIntolerance Flag Condition Encounter Observation MedicationRequest Composition Appointment "
        "Task ServiceRequest EpisodeOfCare CarePlan Goal Immunization RelatedPerson Procedure"
    )
    assert {type_ for type_ in needed.split() if not of(ragnhild, type_)} == set()
    newest = max(r["effectiveDateTime"] for r in of(ragnhild, "Observation"))
    assert (now - datetime.fromisoformat(newest)).total_seconds() < 9 * 3600


def test_ragnhild_gets_better_by_her_news2() -> None:
    scores = [r["valueInteger"] for r in of(chart("ragnhild"), "Observation") if "valueInteger" in r]
    assert scores[0] >= 9
    assert scores[-1] <= 3


def test_ragnhild_is_not_given_what_she_does_not_tolerate() -> None:
    given = [r["medicationCodeableConcept"]["coding"][0]["code"] for r in of(chart("ragnhild"), "MedicationRequest")]
    assert not [atc for atc in given if atc.startswith(("J01C", "C09AA"))]


def test_news2_follows_the_published_bands() -> None:
    well = {"pulse": 72, "respiration": 14, "saturation": 97, "temperature": 36.9, "systolic": 124}
    assert news2_score(**well) == 0
    assert news2_score(pulse=135, respiration=28, saturation=90, temperature=39.5, systolic=88, oxygen=2) == 16


def test_elias_has_an_address_that_must_be_hidden() -> None:
    patient = chart("elias").patient
    assert patient["meta"]["security"][0]["code"] == "R"
    assert patient["address"]
    words = " ".join(r["section"][0]["text"]["div"] for r in of(chart("elias"), "Composition"))
    assert not [word for word in ("Verdal", "Lyngvegen", "Kornmoen") if word in words]


def test_odin_is_tied_to_his_mother_by_her_number() -> None:
    mother = chart("mina").patient["identifier"][0]["value"]
    related = [i["value"] for r in of(chart("odin"), "RelatedPerson") for i in r.get("identifier", ())]
    assert related == [mother]
    assert persona("mina").acts_for == ("odin",)


def test_the_newborn_is_a_patient_of_its_own_with_its_mother() -> None:
    child = chart("nyfodt-hegdal")
    assert (NOW.date() - child.born).days <= 2
    numbers = [i["value"] for r in of(child, "RelatedPerson") for i in r["identifier"]]
    assert numbers == [chart("tiril").patient["identifier"][0]["value"]]


def test_twins_share_everything_but_the_number() -> None:
    first, second = chart("ole-moan-1").patient, chart("ole-moan-2").patient
    assert (first["name"], first["birthDate"]) == (second["name"], second["birthDate"])
    assert first["identifier"] != second["identifier"]


def test_some_have_no_number() -> None:
    assert {c.id for c in everybody() if "identifier" not in c.patient} == {"jakub-nowicki", "ukjent-mann"}


def test_the_merged_point_at_each_other_and_the_old_number_is_kept() -> None:
    kept, old = chart("oksana").patient, chart("oksana-dnr").patient
    assert old["link"] == [{"other": {"reference": "Patient/oksana"}, "type": "replaced-by"}]
    assert kept["link"] == [{"other": {"reference": "Patient/oksana-dnr"}, "type": "replaces"}]
    assert old["identifier"][0]["value"] in [i["value"] for i in kept["identifier"] if i["system"] == DNR]
