"""What every page of the portal has: it is light, it holds at 320 pixels, the keyboard gets through it, and one can say
what one thinks of it. docs/reference/performance.md, requirement 3.11"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page
from starlette.routing import Route

from acceptance.reading import People, focused
from acceptance.running import Program
from portal.site import OURS, as_
from samjournal import portal
from samjournal.ui import pages, static

HEAVIEST = 100_000
"""Bytes of a page as transferred, empty cache, the font apart."""
ADDRESSES = sorted(
    {
        route.path
        for route in portal.routes()
        if isinstance(route, Route) and "GET" in (route.methods or ()) and "{" not in route.path
    }
    | {"/portal/results/1988-5"}
)
"""All that can be asked for without an id, also what is built later, and one with an id."""
OPEN = ("/portal/offline", "/portal/accessibility")
"""Pages without the frame of a citizen."""
USED = re.compile(r"\bds-[a-z]+(?:-[a-z]+)*")


@pytest.fixture(scope="module")
def site(program: Program) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=program.address, headers=OURS, timeout=20) as client:
        yield client


@pytest.fixture(scope="module")
def paths(site: httpx.Client) -> list[str]:
    """Those that answer with a page."""
    as_(site, "ragnhild")
    found = [(path, site.get(path)) for path in ADDRESSES if not path.startswith("/portal/download/")]
    return [path for path, one in found if '<body class="portal">' in one.text]


def weigh(page: Page, address: str) -> tuple[int, int]:
    """What a page weighs without a cache, and how many font files it takes."""
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.setCacheDisabled", {"cacheDisabled": True})
    addresses: dict[str, str] = {}
    sizes: dict[str, int] = {}
    session.on("Network.requestWillBeSent", lambda it: addresses.update({it["requestId"]: it["request"]["url"]}))
    session.on("Network.loadingFinished", lambda it: sizes.update({it["requestId"]: it["encodedDataLength"]}))
    page.goto(address)
    page.evaluate("document.fonts.ready.then(() => true)")
    session.detach()
    fonts = [id_ for id_ in sizes if addresses.get(id_, "").endswith(".woff2")]
    return round(sum(size for id_, size in sizes.items() if id_ not in fonts)), len(fonts)


def stuck(page: Page) -> list[str]:
    """Tab through the whole page and out of it: where the keyboard is out of sight, or does not come on."""
    count: int = page.evaluate(
        "document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary').length"
    )
    found, begun = [], False
    for _ in range(count + 10):
        page.keyboard.press("Tab")
        stop = focused(page)
        if stop["tag"] == "BODY" or (begun and stop["href"] == "#main"):
            break
        begun = True
        if not stop["visible"]:
            found.append(f"out of sight: {stop}")
    else:
        found.append(f"no way out after {count + 10} stops")
    return found


@pytest.mark.browser
def test_every_page_is_light_holds_at_320_pixels_and_lets_the_keyboard_through(
    people: People, paths: list[str]
) -> None:
    narrow = {"width": 320, "height": 640}
    page = people.desk_of("ragnhild", viewport=narrow, service_workers="block", reduced_motion="reduce")
    found = []
    for path in paths:
        weight, fonts = weigh(page, path)
        if weight > HEAVIEST or fonts > 1:
            found.append(f"{path} weighs {weight} bytes and takes {fonts} fonts")
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{path} is wider than 320 pixels")
        if page.evaluate("document.getAnimations().length"):
            found.append(f"{path} moves though less motion was asked for")
        found += [f"{path}: {each}" for each in stuck(page)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("face", ["portal", "signin"])
def test_the_portal_s_styles_have_what_its_pages_use(face: str) -> None:
    styles = static.files()["designsystemet-portal.css"].plain.decode()
    folder = pages.PACKAGES / face
    sources = [*(folder / "templates").glob("*.html"), *folder.glob("*.py")]
    used = {name for path in sources for name in USED.findall(Path(path).read_text("utf-8"))}
    missing = {name for name in used if f".{name}" not in styles}
    assert not missing, "add their files to PORTAL in assets/vendor.py"


def test_every_page_leads_to_feedback_and_to_the_statement(site: httpx.Client, paths: list[str]) -> None:
    as_(site, "ragnhild")
    assert len(paths) > 12
    for path in set(paths) - set(OPEN):
        html = site.get(path).text
        assert 'href="/portal/accessibility"' in html, path
        assert path == "/portal/feedback" or f'href="/portal/feedback?page={path}"' in html, path


def test_the_statement_is_open_to_everybody(site: httpx.Client) -> None:
    site.cookies.clear()
    said = {code: site.get("/portal/accessibility", headers={"accept-language": code}) for code in ("nb", "nn", "en")}
    assert {answer.status_code for answer in said.values()} == {200}
    assert "Tilgjengelighetserklæring" in said["nb"].text
    assert "Tilgjengeerklæring" in said["nn"].text
    assert "Accessibility statement" in said["en"].text


def test_feedback_goes_to_who_runs_the_program_with_page_and_version_and_comes_back_as_a_message(
    site: httpx.Client,
) -> None:
    as_(site, "ragnhild")
    asked = {"page": "/portal/results/1988-5", "words": "Hva betyr CRP?\nFin kurve.", "answer": "yes"}
    sent = site.post("/portal/feedback", data=asked)
    assert sent.headers["location"].startswith("/portal/feedback?done=answer")
    assert "innen sju dager" in site.get(sent.headers["location"]).text
    listed = as_(site, "odd").get("/workspace/feedback").text
    assert "/portal/results/{code}" in listed
    assert "Hva betyr CRP?" in listed
    assert static.version()[:8] in listed
    assert "Ragnhild" not in listed
    id_ = re.search(r'name="id" value="([^"]+)"', listed)[1]  # type: ignore[index]
    answered = site.post("/workspace/feedback", data={"id": id_, "do": "answer", "words": "Det står øverst nå."})
    assert answered.headers["location"] == "/workspace/feedback?did=answered"
    assert "besvart" in site.get("/workspace/feedback?list=handled").text
    listed = as_(site, "ragnhild").get("/portal/messages").text
    found = re.search(r'href="(/portal/messages/[^"]+)"[^\n]*\n[^\n]*Svar på det du skrev om en side', listed)
    assert found, listed
    assert "Det står øverst nå." in site.get(found[1]).text
    assert "uten å vite hvem du er" in site.get("/portal/log").text


def test_what_is_wrong_with_feedback_is_said_and_the_words_stay(site: httpx.Client) -> None:
    as_(site, "mina")
    for words, said in (
        (" ", "Skriv hva du synes"),
        ("x" * 1001, "for lang"),
        ("Jeg er 13097248022", "ligner et fødselsnummer"),
    ):
        answer = site.post("/portal/feedback", data={"page": "//elsewhere.test", "words": words})
        assert answer.status_code == 422
        assert said in answer.text
        assert words.strip() in answer.text
        assert 'name="page" value="/portal"' in answer.text
    # What was wrong counts too: five within the hour, no more.
    for _ in range(4):
        site.post("/portal/feedback", data={"page": "/portal", "words": "Fint"})
    answer = site.post("/portal/feedback", data={"page": "/portal", "words": "Fint igjen"})
    assert answer.status_code == 429
    assert "Fint igjen" in answer.text


def test_staff_that_do_not_run_the_program_see_no_feedback(site: httpx.Client) -> None:
    assert as_(site, "berit").get("/workspace/feedback").status_code == 403
    assert site.post("/workspace/feedback", data={"id": "x", "do": "close", "words": "x"}).status_code == 403
