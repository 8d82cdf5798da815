"""Everything with JavaScript off: plain forms and plain links. House rule: readable without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from acceptance.reading import People, record_pressure, write_note

pytestmark = pytest.mark.browser


def test_nurse_finds_opens_measures_and_writes(people: People) -> None:
    page = people.sign_in("solveig", java_script_enabled=False)
    page.locator("#finder").fill("Solbakk")
    page.locator("#finder").press("Enter")
    page.locator("section[aria-labelledby=found-heading]").get_by_role("link", name="SOLBAKK, Ragnhild").click()
    expect(page.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")
    record_pressure(page, 129, 74)
    expect(page.locator(".saved")).to_contain_text("Blodtrykket er lagret")
    expect(page.locator("#vitals")).to_contain_text("129/74")
    write_note(page, "Uten skript", "Skrevet i en nettleser uten skript.")
    expect(page.locator(".saved")).to_contain_text("Notatet er signert")
    page.locator("#notes summary", has_text="Uten skript").click()
    expect(page.locator("#notes")).to_contain_text("Skrevet i en nettleser uten skript.")


def test_doctor_chooses_a_role_opens_the_panel_and_states_a_reason(people: People) -> None:
    page = people.sign_in("henrik", unit="Medisin 3", java_script_enabled=False)
    page.goto("/workspace/patients/ragnhild")
    record_pressure(page, 131, 77)
    expect(page.locator("#vitals")).to_contain_text("131/77")
    page.goto("/workspace/patients/tiril")
    page.locator("input[name=reason]").first.check()
    page.get_by_role("button", name="Åpne med grunn").click()
    expect(page.locator(".banner h1")).to_have_text("HEGDAL, Tiril")


def test_citizen_reads_every_page_and_changes_language(people: People) -> None:
    page = people.sign_in("ragnhild", java_script_enabled=False)
    for menu, heading in (("Timer", "Timene dine"), ("Meldinger", "Meldinger"), ("Journal", "Journalen din")):
        page.locator("nav.p-menu").get_by_role("link", name=menu).click()
        expect(page.locator("h1")).to_have_text(heading)
    page.get_by_role("link", name="Hvem har lest journalen min").click()
    expect(page.locator(".p-looks li").first).to_be_visible()
    page.locator("form.languages button[value=nn]").click()
    expect(page.locator("h1")).to_have_text("Kven har lese journalen min")
    page.locator(".p-me summary").click()
    page.locator(".p-me button").click()
    expect(page).to_have_url(f"{people.address}/signin")
