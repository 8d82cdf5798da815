"""Who acts for another sees it on every page, and an open page hears when that ends. samjournal.portal.acting"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime

import httpx
import pytest

from hazards.test_representation import NUMBERS
from portal.family import acting, make_family
from portal.site import OURS, as_, opened
from samjournal.portal.representing import to_midnight
from samjournal.record import give
from samjournal.ui.formats import OSLO
from world import World

pytestmark = pytest.mark.anyio
PAGES = ("", "/appointments", "/messages", "/record", "/results", "/medicines", "/log", "/representation")
BAND = 'data-acts-for="odin"'


@pytest.fixture(scope="module")
async def family(anyio_backend: str, world: World) -> World:
    return await make_family(world)


@pytest.fixture(scope="module")
async def site(anyio_backend: str, family: World, database: str) -> AsyncIterator[httpx.Client]:
    with opened(database) as client:
        yield client


@pytest.fixture
async def given(anyio_backend: str, family: World) -> str:
    """Kari lets Per read her record."""
    kari = await family.permit("kari")
    return (await give(family.door, kari, NUMBERS["per"], "per", level="read-only")).reference


@pytest.mark.parametrize("page", PAGES)
def test_every_page_says_for_whom_one_acts_in_its_title_and_at_the_top(site: httpx.Client, page: str) -> None:
    shown = acting(site, "mina", "odin").get(f"/portal{page}").text
    assert BAND in shown
    assert "<title>For Odin Odin: " in shown
    assert "Tilbake til deg selv" in shown


def test_back_to_oneself_no_page_says_so(site: httpx.Client) -> None:
    acting(site, "mina", "odin").post("/portal/representation/act", data={})
    assert "data-acts-for" not in site.get("/portal").text


def test_an_open_page_is_told_whether_it_still_shows_whom_one_acts_for(site: httpx.Client) -> None:
    acting(site, "mina", "odin")
    assert site.get("/portal/acting?for=odin").status_code == 204
    site.post("/portal/representation/act", data={})
    assert site.get("/portal/acting?for=odin").status_code == 409
    site.cookies.clear()
    assert site.get("/portal/acting?for=odin").status_code == 401


def test_when_the_right_was_taken_back_the_open_page_is_told_and_the_next_shows_nothing(
    site: httpx.Client, given: str
) -> None:
    acting(site, "per", "kari")
    assert "Kontroll" in site.get("/portal/appointments").text
    with httpx.Client(base_url=site.base_url, headers=OURS) as kari:
        as_(kari, "kari")
        kari.post("/portal/representation/withdraw", data={"source": given})
    assert site.get("/portal/acting?for=kari").status_code == 403
    assert "Kontroll" not in site.get("/portal/appointments").text
    assert site.get("/portal/acting/ended").status_code == 403


def test_the_first_page_tells_of_the_child_with_its_next_appointment(site: httpx.Client) -> None:
    shown = as_(site, "mina").get("/portal").text
    assert "Personer du opptrer for" in shown
    assert "Odin, 7 år" in shown
    assert "Vaksine" in shown


def test_that_the_first_page_read_the_appointment_stands_in_the_log_of_the_child(site: httpx.Client) -> None:
    as_(site, "mina").get("/portal")
    log = acting(site, "mina", "odin").get("/portal/log").text
    assert "Leste journalen din: navn og kontaktopplysninger og timer." in log


def test_who_acts_for_somebody_is_told_of_nobody_else(site: httpx.Client) -> None:
    assert "Personer du opptrer for" not in acting(site, "mina", "odin").get("/portal").text


@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        (datetime(2026, 11, 29, 23, 59, tzinfo=OSLO), 61),
        (datetime(2026, 3, 29, 0, 0, tzinfo=OSLO), 23 * 3600 + 1),
        (datetime(2026, 10, 25, 0, 0, tzinfo=OSLO), 25 * 3600 + 1),
    ],
)
def test_a_page_asks_again_when_the_day_ends_in_oslo(at: datetime, seconds: int) -> None:
    assert to_midnight(at) == seconds
