"""Hazard: a chart is misread. Another patient's data under this one's name, "none" where nobody asked, an old value
told as a new one, and what was entered in error told as a fact.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from workspace.test_pages import Enter, enter
from workspace.test_timeline import note
from world import Resource, World, made, observation, patient, stay, to

__all__ = ["enter"]
pytestmark = pytest.mark.anyio
PAGES = ("", "/timeline", "/notes", "/find?q=hjertebank", "/access")
CATEGORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@pytest.fixture(scope="module")
async def two(world: World) -> World:
    await world.put(
        patient("karin", "Nordmann"),
        stay("karin-stay", "karin"),
        note("k1", "2026-11-20T10:00:00+01:00", "Hjertebank hos Kari."),
        note("k2", "2026-11-20T10:00:00+01:00", "Hjertebank hos Karin.") | {"subject": to("Patient/karin")},
    )
    return world


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("one", "other"), [("kari", "karin"), ("karin", "kari")])
async def test_a_page_names_one_patient_and_leads_to_no_other(
    two: World, enter: Enter, path: str, one: str, other: str
) -> None:
    page = (await enter("nurse").get(f"/workspace/patients/{one}{path}")).text
    led = set(re.findall(r"/workspace/patients/([A-Za-z0-9.-]+)", page))
    assert led == {one}
    assert f"hos {other.title()}." not in page
    if path != "/access":
        assert f"<title>NORDMANN, {one.title()} " in page


@pytest.mark.parametrize("path", ["", "/timeline", "/notes", "/find?q=hjertebank"])
async def test_a_part_of_a_page_carries_whose_it_is(two: World, enter: Enter, path: str) -> None:
    """What a live page is swapped with has the head of the same patient in it."""
    nurse = enter("nurse")
    for one in ("kari", "karin"):
        part = (await nurse.get(f"/workspace/patients/{one}{path}", headers={"hx-request": "true"})).text
        assert f"<h1>NORDMANN, {one.title()}</h1>" in part


async def test_none_is_never_said_where_nobody_asked(two: World, enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace/patients/kari")).text
    assert "Allergi: ikke spurt" in page
    assert "Ingen kjent allergi" not in page
    assert "Ikke spurt om vaner." in page
    assert "ikke målt" in page


async def test_an_old_value_is_told_with_its_age(two: World, enter: Enter) -> None:
    await two.put(_pulse("old-pulse", "2024-01-20T08:00:00Z"))
    page = (await enter("nurse").get("/workspace/patients/kari")).text
    assert re.search(r"\d+ (md\.|år|døgn) gammel", page)


async def test_what_was_entered_in_error_is_no_fact_and_is_told_as_an_error_where_all_is_shown(
    two: World, enter: Enter
) -> None:
    wrong = note("wrong", "2026-11-22T10:00:00+01:00", "Fikk feil medisin.") | {"status": "entered-in-error"}
    await two.put(wrong, _pulse("wrong-pulse", "2026-11-22T08:00:00Z", value=199) | {"status": "entered-in-error"})
    nurse = enter("nurse")
    chart = (await nurse.get("/workspace/patients/kari")).text
    assert "Fikk feil medisin" not in chart
    assert not re.search(r"\b199\b", chart)
    for path in ("/timeline", "/notes", "/find?q=medisin"):
        page = (await nurse.get(f"/workspace/patients/kari{path}")).text
        assert "Ført ved en feil" in page, path


def _pulse(id_: str, at: str, **more: Any) -> Resource:
    category = [{"coding": [{"system": CATEGORY, "code": "vital-signs"}]}]
    return observation("kari", at=at, **more) | {"id": id_, "category": category}


async def test_a_value_of_somebody_else_in_a_search_for_both_is_not_told(two: World, enter: Enter) -> None:
    await two.put(made("Condition", "c", subject=to("Patient/karin"), code={"text": "Hjertebank av koffein"}))
    page = (await enter("nurse").get("/workspace/patients/kari/find", params={"q": "hjertebank"})).text
    assert "koffein" not in page
