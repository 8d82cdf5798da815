"""What one saves, all see within two seconds, and it is the same resource for each of them. Requirement 1.1"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import RIGHT_AWAY, People, chart_of, record_pressure, write_note
from acceptance.running import Program, admitted, pressure

pytestmark = pytest.mark.browser

TABS = [f"tab-{number}" for number in range(9)]


def listened(page: Page) -> None:
    """The chart is open and listens for changes, as it does a moment after it was opened."""
    expect(page.locator("#chart[data-watch]")).to_have_count(1)
    expect(page.locator("[data-live-lost]")).to_be_hidden()


def test_home_nurse_saves_and_hospital_doctor_sees_it_within_two_seconds(people: People, program: Program) -> None:
    doctor = people.desk_of("henrik", unit="Medisin 3")
    with doctor.expect_response(lambda answer: "/live?" in answer.url):
        chart_of(doctor, "ragnhild")
    listened(doctor)
    doctor.locator("#new-measurement > summary").click()
    doctor.locator("#panel-systolic").fill("118")
    doctor.evaluate("window.sameVisit = true")
    nurse = chart_of(people.desk_of("solveig"), "ragnhild")

    record_pressure(nurse, 143, 87)
    expect(nurse.locator(".saved")).to_contain_text("Blodtrykket er lagret")
    expect(doctor.locator("#vitals")).to_contain_text("143/87", timeout=RIGHT_AWAY)
    write_note(nurse, "Hjemmebesøk", "Puster lettere i dag enn i går.")
    expect(nurse.locator(".saved")).to_contain_text("Notatet er signert")
    expect(doctor.locator("#notes")).to_contain_text("Puster lettere i dag enn i går.", timeout=RIGHT_AWAY)

    expect(doctor.locator("#vitals .ny").first).to_be_visible()
    assert doctor.evaluate("window.sameVisit"), "the page was loaded anew"
    expect(doctor.locator("#panel-systolic")).to_have_value("118")
    expect(nurse.locator("#vitals")).to_contain_text("143/87")
    assert seen_at_the_door(program, "solveig") == seen_at_the_door(program, "henrik", "henrik-doctor-medisin-3")


def seen_at_the_door(program: Program, login: str, role: str | None = None) -> tuple[str, str, list[int]]:
    """The newest blood pressure as this person's own programs get it: id, version, values."""
    with program.door("--user", login, *(("--role", role) if role else ())) as door:
        query = {"patient": "ragnhild", "code": "85354-9", "_sort": "-date", "_count": "1"}
        found = door.get("/Observation", params=query).json()["entry"][0]["resource"]
    values = [part["valueQuantity"]["value"] for part in found["component"]]
    assert values == [143, 87]
    return found["id"], found["meta"]["versionId"], values


def test_ten_charts_open_in_one_browser_all_follow(people: People, program: Program) -> None:
    program.put(*(part for tab in TABS for part in admitted(tab, f"Fane {tab[-1]}", "Tora")))
    first = people.desk_of("henrik", unit="Medisin 3")
    tabs: dict[str, Page] = {}
    for patient in ("ragnhild", *TABS):
        tab = first.context.new_page()
        if patient == TABS[-1]:
            # One stream serves all tabs, and what waits in the unit; it is opened anew with the key of the last one.
            with first.context.expect_event("response", lambda answer: answer.url.count("watch=") == 11):
                tabs[patient] = chart_of(tab, patient)
        else:
            tabs[patient] = chart_of(tab, patient)
    nurse = chart_of(people.desk_of("ayla"), "ragnhild")

    record_pressure(nurse, 141, 83)
    expect(nurse.locator(".saved")).to_be_visible()
    expect(tabs["ragnhild"].locator("#vitals")).to_contain_text("141/83", timeout=RIGHT_AWAY)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    program.put(*(pressure(patient, 151, 91, now) for patient in tabs))
    # That all of them follow; how soon ten pages of one browser are drawn is the machine's, and one chart's is above.
    for patient, tab in tabs.items():
        expect(tab.locator("#vitals"), patient).to_contain_text("151/91", timeout=10_000)


def test_two_tabs_of_the_same_chart_both_follow_also_when_the_first_was_closed(
    people: People, program: Program
) -> None:
    program.put(*admitted("two-tabs", "Tofane", "Tone"))
    first = people.desk_of("henrik", unit="Medisin 3")
    second = first.context.new_page()
    with first.expect_response(lambda answer: "/live?" in answer.url):
        chart_of(first, "two-tabs")
    chart_of(second, "two-tabs")
    with second.expect_response(lambda answer: "/live?" in answer.url):
        first.close()
    nurse = chart_of(people.desk_of("ayla"), "two-tabs")
    record_pressure(nurse, 139, 79)
    expect(second.locator("#vitals")).to_contain_text("139/79", timeout=RIGHT_AWAY)
