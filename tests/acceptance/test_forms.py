"""What is typed wrong is kept and explained; what comes from elsewhere is refused; who has left is sent to sign-in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from acceptance.reading import People, chart_of, faults, record_pressure, write_note
from acceptance.running import Program, admitted

pytestmark = pytest.mark.browser

PRESSURES = (
    ("12o", "80", "Overtrykk må være et helt tall"),
    ("120", "", "Undertrykk må være et helt tall"),
    ("900", "80", "Overtrykk må være mellom"),
    ("80", "120", "Undertrykket må være lavere"),
)


@pytest.fixture(scope="module", autouse=True)
def patient(program: Program) -> None:
    program.put(*admitted("forms", "Skjema", "Sara"))


def stored(program: Program, type_: str) -> int:
    with program.door() as door:
        return int(door.get(f"/{type_}", params={"patient": "forms", "_total": "accurate"}).json()["total"])


def test_a_wrong_blood_pressure_is_kept_and_explained_for_each_entry(people: People, program: Program) -> None:
    nurse = people.desk_of("ayla")
    doctor = people.desk_of("henrik", unit="Medisin 3")
    for systolic, diastolic, said in PRESSURES:
        for page in (nurse, doctor):
            chart_of(page, "forms")
            record_pressure(page, systolic, diastolic)
            form = page.locator("form.quick")
            expect(form.get_by_role("alert")).to_contain_text(said)
            expect(form.locator("input[name=systolic]")).to_have_value(systolic[:3])
            expect(form.locator("input[name=diastolic]")).to_have_value(diastolic)
            expect(form.locator("[aria-invalid=true]")).not_to_have_count(0)
    assert stored(program, "Observation") == 0
    record_pressure(nurse, 120, 80)
    expect(nurse.locator("#vitals")).to_contain_text("120/80")
    assert stored(program, "Observation") == 1


def test_an_empty_note_keeps_its_title_and_says_what_is_missing(people: People, program: Program) -> None:
    page = chart_of(people.desk_of("ayla"), "forms")
    write_note(page, "Kveldsrunde", "   ")
    expect(page.locator("#note-text-error")).to_contain_text("Notatet er tomt")
    expect(page.locator("#note-title")).to_have_value("Kveldsrunde")
    expect(page.locator("#note-text")).to_be_visible()
    assert stored(program, "Composition") == 0


def test_a_note_is_shown_as_it_was_written_and_never_as_code(people: People) -> None:
    page = chart_of(people.desk_of("ayla"), "forms")
    write_note(page, "<b>Fet</b> & 5 < 6", "<script>alert(1)</script>\n\nAndre avsnitt: 5 < 6 & ferdig {{ 7*7 }}")
    page.locator("#notes summary", has_text="<b>Fet</b> & 5 < 6").click()
    expect(page.locator("#notes")).to_contain_text("<script>alert(1)</script>")
    expect(page.locator("#notes")).to_contain_text("Andre avsnitt: 5 < 6 & ferdig {{ 7*7 }}")
    assert page.locator("#chart script").count() == 0


def test_a_form_on_another_site_changes_nothing(people: People, program: Program) -> None:
    page = chart_of(people.desk_of("ayla"), "forms")
    before = stored(program, "Observation")
    target = f"{people.address}/workspace/patients/forms/blood-pressure"
    for headers in (
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "http://127.0.0.1:1", "sec-fetch-site": "same-site"},
        {"origin": "null"},
    ):
        answer = page.context.request.post(target, form={"systolic": "199", "diastolic": "99"}, headers=headers)
        assert answer.status == 403, headers

    def serve(route: Route) -> None:
        body = (
            f'<form method=post action="{target}"><input name=systolic value=199><input name=diastolic value=99></form>'
        )
        route.fulfill(body=body, content_type="text/html")

    other = page.context.new_page()
    other.route("http://evil.example/*", serve)
    other.goto("http://evil.example/")
    with other.expect_navigation():
        other.evaluate("document.forms[0].submit()")
    assert stored(program, "Observation") == before


def test_a_double_click_sends_a_form_once(people: People, program: Program) -> None:
    page = chart_of(people.desk_of("ayla"), "forms")
    before = stored(program, "Composition")
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.locator("#new-note").click()
    page.locator("#note-text").fill("Skrevet en gang")
    page.get_by_role("button", name="Signer").dblclick()
    expect(page.locator(".saved")).to_contain_text("Notatet er signert")
    assert len([url for url in sent if url.endswith("/notes")]) == 1
    assert stored(program, "Composition") == before + 1


def test_a_note_from_a_tab_of_another_role_is_kept_and_asked_about(people: People, program: Program) -> None:
    page = chart_of(people.sign_in("henrik", unit="Medisin 3"), "forms")
    before = stored(program, "Composition")
    page.locator("#new-note").click()
    page.locator("#note-text").fill("Skrevet på Medisin 3")
    other = page.context.new_page()
    other.goto("/workspace/role")
    other.locator("form.roles button", has_text="legevakt").click()
    expect(other.locator(".roleswitch")).to_contain_text("legevakt")
    page.get_by_role("button", name="Signer").click()
    expect(page.locator("main")).to_contain_text("Du byttet rolle etter at du åpnet skjemaet.")
    expect(page.locator("#kept-text")).to_have_value("Skrevet på Medisin 3")
    assert stored(program, "Composition") == before
    assert faults(page) == []


def test_cookie_is_out_of_reach_of_scripts_and_other_sites(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace")
    cookie = next(each for each in page.context.cookies() if each["name"] == "samjournal")
    assert cookie["httpOnly"]
    assert cookie["sameSite"] in {"Lax", "Strict"}
    assert page.evaluate("document.cookie") == ""
