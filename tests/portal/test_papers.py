"""Notes, vaccines and the log on paper, from the portal. samjournal.portal.papers, samjournal.portal.vaccines"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.portal.papers import _safe


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


def test_each_note_that_is_read_is_there_on_paper_and_nobody_elses(site: httpx.Client) -> None:
    notes = re.findall(r'/portal/notes/[^"]+\.pdf', as_(site, "ragnhild").get("/portal/notes").text)
    answer = site.get(notes[0])
    assert answer.content.startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    assert as_(site, "mina").get(notes[0]).status_code == 404
    assert site.get("/portal/notes/no-such-note.pdf").status_code == 404


def test_the_log_is_there_on_paper_and_as_a_table(site: httpx.Client) -> None:
    as_(site, "ayla").get("/workspace/patients/ragnhild")
    page = as_(site, "ragnhild").get("/portal/log").text
    assert ("/portal/log.pdf" in page, "/portal/log.csv" in page) == (True, True)
    assert site.get("/portal/log.pdf").content.startswith(b"%PDF-")
    rows = list(csv.DictReader(io.StringIO(site.get("/portal/log.csv").content.decode("utf-8-sig"))))
    assert any(row["Navn"] == "Ayla Demir" and row["Uten avtale"] == "nei" for row in rows)


def test_a_cell_is_never_a_formula() -> None:
    assert _safe("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert _safe("Leste notater") == "Leste notater"


def test_what_was_read_at_one_place_can_be_chosen(site: httpx.Client) -> None:
    as_(site, "ayla").get("/workspace/patients/ragnhild")
    as_(site, "solveig").get("/workspace/patients/ragnhild")
    page = as_(site, "ragnhild").get("/portal/log").text
    place = next(one for one in re.findall(r"/portal/log\?show=at[^\"]+", page) if "Egge" in one)
    shown = site.get(place.replace("&amp;", "&")).text
    assert "Solveig Haugan" in shown
    assert "Ayla Demir" not in shown


def test_a_parent_sees_the_childs_vaccines_what_comes_next_and_the_card(site: httpx.Client) -> None:
    as_(site, "mina").post("/portal/representation/act", data={"id": "odin"})
    page, card = site.get("/portal/vaccines").text, site.get("/portal/vaccines.pdf")
    site.post("/portal/representation/act", data={"id": ""})
    for words in ("Seksvalent vaksine", "Mot meslinger, kusma og røde hunder", "Neste: på skolen, 6. trinn", "parti"):
        assert words in page
    assert card.content.startswith(b"%PDF-")


def test_a_grown_up_has_no_programme(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/vaccines").text
    assert "Mot influensa" in page
    assert "Barnevaksinasjonsprogrammet" not in page


def test_the_doctors_words_stand_under_the_verdict_and_a_question_can_be_asked(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/results/59261-8").text
    verdict, words, by = (
        page.index(one) for one in ("Svaret er 55", "under målet vi ble enige om", "Skrevet til deg av Magnus")
    )
    assert verdict < words < by
    assert re.search(r"/portal/messages/new\?about=Observation/[a-z0-9-]+", page)


def test_a_note_prints_from_the_page_of_staff(site: httpx.Client) -> None:
    as_(site, "ayla")
    address = "/workspace/patients/ragnhild/notes/ragnhild-note-19"
    assert 'data-key="p"' in site.get(address).text
    answer = site.get(f"{address}/paper")
    assert (answer.content[:5], answer.headers["content-disposition"][:6]) == (b"%PDF-", "inline")
