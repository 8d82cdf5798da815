"""The portal's pages over a whole record. samjournal.portal.pages"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool

PAGES = (
    "",
    "/results",
    "/results/85354-9",
    "/medicines",
    "/notes",
    "/appointments",
    "/record",
    "/log",
    "/blocks",
    "/download",
)


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_for_the_citizen_and_is_kept_by_nobody(site: httpx.Client, page: str) -> None:
    answer = as_(site, "ragnhild").get(f"/portal{page}")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("page", PAGES)
def test_nobody_comes_in_without_signing_in(site: httpx.Client, page: str) -> None:
    site.cookies.clear()
    answer = site.get(f"/portal{page}")
    assert answer.headers["location"] == f"/signin?next=/portal{page}"


def test_staff_belong_in_the_workspace(site: httpx.Client) -> None:
    answer = as_(site, "solveig").get("/portal")
    assert answer.headers["location"] == "/workspace"


def test_the_first_page_tells_about_the_stay_the_appointment_and_the_doctor(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal").text
    assert "Hei, Ragnhild" in page
    assert "Du er innlagt på Medisin 3, Sykehuset Levanger" in page
    assert "Magnus Rian" in page


def test_looks_of_a_minute_ago_are_there_with_who_and_why(site: httpx.Client) -> None:
    as_(site, "solveig").get("/workspace/patients/ragnhild")
    as_(site, "ayla").get("/workspace/patients/ragnhild")
    page = as_(site, "ragnhild").get("/portal/log").text
    for words in (
        "Solveig Haugan",
        "hjemmesykepleier",
        "Fordi du får hjelp hjemme av dem",
        "Ayla Demir",
        "innlagt der",
    ):
        assert words in page


def test_a_look_with_a_stated_reason_stands_out_with_the_reason(site: httpx.Client) -> None:
    reason = "Pårørende ringte om et fall på badet"
    as_(site, "solveig").post("/workspace/patients/elias/reason", data={"reason": "other", "words": reason})
    site.get("/workspace/patients/elias")
    page = as_(site, "elias").get("/portal/log?show=without").text
    assert "Åpnet uten avtale med deg" in page
    assert reason in page


def test_a_result_that_was_never_taken_is_not_found(site: httpx.Client) -> None:
    assert as_(site, "mina").get("/portal/results/nothing").status_code == 404


def test_nonsense_in_the_address_is_no_fault(site: httpx.Client) -> None:
    as_(site, "mina")
    for query in ("before=yesterday", "before=2026", "show=%00", "before=0001-01-01T00:00:00Z"):
        assert site.get(f"/portal/log?{query}").status_code == 200


def test_the_page_speaks_the_language_of_the_reader(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    said = {code: site.get("/portal/log", headers={"accept-language": code}).text for code in ("nb", "nn", "en")}
    assert "Hvem har lest journalen min" in said["nb"]
    assert "Kven har lese journalen min" in said["nn"]
    assert "Who has read my record" in said["en"]


def test_every_page_is_one_document_with_one_heading_and_no_inline_script_or_style(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    for page in PAGES:
        html = site.get(f"/portal{page}").text
        assert html.count("<h1") == 1
        assert "<style" not in html
        assert " style=" not in html
        assert " onclick=" not in html
