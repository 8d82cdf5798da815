"""Hazard: a phone loses its net while it books, and the citizen has two appointments, or none and believes in one.

The answer is lost, or the request is: either way the page says that it does not know, asks when the net is back, and
tells what stands. samjournal/portal/assets/booking.js; requirements 3.2, 5.4
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from acceptance.reading import chromium, launched
from portal.bookable import open_units
from portal.family import make_family
from portal.site import OURS, as_, opened
from portal.test_booking import confirming
from world import World

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium(), reason="no Chromium: install it with `apt install chromium`"),
]
SENDING = "**/portal/book/control"
LOST = "Nettet er borte. Vi vet ikke om timen kom fram."


@pytest.fixture(scope="module")
async def address(anyio_backend: str, world: World, database: str) -> AsyncIterator[str]:
    await make_family(world)
    await open_units(world)
    with opened(database) as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    with sync_playwright() as play:
        started = launched(play)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """Kari's phone."""
    context = browser.new_context(locale="nb", viewport={"width": 360, "height": 740})
    with httpx.Client(base_url=address, headers=OURS) as client:
        as_(client, "kari")
        context.add_cookies([{"name": one.name, "value": str(one.value), "url": address} for one in client.cookies.jar])
    yield context.new_page()
    context.close()


def booked(address: str, clock: str) -> int:
    """How many appointments Kari has at that time."""
    with httpx.Client(base_url=address, headers=OURS) as client:
        return as_(client, "kari").get("/portal/appointments").text.count(f"Kl. {clock}")


def test_the_answer_is_lost_and_the_page_finds_the_appointment_that_was_made(page: Page, address: str) -> None:
    page.goto(f"{address}{confirming('control', '09:00', 6)}")

    def made_but_not_told(route: Route) -> None:
        route.fetch(max_redirects=0)
        route.abort("internetdisconnected")

    page.route(SENDING, made_but_not_told)
    page.route("**/portal/book/told*", lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Bestill timen").click()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.unroute("**/portal/book/told*")
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_url("**/portal/appointments/*")
    expect(page.get_by_text("Timen er bestilt.")).to_be_visible()
    assert booked(address, "09.00") == 1


def test_the_request_is_lost_and_the_page_says_so_and_keeps_what_was_written(page: Page, address: str) -> None:
    page.goto(f"{address}{confirming('control', '10:00', 6)}")
    page.get_by_label("Hva gjelder det?").fill("Vondt i kneet")
    page.route(SENDING, lambda route: route.abort("internetdisconnected"))
    page.get_by_role("button", name="Bestill timen").click()
    expect(page.get_by_text(LOST)).to_be_visible()
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Timen er ikke bestilt.")).to_be_visible()
    expect(page.get_by_label("Hva gjelder det?")).to_have_value("Vondt i kneet")
    assert booked(address, "10.00") == 0
    page.unroute(SENDING)
    page.get_by_role("button", name="Bestill timen").click()
    page.wait_for_url("**/portal/appointments/*")
    expect(page.get_by_text("Vondt i kneet")).to_be_visible()
    assert booked(address, "10.00") == 1
