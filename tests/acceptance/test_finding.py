"""Finding a patient by name, birth date and number. Requirement 3.1"""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from acceptance.reading import People
from acceptance.running import Program

pytestmark = pytest.mark.browser


@pytest.fixture
def number(program: Program) -> str:
    with program.door() as door:
        identifiers = door.get("/Patient/ragnhild").json()["identifier"]
    return str(identifiers[0]["value"])


def test_a_patient_is_found_by_name_birth_date_and_number(people: People, number: str) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace")
    found = page.locator("section[aria-labelledby=found-heading]")
    names = ("Solbakk", "ragnhild solbakk", "Solbakk, Ragnhild", "solb")
    for words in (*names, "11.03.1948", "1948-03-11", number, f"{number[:6]} {number[6:]}"):
        page.locator("#finder").fill(words)
        page.locator("#finder").press("Enter")
        expect(found.locator("h1")).to_contain_text(f"«{words}»")
        expect(found.get_by_role("link", name="SOLBAKK, Ragnhild")).to_have_count(1)
    expect(found.locator("tbody tr")).to_have_count(1)
    found.get_by_role("link", name="SOLBAKK, Ragnhild").click()
    expect(page.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")


def test_twins_of_the_same_name_are_two_people(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace?q=Ole+Moan")
    links = page.locator("section[aria-labelledby=found-heading]").get_by_role("link", name="MOAN, Ole", exact=True)
    targets = {link.get_attribute("href") for link in links.all()}
    assert {"/workspace/patients/ole-moan-1", "/workspace/patients/ole-moan-2"} <= targets


def test_a_stranger_is_found_without_number_birth_date_or_place(people: People, program: Program) -> None:
    with program.door() as door:
        mina = door.get("/Patient/mina").json()
    page = people.desk_of("ayla")
    page.goto("/workspace?q=Vikan")
    row = page.locator("section[aria-labelledby=found-heading] tbody tr", has_text="VIKAN, Mina")
    expect(row).to_contain_text("krever grunn")
    told = row.inner_text()
    assert "1990" in told
    for kept in (mina["identifier"][0]["value"][6:], "27.08", mina["address"][0]["city"]):
        assert kept not in told


def test_nobody_found_is_said_with_what_to_try(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace?q=Finnesikke")
    expect(page.locator("section[aria-labelledby=found-heading]")).to_contain_text("Ingen pasienter passer")
    expect(page.locator("#finder")).to_have_value("Finnesikke")
