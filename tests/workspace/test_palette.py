"""The one search box: what is found and why, and nothing that the role may not do. Requirement 8.2"""

from __future__ import annotations

import re

import pytest

from samjournal.workspace import routes
from samjournal.workspace.palette import ENTRIES
from workspace.test_pages import Enter, enter
from world import World

__all__ = ["enter"]
pytestmark = pytest.mark.anyio


async def hits(enter: Enter, who: str, text: str, patient: str = "kari") -> list[tuple[str, str]]:
    """Name and address of each hit, in their order."""
    page = (await enter(who).get("/workspace/palette", params={"q": text, "patient": patient})).text
    return [(name, href) for href, name in re.findall(r'data-href="([^"]*)"><b>([^<]*)</b>', page)]


async def test_a_patient_is_found_as_on_the_search_page_and_says_how_it_opens(enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace/palette", params={"q": "nordmann"})).text
    assert "/workspace/patients/kari" in page
    assert "innlagt hos dere" in page
    assert "krever grunn" in page


async def test_an_action_is_found_by_another_word_and_says_which(enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace/palette", params={"q": "blodtr", "patient": "kari"})).text
    assert "Ny måling" in page
    assert "også «blodtrykk»" in page
    assert "<kbd>M</kbd>" in page


async def test_what_the_role_may_not_do_is_not_listed(enter: Enter) -> None:
    assert "Ny diagnose" in {name for name, _ in await hits(enter, "nurse", "ny diag")}
    assert "Ny diagnose" not in {name for name, _ in await hits(enter, "secretary", "ny diag")}
    assert "Hvem kan opptre for pasienten?" not in {name for name, _ in await hits(enter, "nurse", "opptre")}
    assert "Tilsyn" not in {name for name, _ in await hits(enter, "doctor", "tilsyn")}


async def test_without_an_open_patient_nothing_about_one_is_listed(enter: Enter) -> None:
    for text in ("", "ny", "måling"):
        assert all("/patients/" not in href for _, href in await hits(enter, "nurse", text, patient=""))


async def test_what_is_listed_leads_to_a_page_that_is_there(enter: Enter) -> None:
    listed = await hits(enter, "doctor", "")
    assert len(listed) > 10
    for name, href in listed:
        if href != "/signout":
            assert (await enter("doctor").get(href.partition("#")[0])).status_code == 200, (name, href)


async def test_few_letters_look_nobody_up(enter: Enter, world: World) -> None:
    before = await world.pool.fetch("SELECT count(*) AS n FROM audit.look WHERE action = 'find'")
    assert all("/patients/" not in href for _, href in await hits(enter, "nurse", "no", patient=""))
    after = await world.pool.fetch("SELECT count(*) AS n FROM audit.look WHERE action = 'find'")
    assert before == after


async def test_the_search_page_lists_the_same_without_scripts(enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace", params={"q": "blodtrykk", "patient": "kari"})).text
    assert 'href="/workspace/patients/kari/measurements#set-heading">Ny måling</a>' in page


async def test_nothing_found_is_said(enter: Enter) -> None:
    page = (await enter("nurse").get("/workspace/palette", params={"q": "qq"})).text
    assert "Ingen treff på «qq». Skriv minst tre bokstaver" in " ".join(page.split())


async def test_a_patient_that_is_no_id_is_none(enter: Enter) -> None:
    for patient in ('"><script>', "../help", "a b"):
        page = (await enter("nurse").get("/workspace/palette", params={"q": "<b>", "patient": patient})).text
        assert "<script>" not in page
        assert "<b><" not in page
        assert "/patients/" not in page


async def test_the_text_of_the_record_is_searched_first_once_that_page_is_there(enter: Enter) -> None:
    there = any(getattr(route, "path", "").endswith("/find") for route in routes())
    found = await hits(enter, "nurse", "hjerte")
    assert bool(found and found[0][1].startswith("/workspace/patients/kari/find?q=hjerte")) == there


def test_no_entry_is_there_twice() -> None:
    assert len({(one.group, one.name) for one in ENTRIES}) == len(ENTRIES)
