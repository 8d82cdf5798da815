"""The inbox by keyboard alone: acknowledge with one key, undo with one, and hear of what comes while it is open."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import PHONE, People, press
from acceptance.running import Program

pytestmark = pytest.mark.browser


def _task(id_: str, words: str) -> dict[str, object]:
    return {
        "resourceType": "Task", "id": id_, "status": "requested", "intent": "order", "description": words,
        "code": {"coding": [{"system": "urn:samjournal:task", "code": "do"}]},
        "for": {"reference": "Patient/ragnhild"}, "authoredOn": "2026-11-28T08:00:00+01:00",
        "owner": {"reference": "PractitionerRole/ayla-nurse-medisin-3", "display": "Ayla Demir"},
        "restriction": {"period": {"end": "2099-01-01T08:00:00+01:00"}},
    }  # fmt: skip


def _titles(page: Page) -> list[str]:
    return page.locator("#inbox-list .groups .what > b").all_inner_texts()


def test_a_result_is_acknowledged_with_one_key_and_undone_with_one(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3")
    page.goto("/workspace/inbox")
    page.locator("#inbox-list a", has_text="Kritisk: fosfat").click()
    expect(page.locator(".itemhead h2")).to_have_text("Kritisk: fosfat 0,28 mmol/L")
    expect(page).to_have_title(re.compile("SOLBAKK, Ragnhild"))
    waiting = page.locator(".rail a[href='/workspace/inbox'] .badge").inner_text()
    press(page, "e")
    expect(page.locator(".told .saved")).to_contain_text("Kvittert")
    assert not any(title.startswith("Kritisk: fosfat") for title in _titles(page))
    page.goto("/workspace/patients/ragnhild")
    expect(page.locator("#labs .acknowledged")).to_contain_text(re.compile("kvittert av Henrik Aasen i dag"))
    page.goto("/workspace/inbox")
    press(page, "u")
    expect(page.locator(".told .saved")).to_contain_text("Angret")
    assert page.locator(".rail a[href='/workspace/inbox'] .badge").inner_text() == waiting


def test_next_and_a_new_task_by_keys_and_the_colleague_hears_of_it(people: People) -> None:
    theirs = people.sign_in("ayla")
    theirs.goto("/workspace/inbox")
    expect(theirs.locator("#inbox-list .groups")).to_be_visible()
    page = people.desk_of("henrik", unit="Medisin 3")
    page.goto("/workspace/inbox")
    first = page.locator(".itemhead h2").inner_text()
    press(page, "j")
    expect(page.locator(".steps")).to_contain_text(re.compile(r"^\s*2 av"))
    press(page, "k")
    expect(page.locator(".steps")).to_contain_text(re.compile(r"^\s*1 av"))
    expect(page.locator(".itemhead h2")).to_have_text(first)
    press(page, "o")
    expect(page.locator("#task-words")).to_be_focused()
    page.keyboard.type("Mål vekt før frokost")
    page.locator("#task-owner").select_option(label="Ayla Demir, sykepleier")
    page.locator("#task-words").press("Enter")
    expect(page.locator(".told .saved")).to_contain_text("Oppgaven er laget")
    expect(theirs.locator("#inbox-list")).to_contain_text("Mål vekt før frokost")


def test_on_a_phone_the_list_comes_first_and_then_the_one_that_is_opened(people: People, program: Program) -> None:
    program.put(_task("inbox-phone", "Skifte bandasje på leggen"))
    page = people.desk_of("ayla")
    page.set_viewport_size(PHONE)
    page.goto("/workspace/inbox")
    expect(page.locator(".opened .itemhead")).to_be_hidden()
    page.locator("#inbox-list a", has_text="Skifte bandasje").click()
    expect(page.locator("#inbox-list")).to_be_hidden()
    expect(page.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")
    page.get_by_role("button", name="Gjort, og neste").click()
    expect(page.locator(".told .saved")).to_contain_text("Gjort")
