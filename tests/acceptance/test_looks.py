"""What colour tells is told by lines where a reader has colours of his own; what is printed has no menus; a phone shows
all pages of a patient. WCAG 1.4.1, 1.4.11, 2.4.7"""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import expect

from acceptance.reading import PHONE, People, focused

pytestmark = pytest.mark.browser
OUTLINED = """all => all.filter(one => {
  const { outlineStyle, outlineWidth } = getComputedStyle(one);
  return outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
}).map(one => one.textContent.trim())"""
BORDERED = "one => parseFloat(getComputedStyle(one).borderTopWidth) >= 1"


def test_with_colours_of_the_readers_own_states_and_the_keyboard_are_seen_by_lines(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3", forced_colors="active")
    page.goto("/workspace/patients/ragnhild/measurements")
    page.wait_for_load_state()
    assert page.locator(".here a").evaluate_all(OUTLINED) == ["Målinger"]
    assert page.locator(".rail a").evaluate_all(OUTLINED) == ["Pasienter"]
    assert len(page.locator(".periods a").evaluate_all(OUTLINED)) == 1
    for place in (".banner", ".alerts li"):
        assert page.locator(place).first.evaluate(BORDERED), f"{place} has no edge"
    for _ in range(12):
        page.keyboard.press("Tab")
        assert focused(page)["visible"], focused(page)
    page.keyboard.press("Control+k")
    page.keyboard.type("tidsl")
    expect(page.get_by_role("option", name="Tidslinje")).to_be_visible()
    assert page.locator(".palette").evaluate(BORDERED)
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option", selected=True)).to_have_count(1)
    assert len(page.get_by_role("option").evaluate_all(OUTLINED)) == 1
    page.goto("/workspace/inbox")
    assert len(page.locator(".groups li a").evaluate_all(OUTLINED)) == 1
    assert len(page.locator(".inbox .tabs a").evaluate_all(OUTLINED)) == 1


def test_print_has_the_patient_and_no_menus_forms_nor_light_letters(people: People) -> None:
    page = people.desk_of("henrik", unit="Medisin 3")
    page.emulate_media(media="print")
    for path in ("", "/problems", "/allergies", "/measurements", "/timeline"):
        page.goto(f"/workspace/patients/ragnhild{path}")
        expect(page.locator(".banner h1")).to_be_visible()
        assert page.locator(".banner h1").evaluate("one => getComputedStyle(one).color") == "rgb(0, 0, 0)"
        for gone in (".topbar", ".rail", ".pagebar", ".adding", ".sift", ".chartfoot", "button:visible"):
            assert page.locator(gone).locator("visible=true").count() == 0, (
                f"{gone} is printed on {path or 'the chart'}"
            )


def test_on_a_phone_all_pages_of_a_patient_are_seen_and_where_one_is(people: People) -> None:
    page = people.desk_of("ayla", viewport=PHONE)
    for path in ("", "/timeline"):
        page.goto(f"/workspace/patients/ragnhild{path}")
        places = page.locator(".here a").evaluate_all(
            "all => all.map(one => one.getBoundingClientRect()).map(one => [one.left, one.right, one.top, one.bottom])"
        )
        assert len(places) == 9
        assert all(left >= 0 and right <= PHONE["width"] for left, right, _top, _bottom in places)
        rows = sorted({(top, bottom) for _left, _right, top, bottom in places})
        assert all(one[1] <= other[0] + 1 for one, other in pairwise(rows)), "rows lie on each other"
