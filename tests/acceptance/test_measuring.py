"""A set on the ward and at home on the phone, and two patients in two tabs: each gets his own."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from acceptance.reading import PHONE, People, faults, picture, press
from acceptance.running import Program, admitted

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module", autouse=True)
def patients(program: Program) -> None:
    program.put(*admitted("measured", "Maaling", "Marit"), *admitted("neighbour", "Nabo", "Nils"))


def test_a_nurse_takes_a_whole_set_by_the_keyboard_and_sees_the_score(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace/patients/measured/measurements")
    press(page, "m")
    expect(page.locator("#m-systolic")).to_be_focused()
    page.keyboard.type("105/60")
    for value in ("95", "22", "93", "2", "38,4"):
        press(page, "Tab")
        page.keyboard.type(value)
    press(page, "Tab")
    press(page, "Space")
    press(page, "Enter")
    expect(page.locator(".saved")).to_contain_text("målinger er lagret for Marit Maaling")
    expect(page.locator(".news2 .total")).to_contain_text("9")
    expect(page.locator(".news2")).to_contain_text("Tilkall lege nå")
    assert faults(page) == []


def test_two_tabs_of_two_patients_write_each_to_their_own(people: People) -> None:
    one = people.desk_of("ayla")
    one.goto("/workspace/patients/measured/measurements")
    one.fill("#m-pulse", "61")
    other = one.context.new_page()
    other.goto("/workspace/patients/neighbour/measurements")
    other.fill("#m-pulse", "122")
    one.bring_to_front()
    press(one, "Enter")
    expect(one.locator(".saved")).to_contain_text("lagret for Marit Maaling")
    other.bring_to_front()
    press(other, "Enter")
    expect(other.locator(".saved")).to_contain_text("lagret for Nils Nabo")
    expect(other).to_have_title(re.compile("NABO"))
    expect(other.locator("#trend-pulse")).to_contain_text("122")
    expect(other.locator("#trend-pulse")).not_to_contain_text(re.compile(r"\b61\b"))


def test_the_home_nurse_has_the_same_page_on_the_phone(people: People) -> None:
    page = people.desk_of("solveig", viewport=PHONE)
    page.goto("/workspace")
    page.locator(".people a").first.click()
    page.goto(page.url + "/measurements")
    page.fill("#m-temperature", "98.6")
    page.locator("form.set button[type=submit]").click()
    expect(page.locator("#m-temperature-said")).to_contain_text("Mente du 37 °C?")
    page.fill("#m-temperature", "37")
    page.locator("form.set button[type=submit]").click()
    expect(page.locator(".saved")).to_contain_text("1 måling er lagret for")
    picture(page, "measuring-phone")
    assert faults(page) == []
