"""The whole way without a mouse: sign in, find, open, measure. WCAG 2.1.1, 2.4.1, 2.4.7, 2.4.11"""

from __future__ import annotations

from contextlib import suppress

import pytest
from playwright.sync_api import Error, Route, expect

from acceptance.reading import DESKTOP, PHONE, RIGHT_AWAY, People, faults, focused, press, tab_to

pytestmark = pytest.mark.browser


def test_nurse_signs_in_finds_opens_and_measures_with_tab_and_enter_alone(people: People) -> None:
    page = people.browser_of().new_page()
    page.goto("/signin")
    tab_to(page, lambda stop: stop["words"] == "Logg inn som Ayla")
    press(page, "Enter")
    expect(page).to_have_url(f"{people.address}/workspace")

    tab_to(page, lambda stop: stop["id"] == "finder")
    page.keyboard.type("Solbakk")
    press(page, "Enter")
    expect(page.locator("#found-heading")).to_be_visible()
    tab_to(page, lambda stop: stop["words"] == "SOLBAKK, Ragnhild")
    press(page, "Enter")
    expect(page.locator(".banner h1")).to_be_visible()

    tab_to(page, lambda stop: stop["id"] == "first-systolic")
    page.keyboard.type("133")
    tab_to(page, lambda stop: stop["id"] == "first-diastolic")
    page.keyboard.type("76")
    press(page, "Enter")
    expect(page.locator(".saved")).to_contain_text("Blodtrykket er lagret")
    expect(page.locator("#vitals")).to_contain_text("133/76")


def test_skip_link_is_the_first_stop_and_leads_to_the_content(people: People) -> None:
    for login, path in (("", "/signin"), ("ayla", "/workspace/patients/ragnhild"), ("ragnhild", "/portal/log")):
        page = people.desk_of(login) if login else people.browser_of().new_page()
        page.goto(path)
        press(page, "Tab")
        stop = focused(page)
        assert (stop["words"], stop["visible"]) == ("Hopp til innholdet", True)
        press(page, "Enter")
        assert focused(page)["id"] == "main"


def test_single_keys_open_measuring_and_notes_and_escape_closes(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3")
    page.goto("/workspace/patients/ragnhild")
    expect(page.locator(".banner h1")).to_be_visible()
    press(page, "n")
    expect(page.locator("#note-text")).to_be_focused()
    page.keyboard.type("m, n og s er bokstaver her")
    expect(page.locator("#note-text")).to_have_value("m, n og s er bokstaver her")
    press(page, "Escape")
    press(page, "s")
    expect(page.locator(".saved")).to_contain_text("Notatet er signert")
    press(page, "m")
    expect(page.locator("#panel-systolic")).to_be_focused()
    press(page, "Escape")
    press(page, "Control+k")
    expect(page.locator("#finder")).to_be_focused(timeout=RIGHT_AWAY)


def test_question_mark_tells_the_keys_and_they_can_be_switched_off(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace/patients/ragnhild")
    press(page, "?")
    dialog = page.get_by_role("dialog", name="Taster")
    expect(dialog).to_contain_text("Ny måling")
    expect(page).to_have_url(f"{people.address}/workspace/patients/ragnhild")
    assert faults(page) == []
    dialog.get_by_role("checkbox").check()
    press(page, "Escape")
    expect(dialog).not_to_be_visible()
    press(page, "n")
    expect(page.locator("#new-note")).not_to_have_attribute("open", "")
    press(page, "Control+k")
    expect(page.locator("#finder")).to_be_focused()
    page.goto("/workspace/help")
    page.get_by_role("checkbox").uncheck()
    press(page, "?")
    expect(dialog).to_be_visible()


def test_the_search_box_opens_a_patient_and_an_action_by_arrows_and_enter(people: People) -> None:
    page = people.desk_of("ayla")
    page.goto("/workspace")
    press(page, "Control+k")
    box = page.get_by_role("combobox")
    expect(box).to_be_focused()
    page.keyboard.type("solbakk ragn")
    expect(page.get_by_role("option", name="SOLBAKK, Ragnhild")).to_be_visible()
    assert faults(page) == []
    press(page, "ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_contain_text("SOLBAKK, Ragnhild")
    press(page, "Enter")
    expect(page.locator(".banner h1")).to_contain_text("SOLBAKK")
    page.set_viewport_size(PHONE)
    page.locator("#finder").click()
    page.keyboard.type("blodtr")
    expect(page.get_by_role("option", name="Ny måling")).to_contain_text("også «blodtrykk»")
    assert faults(page) == []
    press(page, "Escape")
    expect(page.get_by_role("listbox")).not_to_be_visible()
    press(page, "ArrowDown")
    page.get_by_role("option", name="Ny måling").click()
    expect(page.locator("#set-heading")).to_be_visible()


def test_every_stop_in_the_chart_and_the_portal_is_seen(people: People) -> None:
    hidden = []
    for login, path in (
        ("turid", "/workspace/patients/ragnhild"),
        ("ayla", "/workspace/patients/ragnhild/measurements"),
        ("turid", "/workspace/help"),
        ("ragnhild", "/portal"),
    ):
        page = people.desk_of(login)
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)
            page.goto(path)
            stops = 0
            while stops < 70:
                press(page, "Tab")
                stop = focused(page)
                if stop["tag"] == "BODY":
                    break
                stops += 1
                if not stop["visible"]:
                    hidden.append(f"{path} at {size['width']}: {stop}")
            assert stops > 8
    assert not hidden, "\n".join(hidden)


def test_hits_of_an_earlier_text_are_not_chosen_by_keys(people: People) -> None:
    """The way to harm: what comes late for no text at all is taken for what was typed, and another is opened."""
    page = people.desk_of("ayla")
    page.goto("/workspace")
    late: list[Route] = []
    page.route("**/workspace/palette?q=&*", lambda route: late.append(route))
    with page.expect_request("**/workspace/palette?q=&*"):
        page.keyboard.press("Control+k")
    page.keyboard.type("solbakk")
    page.keyboard.press("ArrowDown")
    for route in late:
        with suppress(Error):  # The page no longer asks.
            route.continue_()
    expect(page.get_by_role("option", selected=True)).to_contain_text("SOLBAKK, Ragnhild")


def test_after_a_refusal_the_keyboard_is_where_something_is_to_be_changed(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3")
    for path, button, field in (
        ("problems", "Før opp på listen", "problem-q"),
        ("allergies", "Lagre allergi", "allergy-substance"),
    ):
        page.goto(f"/workspace/patients/ragnhild/{path}")
        page.get_by_role("button", name=button).press("Enter")
        expect(page.locator(f"#{field}-error")).to_be_visible()
        expect(page.locator(f"#{field}")).to_be_focused()


def test_j_and_k_go_through_patients_notes_and_hits_and_enter_opens(people: People) -> None:
    page = people.desk_of("ayla")
    for path, link in (
        ("/workspace", "table.people [data-row] a"),
        ("/workspace/patients/ragnhild/notes", "article[data-row] h3 a"),
        ("/workspace/patients/ragnhild/find?q=pust", "li[data-row] .what a"),
    ):
        page.goto(path)
        page.wait_for_load_state()
        for key, at in (("j", 0), ("j", 1), ("k", 0)):
            page.keyboard.press(key)
            expect(page.locator(link).nth(at)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".notepage")).to_be_visible()
