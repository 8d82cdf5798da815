"""The portal and sign-in in a real browser: axe, two widths, three languages, without scripts."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from acceptance.reading import chromium, launched
from portal.site import make_region, opened
from samjournal.db.pool import Pool

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not chromium(), reason="no Chromium: install it with `apt install chromium`"),
]
AXE = (Path(__file__).parents[1] / "vendor" / "axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = {"desktop": (1280, 900), "phone": (360, 740)}
PORTAL = ("", "/results", "/results/1988-5", "/medicines", "/notes", "/appointments", "/record", "/log", "/results/0")
LONG = "Fjordlandskommunenesinterkommunalehjertesviktpoliklinikk med svært langt navn"


@pytest.fixture(scope="module")
async def address(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[str]:
    await make_region(pool)
    with opened(database) as client:
        yield str(client.base_url)


@pytest.fixture(scope="module")
def browser(address: str) -> Iterator[Browser]:
    """Started after the site and stopped before it: while it runs, its event loop holds the thread."""
    with sync_playwright() as play:
        started = launched(play)
        yield started
        started.close()


def page_of(
    browser: Browser, address: str, login: str, width: str, *, language: str = "nb", scripts: bool = True
) -> Page:
    """A page in a fresh browser, signed in by the button on the sign-in page."""
    size = {"width": WIDTHS[width][0], "height": WIDTHS[width][1]}
    # axe is put into the page from outside, which the strict content policy would refuse.
    context = browser.new_context(viewport=size, locale=language, bypass_csp=scripts, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{address}/signin")
    page.locator(f"form:has(input[value={login}]) button").click()
    # A key that is pressed before the page is there would go to the page before.
    page.wait_for_url("**/portal", wait_until="load")
    return page


def problems(page: Page) -> list[str]:
    """What axe finds, and whether the page is wider than the screen."""
    page.evaluate(AXE)
    found = page.evaluate("rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found["violations"]] + ["too wide"] * wide


@pytest.mark.parametrize(
    ("login", "language", "width"),
    [
        ("ragnhild", "en", "phone"),
        ("elias", "nn", "desktop"),
    ],
)
def test_axe_finds_nothing_on_any_page(browser: Browser, address: str, login: str, language: str, width: str) -> None:
    page = page_of(browser, address, login, width, language=language)
    for path in PORTAL:
        page.goto(f"{address}/portal{path}")
        assert problems(page) == [], path
    page.context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_when_signing_in_and_out(browser: Browser, address: str, width: str) -> None:
    page = page_of(browser, address, "mina", width)
    for path in ("/signin", "/signout"):
        page.goto(f"{address}{path}")
        assert problems(page) == [], path
    page.context.close()


def test_long_words_stay_inside_a_phone(browser: Browser, address: str) -> None:
    page = page_of(browser, address, "ragnhild", "phone")
    for path in PORTAL[:-1]:
        page.goto(f"{address}/portal{path}")
        page.evaluate("long => document.querySelectorAll('main b, main h1, main p').forEach(e => e.append(long))", LONG)
        assert not page.evaluate("document.documentElement.scrollWidth > innerWidth"), path
    page.context.close()


def test_everything_works_without_scripts(browser: Browser, address: str) -> None:
    page = page_of(browser, address, "ragnhild", "desktop", scripts=False)
    page.locator("nav.p-menu >> text=Journal").click()
    page.locator("text=Hvem har lest journalen min").click()
    assert page.locator("h1").inner_text() == "Hvem har lest journalen min"
    page.locator("button[value=nn]").click()
    assert page.locator("h1").inner_text() == "Kven har lese journalen min"
    page.locator(".p-me summary").click()
    page.locator(".p-me button").click()
    assert page.url.endswith("/signin")
    page.context.close()


def test_the_first_stop_of_the_keyboard_leads_to_the_content(browser: Browser, address: str) -> None:
    page = page_of(browser, address, "ragnhild", "desktop")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/portal#main")
    assert page.evaluate("document.activeElement.id") == "main"
    page.context.close()


def test_the_strict_content_policy_is_never_broken(browser: Browser, address: str) -> None:
    page = browser.new_context().new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.goto(f"{address}/signin")
    page.locator("form:has(input[value=ragnhild]) button").click()
    for path in PORTAL[:-1]:
        page.goto(f"{address}/portal{path}")
    assert told == []
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_whole_record_is_fetched_with_and_without_scripts(browser: Browser, address: str, scripts: bool) -> None:
    page = page_of(browser, address, "ragnhild", "phone", scripts=scripts)
    page.goto(f"{address}/portal/download")
    with page.expect_download() as fetched:
        page.get_by_role("link", name="Last ned som PDF").click()
    assert re.fullmatch(r"journal-ragnhild-[0-9-]+\.pdf", fetched.value.suggested_filename)
    assert Path(fetched.value.path()).read_bytes().startswith(b"%PDF-")
    if scripts:
        expect(page.locator("[data-making]")).to_be_hidden()
    page.context.close()


def test_a_message_written_without_net_is_kept_and_sent_once(browser: Browser, address: str) -> None:
    """The page says that it was not sent, keeps the words as a draft when the net is back, and sends them once."""
    page = page_of(browser, address, "ragnhild", "phone")
    page.goto(f"{address}/portal/messages/new")
    page.locator("input[name=to]").first.check()
    page.fill("#topic", "På bussen")
    page.fill("#words", "Rekker jeg medisinen før klokka ti?")
    page.context.set_offline(True)
    page.locator("button[value=send]").click(no_wait_after=True)
    expect(page.locator("[data-net]")).to_contain_text("Ikke sendt")
    page.context.set_offline(False)
    expect(page.locator("[data-saved]")).to_have_text("Lagret som utkast")
    page.goto(f"{address}/portal/messages")
    page.get_by_role("link", name="Utkast").click()
    expect(page.locator("#words")).to_have_value("Rekker jeg medisinen før klokka ti?")
    page.locator("button[value=send]").click()
    page.wait_for_url("**/portal/messages/*did=sent")
    page.goto(f"{address}/portal/messages")
    expect(page.get_by_text("På bussen")).to_have_count(1)
    expect(page.get_by_role("link", name="Utkast")).to_have_count(0)
    page.context.close()


def test_a_message_is_written_without_scripts(browser: Browser, address: str) -> None:
    page = page_of(browser, address, "ragnhild", "phone", scripts=False)
    page.goto(f"{address}/portal/messages/new")
    page.locator("input[name=to]").first.check()
    page.fill("#topic", "Uten skript")
    page.fill("#words", "Virker dette?")
    page.locator("button[value=draft]").click()
    page.get_by_role("link", name="Utkast").click()
    page.locator("button[value=send]").click()
    expect(page.get_by_text("Meldingen er sendt.")).to_be_visible()
    page.context.close()
