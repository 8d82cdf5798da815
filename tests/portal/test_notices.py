"""The citizen chooses how she is told, sees what she was told, and lets her browser show it."""

from __future__ import annotations

import base64
import re
from collections.abc import AsyncIterator

import httpx
import pytest

from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.letters.kinds import KINDS

ALL = {code: ["push", "sms", "email"] for code in KINDS}


@pytest.fixture(scope="module")
async def site(anyio_backend: str, pool: Pool, database: str) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    with opened(database) as client:
        yield client


def chosen(page: str, kind: str) -> list[str]:
    return re.findall(rf'name="{kind}" value="(\w+)" checked', page)


def test_nobody_chose_yet_and_everything_but_looks_is_told(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/notices").text
    assert chosen(page, "appointment-moved") == ["push", "sms", "email"]
    assert chosen(page, "looked") == []
    assert "/portal/notices" in site.get("/portal/record").text


def test_what_she_chooses_is_kept(site: httpx.Client) -> None:
    form = {**ALL, "result": ["email"], "looked": ["sms"], "document": [], "language": "nn", "others": "yes"}
    answer = as_(site, "ragnhild").post("/portal/notices", data=form)
    assert answer.status_code == 303
    page = site.get(answer.headers["location"]).text
    assert "Lagret." in page
    assert (chosen(page, "result"), chosen(page, "looked"), chosen(page, "document")) == (["email"], ["sms"], [])
    assert 'value="nn" lang="nn" selected' in page


def test_what_cannot_be_turned_off_is_said_and_nothing_is_kept(site: httpx.Client) -> None:
    answer = as_(site, "ragnhild").post("/portal/notices", data={**ALL, "message": [], "result": []})
    assert answer.status_code == 422
    assert "Noe kan ikke slås av" in answer.text
    assert chosen(site.get("/portal/notices").text, "message") == ["push", "sms", "email"]


def test_she_knows_her_number_again_and_it_is_not_shown_whole(site: httpx.Client) -> None:
    page = as_(site, "ragnhild").get("/portal/notices").text
    (digits,) = re.findall(r"nummeret som slutter på (\d\d)<", page)
    assert digits


def test_a_browser_is_refused_where_it_is_not_set_up_and_for_who_is_not_signed_in(site: httpx.Client) -> None:
    keys = {
        "endpoint": "https://updates.push.services.mozilla.com/x",
        "p256dh": base64.urlsafe_b64encode(b"\x04" + bytes(64)).decode(),
        "auth": base64.urlsafe_b64encode(bytes(16)).decode(),
    }
    assert as_(site, "ragnhild").post("/portal/notices/browser", data=keys).status_code in (400, 422)
    site.cookies.clear()
    assert site.post("/portal/notices/browser", data=keys).headers["location"].startswith("/signin")


@pytest.mark.parametrize(("language", "words"), [("nn", "Slik når vi deg"), ("en", "How we reach you")])
def test_the_page_is_in_the_readers_language(site: httpx.Client, language: str, words: str) -> None:
    page = as_(site, "ragnhild").get("/portal/notices", headers={"cookie": f"lang={language}; {cookies(site)}"}).text
    assert words in page


def cookies(site: httpx.Client) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in site.cookies.jar)
