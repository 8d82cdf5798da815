"""Hazard: a page about another stays open on a screen after the right to act for that person has ended.

The page closes by itself when the right is taken back, and when another tab has changed whom one acts for.
samjournal/portal/assets/acting.js; requirement 3.4
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from acceptance.reading import chromium, launched
from hazards.test_representation import NUMBERS
from portal.family import make_family
from portal.site import OURS, as_, opened
from samjournal.record import give
from world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium(), reason="no Chromium: install it with `apt install chromium`"),
]
ENDED = "Du kan ikke opptre for denne personen nå"


@pytest.fixture(scope="module")
async def given(anyio_backend: str, world: World) -> str:
    """Kari lets Per read her record; the Consent."""
    await make_family(world)
    return (await give(world.door, await world.permit("kari"), NUMBERS["per"], "per", level="read-only")).reference


@pytest.fixture(scope="module")
async def address(anyio_backend: str, given: str, database: str) -> AsyncIterator[str]:
    with opened(database) as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        started = launched(play)
        yield started
        started.close()


def acts(browser: Browser, address: str, login: str, name: str) -> Page:
    """A page of somebody who acts for another, and has the appointments open."""
    context = browser.new_context(locale="nb")
    # The world's people are no personas, so there is no button for them on the page.
    with httpx.Client(base_url=address, headers=OURS) as client:
        as_(client, login)
        context.add_cookies([{"name": one.name, "value": str(one.value), "url": address} for one in client.cookies.jar])
    page = context.new_page()
    page.goto(f"{address}/portal/representation")
    with page.expect_response("**/live?*"):
        page.get_by_role("button", name=f"Opptre for {name}", exact=True).click()
    page.wait_for_url("**/portal")
    with page.expect_response("**/live?*"):
        page.goto(f"{address}/portal/appointments")
    return page


def test_an_open_page_closes_when_the_right_is_taken_back(browser: Browser, address: str, given: str) -> None:
    page = acts(browser, address, "per", "Kari Nordmann")
    expect(page.get_by_text("Kontroll")).to_be_visible()
    with httpx.Client(base_url=address, headers=OURS) as kari:
        as_(kari, "kari").post("/portal/representation/withdraw", data={"source": given})
    expect(page.get_by_role("heading", name=ENDED)).to_be_visible()
    expect(page.get_by_text("Kontroll")).not_to_be_attached()
    page.context.close()


def test_a_page_is_not_left_about_the_child_when_another_tab_goes_back(browser: Browser, address: str) -> None:
    page = acts(browser, address, "mina", "Odin Odin")
    other = page.context.new_page()
    other.goto(f"{address}/portal")
    other.get_by_role("button", name="Tilbake til deg selv").click()
    other.wait_for_url("**/portal")
    page.bring_to_front()
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.get_by_role("heading", name="Du har byttet hvem du opptrer for")).to_be_visible()
    page.context.close()
