"""The chart of a ward patient in a browser: what is seen without scrolling, found in two steps, and what it weighs.

Requirements 1.11, 1.12, 8.1, 8.4, 8.5
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from acceptance.long_record import ID as LONG
from acceptance.long_record import load_long_record
from acceptance.reading import People, chart_of, picture, press
from acceptance.running import Program

pytestmark = pytest.mark.browser

LAPTOP = {"width": 1366, "height": 657}
"""What a screen of 1366 by 768 leaves inside the browser."""
PAGE_BYTES = 100_000
LAYOUT_SHIFT = 0.1
ROLES = {"henrik": "Medisin 3", "ayla": None, "turid": None}
Place = Callable[[Page], Locator]


def block(title: str) -> Place:
    return lambda page: page.locator("section.block", has=page.locator("h3", has_text=title)).first


FACTS: dict[str, Place] = {
    "allergy": lambda page: page.locator(".alerts .allergy"),
    "resuscitation and what is critical": lambda page: page.locator(".alerts .critical", has_text="HLR"),
    "why here, with certainty": lambda page: page.locator("#current .lead"),
    "early warning score": lambda page: page.locator("#vitals .score-line"),
    "vital signs": lambda page: page.locator("#vitals .measures"),
    "last results with trend": lambda page: page.locator("#labs .measures").first,
    "medicines with when they were changed": lambda page: page.locator("#medicines h3"),
    "medicines": lambda page: page.locator("#medicines .row").first,
    "diseases": lambda page: block("Sykdommer")(page).locator(".row").first,
    "earlier stays and home services": lambda page: block("Tidligere opphold")(page).locator(".row").first,
    "next steps with owner": lambda page: block("Neste steg")(page).locator(".row").first,
    "what we wait for": lambda page: block("Venter på")(page).locator("h3"),
    "the day of discharge": lambda page: page.locator(".aim .aimhead"),
}
QUESTIONS: dict[str, tuple[tuple[str, ...], str, str]] = {
    "last haemoglobin": ((), "#labs", r"Hemoglobin.*\d+,\d"),
    "allergies": ((), ".alerts", "Penicillin"),
    "next appointment": ((), "#plan", "Ekko av hjertet"),
    "who is responsible for the next step": ((), "#plan", "H. Aasen"),
    "resuscitation": ((), ".alerts", "HLR minus"),
    "last discharge summary": (("Notater", "Epikrise"), ".along", "Epikrise Medisin 3"),
    "telephone of next of kin": ((), "#history", r"datter, nærmeste pårørende\s+\d{3}\s\d{2}\s\d{3}"),
    "medicines on pause": ((), "#medicines", "Pause"),
    "when was she last in hospital": (("Tidslinje", "Kontakter og opphold"), ".along", "Innleggelse"),
    "her weight now": ((), "#vitals", r"Vekt\s.*\d+,\d\s+kg"),
}
"""Ten questions of the ward: the steps from the chart, where the answer stands, and what it looks like."""


@pytest.fixture
def doctor(people: People) -> Page:
    page = people.desk_of("henrik", unit="Medisin 3")
    page.set_viewport_size(LAPTOP)
    return chart_of(page, "ragnhild")


def test_the_ten_facts_stand_above_the_fold_for_every_role(people: People) -> None:
    below = []
    for login, unit in ROLES.items():
        page = people.desk_of(login, unit=unit)
        page.set_viewport_size(LAPTOP)
        chart_of(page, "ragnhild")
        for name, place in FACTS.items():
            found = place(page).bounding_box()
            assert found, f"{name} is not on the page of {login}"
            if found["y"] + found["height"] > LAPTOP["height"]:
                below.append(f"{name} ends at {found['y'] + found['height']:.0f} for {login}")
        picture(page, f"fold-{login}")
    assert not below


def test_ten_questions_are_answered_in_two_steps(doctor: Page) -> None:
    address = doctor.url
    for question, (steps, place, answer) in QUESTIONS.items():
        assert len(steps) <= 2, question
        doctor.goto(address)
        if steps:
            doctor.get_by_role("link", name=steps[0], exact=True).click()
        if steps[:1] == ("Notater",):
            doctor.get_by_role("combobox", name="Slag").select_option(label=steps[1])
            doctor.locator(".sift button").click()
        elif steps[:1] == ("Tidslinje",):
            doctor.get_by_label(steps[1]).check()
            doctor.locator(".sift button").click()
        expect(doctor.locator(place).first, question).to_contain_text(re.compile(answer, re.DOTALL))


def test_pages_of_a_patient_are_light_and_stand_still(people: People) -> None:
    for path in ("", "/timeline", "/notes", "/find?q=pust"):
        is_light_and_stands_still(people, "ragnhild", path)


@pytest.mark.drill
def test_so_are_those_of_a_record_with_thousands_of_observations(
    program: Program, tmp_path: Path, people: People, *, is_drill: bool
) -> None:
    """20,000 at 2,000 contacts as a drill, a quarter in every run; and long notes, and every kind of measurement."""
    load_long_record(program, tmp_path, contacts=2_000 if is_drill else 500)
    for path in (
        "", "/timeline", "/timeline?kind=notes", "/notes", "/find?q=dialyse", "/measurements?period=all", "/problems",
    ):  # fmt: skip
        is_light_and_stands_still(people, LONG, path)


def is_light_and_stands_still(people: People, patient: str, path: str) -> None:
    """As transferred with an empty cache, the font apart; shifts of what was shown already."""
    page = people.desk_of("henrik", unit="Medisin 3")
    page.set_viewport_size(LAPTOP)
    page.add_init_script(
        """window.shifted = 0;
        new PerformanceObserver(list => {
          for (const one of list.getEntries()) if (!one.hadRecentInput) window.shifted += one.value;
        }).observe({ type: "layout-shift", buffered: true });"""
    )
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    asked: dict[str, str] = {}
    took: dict[str, float] = {}
    wire.on("Network.responseReceived", lambda one: asked.update({one["requestId"]: one["response"]["url"]}))
    wire.on("Network.loadingFinished", lambda one: took.update({one["requestId"]: one["encodedDataLength"]}))
    page.goto(f"/workspace/patients/{patient}{path}", wait_until="networkidle" if path else "load")
    expect(page.locator(".banner h1")).to_be_visible()
    page.evaluate("document.fonts.ready.then(() => new Promise(done => requestAnimationFrame(() => done())))")
    weight = sum(size for id_, size in took.items() if not asked.get(id_, "").endswith(".woff2"))
    assert 0 < weight < PAGE_BYTES, f"{patient}{path}: {weight} bytes"
    assert page.evaluate("window.shifted") < LAYOUT_SHIFT, f"{patient}{path}"
    page.context.close()


def test_the_same_action_has_the_same_name_and_place_for_every_role(people: People) -> None:
    """Who may do less sees less; nobody sees it elsewhere or by another name."""
    seen: dict[str, dict[str, tuple[int, int]]] = {}
    for login, unit in ROLES.items():
        page = chart_of(people.desk_of(login, unit=unit), "ragnhild")
        found = page.locator(".here a, .recordfind input, .banner a, .chartfoot a, #history h3, #current h3, #plan h3")
        seen[login] = dict(
            found.evaluate_all(
                """all => all.map(one => {
                  const { x } = one.getBoundingClientRect();
                  const words = one.firstChild?.textContent || one.placeholder || "";
                  return [one.tagName + " " + words.trim().replace(/\\d+/g, "n"), Math.round(x)];
                })"""
            )
        )
    for login, places in seen.items():
        for name, place in places.items():
            if not name.startswith("H3") and name in seen["henrik"]:
                assert abs(place - seen["henrik"][name]) < 400, f"{name} is elsewhere for {login}"
    assert {name for name in seen["henrik"] if name.startswith("H3")} == {
        name for name in seen["turid"] if name.startswith("H3")
    }


def test_the_record_is_searched_by_a_key_and_pages_keep_whose_it_is(doctor: Page) -> None:
    press(doctor, "/")
    expect(doctor.locator("#recordfind")).to_be_focused()
    doctor.keyboard.type("pust")
    press(doctor, "Enter")
    expect(doctor.locator("#found-heading")).to_contain_text("treff")
    expect(doctor.locator("mark").first).to_be_visible()
    for name in ("Tidslinje", "Notater", "Oversikt"):
        doctor.get_by_role("link", name=name, exact=True).click()
        expect(doctor.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")
        assert "SOLBAKK, Ragnhild" in doctor.title()


def test_switching_fast_never_mixes_two_patients(doctor: Page) -> None:
    """The answer for the first patient comes late, when the second is shown already."""
    late: list[object] = []
    doctor.route("**/workspace/patients/ragnhild?look=*", lambda route: late.append(route))
    doctor.evaluate("htmx.trigger('#chart', 'live')")
    expect(doctor.locator(".banner h1")).to_have_text("SOLBAKK, Ragnhild")
    other = doctor.context.new_page()
    other.goto("/workspace")
    address = next(
        href
        for href in other.locator("table.people th a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
        if "ragnhild" not in href
    )
    name = other.locator(f"a[href='{address}']").first.inner_text()
    other.close()
    doctor.goto(address)
    for route in late:
        route.continue_()  # type: ignore[attr-defined]
    expect(doctor.locator(".banner h1")).to_have_text(name)
    assert name in doctor.title()
    assert "SOLBAKK" not in doctor.locator("main").inner_text()
    assert "/patients/ragnhild" not in doctor.locator("main").inner_html()
