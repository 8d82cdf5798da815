"""The citizen's own record in plain words, and who has read it a minute ago. Requirements 5.1 to 5.4"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from acceptance.reading import People, chart_of, record_pressure, write_note

pytestmark = pytest.mark.browser

CODES = ("LOINC", "Observation", "MedicationRequest", "Composition", "PractitionerRole", "chart", "Encounter", "None")
"""Words that only programs should see."""


def test_the_looks_of_the_nurse_and_the_doctor_of_just_now_are_there(people: People) -> None:
    nurse = chart_of(people.desk_of("solveig"), "ragnhild")
    record_pressure(nurse, 137, 78)
    expect(nurse.locator(".saved")).to_be_visible()
    write_note(nurse, "Hjemmebesøk", "Har fått på støttestrømpene selv.")
    expect(nurse.locator(".saved")).to_be_visible()
    doctor = chart_of(people.desk_of("henrik", unit="Medisin 3"), "ragnhild")
    expect(doctor.locator(".banner h1")).to_be_visible()

    page = people.desk_of("ragnhild")
    page.goto("/portal")
    expect(page.locator("section[aria-labelledby=privacy]")).to_contain_text("Henrik Aasen")
    page.get_by_role("link", name="Hvem har lest journalen min").click()
    told = page.locator(".p-looks li").all_inner_texts()[:8]
    doctors = [look for look in told if "Henrik Aasen" in look]
    nurses = [look for look in told if "Solveig Haugan" in look]
    assert any("Leste" in look and "Medisin 3" in look and "innlagt" in look for look in doctors), told
    assert any("Leste" in look and "Egge hjemmesykepleie" in look for look in nurses), told
    assert any("Skrev i journalen din" in look for look in nurses), told
    assert not [word for word in CODES for look in told if word in look]

    page.goto("/portal/notes")
    expect(page.locator("article").first).to_contain_text("Har fått på støttestrømpene selv.")
    expect(page.locator("article").first).to_contain_text("Solveig Haugan")
    page.goto("/portal/results")
    expect(page.locator("section[aria-labelledby=vitals]")).to_contain_text("137 over 78")


def test_home_leads_to_everything_in_plain_words(people: People) -> None:
    page = people.desk_of("ragnhild")
    page.goto("/portal")
    expect(page.locator("h1")).to_have_text("Hei, Ragnhild")
    for heading in ("Neste time", "Å gjøre", "Siste svar", "Skrevet om deg", "Medisinene dine", "Personvern"):
        expect(page.locator("h2", has_text=heading)).to_have_count(1)
    for menu, heading, said in (
        ("Timer", "Timene dine", "Ekko av hjertet"),
        ("Meldinger", "Meldinger", ""),
        ("Journal", "Journalen din", "Penicillin"),
        ("Svar og målinger", "Svar og målinger", "Betennelse (CRP)"),
        ("Journal", "Journalen din", "Penicillin"),
        ("Medisinene dine", "Medisinene dine", "Apiksaban"),
    ):
        page.locator("nav.p-menu, main").get_by_role("link", name=menu).first.click()
        expect(page.locator("h1")).to_have_text(heading)
        expect(page.locator("main")).to_contain_text(said)
        assert not [word for word in CODES if word in page.locator("main").inner_text()]


def test_one_result_is_explained_with_its_curve_and_a_table(people: People) -> None:
    page = people.desk_of("ragnhild")
    page.goto("/portal/results")
    page.get_by_role("link", name="Betennelse (CRP)").click()
    expect(page.locator(".p-told")).to_contain_text("høyere enn", ignore_case=True)
    expect(page.get_by_role("img", name="Kurve over svarene dine")).to_be_visible()
    page.get_by_text("Vis som tabell").click()
    expect(page.locator("table tbody")).to_contain_text("71")


def test_nobody_reads_another_citizens_record(people: People) -> None:
    page = people.desk_of("mina")
    for path in ("/workspace/patients/ragnhild", "/workspace/patients/mina"):
        page.goto(path)
        expect(page).to_have_url(f"{people.address}/portal")
