"""No service need, no content: a reason is asked for, logged, and told to the patient. Requirements 2.1 and 2.5"""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import People, chart_of
from acceptance.running import Program

pytestmark = pytest.mark.browser

GATE = "Du har ikke tilgang til denne journalen"
ADDRESS = ("Lyngvegen", "7650", "Verdal", "5038")
"""What Elias' confidential address is made of, and what would betray it."""


def state(page: Page, words: str) -> None:
    page.locator("input[value=other]").check()
    page.locator("#reason-words").fill(words)
    page.get_by_role("button", name="Åpne med grunn").click()


def test_reason_is_asked_for_then_the_chart_opens_and_the_citizen_sees_why(people: People) -> None:
    doctor = people.desk_of("henrik", unit="Medisin 3")
    answer = doctor.goto("/workspace/patients/mina")
    assert answer is not None
    assert answer.status == 403
    expect(doctor.locator("h1")).to_have_text(GATE)
    for kept in ("Mina", "VIKAN", "1990", "Allergi", "Astma", "Historikk"):
        expect(doctor.locator("main")).not_to_contain_text(kept)

    doctor.get_by_role("button", name="Åpne med grunn").click()
    expect(doctor.locator("#reason-error")).to_have_text("Velg en grunn.")
    state(doctor, "")
    expect(doctor.locator("#reason-error")).to_contain_text("Skriv grunnen")
    state(doctor, "x")
    expect(doctor.locator("#reason-error")).to_contain_text("Skriv litt mer")
    expect(doctor.locator("#reason-words")).to_have_value("x")
    expect(doctor.locator("input[value=other]")).to_be_checked()
    chart_of(doctor, "mina")
    expect(doctor.locator("h1")).to_have_text(GATE)

    state(doctor, "Ringte fra ambulansen om allergi og medisiner")
    expect(doctor.locator(".banner h1")).to_have_text("VIKAN, Mina")
    expect(doctor.locator(".banner .why")).to_contain_text("åpnet med oppgitt grunn")

    mina = people.desk_of("mina")
    mina.goto("/portal")
    expect(mina.locator("section[aria-labelledby=privacy]")).to_contain_text("Åpnet uten avtale med deg")
    mina.goto("/portal/log?show=without")
    looks = mina.locator(".p-looks li")
    expect(looks.first).to_contain_text("Henrik Aasen")
    expect(looks.first).to_contain_text("Medisin 3")
    expect(looks.first).to_contain_text("Åpnet uten avtale med deg")
    expect(looks.first).to_contain_text("Ringte fra ambulansen om allergi og medisiner")
    expect(looks.first.locator("time")).to_have_text(re.compile(r"kl\. \d\d\.\d\d"))
    told = " ".join(looks.all_inner_texts())
    assert "Leste" in told
    assert "Oppga en grunn" in told


def test_reason_of_one_opens_nothing_for_her_colleague(people: People) -> None:
    nurse = people.desk_of("ayla")
    chart_of(nurse, "oksana")
    state(nurse, "Pasienten ringte avdelingen og spurte om prøvene sine")
    expect(nurse.locator(".banner h1")).to_have_text("SHEVCHUK, Oksana")
    expect(chart_of(people.desk_of("turid"), "oksana").locator("h1")).to_have_text(GATE)


def test_a_patient_that_is_not_there_looks_like_nothing_at_all(people: People) -> None:
    page = people.desk_of("ayla")
    answer = page.goto("/workspace/patients/no-such-person")
    assert answer is not None
    assert answer.status == 404
    expect(page.locator("h1")).to_have_text("Siden finnes ikke")


def test_secretary_opens_no_chart_by_booking_an_appointment_for_herself(people: People, program: Program) -> None:
    appointment = {
        "resourceType": "Appointment",
        "status": "booked",
        "start": "2026-12-01T09:00:00+01:00",
        "end": "2026-12-01T09:30:00+01:00",
        "participant": [
            {"actor": {"reference": "Patient/hallvard"}, "status": "accepted"},
            {"actor": {"reference": "PractitionerRole/turid-secretary-medisin-3"}, "status": "accepted"},
        ],
    }
    with program.door("--user", "turid") as door:
        door.post("/Appointment", json=appointment)
        assert door.get("/Patient/hallvard").status_code == 403
    expect(chart_of(people.desk_of("turid"), "hallvard").locator("h1")).to_have_text(GATE)


def test_confidential_address_is_on_no_staff_page_and_behind_no_search(people: People, program: Program) -> None:
    nurse = people.desk_of("solveig")
    nurse.goto("/workspace?q=Elias+Moe")
    row = nurse.locator("section[aria-labelledby=found-heading] tbody tr", has_text="MOE, Elias")
    expect(row).to_contain_text("beskyttet")
    pages = [nurse.content()]
    row.get_by_role("link").click()
    pages.append(nurse.content())
    state(nurse, "Vikarierer hos fastlegen hans og skal svare på en beskjed")
    expect(nurse.locator(".banner h1")).to_have_text("MOE, Elias")
    expect(nurse.locator(".alerts")).to_contain_text("Beskyttet adresse")
    pages.append(nurse.content())
    nurse.goto("/workspace?q=Elias+Moe")
    pages.append(nurse.content())
    for words in ADDRESS:
        assert not any(words in page for page in pages), words
    with program.door("--user", "solveig") as door:
        told = door.get("/Patient/elias").text + door.get("/Patient/elias/_history").text
        assert "Elias" in told
        assert not any(words in told for words in ADDRESS)
        for query in ({"address": "Lyngvegen"}, {"address-postalcode": "7650"}, {"address-city": "Verdal"}):
            found = door.get("/Patient", params={"family": "Moe", **query}).json()
            assert all(each["resource"]["id"] != "elias" for each in found.get("entry", [])), query
    elias = people.desk_of("elias")
    for path in ("", "/record", "/notes", "/appointments", "/log"):
        elias.goto(f"/portal{path}")
        expect(elias.locator("main")).not_to_contain_text("Lyngvegen")
