"""The whole site as somebody from outside meets it: what each answer promises, what is not there, who is let in."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.routing import Route
from starlette.types import Message

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.server import app
from samjournal.signin.pages import COOKIE

FOR_ANYBODY = {
    "/",
    "/signin",
    "/signin/pair",
    "/signout",
    "/ended",
    "/health/live",
    "/health/ready",
    "/metrics",
    "/.well-known/security.txt",
    "/portal/manifest.webmanifest",
    "/portal/worker.js",
    "/portal/accessibility",
    "/portal/offline",
}
"""Addresses that say something to who is not signed in. None of them says anything of anybody."""
TEXTS = re.compile(r"^(text/|application/(json|fhir\+json|xml|fhir\+xml|manifest\+json)|image/svg)")


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database, contact="mailto:sikkerhet@samjournal.example.no") as client:
        yield client


def addresses() -> list[str]:
    """Every address without a place for an id, that can be read."""
    routes = [route for route in app._site().routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    return sorted({route.path for route in routes if "{" not in route.path} - {"/live"})


def test_every_page_is_for_its_own_people(site: httpx.Client) -> None:
    site.cookies.clear()
    for path in addresses():
        answer = site.get(path)
        if path not in FOR_ANYBODY:
            assert answer.status_code in (303, 400, 401, 403, 404), path
            assert answer.status_code != 303 or answer.headers["location"].startswith("/signin"), path


@pytest.mark.parametrize("login", ["henrik", "ragnhild"])
def test_every_answer_promises_what_it_must_and_says_what_it_is(site: httpx.Client, login: str) -> None:
    as_(site, login)
    for path in [*addresses(), "/nowhere", "/static/x/y.css", "/fhir/metadata", "/fhir/Patient/1", "/fhir/nowhere"]:
        answer = site.get(path)
        policy = answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["referrer-policy"] == "no-referrer", path
        assert "frame-ancestors 'none'" in policy, path
        assert "base-uri 'none'" in policy, path
        assert "default-src 'none'" in policy, path
        # A browser shows a PDF in a page of its own making, with styles in it; `sandbox` holds it.
        assert "unsafe" not in policy.replace("style-src 'unsafe-inline'", "") or "sandbox" not in policy, path
        assert "unsafe" not in policy or path.endswith(".pdf"), path
        kind = answer.headers.get("content-type", "")
        assert not answer.content or kind, path
        if TEXTS.match(kind) and not re.match(r"application/(fhir\+)?json|application/manifest|image/svg", kind):
            assert "charset=utf-8" in kind.lower(), path
        if path.startswith(("/portal", "/workspace")) and path not in FOR_ANYBODY:
            assert "no-store" in answer.headers.get("cache-control", ""), path


def test_the_session_is_in_no_address_and_no_page(site: httpx.Client) -> None:
    for login in ("henrik", "ragnhild"):
        as_(site, login)
        secret = site.cookies[COOKIE]
        assert len(secret) >= 43
        for path in ("/portal", "/workspace", "/workspace/help", "/signin"):
            answer = site.get(path)
            assert secret not in answer.text
            assert secret not in str(answer.url)


def test_each_signing_in_makes_another_session(site: httpx.Client) -> None:
    made = {as_(site, "ragnhild").cookies[COOKIE] for _ in range(5)}
    assert len(made) == 5


def test_a_session_that_somebody_planted_becomes_nobodys(site: httpx.Client) -> None:
    site.cookies.clear()
    site.cookies.set(COOKIE, "planted-by-somebody-else")
    answer = site.post("/signin/demo", data={"login": "ragnhild"})
    given = re.search(rf"{COOKIE}=([^;]+)", answer.headers["set-cookie"])
    assert given is not None
    assert given[1] != "planted-by-somebody-else"
    site.cookies.clear()
    assert site.get("/portal", headers={"cookie": f"{COOKIE}=planted-by-somebody-else"}).status_code == 303


def test_from_every_page_one_can_leave(site: httpx.Client) -> None:
    for login, pages in (("ragnhild", "/portal"), ("solveig", "/workspace")):
        as_(site, login)
        shown = [site.get(path) for path in addresses() if path.startswith(pages) and path not in FOR_ANYBODY]
        whole = [one for one in shown if one.status_code == 200 and "<html" in one.text]
        assert len(whole) > 5
        for page in whole:
            assert 'action="/signout"' in page.text, page.url


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.git/HEAD",
        "/.svn/entries",
        "/.env",
        "/static/",
        "/static",
        "/docs",
        "/openapi.json",
        "/redoc",
        "/graphql",
        "/debug",
        "/admin",
        "/server-status",
        "/static/../pyproject.toml",
        "/static/x/..%2f..%2fpyproject.toml",
        "/static/x/%2e%2e/pages.py",
    ],
)
def test_nothing_is_shown_of_how_it_was_made(site: httpx.Client, path: str) -> None:
    site.cookies.clear()
    for method in ("GET", "POST"):
        answer = site.request(method, path)
        assert answer.status_code in (303, 307, 404, 405), path
        assert "Traceback" not in answer.text
        assert "[core]" not in answer.text
        assert "Index of" not in answer.text


@pytest.mark.parametrize("path", ["/", "/portal", "/workspace", "/fhir/Patient", "/static/x/y.css"])
@pytest.mark.parametrize("method", ["TRACE", "CONNECT", "TRACK"])
def test_no_method_sends_back_what_came(site: httpx.Client, method: str, path: str) -> None:
    answer = site.request(method, path, headers={"x-told": "repeat-after-me"})
    assert answer.status_code in (303, 400, 401, 404, 405, 501)
    assert "repeat-after-me" not in answer.text


def test_a_web_socket_is_not_opened(site: httpx.Client) -> None:
    asked = {
        "connection": "upgrade",
        "upgrade": "websocket",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-version": "13",
    }
    for path in ("/live", "/fhir/metadata", "/"):
        assert site.get(path, headers=asked).status_code != 101


@pytest.mark.parametrize(
    "said",
    [
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "script"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
        {"sec-fetch-site": "same-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "object"},
    ],
)
def test_a_page_is_no_part_of_another_site(site: httpx.Client, said: dict[str, str]) -> None:
    as_(site, "ragnhild")
    refused = site.get("/portal/results", headers=said)
    assert refused.status_code == 403
    assert refused.headers["cross-origin-resource-policy"] == "same-origin"
    followed = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    assert site.get("/portal/results", headers=followed).status_code == 200


@pytest.mark.parametrize(
    "said",
    [
        {"origin": "https://elsewhere.example", "sec-fetch-site": ""},
        {"origin": "null", "sec-fetch-site": ""},
        {"origin": "https://127.0.0.1", "sec-fetch-site": ""},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "content-type": "text/plain"},
    ],
)
def test_a_change_that_another_site_asks_for_is_not_done(site: httpx.Client, said: dict[str, str]) -> None:
    as_(site, "ragnhild")
    headers = {key: value for key, value in said.items() if value}
    sent = site.build_request("POST", "/signout", headers=headers)
    if said.get("sec-fetch-site") == "":
        del sent.headers["sec-fetch-site"]
    assert site.send(sent).status_code == 403
    assert site.get("/portal").status_code == 200


def test_nothing_is_changed_by_reading(site: httpx.Client) -> None:
    """What takes a POST answers a GET without doing it, or not at all."""
    as_(site, "ragnhild")
    changing = [
        route.path
        for route in app._site().routes
        if isinstance(route, Route) and route.methods and "POST" in route.methods and "{" not in route.path
    ]
    assert len(changing) > 20
    for path in changing:
        assert site.get(path).status_code < 500
    assert site.get("/portal").status_code == 200


def test_a_field_that_stands_twice_counts_once(site: httpx.Client) -> None:
    site.cookies.clear()
    sent = "login=ragnhild&login=henrik&next=/portal&next=//elsewhere.example"
    answer = site.post("/signin/demo", content=sent, headers={"content-type": "application/x-www-form-urlencoded"})
    assert answer.status_code == 303
    assert answer.headers["location"] in ("/portal", "/workspace")
    # What stands in the address is not taken for what stands in the form.
    site.cookies.clear()
    assert site.post("/signin/demo?login=henrik", data={"next": "/"}).status_code == 404


def test_fields_that_no_form_has_are_refused_or_passed_over(site: httpx.Client) -> None:
    as_(site, "ragnhild")
    for more in ({"kind": "staff"}, {"role": "doctor"}, {"id": "henrik"}):
        site.post("/language", data={"language": "nb", "next": "/", **more})
        assert site.get("/workspace").headers["location"] == "/portal"
    many = {f"field{number}": "x" for number in range(20)}
    assert site.post("/language", data={"language": "nb", **many}).status_code == 400


def test_where_to_tell_of_a_weakness_is_told(site: httpx.Client) -> None:
    site.cookies.clear()
    answer = site.get("/.well-known/security.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert "Contact: mailto:sikkerhet@samjournal.example.no" in answer.text
    assert re.search(r"^Expires: \d{4}-\d\d-\d\dT00:00:00Z$", answer.text, re.MULTILINE)


@pytest.mark.anyio
async def test_who_goes_away_in_the_middle_is_no_fault_of_ours() -> None:
    async def gone() -> Message:
        return {"type": "http.disconnect"}

    answers: list[Message] = []

    async def keep(message: Message) -> None:
        answers.append(message)

    scope = {"type": "http", "method": "POST", "path": "/language", "query_string": b"", "root_path": "", "state": {}}
    headers = [(b"content-type", b"application/x-www-form-urlencoded"), (b"content-length", b"9")]
    await app._site()({**scope, "headers": headers}, gone, keep)
    assert answers[0]["status"] == 400


def test_no_answer_says_by_what_it_was_made(site: httpx.Client) -> None:
    for path in ("/signin", "/fhir/metadata", "/nowhere"):
        answer = site.get(path)
        assert "x-powered-by" not in answer.headers
        assert not re.search(r"\d", answer.headers.get("server", ""))
