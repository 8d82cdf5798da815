"""The chart's first page: what is fixed, what stands side by side, what each role has first. Requirements 1.2, 1.3"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from acceptance.reading import DESKTOP, PHONE, ROOT, People, chart_of, text_of
from acceptance.running import Program, admitted, allergy

pytestmark = pytest.mark.browser

FACTS = (".banner h1", ".alerts", "section.first", "#history h2", "#current h2", "#plan h2", "#vitals")
"""What nobody should have to scroll for."""
COLUMNS = ("#history", "#current", "#plan")
ROLES = {"henrik": "Medisin 3", "ayla": None, "turid": None}


def box(page: Page, place: str) -> dict[str, float]:
    found = page.locator(place).first.bounding_box()
    assert found, f"{place} is not on the page"
    return dict(found)


def test_three_columns_stand_side_by_side_with_the_top_facts_above_the_fold(people: People) -> None:
    page = chart_of(people.desk_of("henrik", unit="Medisin 3"), "ragnhild")
    assert [page.locator(f"{column} > h2").inner_text().split("\n")[0] for column in COLUMNS] == [
        "Historikk",
        "Nå",
        "Videre plan",
    ]
    history, current, plan = (box(page, column) for column in COLUMNS)
    assert history["x"] + history["width"] <= current["x"] + 1
    assert current["x"] + current["width"] <= plan["x"] + 1
    assert history["y"] == current["y"] == plan["y"]
    for fact in FACTS:
        place = box(page, fact)
        assert place["y"] + place["height"] <= DESKTOP["height"], f"{fact} is below the fold"


def test_banner_stays_where_it_is_while_the_rest_is_scrolled(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3")
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        chart_of(page, "ragnhild")
        last = page.locator(".three .block:visible").last
        last.scroll_into_view_if_needed()
        expect(last).to_be_in_viewport()
        expect(page.locator("section.first h3").first).not_to_be_in_viewport()
        name = box(page, ".banner h1")
        assert 0 <= name["y"] < 150, size
        assert page.locator(".banner h1").evaluate(
            """name => {
              const { x, y } = name.getBoundingClientRect();
              return name.contains(document.elementFromPoint(x + 5, y + 5));
            }"""
        ), f"the name is covered at {size}"


def test_allergies_are_said_in_words_and_not_asked_differs_from_none(people: People, program: Program) -> None:
    program.put(
        *admitted("unasked", "Uspurt", "Una"),
        *admitted("asked", "Spurt", "Siri"),
        allergy("asked", "Ingen kjent allergi", code="716186003"),
        *admitted("allergic", "Allergisk", "Alma"),
        allergy("allergic", "Sulfonamid"),
    )
    page = people.desk_of("henrik", unit="Medisin 3")
    told = {}
    for patient in ("unasked", "asked", "allergic"):
        chart_of(page, patient)
        told[patient] = page.locator(".alerts").inner_text()
    assert "Allergi: ikke spurt" in told["unasked"]
    assert "Ingen kjent allergi" in told["asked"]
    assert "Allergi: Sulfonamid" in told["allergic"]
    expect(chart_of(page, "ragnhild").locator(".alerts")).to_contain_text("Allergi: Penicillin")


def test_what_is_not_known_is_said_and_nothing_is_left_blank(people: People, program: Program) -> None:
    program.put(*admitted("empty-chart", "Tom", "Tuva"))
    page = chart_of(people.desk_of("ayla"), "empty-chart")
    for words in ("mangler", "ikke målt", "Ingen prøvesvar er registrert", "Ingen notater er skrevet", "Ingen plan"):
        expect(page.locator("#chart")).to_contain_text(words)


def test_each_role_has_three_things_first_and_all_see_the_same_values(people: People) -> None:
    first: dict[str, list[str]] = {}
    columns: dict[str, list[str]] = {}
    for login, unit in ROLES.items():
        page = chart_of(people.desk_of(login, unit=unit), "ragnhild")
        first[login] = [title.split("\n")[0] for title in page.locator("section.thing h3").all_inner_texts()]
        columns[login] = [text_of(page.locator(column)) for column in (".banner dl", ".alerts", *COLUMNS)]
    assert [len(things) for things in first.values()] == [3, 3, 3]
    assert len({thing for things in first.values() for thing in things}) == 9
    assert columns["henrik"] == columns["ayla"] == columns["turid"]


@pytest.mark.skipif(
    not os.environ.get("SAMJOURNAL_PICTURES"), reason="SAMJOURNAL_PICTURES=1 makes the README's picture"
)
def test_picture_of_the_chart_for_the_readme(people: People) -> None:
    page = chart_of(people.desk_of("henrik", unit="Medisin 3", device_scale_factor=2), "ragnhild")
    target: Path = ROOT / "docs" / "images" / "chart.png"
    target.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=target)
