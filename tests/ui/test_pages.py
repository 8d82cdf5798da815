"""The kit over HTTP: escaping, languages, static files, promises, refused changes and error pages."""

from __future__ import annotations

import gzip
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from samjournal.fhir.errors import Busy, FhirError, Invalid, NotFound, Unauthenticated
from samjournal.ui import pages, static
from samjournal.ui.errors import error_page
from samjournal.ui.language import preferred
from samjournal.ui.security import Security

RAISED = {"busy": Busy("down"), "missing": NotFound("x"), "out": Unauthenticated("x"), "wrong": Invalid("Say why.")}


async def fail(request: Request) -> Response:
    raise RAISED[request.path_params["kind"]]


async def change(_request: Request) -> Response:
    return PlainTextResponse("changed")


def site() -> Starlette:
    return Starlette(
        routes=[
            *pages.routes(),
            Route("/fail/{kind}", fail, methods=["GET", "POST"]),
            Route("/change", change, methods=["POST"]),
        ],
        middleware=[Middleware(Security)],
        exception_handlers={FhirError: error_page, 404: error_page},
    )


@pytest.fixture
async def browser() -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=site())
    async with httpx.AsyncClient(transport=transport, base_url="http://samjournal.test") as client:
        yield client


pytestmark = pytest.mark.anyio


async def test_an_error_page_says_what_happened_what_is_safe_and_what_to_do(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/fail/busy")
    assert page.status_code == 503
    assert "retry-after" in page.headers
    assert "Hva er trygt:" in page.text
    assert "Hva du kan gjøre:" in page.text
    assert "down" not in page.text


async def test_an_error_page_speaks_the_language_of_the_browser(browser: httpx.AsyncClient) -> None:
    nynorsk = await browser.get("/fail/missing", headers={"accept-language": "nn-NO,nb;q=0.8"})
    english = await browser.get("/fail/missing", headers={"accept-language": "en-GB"})
    assert '<html lang="nn"' in nynorsk.text
    assert "Sida finst ikkje" in nynorsk.text
    assert "The page does not exist" in english.text


async def test_who_is_not_signed_in_is_sent_to_sign_in(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/fail/out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/signin?next=/fail/out")


async def test_an_open_page_is_told_to_close_when_access_has_gone(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/fail/missing", headers={"hx-request": "true"})
    assert (answer.status_code, answer.headers["hx-refresh"]) == (404, "true")


async def test_pages_are_not_kept_and_promise_a_strict_policy(browser: httpx.AsyncClient) -> None:
    page = await browser.get("/nowhere")
    policy = page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


async def test_a_change_from_another_site_is_refused(browser: httpx.AsyncClient) -> None:
    foreign = ({"sec-fetch-site": "cross-site"}, {"origin": "https://elsewhere.test"}, {"cookie": "session=1"})
    for headers in foreign:
        assert (await browser.post("/change", headers=headers)).status_code == 403


async def test_a_change_from_our_own_page_or_a_program_goes_through(browser: httpx.AsyncClient) -> None:
    own = (
        {"sec-fetch-site": "same-origin", "cookie": "session=1"},
        {"origin": "http://samjournal.test", "cookie": "session=1"},
        {"authorization": "Bearer x", "sec-fetch-site": "cross-site"},
    )
    for headers in own:
        assert (await browser.post("/change", headers=headers)).status_code == 200


async def test_the_choice_of_language_is_kept_and_leads_nowhere_else(browser: httpx.AsyncClient) -> None:
    answer = await browser.post("/language", data={"language": "nn", "next": "//elsewhere.test/x"})
    assert answer.headers["location"] == "/"
    assert "lang=nn" in answer.headers["set-cookie"]
    assert "Sida finst ikkje" in (await browser.get("/nowhere")).text


async def test_static_files_are_packed_and_kept_for_ever(browser: httpx.AsyncClient) -> None:
    address = static.address("samjournal.css")
    answer = await browser.get(address, headers={"accept-encoding": "gzip"})
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    packed = static.files()["samjournal.css"].packed
    assert packed is not None
    assert gzip.decompress(packed).decode() == answer.text


async def test_a_static_file_under_an_old_address_is_sent_but_not_kept(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/static/0000000000000000/samjournal.css")
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")


async def test_a_static_path_cannot_leave_the_list(browser: httpx.AsyncClient) -> None:
    assert (await browser.get("/static/x/..%2f..%2fpages.py")).status_code == 404


@pytest.mark.parametrize(
    ("cookie", "accepted", "code"),
    [
        ("nn", "en", "nn"),
        (None, "en-US,en;q=0.9", "en"),
        (None, "de, nn;q=0.5, en;q=0.4", "nn"),
        (None, "no", "nb"),
        (None, "fr", "nb"),
        ("xx", None, "nb"),
        (None, "en;q=x, nn", "nn"),
    ],
)
async def test_the_reader_s_own_choice_goes_before_the_browser_s(
    cookie: str | None, accepted: str | None, code: str
) -> None:
    assert preferred(cookie=cookie, accepted=accepted) == code


def templates() -> Iterator[Path]:
    for face in ("ui", "workspace", "portal", "signin", "smart"):
        yield from (pages.PACKAGES / face / "templates").glob("*.html")


@pytest.mark.parametrize(
    "source", [path.read_text("utf-8") for path in templates()], ids=[path.name for path in templates()]
)
async def test_no_template_has_script_style_or_handlers_in_line(source: str) -> None:
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style|hx-on|<script(?![^>]*\bsrc=)|\|\s*safe\b", source)


async def test_the_language_of_an_error_page_after_a_form_leads_to_a_page(browser: httpx.AsyncClient) -> None:
    sent = await browser.post("/fail/missing", headers={"sec-fetch-site": "same-origin"})
    assert '<input type="hidden" name="next" value="/">' in sent.text
    asked = await browser.get("/fail/missing")
    assert '<input type="hidden" name="next" value="/fail/missing">' in asked.text
