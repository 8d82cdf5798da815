"""Notes in a browser: a draft that outlives it, two places at once, and a note that goes between people by keys."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import People, chart_of, faults, press
from acceptance.running import Program, admitted

pytestmark = pytest.mark.browser
NEW = "/workspace/patients/noted/notes/new"


@pytest.fixture(scope="module", autouse=True)
def patient(program: Program) -> None:
    program.put(*admitted("noted", "Notat", "Nora"))


def _typed(page: Page, text: str) -> None:
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type(text)
    expect(page.locator("#note-state")).to_contain_text("Utkast lagret kl.")


def test_a_note_outlives_its_browser_and_is_signed_on_another_device_by_keys_alone(people: People) -> None:
    page = chart_of(people.desk_of("henrik", unit="Medisin 3"), "noted")
    press(page, "n")
    _typed(page, "Klar og orientert. Ingen smerter.")
    page.context.close()  # As it dies: nothing more is sent from it.
    phone = chart_of(people.desk_of("henrik", unit="Medisin 3", viewport={"width": 360, "height": 740}), "noted")
    expect(phone.locator(".drafted")).to_contain_text("Du har et utkast fra")
    nurse = chart_of(people.desk_of("ayla"), "noted")
    expect(nurse.locator(".drafted")).to_contain_text("Henrik Aasen, Medisin 3 skriver her nå")
    press(phone, "n")
    expect(phone.locator("#note-text")).to_have_value("Klar og orientert. Ingen smerter.")
    press(phone, "Escape")
    press(phone, "s")
    expect(phone.locator(".saved")).to_contain_text("Notatet er signert")
    expect(nurse.locator("#notes")).to_contain_text("Klar og orientert.")


def test_two_tabs_of_one_draft_see_both_texts_and_lose_neither(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto(f"{NEW}?fresh=1")
    _typed(page, "Sov godt.")
    other = page.context.new_page()
    other.goto(NEW)
    other.locator("#note-text").fill("Sov godt til klokka tre.")
    expect(other.locator("#note-state")).to_contain_text("Utkast lagret kl.")
    page.locator("#note-text").fill("Sov godt, våknet av smerter.")
    expect(page.locator("#note-state")).to_contain_text("Ingenting er overskrevet")
    page.get_by_role("button", name="Se begge").click()
    expect(page.locator(".twotexts mark")).not_to_have_count(0)
    assert faults(page) == []
    page.get_by_role("button", name="Bruk dette").click()
    expect(page.locator("#note-text")).to_have_value("Sov godt, våknet av smerter.\n\nSov godt til klokka tre.")
    page.locator("#note-text").press("Control+Enter")
    expect(page.locator(".saved")).to_contain_text("Notatet er signert")


def test_a_prepared_note_is_signed_and_countersigned_by_one_key_each(people: People) -> None:
    page = people.desk_of("turid")
    page.goto(NEW)
    page.locator("#note-title").fill("Poliklinisk notat")
    page.locator("#note-text").fill("Diktat: bedre funksjon, går to etasjer.")
    page.locator("#signer").fill("Henrik Aasen")
    page.locator("#countersigner").fill("Ingvild Sørmo")
    page.get_by_role("button", name="Send til signering").click()
    expect(page.locator(".saved")).to_contain_text("sendt til signering")
    doctor = chart_of(people.desk_of("henrik", unit="Medisin 3"), "noted")
    doctor.locator("#notes summary", has_text="Poliklinisk notat").click()
    expect(doctor.locator("#notes")).to_contain_text("Ikke signert")
    doctor.get_by_role("link", name="Åpne notatet").first.click()
    expect(doctor.locator("button[data-key=s]")).to_be_visible()
    assert faults(doctor) == []
    doctor.locator("#note-text").fill("Diktat: bedre funksjon, går tre etasjer.")
    expect(doctor.locator("#note-state")).to_contain_text("Utkast lagret kl.")
    with doctor.expect_response(lambda answer: answer.url.endswith("/sign")):
        doctor.locator("#diagnosis-new").fill("I50.9 Hjertesvikt")  # It stands beside the form that it is sent with.
    address = doctor.url
    doctor.context.close()  # As it dies: nothing more is sent from it.
    doctor = people.desk_of("henrik", unit="Medisin 3", viewport={"width": 360, "height": 740})
    doctor.goto(address)
    expect(doctor.locator("#note-text")).to_have_value("Diktat: bedre funksjon, går tre etasjer.")
    expect(doctor.locator("#diagnosis-1")).to_have_value("I50.9 Hjertesvikt")
    press(doctor, "s")
    expect(doctor.locator(".saved")).to_contain_text("Notatet er signert")
    expect(doctor.locator(".noteline").first).to_contain_text("venter på medsignering")
    expect(doctor.locator(".askings")).to_contain_text("Ingvild Sørmo")
