"""The citizen chooses how she is told, sees what she was told, and lets her browser show it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from letters.servers import Device
from portal.site import as_, make_region, opened
from samjournal.db.pool import Pool
from samjournal.letters.kinds import KINDS
from samjournal.letters.push import Push, b64
from samjournal.server.noticing import into_files

ALL = {code: ["push", "sms", "email"] for code in KINDS}


@pytest.fixture(scope="module")
async def site(
    anyio_backend: str, pool: Pool, database: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[httpx.Client]:
    await make_region(pool)
    channels = into_files(tmp_path_factory.mktemp("notices"), "http://test")
    push = Push(ec.generate_private_key(ec.SECP256R1()), "mailto:drift@example.org")
    with opened(database, notices=replace(channels, push=push)) as client:
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


def test_a_browser_shows_notices_until_she_takes_it_away(site: httpx.Client) -> None:
    device = Device()
    keys = {
        "endpoint": "https://updates.push.services.mozilla.com/x",
        "p256dh": b64(device.p256dh),
        "auth": b64(device.auth),
    }
    agent = {"user-agent": "Mozilla/5.0 (Android 15; Mobile) Firefox/145.0"}
    answer = as_(site, "ragnhild").post("/portal/notices/browser", data=keys, headers=agent)
    page = site.get(answer.headers["location"]).text
    assert "Firefox, Android" in page
    assert keys["endpoint"] not in page
    (id_,) = re.findall(r'name="remove" value="([^"]+)"', page)
    site.post("/portal/notices/browser", data={"remove": id_})
    assert "Firefox, Android" not in site.get("/portal/notices").text
    elsewhere = {**keys, "endpoint": "https://evil.example/x"}
    assert site.post("/portal/notices/browser", data=elsewhere).status_code in (400, 422)
    site.cookies.clear()
    assert site.post("/portal/notices/browser", data=keys).headers["location"].startswith("/signin")


@pytest.mark.parametrize(("language", "words"), [("nn", "Slik når vi deg"), ("en", "How we reach you")])
def test_the_page_is_in_the_readers_language(site: httpx.Client, language: str, words: str) -> None:
    page = as_(site, "ragnhild").get("/portal/notices", headers={"cookie": f"lang={language}; {cookies(site)}"}).text
    assert words in page


def cookies(site: httpx.Client) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in site.cookies.jar)
