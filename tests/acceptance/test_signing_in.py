"""Signing in as each persona, choosing a role, changing it, leaving. Requirements 2.2 and 2.4"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from acceptance.reading import People, chart_of
from acceptance.running import Program, admitted

pytestmark = pytest.mark.browser

HOMES = {
    "solveig": ("/workspace", "Hjemmesykepleier"),
    "ayla": ("/workspace", "Sykepleier"),
    "turid": ("/workspace", "Sekretær"),
    "magnus": ("/workspace", "Fastlege"),
    "ragnhild": ("/portal", "Ragnhild"),
    "mina": ("/portal", "Mina"),
    "elias": ("/portal", "Elias"),
}


def test_one_click_signs_in_and_shows_who_one_is(people: People) -> None:
    page = people.browser_of().new_page()
    for login, (place, said) in HOMES.items():
        page.goto("/signin")
        page.locator(f"form:has(input[value={login}]) button").click()
        expect(page).to_have_url(people.address + place)
        expect(page.locator("header").first).to_contain_text(said, ignore_case=True)


def test_a_doctor_with_two_roles_gets_nowhere_before_choosing_one(people: People) -> None:
    page = people.sign_in("henrik")
    for path in ("/workspace", "/workspace/patients/ragnhild"):
        page.goto(path)
        expect(page.locator("h1")).to_have_text("Hvilken rolle har du nå?")
        expect(page.locator("form.roles button")).to_have_count(2)
    page.locator("form.roles button", has_text="Medisin 3").click()
    expect(page.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")


def test_rights_follow_the_role_at_once_in_every_open_page(people: People, program: Program) -> None:
    program.put(*admitted("role-switch", "Rolleby", "Rita"))
    first = people.sign_in("henrik", unit="Innherred legevakt")
    second = first.context.new_page()
    chart_of(second, "role-switch")
    expect(second.locator("h1")).to_have_text("Du har ikke tilgang til denne journalen")
    first.locator("a.roleswitch").click()
    expect(first.locator("form.roles button[aria-current]")).to_contain_text("Innherred legevakt")
    first.locator("form.roles button", has_text="Medisin 3").click()
    expect(first.locator("a.roleswitch")).to_contain_text("Medisin 3")
    expect(first.locator("table.people")).to_contain_text("ROLLEBY, Rita")
    second.reload()
    expect(second.locator(".banner h1")).to_have_text("ROLLEBY, Rita")
    first.locator("a.roleswitch").click()
    first.locator("form.roles button", has_text="legevakt").click()
    second.reload()
    expect(second.locator("h1")).to_have_text("Du har ikke tilgang til denne journalen")
    expect(second.locator("body")).not_to_contain_text("Rita")


def test_signing_out_closes_the_other_pages_of_the_browser_too(people: People) -> None:
    page = people.sign_in("ayla")
    other = page.context.new_page()
    chart_of(other, "ragnhild")
    page.locator("button.leave").click()
    expect(page).to_have_url(f"{people.address}/signin")
    other.reload()
    expect(other).to_have_url(f"{people.address}/signin?next=/workspace/patients/ragnhild")
    other.locator("form:has(input[value=ayla]) button").click()
    expect(other.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")


@pytest.mark.parametrize(
    ("login", "path", "lands"), [("ayla", "/portal", "/workspace"), ("mina", "/workspace", "/portal")]
)
def test_each_face_is_for_its_own_people(people: People, login: str, path: str, lands: str) -> None:
    page = people.sign_in(login)
    page.goto(path)
    expect(page).to_have_url(people.address + lands)


def test_nobody_sees_a_page_without_signing_in(people: People) -> None:
    page = people.browser_of().new_page()
    for path in ("/workspace", "/workspace/patients/ragnhild", "/workspace/help", "/portal", "/portal/log"):
        page.goto(path)
        expect(page).to_have_url(f"{people.address}/signin?next={path}")


def test_a_cookie_that_was_never_given_out_opens_nothing(people: People) -> None:
    context = people.browser_of()
    context.add_cookies([{"name": "samjournal", "value": "x" * 43, "url": people.address}])
    page = context.new_page()
    chart_of(page, "ragnhild")
    expect(page).to_have_url(f"{people.address}/signin?next=/workspace/patients/ragnhild")
