"""Signing in and out over a whole site. samjournal.signin.pages"""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.demo.personas import PERSONAS
from samjournal.signin.pages import COOKIE


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


def test_the_page_says_that_this_is_a_demo_and_lists_the_personas(site: httpx.Client) -> None:
    page = site.get("/signin").text
    assert "Dette er en demo. Alle personene er oppdiktet." in page
    assert all(persona.name in page for persona in PERSONAS)


@pytest.mark.parametrize(("login", "home"), [("solveig", "/workspace"), ("ragnhild", "/portal")])
def test_each_kind_of_person_comes_to_the_own_face(site: httpx.Client, login: str, home: str) -> None:
    answer = site.post("/signin/demo", data={"login": login})
    assert (answer.status_code, answer.headers["location"]) == (303, home)


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ("/portal/log", "/portal/log"),
        ("/workspace", "/portal"),
        ("//elsewhere.example/portal", "/portal"),
        ("https://elsewhere.example", "/portal"),
        ("/portalen", "/portal"),
    ],
)
def test_the_page_asked_for_is_kept_only_when_it_is_ones_own(site: httpx.Client, asked: str, given: str) -> None:
    answer = site.post("/signin/demo", data={"login": "ragnhild", "next": asked})
    assert answer.headers["location"] == given


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(site: httpx.Client) -> None:
    cookie = site.post("/signin/demo", data={"login": "ragnhild"}).headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


@pytest.mark.parametrize("login", ["nobody", "", "x\x00y", "<script>alert(1)</script>", "x" * 5000])
def test_an_unknown_login_is_told_so_and_nobody_is_signed_in(site: httpx.Client, login: str) -> None:
    site.cookies.clear()
    answer = site.post("/signin/demo", data={"login": login})
    assert answer.status_code == 404
    assert "Du ble ikke logget inn" in answer.text
    assert "<script>alert" not in answer.text
    assert COOKIE not in site.cookies


def test_another_site_cannot_sign_somebody_in(site: httpx.Client) -> None:
    foreign = {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}
    assert site.post("/signin/demo", data={"login": "ragnhild"}, headers=foreign).status_code == 403


def test_signing_out_ends_the_session_on_the_server(site: httpx.Client) -> None:
    cookie = as_(site, "ragnhild").cookies[COOKIE]
    assert site.post("/signout").headers["location"] == "/signin"
    site.cookies.set(COOKIE, cookie)
    assert site.get("/portal").headers["location"].startswith("/signin")


def test_signing_in_as_somebody_else_ends_the_earlier_session(site: httpx.Client) -> None:
    first = as_(site, "ragnhild").cookies[COOKIE]
    site.post("/signin/demo", data={"login": "mina"})
    site.cookies.clear()
    site.cookies.set(COOKIE, first)
    assert site.get("/portal").status_code == 303
