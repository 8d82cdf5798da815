"""A diagnosis from a note, by the keyboard and with a slip of the finger; merged and undone; the same without scripts.
Requirements 1.3, 7.13, 7.15"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import RIGHT_AWAY, People, chart_of, faults, press
from acceptance.running import Program, admitted

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def region(program: Program) -> None:
    """A patient on the ward whose doctor has written a note, and another in whose list something stands twice."""
    note = {
        "resourceType": "Composition",
        "id": "problems-note",
        "status": "final",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]},
        "subject": {"reference": "Patient/problems"},
        "encounter": {"reference": "Encounter/problems-stay"},
        "date": "2026-11-29T08:00:00+01:00",
        "author": [{"reference": "PractitionerRole/henrik-lege", "display": "Henrik Aasen"}],
        "title": "Kløe og utslett",
    }
    twice = [
        {
            "resourceType": "Condition",
            "id": f"twice-{number}",
            "clinicalStatus": {
                "coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical", "code": "active"}]
            },
            "subject": {"reference": "Patient/twice"},
            "code": {"coding": [{"system": "http://hl7.org/fhir/sid/icd-10", "code": "M10.9"}], "text": text},
            "recordedDate": f"2026-0{number}-01",
        }
        for number, text in ((1, "Podagra"), (2, "Urinsyregikt"))
    ]
    program.put(*admitted("problems", "Listen", "Lise"), *admitted("twice", "Dobbelt", "Dina"), note, *twice)


def said(page: Page, section: str) -> str:
    return page.locator(f"#{section}").inner_text()


def test_doctor_adds_from_a_note_with_a_slip_and_everybody_sees_it(people: People) -> None:
    page = chart_of(people.desk_of("henrik", unit="Medisin 3"), "problems")
    page.locator("#notes summary", has_text="Kløe og utslett").click()
    page.locator("#notes").get_by_role("link", name="Før opp diagnose").click()
    page.locator("[data-key=d]").click()
    page.keyboard.type("elvblest")
    hit = page.locator("#problem-hits label", has_text="L50.9")
    expect(hit).to_contain_text("mente du elveblest?")
    expect(page.locator("#problem-hits input:checked")).to_have_count(0)
    hit.locator("input").focus()
    press(page, "Space")
    press(page, "Enter")  # Enter finds; what was chosen stays chosen.
    expect(page.locator("#problem-hits input:checked")).to_have_count(1)
    page.get_by_role("button", name="Før opp på listen").click()
    expect(page.locator(".saved")).to_contain_text("Ført opp på listen")
    expect(page.get_by_role("link", name="Tilbake til notatet")).to_be_visible()
    assert "Elveblest" in said(page, "now")
    nurse = chart_of(people.desk_of("ayla"), "problems")
    expect(nurse.locator("#history")).to_contain_text("Elveblest", timeout=RIGHT_AWAY)


def test_duplicates_are_merged_and_that_is_undone(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3")
    page.goto("/workspace/patients/twice/problems")
    page.get_by_role("button", name="Slå sammen").click()
    expect(page.locator(".saved")).to_contain_text("Slått sammen")
    assert "Slått sammen med 1 til" in said(page, "now")
    assert len(page.locator("#now > .problems > li").all()) == 1
    page.locator("[data-key=u]").click()
    expect(page.locator(".saved")).to_contain_text("Delt igjen")
    expect(page.locator("#now > .problems > li")).to_have_count(2)


def test_without_scripts_a_nurse_finds_adds_and_asks_about_allergies(people: People) -> None:
    page = people.sign_in("ayla", java_script_enabled=False)
    page.goto("/workspace/patients/problems/problems")
    page.locator("#problem-q").fill("hjretesvikt")
    page.locator("#problem-q").press("Enter")
    expect(page.locator("#problem-hits legend")).to_contain_text("Mente du noe av dette?")
    page.locator("#problem-hits label", has_text="I50.9").locator("input").check()
    page.get_by_role("button", name="Før opp på listen").click()
    expect(page.locator(".saved")).to_contain_text("Ført opp på listen")
    page.locator(".alerts").get_by_role("link", name="Allergi: ikke spurt").click()
    page.get_by_role("button", name="Spurt, ingen kjente").click()
    expect(page.locator(".alerts")).to_contain_text("Ingen kjent allergi, spurt i dag")
    page.locator("#allergy-substance").fill("Penicillin")
    page.get_by_role("button", name="Lagre allergi").click()
    expect(page.locator(".alerts")).to_contain_text("Allergi: Penicillin")
    expect(page.locator(".alerts")).not_to_contain_text("spurt")


def test_two_doctors_who_change_the_same_problem_see_both_and_choose(people: People, program: Program) -> None:
    system = "http://terminology.hl7.org/CodeSystem"
    program.put(
        {
            "resourceType": "Condition",
            "id": "both-changed",
            "clinicalStatus": {"coding": [{"system": f"{system}/condition-clinical", "code": "active"}]},
            "verificationStatus": {"coding": [{"system": f"{system}/condition-ver-status", "code": "confirmed"}]},
            "subject": {"reference": "Patient/twice"},
            "code": {"text": "Migrene"},
            "recordedDate": "2026-03-01",
        },
        {
            "resourceType": "Encounter",
            "id": "twice-at-gp",
            "status": "in-progress",
            "class": {"system": f"{system}/v3-ActCode", "code": "AMB"},
            "subject": {"reference": "Patient/twice"},
            "serviceProvider": {"reference": "Organization/furutoppen-legesenter"},
            "period": {"start": datetime.now(UTC).isoformat(timespec="seconds")},
        },
    )
    pages = [people.desk_of(login, unit=unit) for login, unit in (("henrik", "Medisin 3"), ("magnus", None))]
    for page in pages:
        page.goto("/workspace/patients/twice/problems")
        page.locator("#now li", has_text="Migrene").locator("summary", has_text="Endre").click()
    first, second = (page.locator("#now li", has_text="Migrene") for page in pages)
    first.locator("select[name=certainty]").select_option("provisional")
    first.get_by_role("button", name="Lagre", exact=True).click()
    expect(pages[0].locator(".saved")).to_contain_text("Endringen er lagret")
    second.get_by_role("button", name="Avslutt").click()
    page = pages[1]
    expect(page.locator(".merging")).to_contain_text("Henrik Aasen")
    expect(page.locator("input[name=take-certainty]:checked")).to_have_value("theirs")
    expect(page.locator("input[name=take-over]:checked")).to_have_value("mine")
    assert faults(page) == []
    page.wait_for_load_state()
    page.keyboard.press("s")
    expect(page.locator(".saved")).to_contain_text("Endringen er lagret")
    assert "Migrene" in said(page, "over")
    assert "arbeidsdiagnose" in said(page, "over")
